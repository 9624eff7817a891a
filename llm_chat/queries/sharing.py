"""Reads of shared links: one's own, and what a stranger gets to see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet
from django.utils import timezone

from llm_chat.models import Attachment, ChatMessage, ChatThread, SharedThread, Status
from llm_chat.queries.paths import path
from teams.permissions import Permission
from teams.scoping import live_membership

LINKS_PAGE = 30
MOST_MESSAGES = 5_000


def shared_by(user_id: int) -> QuerySet[SharedThread]:
    """Return a person's links that lead somewhere or have run out; those of deleted threads are gone."""
    rows = SharedThread.objects.open_to(user_id, Permission.USE_CHAT).filter(user_id=user_id, thread__deleted_at=None)
    return rows.defer("content", "preview")


def link_of(user_id: int, thread_id: UUID) -> SharedThread | None:
    return shared_by(user_id).filter(thread_id=thread_id).select_related("thread").first()


@dataclass(frozen=True, slots=True)
class LinksPage:
    links: list[SharedThread]
    next: UUID | None
    """Where the next page begins."""


def links_page(user_id: int, before: str = "") -> LinksPage:
    """Return a page of a person's links, newest first. A `before` that is no link of theirs begins anew."""
    rows = shared_by(user_id).select_related("thread", "team").order_by("-created_at", "-id")
    last = shared_by(user_id).filter(id=before).first() if _is_uuid(before) else None
    if last:
        rows = rows.filter(Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, id__lt=last.id))
    page = list(rows[: LINKS_PAGE + 1])
    return LinksPage(page[:LINKS_PAGE], page[LINKS_PAGE - 1].id if len(page) > LINKS_PAGE else None)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def opened_by_link(token: str) -> SharedThread | None:
    """Return what a link shows to anybody: nothing once it was revoked or ran out, or its person lost the thread."""
    return _standing(token).filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now())).first()


def ran_out(token: str) -> bool:
    """Tell whether a link would still show something, had it not run out. Whoever asks has its secret."""
    return _standing(token).filter(expires_at__lte=timezone.now()).exists()


def _standing(token: str) -> QuerySet[SharedThread]:
    is_theirs = live_membership(OuterRef("user"), Permission.USE_CHAT)
    return SharedThread.objects.filter(is_theirs, token=token, user__is_active=True, thread__deleted_at=None)


def has_pictures(user_id: int, thread_id: UUID) -> bool:
    """Tell whether somebody attached a picture to a thread."""
    found = Attachment.objects.filter(user_id=user_id, messages__thread=thread_id, kind=Attachment.Kind.IMAGE)
    return found.exists()


def picture_on(link: SharedThread, picture_id: UUID) -> Attachment | None:
    """Return a picture that was shared with the rest of a conversation."""
    shown = {one["id"] for said in link.content for one in said.get("pictures", [])}
    if str(picture_id) not in shown:
        return None
    return Attachment.objects.filter(id=picture_id, kind=Attachment.Kind.IMAGE, is_stored=True).defer("text").first()


def dead_links(*, expired_before: datetime) -> QuerySet[SharedThread]:
    """Return the links that nothing brings back: their person left the team, or they ran out long ago."""
    is_theirs = live_membership(OuterRef("user"), Permission.USE_CHAT)
    return SharedThread.objects.filter(~Q(is_theirs) | Q(expires_at__lt=expired_before))


def shown_path(thread: ChatThread) -> list[ChatMessage]:
    """Return what is said on the shown path, without what is still being written."""
    rows = path(thread.leaf_id, limit=MOST_MESSAGES)
    done = (Status.COMPLETE, Status.STOPPED, Status.INTERRUPTED)
    roles = (ChatMessage.Role.USER, ChatMessage.Role.ASSISTANT)
    return [row for row in rows if row.role in roles and row.status in done and (row.content or row.attachments)]


def is_behind(link: SharedThread) -> bool:
    """Tell whether its thread has changed since it was copied."""
    return link.thread.rev != link.thread_rev


def link_value(link: SharedThread, address: str) -> dict[str, Any]:
    """Return a link as its person's page has it."""
    return {
        "address": address,
        "title": link.title,
        "shows_name": bool(link.shown_name),
        "with_images": link.with_images,
        "created_at": link.created_at.isoformat(),
        "updated_at": link.updated_at.isoformat(),
        "expires_at": link.expires_at.isoformat() if link.expires_at else None,
        "is_over": link.expires_at is not None and link.expires_at <= timezone.now(),
        "is_behind": is_behind(link),
    }
