"""The filtered calls as a file, read by key a piece at a time: a million rows take the memory of one page."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from lib import csv_lines
from llm_service.models import CallBody, LLMCallLog
from llm_service.queries import calls as queries
from llm_service.queries.call_filters import CallFilter
from realtime.bridge import in_db

AT_ONCE = 1_000
WITH_WORDS_AT_ONCE = 50
"""A body may be as large as 256 kB."""
COUNTED_EXACTLY = 100_000
COLUMNS = (
    *(
        "id",
        "created_at",
        "team_id",
        "user_id",
        "user__email",
        "feature",
        "bot_id",
        "thread_id",
        "turn_id",
        "message_id",
    ),
    *("request_id", "model", "provider", "response_model", "is_stream", "status", "error_type", "http_status"),
    *("retry_count", "finish_reason", "input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens"),
    *("reasoning_tokens", "total_tokens", "usage_source", "cost_usd", "cost_source"),
    *("time_to_first_token_ms", "duration_ms", "metadata"),
)
PREVIEWS = ("prompt_preview", "response_preview", "error_message")


def about(calls: QuerySet[LLMCallLog], wanted: CallFilter) -> int:
    """Return about how many calls fit: exactly where that is quick, else what the database guesses."""
    found = queries.that_fit(calls, wanted).order_by()
    if connection.vendor == "postgresql":
        guess = int(json.loads(found.explain(format="json"))[0]["Plan"]["Plan Rows"])
        if guess > COUNTED_EXACTLY:
            return guess
    return found.count()


async def stream(calls: QuerySet[LLMCallLog], wanted: CallFilter, *, format_: str, words: bool) -> AsyncIterator[str]:
    """Yield the file piece by piece. Each is read in a thread of the database's, none is read ahead."""
    pieces = lines(calls, wanted, format_=format_, words=words)
    while (piece := await in_db(next, pieces, None)) is not None:
        yield piece


def lines(calls: QuerySet[LLMCallLog], wanted: CallFilter, *, format_: str, words: bool) -> Iterator[str]:
    """Yield a table (`csv`) or an object per line (`jsonl`), newest first; what was said only with `words`."""
    columns = (*COLUMNS, *PREVIEWS) if words else COLUMNS
    if format_ == "csv":
        yield csv_lines.line(column.replace("__", "_") for column in columns)
    for rows in _pieces(calls, wanted, columns, WITH_WORDS_AT_ONCE if words and format_ == "jsonl" else AT_ONCE):
        if format_ == "csv":
            yield "".join(csv_lines.line(_cell(row[column]) for column in columns) for row in rows)
            continue
        bodies: dict[Any, CallBody] = CallBody.objects.in_bulk([row["id"] for row in rows]) if words else {}
        yield "".join(_object(row, bodies.get(row["id"])) for row in rows)


def _pieces(
    calls: QuerySet[LLMCallLog], wanted: CallFilter, columns: tuple[str, ...], size: int
) -> Iterator[list[dict[str, Any]]]:
    order = queries.ORDERS["newest"]
    found = wanted.look_through(wanted.narrow(calls)).order_by(*order.columns)
    last: dict[str, Any] | None = None
    while True:
        older = found if last is None else order.after_key(found, last["created_at"], last["id"])
        rows = list(older.values(*columns)[:size])
        if rows:
            yield rows
        if len(rows) < size:
            return
        last = rows[-1]


def _object(row: dict[str, Any], body: CallBody | None) -> str:
    said = {name.replace("__", "_"): _plain(value) for name, value in row.items()}
    if body:
        said |= {"request": body.request, "response": body.response}
    return json.dumps(said, ensure_ascii=False) + "\n"


def _cell(value: Any) -> str:
    said = _plain(value)
    if isinstance(said, dict | list):
        return json.dumps(said, ensure_ascii=False)
    return "" if said is None else str(said)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value if value is None or isinstance(value, bool | int | float | str | dict | list) else str(value)
