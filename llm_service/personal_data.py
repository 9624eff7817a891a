"""A deleted person's calls keep counting (model, tokens, cost, status); what was said in them goes."""

from accounts import personal_data
from accounts.models import User
from llm_service.models import CallAttempt, CallBody, LLMCallLog


@personal_data.eraser
def erase_what_was_said(user: User) -> None:
    calls = LLMCallLog.objects.filter(user=user)
    CallBody.objects.filter(call__in=calls).delete()
    CallAttempt.objects.filter(call__in=calls).update(error_message="")
    calls.update(prompt_preview="", response_preview="", error_message="", metadata={})
