"""Files people attached: their own, in teams they are in, to threads that are still there."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lib import wording
from llm_chat.models import Attachment, ChatMessage
from teams.permissions import Permission
from teams.scoping import TeamScopedQuerySet

_Files = TeamScopedQuerySet[Attachment]


def attachments_of(user_id: int) -> _Files:
    """Return a person's files, but for those of threads they have deleted."""
    in_a_thread = ChatMessage.objects.filter(files=OuterRef("pk"), thread__deleted_at=None)
    stored = Attachment.objects.open_to(user_id, Permission.USE_CHAT).filter(user_id=user_id, is_stored=True)
    return stored.filter(Q(messages=None) | Exists(in_a_thread)).distinct()


def attachment_of(user_id: int, attachment_id: UUID) -> Attachment | None:
    """Return the file without its text, if it is this person's."""
    return attachments_of(user_id).filter(id=attachment_id).defer("text").first()


def attachable(user_id: int, team_id: UUID, ids: Collection[UUID]) -> dict[UUID, Attachment]:
    """Return those of the files that this person may send in a thread of this team."""
    rows = attachments_of(user_id).of(team_id).filter(id__in=ids).defer("text")
    return {row.id: row for row in rows}


def bytes_of(user_id: int) -> int:
    """Return how much a person keeps here."""
    return Attachment.objects.filter(user_id=user_id).aggregate(total=Sum("size"))["total"] or 0


def attachment_value(row: Attachment) -> dict[str, Any]:
    """Return what a message says of its file. Addresses are the reader's to know."""
    value: dict[str, Any] = {
        "id": str(row.id),
        "kind": row.kind,
        "name": row.name,
        "mime": row.mime,
        "size": row.size,
        "tokens": row.token_count,
    }
    if row.width and row.height:
        value |= {"width": row.width, "height": row.height}
    if row.about.get("animated"):
        value["animated"] = True
    if extent := _extent(row.about):
        value["extent"] = extent
    return value


def _extent(about: dict[str, Any]) -> str:
    """Say how much of a document was read: "12 pages", "200 of 950 pages"."""
    said = []
    if unit := about.get("unit"):
        said.append(_part(about["parts_read"], about["parts"], unit))
    if "characters" in about:
        amounts = {"read": wording.number(about["characters_read"]), "all": wording.number(about["characters"])}
        said.append(_("the first %(read)s of %(all)s characters") % amounts)
    return ", ".join(said)


def _part(read: int, all_: int, unit: str) -> str:
    amounts = {"read": wording.number(read), "all": wording.number(all_)}
    of_all = _("%(read)s of %(all)s") % amounts if read < all_ else amounts["all"]
    units = {
        "page": ngettext("page", "pages", all_),
        "slide": ngettext("slide", "slides", all_),
        "sheet": ngettext("sheet", "sheets", all_),
    }
    return f"{of_all} {units.get(unit, unit)}"
