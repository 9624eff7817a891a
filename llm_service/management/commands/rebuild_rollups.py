from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from llm_service.money import rollups


class Command(BaseCommand):
    help = "Sum up the logged calls anew, for the dashboard and the usage of each month."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from",
            dest="since",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="The first day (UTC) to sum up; by default that of the oldest call.",
        )

    def handle(self, **options: Any) -> None:
        calls = days = 0
        for day, counted in rollups.rebuild(since=options["since"]):
            calls, days = calls + counted, days + 1
            if options["verbosity"] > 1:
                self.stdout.write(f"{day}: {counted:,} calls")
        self.stdout.write(f"{calls:,} calls of {days:,} days are summed up.")
