from datetime import timedelta

from lib import jobs
from llm_service import alerting, keeping
from llm_service.money import budgets, rollups


@jobs.job("llm_service.count_calls")
def count_calls() -> None:
    rollups.count_new()


@jobs.job("llm_service.forget_old_hours")
def forget_old_hours() -> None:
    rollups.forget_old_hours()


@jobs.job("llm_service.sweep_budgets")
def sweep_budgets() -> None:
    budgets.sweep()


@jobs.job("llm_service.forget_old_calls")
def forget_old_calls() -> None:
    keeping.forget_old()


@jobs.job("llm_service.look_at_alerts")
def look_at_alerts() -> None:
    alerting.look()


@jobs.job("llm_service.deliver_alert", attempts=6)
def deliver_alert(*, event_id: int) -> None:
    alerting.deliver(event_id)


jobs.every(timedelta(minutes=1), "llm_service.look_at_alerts")
jobs.every(timedelta(minutes=1), "llm_service.count_calls")
jobs.every(timedelta(minutes=1), "llm_service.sweep_budgets")
jobs.every(timedelta(days=1), "llm_service.forget_old_hours")
jobs.every(timedelta(hours=1), "llm_service.forget_old_calls")
