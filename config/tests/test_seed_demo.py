import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from accounts.models import User
from llm_chat.models import ChatMessage, ChatThread
from llm_service.models import LLMCallLog, UsageRollup
from teams.models import Team

pytestmark = pytest.mark.django_db


def test_first_superuser_gets_threads_that_read_from_start_to_end() -> None:
    User.objects.create_superuser("root@example.com", "root-password-1")

    call_command("seed_demo", calls=0)

    for thread in ChatThread.objects.filter(user__email="root@example.com"):
        path: list[str] = []
        message = thread.leaf
        while message:
            path.insert(0, message.role)
            message = message.parent
        assert path == ["user", "assistant"] * (thread.messages.count() // 2)
    assert ChatThread.objects.count() == 2


def test_second_run_changes_nothing(alice: User) -> None:
    call_command("seed_demo", email=alice.email, calls=0)
    ChatThread.objects.update(title="Renamed")

    call_command("seed_demo", email=alice.email, calls=0)

    assert set(ChatThread.objects.values_list("title", flat=True)) == {"Renamed"}
    assert ChatMessage.objects.count() == 6


def test_without_anybody_it_says_what_to_do() -> None:
    with pytest.raises(CommandError, match="nobody"):
        call_command("seed_demo", calls=0)


def test_seeded_thread_opens_in_the_page(alice: User, client: Client) -> None:
    call_command("seed_demo", email=alice.email, calls=0)
    client.force_login(alice)

    assert client.get(f"/chat/{ChatThread.objects.first().pk}/").status_code == 200  # type: ignore[union-attr]


def test_a_month_of_calls_is_made_once_in_a_team_of_their_own(alice: User) -> None:
    for _run in range(2):
        call_command("seed_demo", email=alice.email, calls=40)

    assert LLMCallLog.objects.count() == 40
    assert Team.objects.filter(name="Lighthouse").count() == 1
    assert sum(UsageRollup.objects.filter(period="d", team="", dimension="all").values_list("calls", flat=True)) == 40
