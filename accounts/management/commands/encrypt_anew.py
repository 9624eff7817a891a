from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import second_step


class Command(BaseCommand):
    help = "Write the second steps of all people with DJANGO_SECRET_KEY, so that DJANGO_SECRET_KEY_FALLBACKS can go."

    def handle(self, *args: Any, **options: Any) -> None:
        done = second_step.encrypt_anew()
        if done.unreadable:
            raise CommandError(
                f"{done.written} written with DJANGO_SECRET_KEY. {done.unreadable} cannot be read with it or with any "
                "of DJANGO_SECRET_KEY_FALLBACKS: add the secret they were written with, or delete them in the admin "
                "under Authenticators."
            )
        self.stdout.write(
            f"{done.written} written with DJANGO_SECRET_KEY. Nothing needs the secrets of before any more."
        )
