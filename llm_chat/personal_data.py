"""A person's conversations, one file each."""

from collections.abc import Iterator

from django.db.models import Count

from accounts import personal_data
from accounts.models import User
from accounts.personal_data import Part, oldest_first
from llm_chat.models import ChatMessage, ChatThread

SAID = (
    "id",
    "parent_id",
    "role",
    "content",
    "reasoning",
    "tools",
    "attachments",
    "status",
    "model",
    "usage",
    "created_at",
)


@personal_data.describer
def how_much(user: User) -> list[Part]:
    found = ChatThread.objects.filter(user=user, deleted_at=None).aggregate(
        threads=Count("pk", distinct=True), messages=Count("messages")
    )
    if not found["threads"]:
        return []
    return [Part(f"{_count(found['threads'], 'conversation')} with {_count(found['messages'], 'message')}")]


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


@personal_data.exporter("llm_chat.ChatThread", "llm_chat.ChatMessage")
def conversations(user: User) -> Iterator[tuple[str, object]]:
    for thread in oldest_first(ChatThread.objects.filter(user=user, deleted_at=None).select_related("team")):
        yield (
            f"threads/{thread.id}.json",
            {
                "id": thread.id,
                "title": thread.title,
                "team": thread.team.name,
                "model": thread.model,
                "created_at": thread.created_at,
                "last_message_at": thread.last_message_at,
                "pinned_at": thread.pinned_at,
                "archived_at": thread.archived_at,
                "shown_up_to": thread.leaf_id,
                "messages": _messages(thread),
            },
        )


def _messages(thread: ChatThread) -> Iterator[dict[str, object]]:
    for row in oldest_first(ChatMessage.objects.filter(thread=thread)):
        yield {name: getattr(row, name) for name in SAID}


personal_data.leave_out("llm_chat.Turn", why="How far a reply has got; what was said in it is in its messages.")
