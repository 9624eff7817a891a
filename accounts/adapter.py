from typing import Any

from allauth.account.adapter import DefaultAccountAdapter

from lib import mail


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """What allauth says when something goes wrong, in our words."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "This e-mail address and password do not belong together.",
        "email_taken": "There is an account with this e-mail address already.",
        "enter_current_password": "That is not your current password.",
        "incorrect_password": "That is not your password.",
        "too_many_login_attempts": "That was one try too many. Wait five minutes, or reset your password.",
        "rate_limited": "That was a lot at once. Wait a minute and try again.",
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        mail.send(template_prefix, to=email, context={"email": email, **context})
