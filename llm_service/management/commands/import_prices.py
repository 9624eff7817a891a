from typing import Any

from django.core.management.base import BaseCommand

from llm_service.money import importing


class Command(BaseCommand):
    help = "Take LiteLLM's bundled prices over into the table of model prices. Own prices stay and win."

    def handle(self, **_: Any) -> None:
        done = importing.import_prices()
        self.stdout.write(f"{done.added:,} added or changed, {done.ended:,} ended, {done.unchanged:,} unchanged.")
