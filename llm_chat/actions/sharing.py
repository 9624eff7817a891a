"""A thread is shown to whoever has a link: a copy of its shown path, which later messages do not reach."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.models import User
from lib.write_lock import writing
from llm_chat import audit_actions, previews, queries
from llm_chat.actions import importing
from llm_chat.actions.starting import Refused
from llm_chat.models import ChatMessage, ChatThread, SharedThread
from llm_chat.portable import Conversation, Said
from llm_chat.titles import plain_title
from teams.models import Team

Lasts = Literal["1d", "7d", "30d", "never", "keep"]
"""How long a link lasts from now on; `keep` is for one that is updated and runs out when it would have."""
DAYS: dict[Lasts, int] = {"1d": 1, "7d": 7, "30d": 30}
NO_WORDS = gettext_lazy("(A file that is not part of the shared copy.)")
MOST_CHARACTERS = 4_000_000
KEPT_AFTER_EXPIRY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a link shows, and for how long."""

    shows_name: bool = False
    with_images: bool = False
    lasts: Lasts = "never"


def share(*, by: User, thread_id: UUID, terms: Terms) -> SharedThread:
    """Make the link of a thread, or have the one it has show the thread as it is now. Raises Refused."""
    with writing():
        mine = queries.kept_threads_of(by.pk).filter(id=thread_id)
        thread = mine.select_for_update(of=("self",)).first()
        if thread is None:
            raise Refused(
                "not_found", _("There is no such conversation, or it is a temporary one, which cannot be shared.")
            )
        rows = queries.shown_path(thread)
        if not rows:
            raise Refused("not_found", _("There is nothing in this conversation to share yet."))
        content = [_copied(row, terms) for row in rows]
        if len(json.dumps(content)) > MOST_CHARACTERS:
            raise Refused("too_large", _("This conversation is too long for a link. Export it as a file instead."))
        now = timezone.now()
        days = DAYS.get(terms.lasts)
        title = thread.title or plain_title(rows[0].content)
        link, is_new = SharedThread.objects.update_or_create(
            thread=thread,
            defaults={
                "user": by,
                "team": thread.team,
                "title": title,
                "shown_name": by.name if terms.shows_name else "",
                "with_images": terms.with_images,
                "content": content,
                "preview": previews.drawn(title, rows[-1].content if len(rows) == 1 else rows[1].content),
                "thread_rev": thread.rev,
                "updated_at": now,
                **({} if terms.lasts == "keep" else {"expires_at": now + timedelta(days=days) if days else None}),
            },
        )
        audit.record(
            action=audit_actions.LINK_MADE if is_new else audit_actions.LINK_UPDATED,
            by=by,
            team_id=thread.team_id,
            target=thread,
            target_label="a conversation",
            after={"expires": link.expires_at.isoformat() if link.expires_at else "never"},
        )
    return link


def revoke(*, by: User, thread_id: UUID) -> bool:
    """Take the link of a thread away, with the copy behind it; False if it had none."""
    with writing():
        link = queries.shared_by(by.pk).filter(thread_id=thread_id).select_for_update(of=("self",)).first()
        if link is None:
            return False
        audit.record(
            action=audit_actions.LINK_REVOKED,
            by=by,
            team_id=link.team_id,
            target=link.thread,
            target_label="a conversation",
        )
        link.delete()
    return True


def copy_shared(*, by: User, team: Team, link: SharedThread) -> ChatThread:
    """Make a thread of one's own of what a link shows. Raises Refused."""
    said: list[Said] = []
    for number, one in enumerate(link.content):
        above = said[-1].key if said else None
        at = datetime.fromisoformat(one["at"])
        said.append(Said(str(number), above, one["role"], one["content"] or str(NO_WORDS), at, one["model"]))
    thread = importing.store(by=by, team=team, conversation=Conversation(link.title, said))
    assert thread is not None  # noqa: S101  only what has a source can have been imported before
    return thread


def erase_dead_links() -> int:
    """Erase the copies behind links that lead nowhere any more; return how many."""
    with writing():
        return queries.dead_links(expired_before=timezone.now() - KEPT_AFTER_EXPIRY).delete()[0]


def _copied(row: ChatMessage, terms: Terms) -> dict[str, Any]:
    """Return what strangers may see of a message: its words, the model of a reply, and pictures if they were chosen."""
    pictures = [one for one in row.attachments if one.get("kind") == "image"] if terms.with_images else []
    return {
        "role": row.role,
        "content": row.content,
        "model": row.model,
        "at": row.created_at.isoformat(),
        "pictures": [{name: one[name] for name in ("id", "width", "height") if name in one} for one in pictures],
        "files": len(row.attachments) - len(pictures),
    }
