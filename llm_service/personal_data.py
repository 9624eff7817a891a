"""A person's model calls, in their own file. A deleted one's keep counting (model, tokens, cost) without words."""

from collections.abc import Iterator

from accounts import personal_data
from accounts.models import User
from accounts.personal_data import Part, oldest_first
from llm_service.models import CallAttempt, CallBody, LLMCallLog


@personal_data.describer
def what_is_left_of_calls(user: User) -> list[Part]:
    if not LLMCallLog.objects.filter(user=user).exists():
        return []
    return [
        Part("What your replies cost, by model and time, without a word of them and without your name.", stays=True)
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
