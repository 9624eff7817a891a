"""The door of the admin: the sign-in of everyone, and a second step where `ADMIN_REQUIRE_MFA` asks for one."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

SECOND_STEPS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class ProductAdminSite(admin.AdminSite):
    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not _lacks_second_step(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead on who is signed in already: to what they still need, or in."""
        answer: HttpResponse = secure_admin_login(self._lead_on)(request, extra_context)
        return answer

    def _lead_on(self, request: HttpRequest, extra_context: dict[str, Any] | None) -> HttpResponse:
        if _lacks_second_step(request):
            messages.info(request, _("The admin asks for a second step. Set one up here, then open the admin again."))
            return redirect("mfa_index")
        return super().login(request, extra_context)


def _lacks_second_step(request: HttpRequest) -> bool:
    return settings.ADMIN_REQUIRE_MFA and not is_mfa_enabled(request.user, types=SECOND_STEPS)
