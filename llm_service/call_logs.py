"""Writes the call logs: one thread and one bounded queue per process. Nobody who makes a call waits for it."""

import atexit
import contextlib
import logging
import os
import queue
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections, transaction
from django.utils import timezone

from lib import redaction
from lib.write_lock import writing
from llm_service import bodies, catalogue, keeping, tokens
from llm_service.models import CallAttempt, CallBody, LLMCallLog, LostCalls, UncountedCall
from llm_service.money import budgets, known
from llm_service.names import real_name
from llm_service.parts import CallUsage
from llm_service.requests import LLMRequest, ToolCall

logger = logging.getLogger(__name__)

CAPACITY = 5000
BATCH = 200
GATHER = 0.25
"""How long the first record waits for others to share its transaction, in seconds."""
KEEP_TRYING = 60.0
"""How long a batch is kept while the database is away, in seconds."""
LATE = 3.0
"""After how long calls that wait to be written are worth a word, in seconds."""
PREVIEW = 500
AttemptRow = tuple[int, str, datetime, int | None, int | None, str, str]


@dataclass(slots=True)
class Record:
    """All that is known of one ended call."""

    id: uuid.UUID
    created_at: datetime
    request: LLMRequest
    status: str
    usage: CallUsage
    error_type: str = ""
    error_message: str = ""
    http_status: int | None = None
    retry_count: int = 0
    text: str = ""
    reasoning: str = ""
    tool_calls: list[ToolCall] = field(default_factory=list)
    finish_reason: str = ""
    response_id: str = ""
    response_model: str = ""
    attempts: list[AttemptRow] = field(default_factory=list)
    drops_words: bool = False
    """Whether the team wants none of what was said kept."""

    @property
    def keeps_words(self) -> bool:
        """Whether what was said may be stored: not of a call whose metadata says that it is `temporary`."""
        return not self.drops_words and not self.request.metadata.get("temporary")


class Writer:
    def __init__(self) -> None:
        self._queue: queue.Queue[Record] = queue.Queue(CAPACITY)
        self._lock = threading.Lock()
        self._settled = threading.Condition(self._lock)
        self._unwritten = 0
        self._hurry = threading.Event()
        self._thread: threading.Thread | None = None
        self._trying_since: float | None = None
        self._counting = threading.Lock()
        self._lost_since: datetime | None = None
        self._untold = 0
        self.lost = 0
        """Rows that could be written in no form since the process began."""

    @property
    def late(self) -> int:
        """How many records wait, once the database has kept one of them waiting for a while."""
        since = self._trying_since
        return self._unwritten if since is not None and time.monotonic() - since > LATE else 0

    def put(self, record: Record) -> None:
        with self._lock:
            try:
                self._queue.put_nowait(record)
            except queue.Full:
                self._lose(1)
                logger.error("A call log was lost: %d are waiting to be written.", CAPACITY)
                return
            self._unwritten += 1
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="call-logs", daemon=True)
                self._thread.start()

    def flush(self, timeout: float) -> bool:
        """Wait until all that was put has been written or given up; False when the time is over first."""
        self._hurry.set()
        try:
            with self._settled:
                return self._settled.wait_for(lambda: not self._unwritten, timeout)
        finally:
            self._hurry.clear()

    def _run(self) -> None:
        while True:
            try:
                batch = [self._queue.get(timeout=5)]
            except queue.Empty:
                self._tell()
                connections.close_all()
                with self._lock:
                    if self._queue.empty() and not self._untold:
                        self._thread = None  # an idle process keeps no thread and no connection
                        return
                continue
            self._hurry.wait(GATHER)
            while len(batch) < BATCH:
                try:
                    batch.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            self._trying_since = time.monotonic()
            try:
                self._write(batch)
            except Exception:
                self._lose(len(batch))
                logger.exception("%d call logs were lost.", len(batch))
            finally:
                self._trying_since = None
                self._tell()
                if self._queue.empty():
                    connections.close_all()
                with self._settled:
                    self._unwritten -= len(batch)
                    self._settled.notify_all()

    def _write(self, batch: list[Record]) -> None:
        give_up_at = time.monotonic() + KEEP_TRYING
        pause = 0.2
        while True:
            try:
                write(batch)
                return
            except (OperationalError, InterfaceError) as error:
                connections.close_all()
                if time.monotonic() + pause > give_up_at:
                    raise
                logger.warning("The database does not take call logs: %s", error)
                time.sleep(pause)
                pause = min(5.0, pause * 2)
            except Exception:  # noqa: BLE001  one record that cannot be stored must not take the others with it
                connections.close_all()  # what broke may have left a transaction open
                for record in batch:
                    self._write_alone(record)
                return

    def _write_alone(self, record: Record) -> None:
        try:
            write([record])
        except Exception as error:  # noqa: BLE001  whatever is wrong with it, that there was a call is worth a row
            logger.warning("A call log is stored without its details: %s", error)
            connections.close_all()
            try:
                write_minimal(record)
            except Exception:
                self._lose(1)
                logger.exception("A call log was lost.")

    def _lose(self, count: int) -> None:
        with self._counting:
            self.lost += count
            self._untold += count
            self._lost_since = self._lost_since or timezone.now()

    def _tell(self) -> None:
        """Store how many were lost, where staff see it; the database that did not take them may take this later."""
        told, since = self._untold, self._lost_since
        if not told or since is None:
            return
        try:
            with writing():
                LostCalls.objects.create(since=since, calls=told)
        except Exception as error:  # noqa: BLE001  it is tried again
            logger.warning("That %d call logs were lost is not stored yet: %s", told, error)
            return
        with self._counting:
            self._untold -= told
            self._lost_since = timezone.now() if self._untold else None


def write(batch: list[Record]) -> None:
    known.current_for_threads()
    batch = keeping.as_asked(batch)
    logs = [row_of(record) for record in batch]
    records = list(zip(logs, batch, strict=True))
    call_bodies = [CallBody(call=log, **bodies.of(record)) for log, record in records if record.keeps_words]
    attempts = [
        CallAttempt(
            call=log,
            number=number,
            model=model[:200],
            started_at=started_at,
            duration_ms=duration,
            http_status=status,
            error_type=error_type[:100],
            error_message=bodies.clean(redaction.hide(message)) if record.keeps_words else "",
        )
        for log, record in records
        for number, model, started_at, duration, status, error_type, message in record.attempts
    ]
    with writing():
        LLMCallLog.objects.bulk_create(logs)
        CallBody.objects.bulk_create(call_bodies)
        CallAttempt.objects.bulk_create(attempts)
        UncountedCall.objects.bulk_create([UncountedCall(call=log) for log in logs])
        _book(batch)


def _book(batch: list[Record]) -> None:
    try:
        with transaction.atomic():
            budgets.book(batch)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # a row is worth more than its place in a sum
        logger.exception("What %d calls took was not booked on their budgets.", len(batch))


def write_minimal(record: Record) -> None:
    """Store that there was a call, with plain numbers only and no link to anything."""
    usage = record.usage
    with writing():
        log = LLMCallLog.objects.create(
            id=record.id,
            created_at=record.created_at,
            model=str(record.request.model)[:200],
            status=record.status,
            error_type=record.error_type[:100],
            error_message="The full log of this call could not be stored.",
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            usage_source=usage.usage_source,
            cost_usd=usage.cost_usd,
            cost_source=usage.cost_source,
            duration_ms=usage.duration_ms,
        )
        UncountedCall.objects.create(call=log)
        _book([record])


def row_of(record: Record) -> LLMCallLog:
    request, usage, metadata = record.request, record.usage, record.request.metadata
    total = None if usage.input_tokens is None else usage.input_tokens + (usage.output_tokens or 0)
    return LLMCallLog(
        id=record.id,
        created_at=record.created_at,
        user_id=request.user_id,
        team_id=request.team_id,
        request_id=request.request_id[:200],
        metadata=bodies.plain({**metadata, **({"asked_model": request.asked_model} if request.asked_model else {})}),
        feature=str(metadata.get("feature") or "")[:100],
        turn_id=_uuid(metadata.get("turn_id")),
        thread_id=_uuid(metadata.get("thread_id")),
        message_id=_uuid(metadata.get("message_id")),
        bot_id=_uuid(metadata.get("bot_id")),
        node_id=str(metadata.get("node_id") or "")[:100],
        model=real_name(request.model)[:200],
        provider=catalogue.provider_name(request.model)[:50],
        response_model=record.response_model[:200],
        provider_response_id=record.response_id[:200],
        is_stream=request.is_stream,
        prompt_preview=bodies.preview(request.messages, PREVIEW) if record.keeps_words else "",
        response_preview=bodies.clean(record.text[:PREVIEW]) if record.keeps_words else "",
        finish_reason=record.finish_reason[:50],
        status=record.status,
        error_type=record.error_type[:100],
        error_message=bodies.clean(redaction.hide(record.error_message)) if record.keeps_words else "",
        http_status=record.http_status,
        retry_count=record.retry_count,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_tokens=usage.cached_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        total_tokens=total,
        usage_source=usage.usage_source,
        cost_usd=usage.cost_usd,
        cost_source=usage.cost_source,
        unit_prices=usage.unit_prices,
        replay_of=_uuid(metadata.get("replay_of")),
        time_to_first_token_ms=usage.time_to_first_token_ms,
        duration_ms=usage.duration_ms,
    )


def _uuid(value: object) -> uuid.UUID | None:
    if isinstance(value, uuid.UUID):
        return value
    try:
        return uuid.UUID(str(value)) if value else None
    except ValueError:
        return None


_writer = Writer()


def put(record: Record) -> None:
    """Hand in the record of an ended call. Never waits, never raises."""
    _writer.put(record)


def flush(timeout: float | None = None) -> bool:
    """Wait for the writer, at most `timeout` seconds (LLM_LOG_WRITE_TIMEOUT); False when some are still unwritten."""
    return _writer.flush(settings.LLM_LOG_WRITE_TIMEOUT if timeout is None else timeout)


def lost() -> int:
    """How many calls of this process have left no row."""
    return _writer.lost


def late() -> int:
    """How many calls of this process wait for a database that takes none at the moment."""
    return _writer.late


def record_process_lost(
    *,
    turn_id: uuid.UUID,
    thread_id: uuid.UUID | None = None,
    message_id: uuid.UUID | None = None,
    model: str,
    user_id: int | None = None,
    team_id: uuid.UUID | None = None,
    started_at: datetime | None = None,
    partial_text: str = "",
    temporary: bool = False,
) -> bool:
    """Write the row that a dead process could not, unless its chat call did leave one. For synchronous callers."""
    if LLMCallLog.objects.filter(turn_id=turn_id, feature="chat").exists():
        return False
    started_at = started_at or timezone.now()
    usage = CallUsage(
        output_tokens=tokens.estimate(partial_text),
        duration_ms=max(0, round((timezone.now() - started_at).total_seconds() * 1000)),
    )
    metadata: dict[str, object] = {
        "feature": "chat",
        "turn_id": str(turn_id),
        "thread_id": thread_id,
        "message_id": message_id,
    }
    if temporary:
        metadata["temporary"] = True
    request = LLMRequest(model=model, messages=[], is_stream=True, user_id=user_id, team_id=team_id, metadata=metadata)
    write(
        [
            Record(
                id=uuid.uuid4(),
                created_at=started_at,
                request=request,
                status=LLMCallLog.Status.ERROR,
                usage=usage,
                error_type="process_lost",
                error_message="The process that ran this call died.",
                text=partial_text,
            )
        ]
    )
    return True


def _at_exit() -> None:
    with contextlib.suppress(Exception):
        flush()


atexit.register(_at_exit)


def _after_fork() -> None:
    global _writer
    _writer = Writer()


os.register_at_fork(after_in_child=_after_fork)
