import secrets
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts import actions
from accounts.models import User


class Command(BaseCommand):
    help = "Make the superuser that DJANGO_USER_NAME and DJANGO_PASSWORD describe, unless the address is taken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--generate",
            action="store_true",
            help="where there is no superuser at all, make up what the variables leave open and print it this once",
        )

    def handle(self, *args: Any, generate: bool, **options: Any) -> None:
        email, password = settings.FIRST_SUPERUSER_EMAIL, settings.FIRST_SUPERUSER_PASSWORD
        if email:
            _check(email)
        if email and password:
            if actions.ensure_superuser(email=email, password=password):
                self.stdout.write(f"Superuser {email} is made. The password is the one in DJANGO_PASSWORD.")
        elif generate and not User.objects.filter(is_superuser=True).exists():
            email, password = email or "admin@example.com", password or secrets.token_urlsafe(12)
            if actions.ensure_superuser(email=email, password=password):
                self.stdout.write(f"Superuser {email} is made. The password, shown only now: {password}")


def _check(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise CommandError("DJANGO_USER_NAME must be an e-mail address: people sign in with one.") from None
