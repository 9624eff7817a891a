from typing import Any

from allauth.account.signals import user_signed_up
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts import settings_pages


class TeamsConfig(AppConfig):
    name = "teams"

    def ready(self) -> None:
        from teams import actions, contents, pages, queries  # noqa: PLC0415  they import models, which are ready only now
        from teams.permissions import Permission, Role, may  # noqa: PLC0415

        settings_pages.register(_("Teams"), url_name="teams:list", icon="users", order=50, covers=("teams:new",))
        settings_pages.register(
            _("API keys"),
            url_name="teams:own_keys",
            icon="key",
            order=60,
            is_shown=lambda request: may(getattr(request, "role", Role.VIEWER), Permission.MANAGE_KEYS),
        )
        pages.register(
            _("Members"),
            url_name="teams:team",
            icon="users",
            permission=Permission.VIEW_TEAM,
            order=10,
            covers=("teams:remove",),
        )
        pages.register(
            _("Invitations"),
            url_name="teams:invitations",
            icon="mail",
            permission=Permission.MANAGE_MEMBERS,
            order=20,
            covers=("teams:cancel",),
        )
        pages.register(
            _("Settings"),
            url_name="teams:settings",
            icon="settings",
            permission=Permission.VIEW_TEAM,
            order=90,
            covers=("teams:leave", "teams:delete", "teams:transfer"),
        )
        pages.register(
            _("API keys"),
            url_name="teams:keys",
            icon="key",
            permission=Permission.MANAGE_KEYS,
            order=70,
            covers=("teams:revoke_key",),
        )
        pages.register(_("Audit log"), url_name="teams:audit", icon="clock", permission=Permission.VIEW_AUDIT, order=80)
        contents.counter(queries.members_in_words)

        def greet(user: Any, **_: Any) -> None:
            actions.personal_team(user)

        user_signed_up.connect(greet, weak=False, dispatch_uid="teams.personal_team")
