"""Every address of the product, taken from the URL resolver, with arguments that lead to something.

`<uuid:team_id>` is what the scene calls `team`; a route whose arguments say less has a line in `ARGUMENTS`. The scene
(`tests/scene.py`) has made what they lead to. Tests of trust and of pages walk this list, so no new route is forgotten.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests import scene

ARGUMENTS = {
    "account_confirm_email": ["verification_key"],
    "mfa_edit_webauthn": ["passkey"],
    "mfa_remove_webauthn": ["passkey"],
    "account_reset_password_from_key": ["reset_person", "reset_key"],
    "gallery_error_page": ["error_page"],
    "share:picture": ["share_token", "attachment"],
    "admin:app_list": ["admin_app"],
    "admin:view_on_site": ["content_type", "person"],
    "admin:auth_user_password_change": ["person"],
}
"""Route name -> names of what the scene holds, one for each argument."""

NOWHERE = {"admin:": "old addresses of rows, and the answer to an address the admin does not have"}
"""Routes without a name of their own, called after their namespace, which nobody visits on purpose."""

MADE_FOR_ROWS = ("_change", "_delete", "_history")
"""What the admin has for a row of each model."""


@dataclass(frozen=True)
class Route:
    name: str
    pattern: str
    parameters: tuple[str, ...]


def all_routes() -> list[Route]:
    return list(_walk(get_resolver(), "", "", ()))


def _walk(resolver: URLResolver, prefix: str, namespace: str, outer: tuple[str, ...]) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        parameters = (*outer, *entry.pattern.regex.groupindex)
        if isinstance(entry, URLPattern):
            yield Route(f"{namespace}{entry.name or ''}", pattern, parameters)
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, pattern, inner, parameters)


def without_arguments() -> list[str]:
    """Name the routes this table knows no arguments for."""
    return [
        f"{route.name or '(no name)'}: {route.pattern}"
        for route in all_routes()
        if route.name not in NOWHERE and not _model_of(route) and not set(_wanted(route)) <= scene.ARGUMENTS
    ]


def addresses(made: scene.Scene) -> dict[str, str]:
    """Return an address that leads somewhere for the name of every route."""
    found = {}
    for route in all_routes():
        if not route.name:
            found[f"({route.pattern})"] = f"/{route.pattern}"
        elif route.name not in NOWHERE:
            found[route.name] = reverse(route.name, args=_arguments(route, made))
    return found


def _arguments(route: Route, made: scene.Scene) -> list[str]:
    if label := _model_of(route):
        return [made.rows[label]]
    return [made.arguments[name] for name in _wanted(route)]


def _wanted(route: Route) -> list[str]:
    return ARGUMENTS.get(route.name) or [parameter.removesuffix("_id") for parameter in route.parameters]


def _model_of(route: Route) -> str:
    """Return the model whose row an admin route shows, if it is such a route."""
    if not route.name.startswith("admin:") or "object_id" not in route.parameters or route.name in ARGUMENTS:
        return ""
    for model in apps.get_models():
        if route.name in {f"admin:{model._meta.app_label}_{model._meta.model_name}{end}" for end in MADE_FOR_ROWS}:
            return model._meta.label
    return ""
