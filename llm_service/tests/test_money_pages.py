"""The pages of budgets, limits and alerts, what a person sees of theirs, and the prices in the admin."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from llm_service.abilities import abilities_of
from llm_service.models import Alert, Budget, BudgetPeriod, ModelPrice
from llm_service.money import importing, known, prices, windows
from llm_service.parts import CallUsage
from teams.tests.factories import team_of

pytestmark = pytest.mark.django_db

FIELDS = {"limit": "10", "measure": "usd", "window": "month", "scope": "all", "zone": "UTC", "alert_at": "80"}
FIELDS |= {"is_hard": "on", "is_active": "on"}


def test_an_admin_sets_changes_and_removes_a_budget(client: Client, alice: User):
    team = team_of(alice)
    client.force_login(alice)
    page = reverse("money:limits", args=[team.pk])

    assert client.post(page, FIELDS).status_code == 302
    [budget] = Budget.objects.all()
    assert (budget.team, budget.limit, budget.is_hard) == (team, Decimal(10), True)
    shown = client.get(page).content.decode()
    assert "$0.00 of $10.00" in shown

    change = reverse("money:limit", args=[team.pk, budget.pk])
    assert 'value="10"' in client.get(change).content.decode()
    client.post(change, FIELDS | {"limit": "12.5"})
    budget.refresh_from_db()
    assert budget.limit == Decimal("12.5")

    client.post(reverse("money:remove_limit", args=[team.pk, budget.pk]))
    assert not Budget.objects.exists()
    assert list(AuditEntry.objects.filter(team_id=team.pk).order_by("pk").values_list("action", flat=True))[-3:] == [
        "budget.set",
        "budget.set",
        "budget.removed",
    ]


def test_a_budget_that_counts_something_else_now_begins_anew(client: Client, alice: User):
    team = team_of(alice)
    budget = Budget.objects.create(team=team, limit=10)
    start = windows.start_of("month", "UTC", timezone.now())
    BudgetPeriod.objects.create(budget=budget, starts_at=start, spent=Decimal(9))
    client.force_login(alice)
    change = reverse("money:limit", args=[team.pk, budget.pk])

    client.post(change, FIELDS | {"limit": "20"})
    assert BudgetPeriod.objects.get().spent == 9
    client.post(change, FIELDS | {"measure": "tokens"})
    assert not BudgetPeriod.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"limit": "0"}, "Give a number above 0."),
        ({"scope": "user"}, "Say which one."),
        ({"scope": "model"}, "Say which one."),
        ({"zone": "Mars/North"}, "Mars/North"),
        ({"scope": "each_team"}, "each_team"),
    ],
)
def test_a_budget_that_makes_no_sense_is_refused(client: Client, alice: User, wrong: dict[str, str], said: str):
    team = team_of(alice)
    client.force_login(alice)

    answer = client.post(reverse("money:limits", args=[team.pk]), FIELDS | wrong)
    assert said in answer.content.decode()
    assert not Budget.objects.exists()


def test_nobody_is_given_a_budget_in_a_team_they_are_not_in(client: Client, alice: User, bob: User):
    team = team_of(alice)
    client.force_login(alice)

    client.post(reverse("money:limits", args=[team.pk]), FIELDS | {"scope": "user", "user": str(bob.pk)})
    assert not Budget.objects.exists()


def test_a_budget_of_another_team_is_not_there(client: Client, alice: User, bob: User):
    budget = Budget.objects.create(team=team_of(bob), limit=1)
    mine = team_of(alice)
    client.force_login(alice)

    assert client.get(reverse("money:limit", args=[mine.pk, budget.pk])).status_code == 404
    assert client.post(reverse("money:remove_limit", args=[mine.pk, budget.pk])).status_code == 404
    assert Budget.objects.exists()


def test_a_person_sees_what_is_left_of_their_budgets_and_not_of_others(client: Client, alice: User, bob: User):
    team = team_of(alice, viewer=bob)
    now = timezone.now()
    own = Budget.objects.create(team=team, scope="each_user", limit=10)
    start = windows.start_of("month", "UTC", now)
    BudgetPeriod.objects.create(budget=own, subject=str(bob.pk), starts_at=start, spent=Decimal("1.2"))
    BudgetPeriod.objects.create(budget=own, subject=str(alice.pk), starts_at=start, spent=Decimal(9))
    Budget.objects.create(limit=777)
    client.force_login(bob)
    client.post(reverse("teams:switch", args=[team.pk]))

    page = client.get(reverse("money:usage")).content.decode()
    assert "$1.20 of $10.00" in page
    assert "777" not in page


def test_an_admin_sets_and_removes_an_alert(client: Client, alice: User):
    team = team_of(alice)
    client.force_login(alice)
    page = reverse("money:alerts", args=[team.pk])
    fields = {"kind": "errors", "threshold": "5", "minutes": "10", "least_calls": "20", "by_mail": "on"}

    assert client.post(page, fields | {"webhook_url": "https://hooks.example.com/x"}).status_code == 302
    [alert] = Alert.objects.all()
    assert "More than 5 % of the calls of 10 minutes fail." in client.get(page).content.decode()
    client.post(reverse("money:remove_alert", args=[team.pk, alert.pk]))
    assert not Alert.objects.exists()


def test_an_alert_is_changed_and_paused_and_begins_anew(client: Client, alice: User, bob: User):
    team = team_of(alice)
    client.force_login(alice)
    alert = Alert.objects.create(team=team, threshold=5, is_firing=True)
    page = reverse("money:alert", args=[team.pk, alert.pk])
    fields = {"kind": "errors", "threshold": "8", "minutes": "10", "least_calls": "20", "by_mail": "on"}

    assert "More than 5 % of the calls of 15 minutes fail." in client.get(page).text
    assert client.post(page, fields | {"is_active": "on"}).status_code == 302
    alert.refresh_from_db()
    assert (alert.threshold, alert.minutes, alert.is_active, alert.is_firing) == (Decimal(8), 10, True, False)
    client.post(page, fields)
    assert "Not in force" in client.get(reverse("money:alerts", args=[team.pk])).text

    theirs = Alert.objects.create(team=team_of(bob), threshold=5)
    assert client.get(reverse("money:alert", args=[team.pk, theirs.pk])).status_code == 404


def test_an_alert_may_not_call_into_a_private_network(client: Client, alice: User):
    team = team_of(alice)
    client.force_login(alice)
    fields = {"kind": "errors", "threshold": "5", "minutes": "10", "least_calls": "20"}

    answer = client.post(reverse("money:alerts", args=[team.pk]), fields | {"webhook_url": "http://10.0.0.7/"})
    assert "private network" in answer.content.decode()
    assert not Alert.objects.exists()


def used(model: str = "openai/gpt-4o") -> CallUsage:
    usage = CallUsage(input_tokens=1_000_000, output_tokens=0, usage_source="exact")
    known.look()
    prices.settle(usage, model=model)
    return usage


def test_an_own_price_wins_over_the_map_while_it_is_valid():
    now = timezone.now()
    ModelPrice.objects.create(model="openai/gpt-4o", input=7, output=9, valid_from=now + timedelta(hours=1))
    assert used().cost_usd == Decimal("2.5")

    ModelPrice.objects.create(
        model="openai/gpt-4o", input=1, output=9, valid_from=now - timedelta(hours=1), valid_to=now + timedelta(hours=1)
    )
    usage = used()
    assert (usage.cost_usd, usage.cost_source) == (Decimal(1), "table")


def test_an_own_price_is_what_a_model_is_said_to_cost_at_once():
    known.look()
    before = abilities_of("openai/gpt-4o").input_price
    ModelPrice.objects.create(model="openai/gpt-4o", input=1, output=9, valid_from=timezone.now() - timedelta(hours=1))
    known.look()

    assert (before, abilities_of("openai/gpt-4o").input_price) == (2.5, 1.0)


def test_a_price_for_all_models_of_a_server_counts_where_no_other_does():
    ModelPrice.objects.create(model="hosted_vllm/*", input=2, output=2, per_request=Decimal("0.5"))

    assert used("hosted_vllm/qwen").cost_usd == Decimal("2.5")


def test_two_prices_of_a_model_may_not_hold_at_once(client: Client):
    client.force_login(User.objects.create_superuser("boss@example.com", "boss-password-1"))
    add = reverse("admin:llm_service_modelprice_add")
    fields = {"model": "openai/x", "input": "1", "output": "2", "valid_from_0": "2026-01-01", "valid_from_1": "00:00"}

    assert client.post(add, fields).status_code == 302
    again = client.post(add, fields | {"valid_from_0": "2026-02-01"})
    assert "Another price of openai/x is valid from 2026-01-01 00:00 on" in again.content.decode()
    assert ModelPrice.objects.count() == 1


def test_prices_are_taken_over_once_and_a_changed_one_begins_anew():
    first = importing.import_prices()
    assert first.added > 1000
    assert importing.import_prices() == importing.Imported(added=0, ended=0, unchanged=first.added)

    ModelPrice.objects.filter(model="openai/gpt-4o").update(input=99)
    changed = importing.import_prices()
    assert (changed.added, changed.ended) == (1, 1)
    assert [row.input for row in ModelPrice.objects.filter(model="openai/gpt-4o").order_by("valid_to")][-1] != 0


def test_an_import_leaves_own_prices_alone_and_they_win():
    ModelPrice.objects.create(model="openai/gpt-4o", input=1, output=1)
    said = StringIO()

    call_command("import_prices", stdout=said)
    assert "0 unchanged" in said.getvalue()
    assert used().cost_usd == Decimal(1)


def test_a_price_that_was_taken_over_and_is_changed_becomes_our_own(client: Client):
    client.force_login(User.objects.create_superuser("boss@example.com", "boss-password-1"))
    price = ModelPrice.objects.create(model="openai/gpt-4o", input=1, output=1, origin="litellm")
    fields = {
        "model": "openai/gpt-4o",
        "input": "3",
        "output": "2",
        "valid_from_0": "2026-01-01",
        "valid_from_1": "00:00",
    }

    client.post(reverse("admin:llm_service_modelprice_change", args=[price.pk]), fields)
    price.refresh_from_db()
    assert (price.origin, price.input) == ("own", Decimal(3))
    assert used().cost_usd == Decimal(3)
