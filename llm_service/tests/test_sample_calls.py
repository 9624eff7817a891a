from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from llm_service.models import CallAttempt, CallBody, LLMCallLog, UncountedCall, UsageRollup
from llm_service.queries import call_detail


def test_made_calls_are_many_kinds_of_calls_and_summed_up(db: None) -> None:
    call_command("make_calls", 600, "--days", "10", "--people", "5", "--bodies", "0.5", stdout=StringIO())

    calls = LLMCallLog.objects.all()
    assert calls.count() == 600
    assert User.objects.filter(email__endswith="@example.invalid").count() == 5
    assert set(calls.values_list("status", flat=True)) >= {"success", "error", "cancelled"}
    assert calls.values("model").distinct().count() >= 5
    assert calls.filter(created_at__gt=timezone.now()).count() == 0
    assert CallBody.objects.exists()
    assert CallAttempt.objects.filter(number=2).exists()
    assert not UncountedCall.objects.exists()
    day_sums = UsageRollup.objects.filter(period="d", team="", dimension="all")
    assert sum(day_sums.values_list("calls", flat=True)) == 600


def test_the_cost_of_a_made_call_is_what_its_tokens_and_prices_come_to(db: None) -> None:
    call_command("make_calls", 100, "--days", "2", "--people", "2", stdout=StringIO())

    for call in LLMCallLog.objects.exclude(cost_usd=None):
        worked_out = float(sum(kind.cost or 0 for kind in call_detail.kinds(call)))
        assert worked_out == pytest.approx(float(call.cost_usd or 0), abs=1e-6)
