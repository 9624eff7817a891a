"""Conversations from elsewhere become threads."""

import contextlib
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from lib.plain_text import storable
from lib.write_lock import writing
from llm_chat import queries, wire
from llm_chat.actions.starting import Refused
from llm_chat.models import ChatMessage, ChatThread
from llm_chat.portable import Conversation, Said
from llm_chat.titles import plain_title
from llm_service import tokens
from realtime.hub import user_topic
from realtime.publish import publish
from teams.models import Team

MOST_OF_A_TEXT = 400_000
CUT = gettext_lazy("[The rest was too long to import.]")


def store(*, by: User, team: Team, conversation: Conversation) -> ChatThread | None:
    """Make a thread of a conversation, with its branches and times; None if it was imported before. Raises Refused."""
    said = _parents_first(conversation.said)
    if not said:
        raise Refused("bad_frame", _("It has no messages."))
    now = timezone.now()
    # What costs time is done before the lock.
    rows = _rows(said, now)
    first, last = min(row.created_at for row in rows), max(row.created_at for row in rows)
    with writing():
        if conversation.source and _is_here(by, team, conversation.source):
            return None
        thread = ChatThread(
            team=team,
            user=by,
            title=storable(" ".join(conversation.title.split()))[:200] or plain_title(rows[0].content),
            model=conversation.model[:200],
            imported_from=conversation.source,
            created_at=first,
            last_message_at=last,
            rev=1,
        )
        thread.save(force_insert=True)
        for row in rows:
            row.thread = thread
        ChatMessage.objects.bulk_create(rows, batch_size=500)
        shown = next((n for n, one in enumerate(said) if one.key == conversation.shown), len(said) - 1)
        thread.leaf = rows[shown]
        thread.save(update_fields=["leaf"])
        about = wire.thread_created(thread)
        transaction.on_commit(lambda: publish(user_topic(by.pk), about))
    return thread


def _is_here(by: User, team: Team, source: str) -> bool:
    """Tell whether a conversation was imported already, or is one of the person's own that was exported."""
    product, _, id_ = source.partition(":")
    is_it = Q(imported_from=source)
    if product == "parley":
        with contextlib.suppress(ValueError):
            is_it |= Q(id=UUID(id_))
    return queries.kept_threads_of(by.pk).of(team).filter(is_it).exists()


def _rows(said: list[Said], now: datetime) -> list[ChatMessage]:
    ids: dict[str, UUID] = {one.key: uuid4() for one in said}
    rows: list[ChatMessage] = []
    at = next((one.at for one in said if one.at), now)
    for one in said:
        # A message without a time follows the one before it; nothing is from the future.
        at = min(one.at or at, now)
        content = storable(one.content)
        if len(content) > MOST_OF_A_TEXT:
            content = f"{content[:MOST_OF_A_TEXT]}\n\n{CUT}"
        rows.append(
            ChatMessage(
                id=ids[one.key],
                parent_id=ids[one.parent] if one.parent else None,
                role=one.role,
                content=content,
                reasoning=storable(one.reasoning)[:MOST_OF_A_TEXT],
                model=one.model[:200],
                token_count=tokens.stored_count(content),
                rev=1,
                created_at=at,
            )
        )
    return rows


def _parents_first(said: list[Said]) -> list[Said]:
    """Order messages so that each comes after its parent. What hangs on nothing known begins a path of its own."""
    by_key = {one.key: one for one in said}
    placed: dict[str, Said] = {}
    for one in by_key.values():
        above: list[Said] = []
        current: Said | None = one
        walked: set[str] = set()
        while current and current.key not in placed and current.key not in walked:
            walked.add(current.key)
            above.append(current)
            current = by_key.get(current.parent or "")
        for each in reversed(above):
            has_parent = each.parent in placed
            placed[each.key] = each if has_parent or each.parent is None else _as_root(each)
    return list(placed.values())


def _as_root(said: Said) -> Said:
    return Said(said.key, None, said.role, said.content, said.at, said.model, said.reasoning)
