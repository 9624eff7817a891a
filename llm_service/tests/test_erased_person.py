from django.utils import timezone

from accounts import actions
from accounts.models import User
from llm_service.models import CallAttempt, CallBody, LLMCallLog


def call_by(user: User) -> LLMCallLog:
    call = LLMCallLog.objects.create(
        user=user, model="demo/parley", status="success", input_tokens=7, prompt_preview="my secret", metadata={"a": 1}
    )
    CallBody.objects.create(call=call, request={"messages": ["my secret"]})
    CallAttempt.objects.create(call=call, number=1, started_at=timezone.now(), error_message="my secret")
    return call


def test_calls_of_a_deleted_person_still_count_but_say_nothing(alice: User) -> None:
    call = call_by(alice)

    actions.delete_account(by=alice)

    call.refresh_from_db()
    assert (call.user_id, call.input_tokens, call.prompt_preview, call.metadata) == (None, 7, "", {})
    assert not CallBody.objects.filter(call=call).exists()
    assert CallAttempt.objects.get(call=call).error_message == ""


def test_calls_of_others_are_left_as_they_are(alice: User, bob: User) -> None:
    call = call_by(bob)

    actions.delete_account(by=alice)

    call.refresh_from_db()
    assert call.prompt_preview == "my secret"
    assert CallBody.objects.filter(call=call).exists()
