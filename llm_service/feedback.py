"""What people think of replies, kept beside the calls that made them. Access is checked by the room that calls."""

from typing import Literal
from uuid import UUID

from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field

from accounts.models import User
from llm_service.models import Feedback, LLMCallLog

MOST_OF_A_TEXT = 2_000

Rating = Literal["up", "down"]
Reason = Literal["", "wrong", "unhelpful", "not_asked", "unsafe", "too_long", "other"]


class Opinion(BaseModel):
    """What is said of a reply; without a rating nothing is, and what was said before is taken back."""

    model_config = ConfigDict(extra="forbid")

    rating: Rating | None
    reason: Reason = ""
    text: str = Field(default="", max_length=MOST_OF_A_TEXT)


NONE = Opinion(rating=None)


def give(
    *, by: User, opinion: Opinion, message_id: UUID, thread_id: UUID, turn_id: UUID | None, team_id: UUID, model: str
) -> None:
    """Store what a person thinks of a reply in place of what they thought before. The caller holds a transaction."""
    mine = Feedback.objects.filter(user=by, message_id=message_id)
    if opinion.rating is None:
        mine.delete()
        return
    calls = LLMCallLog.objects.filter(message_id=message_id, feature="chat").order_by("-created_at")
    said = {
        "rating": opinion.rating,
        "reason": opinion.reason,
        "text": opinion.text.replace("\x00", "").strip(),
        "call_id": calls.values_list("id", flat=True).first(),
        "updated_at": timezone.now(),
    }
    about = {"thread_id": thread_id, "turn_id": turn_id, "team_id": team_id, "model": model}
    Feedback.objects.update_or_create(user=by, message_id=message_id, defaults=said, create_defaults=said | about)


def given(by: User, message_id: UUID) -> Opinion:
    """Return what a person thinks of a reply."""
    row = Feedback.objects.filter(user=by, message_id=message_id).first()
    return Opinion.model_validate({name: getattr(row, name) for name in Opinion.model_fields}) if row else NONE


def forget_thread(thread_id: UUID) -> None:
    """Erase what was said about a thread nothing of which may stay."""
    Feedback.objects.filter(thread_id=thread_id).delete()
