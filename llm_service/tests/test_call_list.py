"""The call log: who sees which calls, what filters keep, and pages by key."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, User
from llm_service.models import CallBody, Feedback, LLMCallLog, SavedView
from llm_service.money import rollups
from llm_service.queries import calls
from llm_service.queries.call_filters import CallFilter
from teams.actions import personal_team
from teams.models import Membership, Team
from teams.permissions import Role

LIST = "/operations/calls/"


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def call_of(person: User, team: Team | None = None, **fields: Any) -> LLMCallLog:
    known = {"model": "openai/gpt-4o", "status": "success", "user": person, "team": team or personal_team(person)}
    return LLMCallLog.objects.create(**known | fields)


def models_in(answer: Any) -> list[str]:
    return re.findall(r'class="calls-name" title="([^"]*)"', answer.text)


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_superuser("root@example.com", "root-password-1")


@pytest.fixture
def shop(alice: User, bob: User) -> Team:
    team = Team.objects.create(name="Shop")
    Membership.objects.create(team=team, user=alice, role=Role.ADMIN)
    Membership.objects.create(team=team, user=bob, role=Role.EDITOR)
    return team


def read(query: str) -> CallFilter:
    return CallFilter.read(QueryDict(query))


# --- Who sees what ----------------------------------------------------------------------------------------------------


def test_staff_see_the_calls_of_all_teams(staff: User, alice: User, bob: User) -> None:
    call_of(alice, model="a/one")
    call_of(bob, model="b/two")

    assert set(models_in(signed_in(staff).get(LIST, secure=True))) == {"a/one", "b/two"}


def test_a_person_sees_their_own_team_and_no_other(alice: User, bob: User) -> None:
    call_of(alice, model="a/one")
    call_of(bob, model="b/two")

    assert models_in(signed_in(alice).get(LIST, secure=True)) == ["a/one"]


def test_a_team_admin_sees_what_everybody_in_the_team_called(alice: User, bob: User, shop: Team) -> None:
    call_of(bob, shop, model="b/two")

    assert models_in(signed_in(alice).get(f"{LIST}?team={shop.pk}", secure=True)) == ["b/two"]


def test_a_team_is_not_there_for_editors_and_outsiders(bob: User, charlie: User, shop: Team) -> None:
    for person in (bob, charlie):
        assert signed_in(person).get(f"{LIST}?team={shop.pk}", secure=True).status_code == 404
        assert signed_in(person).get(f"{LIST}rows/?team={shop.pk}", secure=True).status_code == 404


def test_staff_without_the_permission_are_people_like_others(alice: User, bob: User) -> None:
    alice.is_staff = True
    alice.save()
    call_of(bob, model="b/two")

    assert models_in(signed_in(alice).get(LIST, secure=True)) == []


def test_words_are_shown_on_demand_and_the_audit_log_notes_it(alice: User) -> None:
    call_of(alice, prompt_preview="Where is the lighthouse?")
    client = signed_in(alice)

    assert "lighthouse" not in client.get(LIST, secure=True).text
    assert not AuditEntry.objects.exists()
    assert "lighthouse" in client.get(f"{LIST}?words=1", secure=True).text
    assert AuditEntry.objects.get().action == "calls.read"


def test_looking_for_a_text_is_noted_with_what_was_looked_for(alice: User) -> None:
    call_of(alice, model="a/one", prompt_preview="Where is the lighthouse?")
    call_of(alice, model="b/two", response_preview="At sea.")

    assert models_in(signed_in(alice).get(f"{LIST}?text=LIGHTHOUSE", secure=True)) == ["a/one"]
    assert "LIGHTHOUSE" in AuditEntry.objects.get().after["filters"]


def test_the_live_rows_show_no_words_and_look_for_none(alice: User) -> None:
    call_of(alice, prompt_preview="Where is the lighthouse?")
    client = signed_in(alice)

    assert "lighthouse" not in client.get(f"{LIST}rows/?words=1", secure=True).text
    assert len(models_in(client.get(f"{LIST}rows/?text=nowhere", secure=True))) == 1
    assert not AuditEntry.objects.exists()


# --- What filters keep ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "status=error",
        "model=b/two",
        "provider=b",
        "feature=title",
        "error=rate_limited",
        "user=bob@example.com",
        "user=BOB@example.com",
        "cost_from=0.5",
        "cost_from=0,5&cost_to=$2",
        "took_from=2.5",
        "took_from=3&took_to=3",
        "meta=release%3D7",
        "meta=release%3D7&meta=region%3Deu",
        "id=req-2",
        "bot=00000000-0000-4000-8000-000000000001",
        "id=00000000-0000-4000-8000-000000000002",
        "period=day",
        "since=2026-02-01",
        "since=2026-02-02T10:00&until=2026-02-02",
        "rating=down",
        "rating=text",
        "text=sea",
        "status=error&model=b/two&meta=release%3D7&sort=cost",
    ],
)
def test_a_filter_keeps_what_fits(alice: User, bob: User, query: str) -> None:
    now = timezone.now()
    at = now if query == "period=day" else datetime(2026, 2, 2, 12, tzinfo=UTC)
    message = uuid.uuid4()
    call_of(alice, created_at=datetime(2026, 1, 1, tzinfo=UTC), cost_usd=Decimal("0.01"), duration_ms=400)
    wanted = call_of(
        bob,
        *(personal_team(alice),),
        created_at=at,
        model="b/two",
        provider="b",
        status="error",
        feature="title",
        error_type="rate_limited",
        cost_usd=Decimal("1.5"),
        duration_ms=3000,
        metadata={"release": 7, "region": "eu"},
        request_id="req-2",
        bot_id=uuid.UUID("00000000-0000-4000-8000-000000000001"),
        turn_id=uuid.UUID("00000000-0000-4000-8000-000000000002"),
        message_id=message,
        response_preview="At sea.",
    )
    Feedback.objects.create(user=bob, message_id=message, thread_id=uuid.uuid4(), rating="down", text="No.")

    page = calls.page(LLMCallLog.objects.all(), read(query))

    assert [call.pk for call in page.rows] == [wanted.pk]
    if not read(query).looks_through:
        assert calls.totals(LLMCallLog.objects.all(), read(query)).calls == 1
    assert read(read(query).query()).query() == read(query).query()


def test_filters_that_cannot_be_read_are_named_and_not_used(alice: User) -> None:
    call_of(alice)

    answer = signed_in(alice).get(
        f"{LIST}?cost_from=much&since=never&team=&meta=broken&bot=x&status=weird%00", secure=True
    )

    assert "Left out: From, Bot, Cost from, Metadata." in answer.text
    assert len(models_in(answer)) == 1


def test_each_filter_is_a_chip_that_leads_to_the_list_without_it(alice: User) -> None:
    wanted = read("status=error&took_from=2.5&meta=a%3Db")

    assert [(chip.label, chip.value, chip.without) for chip in wanted.chips()] == [
        ("Status", "Error", "took_from=2.5&meta=a%3Db"),
        ("Took at least", "2.5 s", "status=error&meta=a%3Db"),
        ("Metadata", "a=b", "status=error&took_from=2.5"),
    ]


def test_a_key_of_metadata_is_data_and_never_a_lookup(alice: User) -> None:
    call_of(alice, metadata={"a__isnull": "x", "user": {"name": "y"}})

    assert len(calls.page(LLMCallLog.objects.all(), read("meta=a__isnull%3Dx")).rows) == 1
    assert calls.page(LLMCallLog.objects.all(), read("meta=user__name%3Dy")).rows == []


# --- Pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["newest", "cost", "duration"])
def test_pages_by_key_show_each_call_once(alice: User, sort: str) -> None:
    at = timezone.now()
    LLMCallLog.objects.bulk_create(
        LLMCallLog(
            model=str(number),
            status="success",
            created_at=at - timedelta(seconds=number // 3),
            cost_usd=Decimal(number // 4),
            duration_ms=number // 5,
        )
        for number in range(25)
    )
    wanted, seen, after = read(f"sort={sort}"), [], ""

    for _page in range(3):
        page = calls.page(LLMCallLog.objects.all(), wanted, after=after, size=10)
        seen += [call.pk for call in page.rows]
        after = page.after

    assert len(seen) == len(set(seen)) == 25
    assert after == ""
    for place, call in enumerate(LLMCallLog.objects.in_bulk(seen[1:-1]).values()):
        del place
        before, later = calls.neighbours(LLMCallLog.objects.all(), wanted, call)
        here = seen.index(call.pk)
        assert (before, later) == (seen[here - 1], seen[here + 1])


def test_a_broken_key_leads_to_the_first_page(alice: User) -> None:
    call_of(alice)

    for after in ("x", "!!!", "MjAyNg", "%00"):
        assert len(models_in(signed_in(alice).get(f"{LIST}?after={after}", secure=True))) == 1


def test_a_search_looks_through_so_many_calls_and_goes_on_when_asked(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "SEARCHED_AT_ONCE", 10)
    at = timezone.now()
    for number in range(25):
        call_of(alice, created_at=at - timedelta(minutes=number), prompt_preview="needle" if number == 22 else "hay")
    everything, wanted = LLMCallLog.objects.all(), read("text=needle")

    first = calls.page(everything, wanted)
    second = calls.page(everything, wanted, after=first.after)
    third = calls.page(everything, wanted, after=second.after)

    assert [len(page.rows) for page in (first, second, third)] == [0, 0, 1]
    assert first.searched_to
    assert (third.searched_to, third.after) == (None, "")


@pytest.mark.parametrize("few", [2, 100])
def test_a_range_is_the_same_list_however_many_calls_are_in_it(
    alice: User, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(calls, "FEW", few)
    at = timezone.now()
    made = [call_of(alice, created_at=at - timedelta(seconds=n), cost_usd=Decimal(n), duration_ms=n) for n in range(8)]

    first = calls.page(LLMCallLog.objects.all(), read("cost_from=3"), size=3)
    second = calls.page(LLMCallLog.objects.all(), read("cost_from=3"), after=first.after, size=3)

    assert [call.pk for call in first.rows + second.rows] == [call.pk for call in made[3:]]
    assert calls.neighbours(LLMCallLog.objects.all(), read("cost_from=3"), made[4]) == (made[3].pk, made[5].pk)


def test_totals_stop_counting_and_say_so(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "COUNTED", 3)
    for _number in range(5):
        call_of(alice, cost_usd=Decimal("0.5"))

    found = calls.totals(LLMCallLog.objects.all(), read("period=day"))

    assert (found.calls, found.is_all) == (3, False)
    assert "3+" in signed_in(alice).get(f"{LIST}?period=day", secure=True).text


@pytest.mark.parametrize(("query", "expected"), [("", 5), ("status=error", 4), ("user=alice@example.com", 5)])
def test_totals_of_many_calls_come_from_the_sums_where_these_know(
    alice: User, monkeypatch: pytest.MonkeyPatch, query: str, expected: int
) -> None:
    monkeypatch.setattr(calls, "COUNTED", 3)
    for number in range(5):
        call_of(alice, cost_usd=Decimal("0.5"), status="error" if number else "success")
    for _day in rollups.rebuild():
        pass

    found = calls.totals(LLMCallLog.objects.all(), read(query))

    assert (found.calls, found.is_all, found.cost_usd) == (expected, True, Decimal("0.5") * expected)


def test_the_list_asks_no_query_per_call(alice: User, django_assert_max_num_queries: Any) -> None:
    client = signed_in(alice)
    client.get("/accounts/settings/", secure=True)
    for number in range(30):
        CallBody.objects.create(call=call_of(alice, model=f"a/{number}"))

    with django_assert_max_num_queries(14):
        assert len(models_in(client.get(LIST, secure=True))) == 30


def test_the_live_rows_are_the_first_page_alone(alice: User) -> None:
    call_of(alice, model="a/one")

    answer = signed_in(alice).get(f"{LIST}rows/?status=success", secure=True)

    assert models_in(answer) == ["a/one"]
    assert "<html" not in answer.text
    assert answer["Cache-Control"] == "no-store"


# --- Saved views ------------------------------------------------------------------------------------------------------


def test_a_saved_view_is_ones_own_until_it_is_shared(alice: User, bob: User, shop: Team) -> None:
    Membership.objects.filter(user=bob).update(role=Role.ADMIN)
    client = signed_in(alice)
    query = f"status=error&team={shop.pk}"

    client.post("/operations/views/", {"name": " Failures ", "query": query}, secure=True)
    assert "Failures" not in signed_in(bob).get(f"{LIST}?team={shop.pk}", secure=True).text
    client.post("/operations/views/", {"name": "Failures", "query": query, "shared": "1"}, secure=True)

    assert "Failures" in signed_in(bob).get(f"{LIST}?team={shop.pk}", secure=True).text
    assert SavedView.objects.get().team == shop


def test_a_saved_view_is_removed_by_its_owner_alone(alice: User, bob: User) -> None:
    view = SavedView.objects.create(team=personal_team(alice), user=alice, name="Mine")
    address = f"/operations/views/{view.pk}/forget/"

    assert signed_in(bob).post(address, secure=True).status_code == 404
    assert signed_in(alice).post(address, secure=True).status_code == 302
    assert not SavedView.objects.exists()


def test_a_view_needs_a_name(alice: User) -> None:
    signed_in(alice).post("/operations/views/", {"name": "  ", "query": ""}, secure=True)

    assert not SavedView.objects.exists()
