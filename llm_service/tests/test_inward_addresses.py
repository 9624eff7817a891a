"""No spelling of an address of this machine is reached, as a model's base URL or as an alert's webhook.

Through the forms, and past them: a row that is there already is guarded by the request itself.
"""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from lib.tests.inward import INWARD
from llm_service import alerting, catalogue, errors, team_models
from llm_service import client as models
from llm_service.actions import providers
from llm_service.actions.providers import Details
from llm_service.models import Alert, AlertEvent, LLMCallLog, Provider
from llm_service.tests.conftest import Logs
from teams.tests.factories import team_of

HELLO = [{"role": "user", "content": "hello"}]


@pytest.fixture
def here() -> Iterator[tuple[int, list[str]]]:
    """A listener on this machine, and who reached it."""
    reached: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            reached.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_GET = _answer

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port, reached
    server.shutdown()
    thread.join(5)
    server.server_close()


def spelled(port: int) -> list[str]:
    return [url.format(port=port) for url in INWARD]


def test_the_corpus_is_as_large_as_it_claims_to_be() -> None:
    assert len(set(INWARD)) >= 60


@pytest.mark.django_db(transaction=True)
def test_a_webhook_is_refused_by_its_form_or_never_delivered(
    client: Client, alice: User, here: tuple[int, list[str]]
) -> None:
    port, reached = here
    team = team_of(alice)
    client.force_login(alice)
    page = reverse("money:alerts", args=[team.pk])
    fields = {"kind": "errors", "threshold": "10", "minutes": "15", "least_calls": "20", "by_mail": "on"}

    for url in spelled(port):
        answer = client.post(page, {**fields, "webhook_url": url})
        assert answer.status_code in (200, 302), url
    for alert in Alert.objects.all():
        event = AlertEvent.objects.create(alert=alert, sentence="Too much fails.")
        with pytest.raises(alerting.NotDelivered):
            alerting.deliver(event.pk)

    assert reached == []


@pytest.mark.django_db(transaction=True)
def test_a_webhook_that_is_stored_already_is_not_delivered_inward_and_says_why(here: tuple[int, list[str]]) -> None:
    port, reached = here

    for url in spelled(port):
        alert = Alert.objects.create(kind="errors", threshold=10, webhook_url=url[:500], last_value=12)
        event = AlertEvent.objects.create(alert=alert, sentence="Too much fails.")
        with pytest.raises(alerting.NotDelivered):
            alerting.deliver(event.pk)
        event.refresh_from_db()
        assert event.webhook_error, url

    assert reached == []


@pytest.mark.django_db(transaction=True)
def test_a_base_url_is_refused_by_its_form_or_never_called(
    client: Client, alice: User, here: tuple[int, list[str]], logs: Logs
) -> None:
    port, reached = here
    team = team_of(alice)
    client.force_login(alice)
    page = f"/teams/{team.pk}/providers/new/"

    for url in spelled(port):
        fields = {"vendor": "hosted_vllm", "name": "Inward", "base_url": url, "offered": "m", "key": "k"}
        assert client.post(page, fields).status_code in (200, 302), url
        team_models.forget()
        for provider in Provider.objects.filter(team=team):
            with pytest.raises(errors.LLMError):
                models.completion(model=catalogue.offered_by(provider)[0], messages=HELLO, team=team, retries=0)
            provider.delete()

    assert reached == []
    assert not LLMCallLog.objects.filter(status="success").exists()


@pytest.mark.django_db(transaction=True)
def test_a_base_url_that_is_stored_already_is_not_called_inward(
    alice: User, here: tuple[int, list[str]], logs: Logs
) -> None:
    port, reached = here
    team = team_of(alice)
    details = Details(vendor="hosted_vllm", name="V", base_url="https://a.example", key="sk-1234567890", offered=("m",))
    provider = providers.connect(by=alice, team=team, details=details)

    for url in spelled(port):
        Provider.objects.filter(pk=provider.pk).update(base_url=url[:500])
        team_models.forget()
        with pytest.raises(errors.LLMError):
            models.completion(model=catalogue.offered_by(provider)[0], messages=HELLO, team=team, retries=0)

    assert reached == []
