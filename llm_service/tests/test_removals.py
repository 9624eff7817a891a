"""Nothing is removed unasked: a page says what goes, changes nothing, and its answer does it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from lib import vault
from llm_service import catalogue
from llm_service.models import (
    Alert,
    AlertEvent,
    Budget,
    BudgetPeriod,
    CallBody,
    Guardrail,
    Keeping,
    LLMCallLog,
    ModelRule,
    Provider,
    SavedView,
)
from llm_service.money import windows
from teams import keys
from teams.actions import personal_team
from teams.models import ApiKey, Team


@pytest.fixture
def team(alice: User) -> Team:
    return personal_team(alice)


@pytest.fixture
def page(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def test_a_budget_says_what_it_counted_and_which_alerts_go_with_it(page: Client, team: Team) -> None:
    budget = Budget.objects.create(team=team, limit=10)
    start = windows.start_of("month", "UTC", timezone.now())
    BudgetPeriod.objects.create(budget=budget, starts_at=start, spent=Decimal("8.5"))
    Alert.objects.create(team=team, kind="spending", budget=budget, threshold=50)
    address = reverse("money:remove_limit", args=[team.pk, budget.pk])

    asked = page.get(address).text
    assert "What it counted goes for good: $8.50 in the time that runs now." in asked
    assert "The alert that watches it goes with it." in asked
    assert Budget.objects.exists() and Alert.objects.exists()

    page.post(address)
    assert not Budget.objects.exists() and not Alert.objects.exists()


def test_an_alert_says_that_nobody_is_told_any_more(page: Client, team: Team) -> None:
    alert = Alert.objects.create(team=team, threshold=10, webhook_url="https://hooks.example.com/x")
    AlertEvent.objects.create(alert=alert, team=team, sentence="It is bad.")
    address = reverse("money:remove_alert", args=[team.pk, alert.pk])

    asked = page.get(address).text
    for words in (
        "Nobody is told of it any more.",
        "The key of its webhook goes",
        "What it said goes, too: one message.",
    ):
        assert words in asked
    assert Alert.objects.exists()

    page.post(address)
    assert not Alert.objects.exists()


def test_a_guardrail_says_how_many_words_go(page: Client, team: Team) -> None:
    guardrail = Guardrail.objects.create(team=team, name="Names", kind="words", words=["falcon", "/a+/"])
    address = reverse("team_models:remove_guardrail", args=[team.pk, guardrail.pk])

    asked = page.get(address).text
    assert "Remove the guardrail Names?" in asked and "Its 2 words and expressions go for good." in asked
    assert "falcon" not in asked
    assert Guardrail.objects.exists()


def test_a_provider_says_which_models_and_stand_ins_go_with_its_key(page: Client, team: Team) -> None:
    offered = [f"model-{number}" for number in range(7)]
    provider = Provider.objects.create(
        team=team, slug="cellar-abc", name="Cellar", vendor="hosted_vllm", offered=offered, locked_key=vault.lock("k")
    )
    models = catalogue.offered_by(provider)[:1]
    ModelRule.objects.create(team=team, model="openai/gpt-4o", fallbacks=models)

    asked = page.get(reverse("team_models:disconnect", args=[team.pk, provider.pk])).text
    assert "These 7 models can no longer be chosen: model-0, model-1, model-2, model-3, model-4 and 2 more." in asked
    assert "They no longer stand in for: openai/gpt-4o." in asked
    assert "Its key is erased here." in asked
    assert Provider.objects.exists()


def test_a_view_is_asked_about_and_the_filters_stay(page: Client, alice: User, bob: User, team: Team) -> None:
    view = SavedView.objects.create(team=team, user=alice, name="Failures", query="status=error", is_shared=True)
    address = reverse("operations:forget_view", args=[view.pk])

    asked = page.get(f"{address}?status=error").text
    assert "Remove the view Failures?" in asked and "It goes for everybody in" in asked
    assert 'href="/operations/calls/?status=error"' in asked
    assert SavedView.objects.exists()

    assert page.post(f"{address}?status=error").headers["location"].endswith("/calls/?status=error")
    assert not SavedView.objects.exists()
    page.force_login(bob)
    assert page.get(address).status_code == 404


def test_fewer_days_are_asked_about_where_calls_would_go(page: Client, alice: User, team: Team) -> None:
    old = timezone.now() - timedelta(days=5)
    call = LLMCallLog.objects.create(model="demo/parley", status="success", team=team, user=alice, created_at=old)
    CallBody.objects.create(call=call, request={}, response={})
    address = reverse("operations:keeping", args=[team.pk])
    wanted = {"words": "mask", "bodies_days": "3", "logs_days": "4"}

    asked = page.post(address, wanted).text
    assert "What was said in 1 call goes for good." in asked and "1 call goes for good." in asked
    assert '<input type="hidden" name="logs_days" value="4">' in asked
    assert not Keeping.objects.exists()

    assert page.post(address, wanted | {"sure": "1"}).status_code == 302
    assert Keeping.objects.get().logs_days == 4
    assert page.post(address, wanted | {"bodies_days": "30", "logs_days": ""}).status_code == 302


def test_a_key_is_asked_about_while_it_works(page: Client, alice: User, team: Team) -> None:
    key, _ = keys.create(by=alice, team=team, name="Robot", scopes=["chat"], expires_at=None)
    address = reverse("teams:revoke_key", args=[team.pk, key.pk])

    assert "Revoke the key Robot?" in page.get(address).text
    assert ApiKey.objects.get().revoked_at is None

    page.post(address)
    assert page.get(address).status_code == 404
