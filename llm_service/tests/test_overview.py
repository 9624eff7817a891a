"""The page an admin opens first, and the charts on it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from llm_service import call_logs, charts
from llm_service.models import Alert, AlertEvent, LLMCallLog, LostCalls
from llm_service.money import rollups
from teams.actions import personal_team
from teams.models import Team

PAGE = "/operations/"


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def count_calls(person: User, number: int, *, days_ago: float = 0, **fields: Any) -> None:
    known = {"model": "openai/gpt-4o", "status": "success", "cost_usd": Decimal("0.5"), "duration_ms": 2000}
    at = timezone.now() - timedelta(days=days_ago)
    for _number in range(number):
        LLMCallLog.objects.create(
            **{"user": person, "team": personal_team(person), "created_at": at, "total_tokens": 10} | known | fields
        )
    for _day in rollups.rebuild():
        pass


def test_sums_are_compared_with_the_time_before(alice: User) -> None:
    count_calls(alice, 2, days_ago=10)
    count_calls(alice, 3, days_ago=1)

    page = signed_in(alice).get(f"{PAGE}?period=week", secure=True).text

    assert "$1.50" in page
    assert "+50 %" in page


def test_a_person_sees_the_sums_of_their_team_alone(alice: User, bob: User) -> None:
    count_calls(alice, 1)
    count_calls(bob, 8)

    assert "$0.50" in signed_in(alice).get(PAGE, secure=True).text
    assert signed_in(alice).get(f"{PAGE}?team={personal_team(bob).pk}", secure=True).status_code == 404


def test_staff_see_the_sums_of_all_and_of_each_team(alice: User, bob: User) -> None:
    count_calls(alice, 1)
    count_calls(bob, 3)
    client = signed_in(User.objects.create_superuser("root@example.com", "root-password-1"))

    assert "$2.00" in client.get(PAGE, secure=True).text
    assert "$1.50" in client.get(f"{PAGE}?team={personal_team(bob).pk}", secure=True).text


def test_staff_alone_are_told_of_calls_that_could_not_be_stored(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    LostCalls.objects.create(since=timezone.now(), calls=1_204)
    LostCalls.objects.create(since=timezone.now(), until=timezone.now() - timedelta(days=40), calls=5)
    monkeypatch.setattr(call_logs, "late", lambda: 1)
    client = signed_in(User.objects.create_superuser("root@example.com", "root-password-1"))

    page = client.get(PAGE, secure=True).text

    assert "1,204 calls of this time could not be stored" in page
    assert "1 call of this server process waits to be stored" in page
    assert "could not be stored" not in signed_in(alice).get(PAGE, secure=True).text


@pytest.mark.parametrize("split", ["model", "provider", "user", "team", "bot", "feature", "nonsense"])
@pytest.mark.parametrize("period", ["day", "week", "month", "quarter", "nonsense"])
def test_every_split_of_every_period_is_drawn(alice: User, split: str, period: str) -> None:
    count_calls(alice, 1, feature="chat", provider="openai")
    client = signed_in(User.objects.create_superuser("root@example.com", "root-password-1"))

    page = client.get(f"{PAGE}?period={period}&by={split}", secure=True).text

    assert page.count("<svg viewBox=") == 6
    assert "chart-colour-0" in page


def test_who_stands_out_leads_to_the_calls_of_it(alice: User) -> None:
    count_calls(alice, 2, status="error", error_type="rate_limited")

    page = signed_in(alice).get(PAGE, secure=True).text

    assert f"user={alice.pk}&amp;since=" in page
    assert "error=rate_limited&amp;since=" in page


def test_what_is_amiss_right_now_stands_above_the_figures(alice: User, bob: User) -> None:
    for person, sentence in ((alice, "Half of the calls fail."), (bob, "Not for you.")):
        alert = Alert.objects.create(team=personal_team(person), threshold=5, is_firing=True)
        AlertEvent.objects.create(alert=alert, team=personal_team(person), sentence=sentence)
    over = Alert.objects.create(team=personal_team(alice), threshold=5)
    AlertEvent.objects.create(alert=over, team=personal_team(alice), sentence="Long over.")

    page = signed_in(alice).get(PAGE, secure=True).text

    assert "Half of the calls fail." in page
    assert "Not for you." not in page
    assert "Long over." not in page


def test_of_an_alert_that_went_off_often_the_newest_word_stands_above(alice: User) -> None:
    often, once = (Alert.objects.create(team=personal_team(alice), threshold=5, is_firing=True) for _ in range(2))
    AlertEvent.objects.bulk_create(
        AlertEvent(alert=often, team=often.team, sentence=f"For the {number}th time.") for number in range(250)
    )
    AlertEvent.objects.create(alert=once, team=personal_team(alice), sentence="For the first time.")

    page = signed_in(alice).get(PAGE, secure=True).text

    assert "For the 249th time." in page
    assert "For the 248th time." not in page
    assert "For the first time." in page


def test_a_site_without_calls_says_what_will_stand_here(alice: User) -> None:
    assert "Nothing to sum up yet" in signed_in(alice).get(PAGE, secure=True).text


def test_the_number_of_queries_depends_on_nothing(alice: User, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        count_calls(alice, 1, model=f"openai/m-{number}", team=Team.objects.create(name=str(number)))
    client = signed_in(User.objects.create_superuser("root@example.com", "root-password-1"))
    client.get("/accounts/settings/", secure=True)

    with django_assert_max_num_queries(25):
        client.get(f"{PAGE}?by=team", secure=True)


# --- Charts -----------------------------------------------------------------------------------------------------------


def test_bars_stand_upon_each_other_below_a_round_number() -> None:
    chart = charts.stacked(
        "n", "N", ["a", "b"], [("x", [30.0, 0.0]), ("y", [45.0, None])], lambda number: f"{number:g}", time="t"
    )

    assert chart.ticks == [(0.0, "0"), (25.0, "20"), (50.0, "40"), (75.0, "60"), (100.0, "80")]
    assert [bar.path for bar in chart.bars] == [
        "M3.0 240.00h494.0v-90.00h-494.0z",
        "M3.0 150.00h494.0v-135.00h-494.0z",
    ]
    assert chart.rows == [["a", "30", "45"], ["b", "0", "–"]]  # noqa: RUF001  a dash for what is not there


def test_a_line_breaks_where_nothing_was_measured_and_shows_a_lone_point() -> None:
    chart = charts.lined(
        "n", "N", ["a", "b", "c", "d"], [("p", [4.0, 4.0, None, 2.0])], lambda number: f"{number:g}", time="t"
    )

    assert [line.path for line in chart.lines] == ["M125.0 0.0L375.0 0.0M875.0 120.0h75.0"]


def test_what_somebody_called_themselves_is_text_in_the_table_of_numbers() -> None:
    chart = charts.stacked("n", "N", ["<b>"], [("x", [1.0])], lambda number: f"<i>{number}", time="t")

    assert chart.body == "<tr><th scope=row>&lt;b&gt;</th><td class=number>&lt;i&gt;1.0</td></tr>"
