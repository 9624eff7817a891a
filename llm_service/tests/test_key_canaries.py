"""A provider's key and an alert's signing key stand on no page, in no file, in no log line and in no column."""

import logging
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import User
from llm_service import alerting, catalogue, errors, team_models
from llm_service import client as models
from llm_service.actions import providers
from llm_service.actions.providers import Details
from llm_service.fakes import FakeServer
from llm_service.models import Alert, LLMCallLog
from llm_service.tests.conftest import Logs
from teams.tests.factories import team_of

PLAYGROUND = "/operations/playground/"
RUN, SAVE = f"{PLAYGROUND}run/", f"{PLAYGROUND}save/"
KEY = "sk-canary-9f27c1e4b86d40a3"


@pytest.mark.django_db(transaction=True)
def test_keys_stand_nowhere_after_they_were_used(
    alice: User, vendor: FakeServer, logs: Logs, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    caplog.set_level(logging.DEBUG)
    team = team_of(alice)
    team_models.forget()
    details = Details(
        vendor="hosted_vllm", name="Ours", base_url=vendor.url, key=KEY, offered=("fake-5t", "fake-status401")
    )
    provider = providers.connect(by=alice, team=team, details=details)
    alert = Alert.objects.create(team=team, kind="errors", threshold=10, webhook_url="https://hooks.example.com/x")
    secret = alerting.signing_key(alert)
    works, fails = catalogue.offered_by(provider)
    hello = [{"role": "user", "content": "hello"}]

    models.completion(model=works, messages=hello, team=team, user=alice)
    with pytest.raises(errors.LLMError):
        models.completion(model=fails, messages=hello, team=team, user=alice, retries=0)
    kept = _plays(alice, team.pk, (works, fails))
    assert any(KEY in str(seen.headers) for seen in vendor.seen)
    assert len(logs()) == 4

    staff = User.objects.create_superuser("root@example.com", "root-password-1")
    for person in (alice, staff):
        pages = _pages(person, [str(log.pk) for log in LLMCallLog.objects.all()], team.pk, provider.pk)
        pages |= _pages_of_the_playground(person, team.pk, kept)
        assert not [
            address for address, text in pages.items() if KEY in text or (secret in text and "alerts" not in address)
        ]
        assert len(pages) >= (22 if person == alice else 14), pages.keys()
    assert KEY not in caplog.text
    assert secret not in caplog.text
    assert not list(_columns_with(KEY))
    assert not list(_columns_with(secret))


def _pages(person: User, calls: list[str], team: object, provider: object) -> dict[str, str]:
    browser = Client()
    browser.force_login(person)
    addresses = [
        "/operations/",
        "/operations/calls/?words=1",
        "/operations/calls/calls.csv?words=1",
        "/operations/calls/calls.jsonl?words=1",
        *(f"/operations/calls/{call}/" for call in calls),
        f"/teams/{team}/providers/",
        f"/teams/{team}/providers/{provider}/",
        reverse("money:alerts", args=[team]),
        f"/teams/{team}/audit/",
        f"/teams/{team}/audit/audit-log.csv",
        f"/admin/llm_service/provider/{provider}/change/",
    ]
    found = {}
    for address in addresses:
        answer = browser.get(address, secure=True)
        if answer.status_code == 200:
            found[address] = async_to_sync(_read)(answer) if answer.streaming else answer.content.decode()
    return found


def _plays(person: User, team: object, asked: tuple[str, ...]) -> str:
    """Ask models in the playground and keep it; return the id of what is kept."""
    browser, kept = Client(), str(uuid4())
    browser.force_login(person)
    for model in asked:
        content = {"messages": [{"role": "user", "text": "hello"}], "models": [model]}
        answer: Any = browser.post(RUN, {"team": team, "model": model, "content": content}, "application/json")
        said = async_to_sync(_read)(answer)
        assert '"ended"' in said
        assert KEY not in said
        told = browser.post(SAVE, {"id": kept, "team": team, "name": model, "content": content}, "application/json")
        assert told.status_code == 200 and KEY not in told.text
    return kept


def _pages_of_the_playground(person: User, team: object, kept: str) -> dict[str, str]:
    browser = Client()
    browser.force_login(person)
    calls = LLMCallLog.objects.filter(feature="playground").values_list("pk", flat=True)
    addresses = [PLAYGROUND, f"{PLAYGROUND}?team={team}", f"{PLAYGROUND}{kept}/"]
    addresses += [f"{PLAYGROUND}?call={call}" for call in LLMCallLog.objects.values_list("pk", flat=True)]
    addresses += [f"{PLAYGROUND}calls/{call}/" for call in calls]
    answers = {address: browser.get(address) for address in addresses}
    return {address: answer.text for address, answer in answers.items() if answer.status_code == 200}


async def _read(answer: Any) -> str:
    return b"".join([piece async for piece in answer]).decode()


def _columns_with(text: str) -> list[str]:
    return [
        f"{model.__name__}.{name}"
        for model in apps.get_models()
        for row in model._default_manager.values()
        for name, value in row.items()
        if text in str(value)
    ]
