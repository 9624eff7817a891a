"""Fills the call log with calls nobody made, to look at the pages and to measure them. Not for a site people use."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.models import User
from llm_service import sample_calls
from llm_service.money import rollups
from teams.actions import personal_team


class Command(BaseCommand):
    help = "Store calls as months of use would leave them, of people who are made up (calls-1@example.invalid, ...)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", type=int, help="how many calls")
        parser.add_argument("--days", type=int, default=90, help="over how many days (90)")
        parser.add_argument("--people", type=int, default=40, help="of how many people (40)")
        parser.add_argument("--bodies", type=float, default=0.05, help="which share has its words kept (0.05)")
        parser.add_argument("--seed", type=int, default=1, help="another number, other calls")

    def handle(self, *args: Any, number: int, days: int, people: int, bodies: float, seed: int, **options: Any) -> None:
        crowd = [_person(place) for place in range(1, max(1, people) + 1)]
        for stored in sample_calls.make(number, people=crowd, days=max(1, days), bodies=bodies, seed=seed):
            if stored % 50_000 == 0 and stored < number:
                self.stdout.write(f"{stored:,} of {number:,}")
        self.stdout.write("Summing them up.")
        for _day in rollups.rebuild():
            pass
        self.stdout.write(self.style.SUCCESS(f"{number:,} calls of {len(crowd)} people are stored."))


def _person(place: int) -> tuple[int, Any]:
    email = f"calls-{place}@example.invalid"
    person = User.objects.filter(email=email).first() or User.objects.create_user(email)
    return person.pk, personal_team(person).pk
