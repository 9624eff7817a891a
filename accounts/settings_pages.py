"""The tabs of the settings page. Each room registers its own in `AppConfig.ready()`; accounts knows none of them.

    settings_pages.register(gettext_lazy("API keys"), url_name="teams:own_keys", icon="key", order=60)

The page extends `accounts/_settings.html` and fills its block `tab`. Orders in use: general 10, what the rooms above
bring 20 to 29, account 30, signing in and devices 40 to 49, teams and keys 50 to 69, one's own data 80.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from lib.wording import Text


def _everybody(request: HttpRequest) -> bool:
    return True


@dataclass(frozen=True)
class Tab:
    label: Text
    url_name: str
    icon: str
    order: int
    covers: tuple[str, ...]
    is_shown: Callable[[HttpRequest], bool]


@dataclass(frozen=True)
class Link:
    """A tab as one request shows it."""

    label: str
    url: str
    icon: str
    is_current: bool


_tabs: dict[str, Tab] = {}


def register(
    label: Text,
    *,
    url_name: str,
    icon: str,
    order: int,
    covers: tuple[str, ...] = (),
    is_shown: Callable[[HttpRequest], bool] = _everybody,
) -> None:
    """Add a tab. `url_name` needs no arguments; `covers` names further pages under which the tab counts as open."""
    tab = Tab(label, url_name, icon, order, covers, is_shown)
    if _tabs.setdefault(url_name, tab) != tab:
        raise ValueError(f"Two settings tabs lead to {url_name!r}.")


def tabs() -> list[Tab]:
    return sorted(_tabs.values(), key=lambda tab: (tab.order, str(tab.label)))


def links(request: HttpRequest) -> list[Link]:
    """Return the tabs this request's person sees, with the open one marked."""
    match = request.resolver_match
    here = match.view_name if match else ""
    return [
        Link(str(tab.label), reverse(tab.url_name), tab.icon, here == tab.url_name or here in tab.covers)
        for tab in tabs()
        if tab.is_shown(request)
    ]
