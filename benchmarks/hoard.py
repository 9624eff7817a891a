"""A person with many threads, made in bulk for `benchmarks.threads`."""

import random
from datetime import timedelta
from itertools import batched

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from benchmarks.crowd import Crowd, signed_in
from llm_chat.actions import index_due, indexing
from llm_chat.models import ChatMessage, ChatThread, Tag
from llm_service.fakes.script import WORDS
from teams.actions import personal_team

MESSAGES_EACH = 4
WORDS_EACH = 80
ARCHIVED_OF, TAGGED_OF, SOMETIMES_OF = 10, 2, 4
"""One thread in so many is archived, has a tag, says a word that is not common: enough for a page of the small one."""
AT_ONCE = 500


def make(*, threads: int) -> Crowd:
    """Make a person with `threads` threads that are all searchable; of the oldest one alone something is said."""
    person = User.objects.create_user("person@example.com", "a-long-password-1", name="Ada Lovelace")
    team, now, chance = personal_team(person), timezone.now(), random.Random(1)  # noqa: S311
    own = [
        ChatThread(
            team=team,
            user=person,
            title=f"Talk {number} of {chance.choice(WORDS)}",
            last_message_at=now - timedelta(minutes=number),
            archived_at=now if number % ARCHIVED_OF == 1 else None,
        )
        for number in range(threads)
    ]
    ChatThread.objects.bulk_create(own, batch_size=AT_ONCE)
    tag = Tag.objects.create(team=team, user=person, name="Work")
    carried = ChatThread.tags.through
    carried.objects.bulk_create(
        (carried(chatthread=thread, tag=tag) for thread in own[::TAGGED_OF]), batch_size=AT_ONCE
    )
    for some in batched(enumerate(own), AT_ONCE):
        ChatMessage.objects.bulk_create(
            message for number, thread in some for message in _said(thread, number, threads, chance)
        )
    indexing.AT_ONCE, indexing.MOST_TEXT = 2_000, 10**8
    while index_due():
        pass
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as a database that has been up for a while has done by itself
    return Crowd(signed_in(person), _pages(tag, own[threads // 2]))


def _said(thread: ChatThread, number: int, threads: int, chance: random.Random) -> list[ChatMessage]:
    rows: list[ChatMessage] = []
    for place in range(MESSAGES_EACH):
        words = [f"{chance.choice(WORDS)}{chance.randrange(200)}" for _ in range(WORDS_EACH)] + ["common"]
        if number % SOMETIMES_OF == SOMETIMES_OF // 2 and place == 1:
            words.append("sometimes")
        if number == threads - 1 and place == 1:
            words.append("lighthouse at night")
        role = ChatMessage.Role.ASSISTANT if place % 2 else ChatMessage.Role.USER
        at = thread.last_message_at + timedelta(seconds=place)
        text = " ".join(words)
        above = rows[-1] if rows else None
        rows.append(ChatMessage(thread=thread, parent=above, role=role, content=text, created_at=at))
    return rows


def _pages(tag: Tag, middle: ChatThread) -> dict[str, str]:
    threads, search = reverse("llm_chat:threads"), reverse("llm_chat:search")
    at = int(middle.last_message_at.timestamp() * 1_000_000) << 10
    return {
        "chat": reverse("llm_chat:home"),
        "list of conversations": threads,
        "list, archived ones": f"{threads}?archived",
        "list, one tag": f"{threads}?tag={tag.id}",
        "search, a word in every message": f"{search}?q=common",
        "search, the same from the middle on": f"{search}?q=common&before={at}",
        "search, two letters": f"{search}?q=co",
        "search, a word in one conversation of 4": f"{search}?q=sometimes",
        "search, a word in the oldest one alone": f"{search}?q=lighthouse",
        "search, a phrase": f"{search}?q=%22lighthouse+at+night%22",
        "search, a common word and a rare one": f"{search}?q=common+lighth",
        "search, nothing found": f"{search}?q=nowhere",
    }
