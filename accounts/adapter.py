from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext_lazy

from accounts import known_browsers, language, notices, queries, verification
from accounts.models import User
from accounts.requests import duration_in_words
from lib import mail, visitor

WAYS = {
    "reauthenticate": gettext_lazy("Use your password"),
    "mfa_reauthenticate": gettext_lazy("Use a code"),
    "mfa_reauthenticate:webauthn": gettext_lazy("Use a passkey"),
}
TOLD_OTHERWISE = ("account_reset_password_from_key",)  # that the password was changed says it all


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """What allauth says when something goes wrong, in our words."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy("This e-mail address and password do not belong together."),
        "email_taken": gettext_lazy("There is an account with this e-mail address already."),
        "enter_current_password": gettext_lazy("That is not your current password."),
        "incorrect_password": gettext_lazy("That is not your password."),
        "too_many_login_attempts": gettext_lazy(
            "That was one try too many. Wait five minutes, or reset your password."
        ),
        "rate_limited": gettext_lazy("That was a lot at once. Wait a minute and try again."),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        return visitor.address_of(request) or str(super().get_client_ip(request))

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [{**method, "description": WAYS.get(method["id"], method["description"])} for method in methods]

    def should_send_confirmation_mail(self, request: HttpRequest, email_address: EmailAddress, signup: bool) -> bool:
        return verification.take_turn(email_address.email)

    def send_account_already_exists_mail(self, email: str) -> None:
        if verification.take_turn(email):
            super().send_account_already_exists_mail(email)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Refuse an address that somebody has signed up with since its link was sent."""
        others = User.objects.filter(email__iexact=email_address.email).exclude(pk=email_address.user_id)
        return not others.exists() and bool(super().confirm_email(request, email_address))

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        answer: HttpResponse = super().post_login(request, user, **details)
        follows_a_reset = request.resolver_match and request.resolver_match.url_name in TOLD_OTHERWISE
        if not (follows_a_reset or known_browsers.knows(request, user)) and queries.has_signed_in_before(user):
            notices.send(notices.NEW_BROWSER, user=user, request=request)
        known_browsers.introduce(user, request=request, response=answer)
        return answer

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        facts = context or {}
        notices.send(template_prefix, user=user, request=self.request, to=email or "", **facts)
        if template_prefix == "account/email/email_changed":  # allauth tells the old address alone
            notices.send(notices.NEW_ADDRESS, user=user, request=self.request, to=facts["to_email"], **facts)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        with translation.override(language.of_address(email)):
            lasts = {
                "reset_lasts": duration_in_words(settings.PASSWORD_RESET_TIMEOUT),
                "confirmation_lasts": duration_in_words(settings.EMAIL_VERIFICATION_TIMEOUT),
            }
            mail.send(template_prefix, to=email, context={"email": email, **lasts, **context})
