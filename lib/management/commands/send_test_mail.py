from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from lib import mail, mail_errors


class Command(BaseCommand):
    help = "Send a test mail now, and say in one sentence what is wrong when it cannot be sent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("to", metavar="someone@example.com")

    def handle(self, *, to: str, **options: Any) -> None:
        try:
            validate_email(to)
        except ValidationError:
            raise CommandError(f"{to} is no e-mail address.") from None
        message = mail.render("lib/email/test", to=to)
        try:
            message.send()
        except Exception as error:
            raise CommandError(mail_errors.explain(error, message).sentence) from error
        if not mail.leaves_this_machine():
            raise CommandError(
                "Nothing was sent: mail stays on this machine. Set DJANGO_EMAIL_BACKEND to a backend that sends, and "
                "EMAIL_SENDING_ENABLED to true."
            )
        self.stdout.write(
            f"Sent to {to} from {settings.DEFAULT_FROM_EMAIL}: the mail server took it. "
            "If it does not arrive, look among the unwanted mail, then in the mail server's own log."
        )
