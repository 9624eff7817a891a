"""What `manage.py check` says about mail before the first one fails to arrive."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

from lib import mail


@register(Tags.mail)
def check_mail(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.EMAIL_SENDING_ENABLED:
        return []
    found: list[CheckMessage] = []
    if not mail.leaves_this_machine():
        found.append(
            Warning(
                "EMAIL_SENDING_ENABLED is on, but mail stays on this machine.",
                hint="Set DJANGO_EMAIL_BACKEND to a backend that sends, such as anymail.backends.mailgun.EmailBackend.",
                id="parley.W001",
            )
        )
    if settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost"):
        found.append(
            Warning(
                f"Mail would be sent from {settings.DEFAULT_FROM_EMAIL}, which most mail servers refuse.",
                hint="Set DEFAULT_FROM_EMAIL to an address of your own domain.",
                id="parley.W002",
            )
        )
    return found
