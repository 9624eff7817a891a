"""A turn begins: the user's message, the empty reply and the turn are stored. Nothing is run here."""

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import BaseModel

from accounts.actions import prefer_model
from accounts.models import User
from accounts.queries import settings_for
from lib import wording
from lib.write_lock import writing
from llm_chat import queries, wire
from llm_chat.actions import attached
from llm_chat.models import UNFINISHED, Attachment, ChatMessage, ChatThread, Status, Turn
from llm_chat.queries import NEVER_PLACED, default_preset, in_thread_of
from llm_chat.thread_settings import checked_instructions
from llm_service import abilities, catalogue, tokens
from llm_service.parameters import Invalid, checked_parameters
from realtime import events
from realtime.hub import thread_topic
from realtime.publish import publish, wake
from teams import queries as team_queries
from teams.actions import current_membership
from teams.models import Team
from teams.permissions import Permission, may
from teams.scoping import live_membership

RefusalCode = Literal[
    "too_long", "rate_limited", "not_found", "id_taken", "model_not_allowed", "bad_frame", "too_large"
]


class Refused(Exception):
    """A command was not carried out and nothing was stored; `code` is the protocol's, the text is for people."""

    def __init__(self, code: RefusalCode, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = retry_after


def start_turn(*, by: User, command: events.SendMessage) -> events.MessageAccepted:
    """Store what a person said, and the turn that will answer it.

    A resend of the same message returns the first answer. Raises Refused.
    """
    _check_text(command)
    text_tokens = tokens.stored_count(command.text)
    try:
        return _started(by, command, text_tokens)
    except (IntegrityError, Refused) as fault:
        again = _resent(by, command)  # before any limit: a resend is no second message
        if again:
            return again
        if isinstance(fault, Refused):
            raise
    try:
        return _started(by, command, text_tokens)  # another message in the same new thread was stored a moment ago
    except IntegrityError:
        raise Refused("id_taken", _("This id is already used by another message or thread.")) from None


def _started(by: User, command: events.SendMessage, text_tokens: int) -> events.MessageAccepted:
    with writing():
        thread, is_new = _locked_thread(by, command)
        if is_new:
            _settle_new_thread(by, thread, command)
        else:
            _check_interval(by, thread)
            thread.model = _checked_model(by, thread.team_id, command.model, thread.model)
        files = _files_of(by, thread, command)
        question = ChatMessage(
            id=command.id,
            thread=thread,
            parent=_checked_parent(thread, command.parent_id),
            role=ChatMessage.Role.USER,
            content=command.text,
            status=Status.QUEUED,
            token_count=text_tokens + sum(file.token_count for file in files),
            attachments=[_carried(file, thread.model) for file in files],
        )
        # Only an edit or a branch names its parent, and null is a name, too: a new root.
        appends = "parent_id" not in command.model_fields_set
        turn = _stored(thread, is_new, by, question, Turn.Mode.SEND, appends=appends)
        if files:
            attached.tie(files=files, message=question)
    return wire.accepted(turn, command.id, thread.rev)


def regenerate(*, by: User, command: events.RegenerateMessage) -> events.MessageAccepted:
    """Store a turn that answers once more beside an earlier reply, or goes on where it broke off.

    Raises Refused.
    """
    again = _regenerated(by, command)
    if again:
        return again
    try:
        with writing():
            earlier = (
                ChatMessage.objects.filter(in_thread_of(by.pk), id=command.message_id, role=ChatMessage.Role.ASSISTANT)
                .exclude(NEVER_PLACED | Q(status__in=UNFINISHED))
                .first()
            )
            if earlier is None:
                raise Refused("not_found", _("There is no such reply to answer again."))
            thread = ChatThread.objects.select_for_update().get(id=earlier.thread_id)
            again = _regenerated(by, command)
            if again:
                return again
            _check_interval(by, thread)
            thread.model = _checked_model(by, thread.team_id, command.model, earlier.model, thread.model)
            reply = ChatMessage(id=command.id, parent_id=earlier.parent_id)
            if command.mode == "continue":
                reply.continues = earlier.id
                reply.content, reply.reasoning, reply.tools = earlier.content, earlier.reasoning, earlier.tools
            turn = _stored(thread, False, by, None, Turn.Mode(command.mode), appends=False, reply=reply)
    except IntegrityError:
        again = _regenerated(by, command)
        if again:
            return again
        raise Refused("id_taken", _("This id is already used by another message.")) from None
    return wire.accepted(turn, command.id, thread.rev)


def _resent(by: User, command: events.SendMessage) -> events.MessageAccepted | None:
    sent = Turn.objects.filter(
        in_thread_of(by.pk), user_message=command.id, thread=command.thread_id, mode=Turn.Mode.SEND
    )
    turn = sent.select_related("thread").first()
    return wire.accepted(turn, command.id, turn.thread.rev) if turn else None


def _regenerated(by: User, command: events.RegenerateMessage) -> events.MessageAccepted | None:
    row = ChatMessage.objects.filter(id=command.id).select_related("thread").first()
    if row is None:
        return None
    turn = Turn.objects.filter(assistant_message=row, mode=command.mode).first()
    if turn is None or row.thread.user_id != by.pk:
        raise Refused("id_taken", _("This id is already used by another message."))
    return wire.accepted(turn, command.id, row.thread.rev)


def _check_text(command: events.SendMessage) -> None:
    text = command.text
    if not text.strip() and not command.attachments:
        raise Refused("bad_frame", _("A message needs some text."))
    if "\x00" in text:
        raise Refused("bad_frame", _("A message cannot contain the NUL character."))
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise Refused("bad_frame", _("A message cannot contain half of a character."))
    if len(text) > events.MAX_TEXT:
        raise Refused(
            "too_long",
            _("A message can have %(most)s characters; this one has %(count)s.")
            % {"most": wording.number(events.MAX_TEXT), "count": wording.number(len(text))},
        )


def _locked_thread(by: User, command: events.SendMessage) -> tuple[ChatThread, bool]:
    is_open = live_membership(by, Permission.USE_CHAT)
    rows = ChatThread.objects.select_for_update().filter(id=command.thread_id).annotate(is_open=is_open)
    thread = rows.first()
    if thread is None:
        if command.parent_id is not None:
            raise Refused("not_found", _("A new thread has no message to answer to."))
        if command.bot_id is not None:
            raise Refused("not_found", _("There is no such bot."))
        team = team_for_new_thread(by, command.team_id)
        return ChatThread(id=command.thread_id, user=by, team=team, temporary=command.temporary), True
    if thread.user_id != by.pk or not thread.is_open or thread.deleted_at:
        raise Refused("not_found", _("There is no such thread."))
    return thread, False


def team_for_new_thread(by: User, team_id: UUID | None) -> Team:
    """Return the team asked for, or the person's current one. Raises Refused where they may not chat in it."""
    place = team_queries.membership(by, team_id) if team_id else current_membership(by)
    if place is None or not may(place.role, Permission.USE_CHAT):
        raise Refused("not_found", _("You are not in this team any more. Reload the page to go on in another one."))
    return place.team


def _files_of(by: User, thread: ChatThread, command: events.SendMessage) -> list[Attachment]:
    """Return the files that are sent along, in their order."""
    ids = list(dict.fromkeys(command.attachments))
    if not ids:
        return []
    most = settings.ATTACHMENT_MAX_PER_MESSAGE
    if len(ids) > most:
        raise Refused(
            "too_large",
            _("A message can have %(most)s files; this one has %(count)s.") % {"most": most, "count": len(ids)},
        )
    found = queries.attachable(by.pk, thread.team_id, ids)
    if len(found) != len(ids):
        raise Refused("not_found", _("A file of this message is no longer here. Attach it again."))
    return [found[id_] for id_ in ids]


def _carried(file: Attachment, model: str) -> dict[str, Any]:
    """Return what the message says of a file: also that the model which is to answer will not see it."""
    value = queries.attachment_value(file)
    if file.kind == Attachment.Kind.IMAGE and not abilities.sees_images(model):
        value["unseen_by"] = model
    return value


def _check_interval(by: User, thread: ChatThread) -> None:
    interval = settings.CHAT_MESSAGE_INTERVAL
    since = timezone.now() - timedelta(seconds=interval)
    if not interval or thread.last_message_at <= since:  # each of its turns moves it
        return
    newest = Turn.objects.filter(thread=thread, user=by).order_by("-created_at").first()
    if newest is None:
        return
    left = (newest.created_at - since).total_seconds()
    if left > 0:
        raise Refused(
            "rate_limited", _("That was quick. Your message goes out in a moment."), round(min(left, interval), 3)
        )


def _checked_model(by: User, team_id: UUID, wished: str | None, *used_before: str) -> str:
    if wished:
        return _allowed(wished, team_id)
    for model in used_before:
        if model and catalogue.is_allowed(model, team_id):
            return model
    return _preferred_model(by, team_id)


def _preferred_model(by: User, team_id: UUID) -> str:
    chosen = settings_for(by).chat_model
    return chosen if chosen and catalogue.is_allowed(chosen, team_id) else catalogue.default_model(team_id)


def _allowed(wished: str, team_id: UUID) -> str:
    if not catalogue.is_allowed(wished, team_id):
        named = {"model": wording.shown(wished)}
        raise Refused("model_not_allowed", _("The model '%(model)s' is not available here.") % named)
    return wished


def _settle_new_thread(by: User, thread: ChatThread, command: events.SendMessage) -> None:
    """Let a thread begin with the settings it was sent with, or else with those its person made the default."""
    wished = command.settings
    preset = default_preset(by.pk, thread.team_id) if wished is None else None
    if preset:
        thread.instructions, thread.parameters = preset.instructions, preset.parameters
    elif wished:
        try:
            thread.instructions = checked_instructions(wished.instructions)
            thread.parameters = checked_parameters(wished.parameters)
        except Invalid as fault:
            raise Refused("bad_frame", str(fault)) from None
    of_preset = preset.model if preset and not command.model else ""
    preferred = of_preset if catalogue.is_allowed(of_preset, thread.team_id) else ""
    thread.model = preferred or _model_of_new_thread(by, thread.team_id, command.model)


def _model_of_new_thread(by: User, team_id: UUID, wished: str | None) -> str:
    """Return the model to begin with, which the person's next threads begin with, too."""
    preferred = _preferred_model(by, team_id)
    model = _allowed(wished, team_id) if wished else preferred
    if model != preferred:
        prefer_model(by=by, model=model)
    return model


def _checked_parent(thread: ChatThread, parent_id: UUID | None) -> ChatMessage | None:
    if parent_id is None:
        return None
    parent = ChatMessage.objects.filter(id=parent_id, thread=thread).exclude(NEVER_PLACED).first()
    if parent is None:
        raise Refused("not_found", _("The message to answer to is not in this thread."))
    return parent


def _stored(
    thread: ChatThread,
    is_new: bool,
    by: User,
    question: ChatMessage | None,
    mode: Turn.Mode,
    *,
    appends: bool,
    reply: ChatMessage | None = None,
) -> Turn:
    now = timezone.now()
    thread.rev += 1
    thread.last_message_at = now
    if is_new:
        thread.save(force_insert=True)
    else:
        thread.save(update_fields=["rev", "last_message_at", "model"])
    reply = reply or ChatMessage(parent=question)
    reply.thread, reply.role, reply.status, reply.model = (
        thread,
        ChatMessage.Role.ASSISTANT,
        Status.QUEUED,
        thread.model,
    )
    rows = [row for row in (question, reply) if row]
    for row in rows:
        row.rev = thread.rev
        row.created_at = now
    ChatMessage.objects.bulk_create(rows)
    turn = Turn.objects.create(
        thread=thread,
        user=by,
        user_message=question,
        assistant_message=reply,
        mode=mode,
        appends=appends,
        model=thread.model,
        created_at=now,
    )
    said: list[BaseModel] = [wire.message_created(row, turn, thread.rev) for row in rows]
    is_listed_anew = is_new and not thread.temporary
    about = wire.thread_created(thread) if is_listed_anew else wire.thread_updated(thread)

    def tell() -> None:
        for event in said:
            publish(thread_topic(thread.id), event)
        publish(wire.topic_of_changes(thread), about)
        wake("turns")

    transaction.on_commit(tell)
    return turn
