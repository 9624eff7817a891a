"""Alerts: said once when something begins and once when it is over, to those who look after it."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from llm_service import alerting
from llm_service.models import Alert, AlertEvent, Budget, BudgetPeriod, LLMCallLog
from llm_service.money import windows
from teams.tests.factories import team_of

pytestmark = pytest.mark.django_db


def calls(count: int, status: Any = "success", **fields: Any) -> None:
    LLMCallLog.objects.bulk_create(LLMCallLog(model="x/y", status=status, **fields) for _ in range(count))


def sentences() -> list[str]:
    return list(AlertEvent.objects.order_by("pk").values_list("sentence", flat=True))


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss@example.com", "boss-password-1")


def test_an_alert_is_told_once_when_it_begins_and_once_when_it_is_over(boss: User):
    Alert.objects.create(kind="errors", threshold=10, least_calls=10)
    calls(8)
    calls(2, "error")

    alerting.look()
    alerting.look()
    assert sentences() == ["20 % of the calls of the last 15 minutes failed, more than 10 %."]
    calls(90)
    alerting.look()
    alerting.look()
    assert sentences()[1:] == ["It is over: More than 10 % of the calls of 15 minutes fail."]
    assert [(message.to, "20 %" in message.body) for message in mail.outbox] == [
        (["boss@example.com"], True),
        (["boss@example.com"], False),
    ]


def test_few_calls_say_nothing(boss: User):
    Alert.objects.create(kind="errors", threshold=10, least_calls=10)
    calls(9, "error")

    alerting.look()
    assert sentences() == []


def test_what_was_stopped_or_refused_is_no_error(boss: User):
    Alert.objects.create(kind="errors", threshold=1, least_calls=5)
    calls(5)
    calls(20, "blocked")
    calls(20, "cancelled")

    alerting.look()
    assert sentences() == []


@pytest.mark.parametrize(("kind", "column"), [("latency", "duration_ms"), ("first_token", "time_to_first_token_ms")])
def test_slow_calls_are_told_by_their_slowest_twentieth(kind: str, column: str, boss: User):
    Alert.objects.create(kind=kind, threshold=1000, least_calls=20)
    calls(94, **{column: 500})
    calls(6, **{column: 3000})

    alerting.look()
    [said] = sentences()
    assert "3000 ms" in said.replace(",", "")


def test_old_calls_are_not_looked_at(boss: User):
    Alert.objects.create(kind="errors", threshold=10, least_calls=1)
    calls(20, "error", created_at=timezone.now() - timedelta(minutes=16))

    alerting.look()
    assert sentences() == []


def test_a_budget_tells_at_its_percent_once_in_each_span(boss: User):
    budget = Budget.objects.create(limit=10, alert_at=80)
    start = windows.start_of("month", "UTC", timezone.now())
    period = BudgetPeriod.objects.create(budget=budget, starts_at=start, spent=Decimal("7.9"))
    BudgetPeriod.objects.create(budget=budget, starts_at=start - timedelta(days=31), spent=Decimal(10))
    alerting.look()
    assert sentences() == []

    BudgetPeriod.objects.filter(pk=period.pk).update(spent=Decimal("8.1"))
    alerting.look()
    alerting.look()
    assert sentences() == ["81 % of a budget is used: 10 USD a month (Everything together)."]
    assert len(mail.outbox) == 1


def test_spans_that_are_over_keep_no_budget_from_telling(boss: User):
    budget = Budget.objects.create(limit=10, window="day")
    start = windows.start_of("day", "UTC", timezone.now())
    days = range(alerting.MOST_TOLD, -1, -1)
    BudgetPeriod.objects.bulk_create(
        BudgetPeriod(budget=budget, starts_at=start - timedelta(days=day), spent=Decimal(10)) for day in days
    )
    budget.alert_at = 80
    budget.save()

    alerting.look()

    assert sentences() == ["100 % of a budget is used: 10 USD a day (Everything together)."]


def test_an_alert_on_calls_at_once_sees_those_that_run(boss: User):
    budget = Budget.objects.create(limit=4, measure="parallel", window="month")
    Alert.objects.create(kind="spending", budget=budget, threshold=50)
    BudgetPeriod.objects.create(budget=budget, starts_at=windows.EVER, reserved=Decimal(3))

    alerting.look()

    assert len(sentences()) == 1
    assert sentences()[0].startswith("75 %")


def test_an_alert_of_a_team_watches_its_calls_and_goes_to_its_admins(alice: User, bob: User, boss: User):
    team = team_of(alice, viewer=bob)
    Alert.objects.create(team=team, kind="errors", threshold=10, least_calls=5)
    calls(10, "error")
    alerting.look()
    assert sentences() == []

    calls(5, "error", team=team)
    alerting.look()
    assert [message.to for message in mail.outbox] == [[alice.email]]


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A server that takes webhooks; it answers 500 while `fail` is the last part of the address."""
    got: list[tuple[dict[str, str], bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(500 if self.path == "/fail" else 204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    thread.join(5)
    server.server_close()


def event_of(url: str) -> AlertEvent:
    alert = Alert.objects.create(kind="errors", threshold=10, webhook_url=url, last_value=12)
    return AlertEvent.objects.create(alert=alert, sentence="Too much fails.")


def test_a_webhook_is_signed_so_that_its_receiver_can_tell_it_is_ours(
    receiver: tuple[str, list[tuple[dict[str, str], bytes]]], settings: Settings
):
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    url, got = receiver
    event = event_of(url)

    alerting.deliver(event.pk)
    [(headers, body)] = got
    assert json.loads(body)["sentence"] == "Too much fails."
    signed = dict(part.split("=") for part in headers["Parley-Signature"].split(","))
    key = alerting.signing_key(event.alert).encode()  # type: ignore[arg-type]
    assert hmac.new(key, f"{signed['t']}.".encode() + body, hashlib.sha256).hexdigest() == signed["v1"]


def test_a_webhook_that_says_no_is_tried_again_and_shown(
    receiver: tuple[str, list[tuple[dict[str, str], bytes]]], settings: Settings
):
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    event = event_of(f"{receiver[0]}/fail")

    with pytest.raises(alerting.NotDelivered):
        alerting.deliver(event.pk)
    event.refresh_from_db()
    assert event.webhook_error == "It answered 500."


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f.1:{port}/",
        "http://127.1:{port}/",
        "http://0:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00::1]/",
        "http://user@127.0.0.1:{port}/",
    ],
)
def test_a_webhook_never_reaches_into_a_private_network(
    url: str, receiver: tuple[str, list[tuple[dict[str, str], bytes]]]
):
    event = event_of(url.format(port=receiver[0].rpartition(":")[2]))

    with pytest.raises(alerting.NotDelivered):
        alerting.deliver(event.pk)
    assert receiver[1] == []
