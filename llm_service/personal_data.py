"""A person's model calls, in their own file. A deleted one's keep counting (model, tokens, cost) without words."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts import personal_data
from accounts.models import User
from accounts.personal_data import Part, oldest_first
from llm_service.models import (
    Budget,
    CallAttempt,
    CallBody,
    Feedback,
    LLMCallLog,
    Playground,
    SavedView,
    UserMonthlyUsage,
)


@personal_data.describer
def what_is_left_of_calls(user: User) -> list[Part]:
    if not LLMCallLog.objects.filter(user=user).exists():
        return []
    return [
        Part(_("What your replies cost, by model and time, without a word of them and without your name."), stays=True)
    ]


@personal_data.eraser
def erase_what_was_said(user: User) -> None:
    calls = LLMCallLog.objects.filter(user=user)
    CallBody.objects.filter(call__in=calls).delete()
    CallAttempt.objects.filter(call__in=calls).update(error_message="")
    calls.update(prompt_preview="", response_preview="", error_message="", metadata={})


COUNTED = (
    *("created_at", "model", "feature", "status", "input_tokens", "output_tokens", "cost_usd", "duration_ms"),
    *("prompt_preview", "response_preview", "error_message"),
)


@personal_data.exporter("llm_service.LLMCallLog")
def calls(user: User) -> Iterator[tuple[str, object]]:
    rows = oldest_first(LLMCallLog.objects.filter(user=user))
    yield "model_calls.json", ({name: getattr(row, name) for name in COUNTED} for row in rows)


personal_data.leave_out("llm_service.Provider", why="A team's way to a vendor; that this person made it is audited.")

OPINION = ("created_at", "updated_at", "message_id", "thread_id", "model", "rating", "reason", "text")


@personal_data.exporter("llm_service.Feedback")
def feedback(user: User) -> Iterator[tuple[str, object]]:
    rows = oldest_first(Feedback.objects.filter(user=user))
    yield "feedback.json", ({name: getattr(row, name) for name in OPINION} for row in rows)


@personal_data.exporter("llm_service.UserMonthlyUsage")
def months(user: User) -> Iterator[tuple[str, object]]:
    rows = UserMonthlyUsage.objects.filter(user=user).order_by("month")
    names = ("month", "calls", "input_tokens", "output_tokens", "cost_usd")
    yield "usage_by_month.json", ({name: getattr(row, name) for name in names} for row in rows)


@personal_data.exporter("llm_service.Budget")
def budgets(user: User) -> Iterator[tuple[str, object]]:
    rows = Budget.objects.filter(user=user).order_by("created_at")
    names = ("created_at", "limit", "measure", "window", "zone", "is_hard", "is_active")
    yield "budgets.json", ({name: getattr(row, name) for name in names} for row in rows)


@personal_data.exporter("llm_service.SavedView")
def saved_views(user: User) -> Iterator[tuple[str, object]]:
    rows = SavedView.objects.filter(user=user).order_by("pk")
    fields = ("name", "query", "is_shared", "created_at")
    yield "saved_views.json", ({name: getattr(row, name) for name in fields} for row in rows)


@personal_data.exporter("llm_service.Playground")
def playgrounds(user: User) -> Iterator[tuple[str, object]]:
    rows = Playground.objects.filter(user=user).select_related("team").order_by("created_at", "pk")
    fields = ("name", "is_shared", "content", "created_at", "changed_at")
    yield "playgrounds.json", ({"team": row.team.name, **{name: getattr(row, name) for name in fields}} for row in rows)


@personal_data.eraser
def erase_own_playgrounds(user: User) -> None:
    """What was shared stays with the team, and is nobody's."""
    Playground.objects.filter(user=user, is_shared=False).delete()
