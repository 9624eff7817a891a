"""What people look at in the call log, told to the audit log."""

from uuid import UUID

from accounts import audit
from accounts.models import User
from lib.write_lock import writing
from llm_service import audit_actions
from llm_service.models import CallBody, LLMCallLog


def open_words(*, by: User, call: LLMCallLog) -> CallBody | None:
    """Return what was said in a call, having told the audit log who reads it. The door has checked that they may."""
    with writing():
        audit.record(
            action=audit_actions.CALL_READ,
            by=by,
            team_id=call.team_id,
            target=call,
            target_label=call.model,
            after={"call": str(call.pk)},
        )
    return CallBody.objects.filter(call=call).first()


def note_words_listed(*, by: User, team_id: UUID | None, filters: str) -> None:
    """Tell the audit log that somebody sees, or searches, the words of many calls at once."""
    with writing():
        audit.record(
            action=audit_actions.CALLS_SEARCHED, by=by, team_id=team_id, after={"filters": filters or "all calls"}
        )


def note_download(*, by: User, team_id: UUID | None, format_: str, filters: str) -> None:
    with writing():
        audit.record(
            action=audit_actions.CALLS_DOWNLOADED,
            by=by,
            team_id=team_id,
            after={"format": format_, "filters": filters or "all calls"},
        )
