"""Brings the translations up to date with what the product says; with `--check` it only tells what is amiss."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import messages


class Command(BaseCommand):
    help = "Collect what the product says into locale/ and compile the translations."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when something is amiss")

    def handle(self, *, check: bool, **options: Any) -> None:
        amiss = []
        for language in messages.languages():
            if not check:
                messages.bring_up_to_date(language)
            amiss += [f"{language}: {fault}" for fault in messages.faults(language)]
        for fault in amiss:
            self.stdout.write(fault)
        if check and amiss:
            raise CommandError(f"{len(amiss)} to mend: run `manage.py messages`, translate, run it again.")
