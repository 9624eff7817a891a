"""Each filter of the call log walks along an index, and so does what the page of one call asks for."""

from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.http import QueryDict

from accounts.models import User
from llm_service.models import LLMCallLog
from llm_service.queries import calls
from llm_service.queries.call_filters import CallFilter

# An empty table of Postgres is always read whole.
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "llm_call_newest"),
        ("period=week", "llm_call_newest"),
        ("status=error", "llm_call_failed"),
        ("model=openai/gpt-4o", "llm_call_of_model"),
        ("provider=openai", "llm_call_of_provider"),
        ("feature=title", "llm_call_of_feature"),
        ("error=rate_limited", "llm_call_error"),
        ("user=7", "llm_call_of_person"),
        (f"team={UUID(int=1)}", "llm_call_of_team"),
        (f"bot={UUID(int=2)}", "llm_call_of_bot"),
        ("sort=cost", "llm_call_cost"),
        ("sort=duration", "llm_call_duration"),
    ],
)
def test_a_filter_is_read_off_its_index_in_order(query: str, index: str) -> None:
    found = calls.that_fit(LLMCallLog.objects.all(), CallFilter.read(QueryDict(query)))

    assert f"INDEX {index}" in found.defer(*calls.HEAVY)[:51].explain()


def test_a_bot_is_looked_up_where_hardly_any_call_is_of_one() -> None:
    LLMCallLog.objects.bulk_create(LLMCallLog(model="openai/gpt-4o", status="success") for _ in range(300))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as PRAGMA optimize does once tables have grown
    wanted = CallFilter.read(QueryDict(f"bot={uuid4()}"))

    plan = calls.that_fit(LLMCallLog.objects.all(), wanted).defer(*calls.HEAVY)[:51].explain()

    assert "INDEX llm_call_of_bot" in plan


@pytest.mark.parametrize("query", ["cost_from=0.5", "cost_to=0.001", "took_from=60", "took_to=1"])
def test_few_calls_in_a_range_are_picked_out_by_its_index(query: str) -> None:
    wanted = CallFilter.read(QueryDict(query))

    plan = wanted.narrow(LLMCallLog.objects.all()).order_by().values("pk").explain()
    assert f"INDEX llm_call_{'cost' if 'cost' in query else 'duration'}" in plan


def test_an_id_somebody_holds_is_looked_up_in_the_indexes_of_all_ids() -> None:
    plan = CallFilter.read(QueryDict(f"id={uuid4()}")).narrow(LLMCallLog.objects.all()).values("pk").explain()

    assert "MULTI-INDEX OR" in plan
    assert "SCAN" not in plan


def test_the_calls_that_asked_one_again_are_looked_up(alice: User) -> None:
    plan = calls.calls_open_to(alice).filter(replay_of=uuid4()).explain()

    assert "llm_call_replay" in plan
