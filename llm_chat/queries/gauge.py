"""How full the context of a thread is, and what the thread has cost. Asked for by its page, never on a turn's way."""

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from accounts.queries import settings_for
from llm_chat import context
from llm_chat.models import ChatThread, Summary
from llm_chat.queries.history import length_of, window_of
from llm_chat.queries.ids import from_row
from llm_service import catalogue
from llm_service.money import spending


def context_value(thread: ChatThread, by: User, model: str) -> dict[str, Any]:
    """Return what the next message of the shown path would take along, and what it would not."""
    personal = "" if thread.bot_id else settings_for(by).custom_instructions
    own = "" if thread.bot_id else thread.instructions
    budget = context.budget_of(model)
    room = context.left_for_messages(model, personal, own)
    window = window_of(thread.leaf_id, budget=room, has_summary=thread.summary_up_to is not None)
    covered = window.summary if window else None
    summarised = covered.summary_messages or 0 if covered else 0
    sent = len(window.rows) if window else 0
    missing = length_of(thread.leaf_id) - sent - summarised if window and thread.leaf_id and not window.is_whole else 0
    now = timezone.now()
    return {
        "model": model,
        "used": (window.tokens if window else 0) + budget - room,
        "budget": budget,
        "window": catalogue.describe(model).abilities.context_window,
        "sent": sent,
        "summarised": summarised,
        "left_out": max(0, missing),
        "starts_at": str(from_row(window.rows[-1].id)) if window else None,
        "summary": _summary(Summary.objects.filter(up_to=covered.id).first()) if covered else None,
        "thread": asdict(spending.of_thread(by.pk, thread.pk)),
        "month": {"name": date_format(now, "F"), **asdict(spending.of_month(by.pk, now))},
    }


def _summary(row: Summary | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "up_to": str(row.up_to_id),
        "text": row.text,
        "messages": row.messages,
        "model": catalogue.describe(row.model).label,
        "created_at": row.created_at.isoformat(),
    }
