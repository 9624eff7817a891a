"""The pages of a team, as tabs. Each room registers its own in `AppConfig.ready()`; teams knows none of those above it.

    pages.register(gettext_lazy("Keys"), url_name="teams:keys", icon="key", permission=Permission.MANAGE_KEYS, order=40)

`url_name` takes a `team_id` alone. The page extends `teams/_page.html` and fills its block `tab`. Orders in use:
members 10, invitations 20, what the rooms above bring 30 to 69, keys 70, audit log 80, settings 90.
"""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from accounts.settings_pages import Link
from lib.wording import Text
from teams.permissions import Permission, may


@dataclass(frozen=True)
class Page:
    label: Text
    url_name: str
    icon: str
    permission: Permission
    order: int
    covers: tuple[str, ...]
    in_personal: bool


_pages: dict[str, Page] = {}


def register(
    label: Text,
    *,
    url_name: str,
    icon: str,
    permission: Permission,
    order: int,
    covers: tuple[str, ...] = (),
    in_personal: bool = True,
) -> None:
    """Add a tab for those with the permission; `covers` names further pages under which it counts as open."""
    page = Page(label, url_name, icon, permission, order, covers, in_personal)
    if _pages.setdefault(url_name, page) != page:
        raise ValueError(f"Two pages of a team lead to {url_name!r}.")


def links(request: HttpRequest) -> list[Link]:
    """Return the pages of the request's team that this person may open, with the open one marked."""
    team, role = getattr(request, "team", None), getattr(request, "role", None)
    if not team or not role:
        return []
    here = request.resolver_match.view_name if request.resolver_match else ""
    return [
        Link(str(page.label), reverse(page.url_name, args=[team.pk]), page.icon, here in (page.url_name, *page.covers))
        for page in sorted(_pages.values(), key=lambda page: (page.order, str(page.label)))
        if may(role, page.permission) and (page.in_personal or not team.is_personal)
    ]
