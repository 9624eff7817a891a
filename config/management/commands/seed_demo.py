"""Threads, and two months of calls in teams that do not exist, to look at. Run again, it changes nothing."""

import uuid
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from lib.write_lock import writing
from llm_chat.models import ChatMessage, ChatThread
from llm_service import sample_calls, sample_rules, tokens
from llm_service.demo_script import HOW_TO_ADD_A_KEY, MARKDOWN, MENU, PYTHON
from llm_service.models import LLMCallLog
from llm_service.money import rollups
from teams.actions import personal_team
from teams.models import Membership, Team
from teams.permissions import Role

THREADS = (
    ("Welcome to Parley", (("What can I do here?", f"{MENU}\n\n{HOW_TO_ADD_A_KEY}"),)),
    ("What a reply can look like", (("Show me some markdown.", MARKDOWN), ("And some code?", PYTHON))),
)
TEAMS = {
    "Lighthouse": ("Ada Lovelace", "Grace Hopper", "Alan Turing", "Katherine Johnson", "Edsger Dijkstra"),
    "Harbour": ("Barbara Liskov", "Grace Hopper", "Donald Knuth"),
    "Observatory": ("Caroline Herschel", "Katherine Johnson"),
}
WITH_RULES = "Lighthouse"
"""The team that has set budgets, alerts and what stands in for a model."""
CALLS = 5_000
NAMESPACE = uuid.UUID("6f1d8a52-2b53-4c0e-9b0a-3f0e6f1c5a77")
"""Ids follow from the person and the place, so that a second run finds what the first one made."""


class Command(BaseCommand):
    help = "Give a person threads and two months of calls to look at: the first superuser, or whom --email names."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", help="whose threads; without it those of the first superuser")
        parser.add_argument("--calls", type=int, default=CALLS, help=f"how many model calls ({CALLS:,})")

    def handle(self, *args: Any, email: str | None, calls: int, **options: Any) -> None:
        people = User.objects.filter(email__iexact=email) if email else User.objects.filter(is_superuser=True)
        person = people.order_by("pk").first()
        if person is None:
            raise CommandError(
                "There is nobody to make the threads for. Run `make run` once, or name somebody: --email."
            )
        made = sum(_make_thread(person, place) for place in range(len(THREADS)))
        self.stdout.write(f"{made} demo threads made for {person.email}." if made else "The demo threads are there.")
        made_calls = _make_calls(person, calls)
        self.stdout.write(
            f"{made_calls:,} demo calls made, at /operations/." if made_calls else "No demo calls to make."
        )


def _make_thread(person: User, place: int) -> bool:
    title, exchanges = THREADS[place]
    thread_id = uuid.uuid5(NAMESPACE, f"{person.pk}/{place}")
    with writing():
        if ChatThread.objects.filter(pk=thread_id).exists():
            return False
        at = timezone.now() - timedelta(minutes=10 * (place + 1))
        team = personal_team(person)
        thread = ChatThread.objects.create(id=thread_id, team=team, user=person, title=title, last_message_at=at)
        last: ChatMessage | None = None
        roles = (ChatMessage.Role.USER, ChatMessage.Role.ASSISTANT)
        for role, text in ((role, text) for exchange in exchanges for role, text in zip(roles, exchange, strict=True)):
            at += timedelta(seconds=20)
            last = ChatMessage.objects.create(
                thread=thread, parent=last, role=role, content=text, token_count=tokens.count(text), created_at=at
            )
        thread.leaf = last
        thread.save(update_fields=["leaf"])
    return True


def _make_calls(person: User, number: int) -> int:
    """Make calls of this month and the one before in teams of people who do not exist, for the pages about calls."""
    if not number or LLMCallLog.objects.filter(request_id__startswith=sample_calls.MARK).exists():
        return 0
    with writing():
        crowd = [(person.pk, personal_team(person).pk)]
        teams = {name: Team.objects.create(name=name) for name in TEAMS}
        for team in teams.values():
            Membership.objects.create(team=team, user=person, role=Role.OWNER)
            crowd.append((person.pk, team.pk))
            for name in TEAMS[team.name]:
                email = f"{name.partition(' ')[0].lower()}@demo.invalid"
                one = User.objects.filter(email=email).first() or User.objects.create_user(email, name=name)
                Membership.objects.create(team=team, user=one, role=Role.EDITOR)
                crowd.append((one.pk, team.pk))
    stored = max(sample_calls.make(number, people=crowd, days=60, bodies=1.0), default=0)
    for _day in rollups.rebuild():
        pass
    sample_rules.make(team=teams[WITH_RULES], person=person)
    return stored
