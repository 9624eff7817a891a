"""A few threads to look at on a new installation. Run again, it changes nothing."""

import uuid
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from lib.write_lock import writing
from llm_chat.models import ChatMessage, ChatThread
from llm_service import tokens
from llm_service.demo_script import HOW_TO_ADD_A_KEY, MARKDOWN, MENU, PYTHON
from teams.actions import personal_team

THREADS = (
    ("Welcome to Parley", (("What can I do here?", f"{MENU}\n\n{HOW_TO_ADD_A_KEY}"),)),
    ("What a reply can look like", (("Show me some markdown.", MARKDOWN), ("And some code?", PYTHON))),
)
NAMESPACE = uuid.UUID("6f1d8a52-2b53-4c0e-9b0a-3f0e6f1c5a77")
"""Ids follow from the person and the place, so that a second run finds what the first one made."""


class Command(BaseCommand):
    help = "Give a person a few threads to look at: the first superuser, or whom --email names."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", help="whose threads; without it those of the first superuser")

    def handle(self, *args: Any, email: str | None, **options: Any) -> None:
        people = User.objects.filter(email__iexact=email) if email else User.objects.filter(is_superuser=True)
        person = people.order_by("pk").first()
        if person is None:
            raise CommandError(
                "There is nobody to make the threads for. Run `make run` once, or name somebody: --email."
            )
        made = sum(_make_thread(person, place) for place in range(len(THREADS)))
        self.stdout.write(f"{made} demo threads made for {person.email}." if made else "The demo threads are there.")


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
