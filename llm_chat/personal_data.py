"""A person's conversations, one file each, the files they attached, and their own prompts."""

from collections.abc import Iterator

from django.core.files.base import File
from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import personal_data
from accounts.models import User
from accounts.personal_data import Part, RawFile, oldest_first
from lib import stored_files, wording
from llm_chat import portable
from llm_chat.actions import attached
from llm_chat.models import (
    Attachment,
    ChatMessage,
    ChatThread,
    DefaultPreset,
    Preset,
    Prompt,
    SharedThread,
    Summary,
    Tag,
)
from teams import contents
from teams.models import Team


@personal_data.describer
def how_much(user: User) -> list[Part]:
    found = _kept(user).aggregate(threads=Count("pk", distinct=True), messages=Count("messages"))
    if not found["threads"]:
        return []
    threads = ngettext("%(count)s conversation", "%(count)s conversations", found["threads"])
    sent = ngettext("%(count)s message", "%(count)s messages", found["messages"])
    counts = {
        "threads": threads % {"count": wording.number(found["threads"])},
        "messages": sent % {"count": wording.number(found["messages"])},
    }
    return [Part(_("%(threads)s with %(messages)s") % counts)]


def _kept(user: User) -> QuerySet[ChatThread]:
    """Also of teams they have left since: what somebody said is theirs."""
    return ChatThread.objects.filter(user=user, deleted_at=None, temporary=False)


@personal_data.exporter("llm_chat.ChatThread", "llm_chat.ChatMessage", "llm_chat.Summary")
def conversations(user: User) -> Iterator[tuple[str, object]]:
    """In the format a single conversation is exported in, which can be imported again."""
    for thread in oldest_first(_kept(user).select_related("team")):
        more = {"messages": _messages(thread), "summaries": _summaries(thread)}
        yield f"threads/{thread.id}.json", {**portable.head(thread), **more}


def _messages(thread: ChatThread) -> Iterator[dict[str, object]]:
    for row in oldest_first(ChatMessage.objects.filter(thread=thread)):
        yield portable.message(row)


@personal_data.exporter("llm_chat.SharedThread")
def shared_links(user: User) -> Iterator[tuple[str, object]]:
    rows = oldest_first(SharedThread.objects.filter(user=user).defer("preview"))
    named = ("thread_id", "title", "shown_name", "created_at", "updated_at", "expires_at", "content")
    yield "shared_links.json", ({name: getattr(row, name) for name in named} for row in rows)


def _summaries(thread: ChatThread) -> Iterator[dict[str, object]]:
    for row in Summary.objects.filter(thread=thread).order_by("created_at").iterator():
        yield {"up_to": row.up_to_id, "text": row.text, "model": row.model, "created_at": row.created_at}


@personal_data.exporter("llm_chat.Tag")
def tags(user: User) -> Iterator[tuple[str, object]]:
    rows = [
        {
            "name": row.name,
            "colour": row.colour,
            "team": row.team.name,
            "created_at": row.created_at,
            "threads": [thread.id for thread in row.threads.all() if not thread.deleted_at],
        }
        for row in Tag.objects.filter(user=user)
        .select_related("team")
        .prefetch_related(Prefetch("threads", ChatThread.objects.only("deleted_at")))
        .order_by("created_at", "id")
    ]
    if rows:
        yield "tags.json", rows


@personal_data.exporter("llm_chat.Preset")
def presets(user: User) -> Iterator[tuple[str, object]]:
    rows = [
        {
            "name": row.name,
            "team": row.team.name,
            "model": row.model,
            "instructions": row.instructions,
            "parameters": row.parameters,
            "shared": row.shared,
            "default": row.chosen,
            "created_at": row.created_at,
        }
        for row in Preset.objects.filter(user=user)
        .annotate(chosen=Exists(DefaultPreset.objects.filter(user=user, preset=OuterRef("pk"))))
        .select_related("team")
        .order_by("created_at", "id")
    ]
    if rows:
        yield "presets.json", rows


@personal_data.exporter("llm_chat.DefaultPreset")
def default_presets(user: User) -> Iterator[tuple[str, object]]:
    """Their own are marked among their presets; these are the teams'."""
    chosen = DefaultPreset.objects.filter(user=user, preset__shared=True).select_related("preset", "team")
    rows = [{"team": row.team.name, "preset": row.preset.name} for row in chosen.order_by("pk")]
    if rows:
        yield "default_presets.json", rows


@personal_data.eraser
def erase_own_presets(user: User) -> None:
    """What was shared stays with the team, and is nobody's."""
    Preset.objects.filter(user=user, shared=False).delete()


@personal_data.exporter("llm_chat.Attachment")
def attached_files(user: User) -> Iterator[tuple[str, object]]:
    """Messages name their files by the id that is the folder's name here."""
    ours = Attachment.objects.filter(user=user, is_stored=True).defer("text")
    kept = ours.exclude(messages__thread__temporary=True).exclude(messages__thread__deleted_at__isnull=False)
    for row in oldest_first(kept):
        try:
            file = stored_files.opened(row.file_key)
        except FileNotFoundError:
            continue
        except stored_files.OutOfReach:
            told = _(
                "Not all of your files are here: the place where they are kept does not answer at the moment. "
                "They are not lost. Download your data again later."
            )
            yield "files/incomplete.txt", RawFile([told.encode()])
            return  # each further one would be waited for in vain
        yield f"files/{row.id}/{row.name}", RawFile(_pieces_of(file))


def _pieces_of(file: "File[bytes]") -> Iterator[bytes]:
    with file:
        yield from file.chunks()


@personal_data.exporter("llm_chat.Prompt")
def own_prompts(user: User) -> Iterator[tuple[str, object]]:
    """A team's prompts are the team's."""
    yield (
        "prompts.json",
        (
            {"title": row.title, "text": row.text, "created_at": row.created_at, "updated_at": row.updated_at}
            for row in oldest_first(Prompt.objects.filter(user=user))
        ),
    )


@personal_data.eraser
def erase_files_of_person(user: User) -> None:
    attached.erase_all(Attachment.objects.filter(user=user))


@contents.eraser
def erase_files_of_team(team: Team) -> None:
    attached.erase_all(Attachment.objects.of(team))


personal_data.leave_out("llm_chat.Import", why="How a file was read; what came of it is in the conversations.")
personal_data.leave_out("llm_chat.Turn", why="How far a reply has got; what was said in it is in its messages.")
