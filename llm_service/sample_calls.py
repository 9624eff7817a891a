"""Calls as a few months of real use would leave them, for looking at pages and for measuring them.

Made in turns: a question may take several calls with tools, and its first one gives the thread a title. Everything
follows from the seed.
"""

import json
import math
import random
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import batched, islice
from typing import Any, Literal

from django.db import connection
from django.utils import timezone

from lib.write_lock import writing
from llm_service.models import CallAttempt, CallBody, LLMCallLog

AT_ONCE = 2_000
MARK = "demo-"
"""What the request ids of made calls begin with."""
Row = dict[str, Any]
Trouble = Literal["", "slow", "down"]
"""How one of the vendors is doing in an hour."""


@dataclass(frozen=True)
class Model:
    name: str
    share: int
    prompt: float
    """USD per million tokens."""
    answer: float
    first_ms: int
    tokens_per_second: int
    reasons: bool = False

    @property
    def provider(self) -> str:
        return self.name.partition("/")[0]


MODELS = (
    Model("openai/gpt-4o-mini", 34, 0.15, 0.60, 420, 95),
    Model("openai/gpt-4o", 16, 2.50, 10.00, 620, 70),
    Model("anthropic/claude-sonnet-4-5", 22, 3.00, 15.00, 900, 65),
    Model("anthropic/claude-haiku-4-5", 10, 1.00, 5.00, 480, 120),
    Model("gemini/gemini-2.5-flash", 11, 0.30, 2.50, 380, 160, reasons=True),
    Model("openai/o4-mini", 4, 1.10, 4.40, 3200, 90, reasons=True),
    Model("mistral/mistral-small-latest", 3, 0.10, 0.30, 350, 110),
)
TROUBLED, STAND_IN = "anthropic", MODELS[1]
"""Whose day was bad, and what was asked instead."""
ERRORS = (
    ("rate_limited", 429, "Rate limit reached for requests per minute.", 38),
    ("overloaded", 529, "Overloaded", 17),
    ("first_token_timeout", None, "No token within 60 s.", 14),
    ("stream_broken", None, "The connection was closed in the middle of the answer.", 10),
    ("bad_credentials", 401, "Incorrect API key provided.", 5),
    ("context_too_long", 400, "This model's maximum context length is 128000 tokens.", 9),
    ("content_filtered", 400, "The response was filtered by the content policy.", 4),
    ("provider_down", 503, "Service unavailable", 3),
)
QUESTIONS = (
    "Summarise the minutes of Tuesday's meeting in five points.",
    "Why does this SQL query not use the index on created_at?",
    "Write a friendly reply to a customer whose parcel is late.",
    "Translate the attached terms into plain German.",
    "What is the difference between a mutex and a semaphore?",
    "Plan a week of vegetarian dinners for two, none longer than half an hour.",
    "Check this paragraph for tone and grammar, and change as little as you can.",
    "Which of our invoices from October are still open?",
    "Explain the chart on page 4 to somebody who has never seen one like it.",
    "Draft an agenda for the yearly review, with times.",
)
ANSWERS = (
    "Here are the points that matter most:\n\n1. The launch moves to **3 March**.\n2. Support gets two more people.",
    "The planner skips the index because the condition wraps the column in a function:\n\n```sql\n"
    "WHERE date(created_at) = '2026-03-01'\n```\n\nCompare against a range instead.",
    "Thank you for your patience. Your parcel left our warehouse on Monday and should reach you by Thursday.",
    "A mutex has one owner; a semaphore counts how many may enter.",
    "I found three open invoices, together 4,310 EUR. The oldest is from 4 October.",
)
TOOLS = ("search_documents", "run_query", "get_weather", "list_invoices")
COLUMNS = [field.attname for field in LLMCallLog._meta.concrete_fields]


@dataclass
class Made:
    """One row of each table, as values in the order of its columns."""

    log: dict[str, Any]
    body: tuple[dict[str, Any], dict[str, Any]] | None
    attempts: list[dict[str, Any]]


def make(
    number: int,
    *,
    people: Sequence[tuple[int, uuid.UUID]],
    days: int = 90,
    bodies: float = 0.0,
    seed: int = 1,
    until: datetime | None = None,
) -> Iterator[int]:
    """Store `number` calls of these people in their teams, and yield how many are stored so far."""
    stored = 0
    calls = islice(_calls(number, people, days, bodies, random.Random(seed), until or timezone.now()), number)  # noqa: S311
    for some in batched(calls, AT_ONCE):
        _store(some)
        stored += len(some)
        yield stored


def _calls(
    number: int,
    people: Sequence[tuple[int, uuid.UUID]],
    days: int,
    bodies: float,
    chance: random.Random,
    until: datetime,
) -> Iterator[Made]:
    """Yield calls, the oldest first: more on workdays and in the daytime, more this month than three months ago."""
    hours = days * 24
    weights = [_busy(until - timedelta(hours=hours - hour), hour / hours) for hour in range(hours)]
    total, carried, made = sum(weights), 0.0, 0
    bad_day = _bad_day(until, hours)
    spenders = [chance.paretovariate(1.1) for _ in people]
    for hour, weight in enumerate(weights):
        carried += number * weight / total
        start = until - timedelta(hours=hours - hour)
        while made < carried - 1:
            person = chance.choices(people, spenders)[0]
            at = start + timedelta(seconds=chance.random() * 3600)
            for call in _turn(person, min(at, until), _trouble(hour - bad_day), bodies, chance):
                yield call
                made += 1
    while made < number:
        for call in _turn(chance.choice(people), until - timedelta(minutes=chance.random() * 60), "", bodies, chance):
            yield call
            made += 1


def _busy(at: datetime, progress: float) -> float:
    day = 0.35 if at.weekday() >= 5 else 1.0
    return day * (0.15 + math.exp(-(((at.hour - 13.5) / 4.2) ** 2))) * (0.7 + 0.6 * progress)


def _bad_day(until: datetime, hours: int) -> int:
    """Return the hour in which a vendor gets slow for the rest of a working day."""
    last = hours - min(hours // 3, 24 * 9)
    for hour in range(last, last - 24 * 7, -1):
        at = until - timedelta(hours=hours - hour)
        if at.hour == 6 and at.weekday() < 5:
            return hour
    return last


def _trouble(hours_into_it: int) -> Trouble:
    if 6 <= hours_into_it < 9:
        return "down"
    return "slow" if 0 <= hours_into_it < 15 else ""


def _turn(
    person: tuple[int, uuid.UUID], at: datetime, trouble: Trouble, bodies: float, chance: random.Random
) -> Iterator[Made]:
    model = chance.choices(MODELS, [model.share for model in MODELS])[0]
    ids = {name: _uuid(chance) for name in ("turn_id", "thread_id", "message_id")}
    place = chance.randrange(len(QUESTIONS))
    history = int(chance.lognormvariate(8.0, 1.1)) + 40
    rounds = chance.choices((1, 2, 3), (84, 12, 4))[0]
    for number in range(rounds):
        made = _call(model, person, at, ids, "chat", history, trouble, chance)
        if made.log["status"] == "error" and model.provider == TROUBLED and trouble and chance.random() < 0.7:
            made = _stood_in(made, _call(STAND_IN, person, at, ids, "chat", history, "", chance))
        made.log["prompt_preview"] = QUESTIONS[place]
        tool = chance.choice(TOOLS) if number < rounds - 1 and made.log["status"] == "success" else ""
        answer = "" if tool or made.log["status"] == "error" else ANSWERS[place % len(ANSWERS)]
        made.log["response_preview"] = answer
        made.log["finish_reason"] = "tool_calls" if tool else made.log["finish_reason"]
        if chance.random() < bodies:
            made.body = _body(model, QUESTIONS[place], answer, tool, chance)
        yield made
        if made.log["status"] != "success":
            return
        at += timedelta(milliseconds=made.log["duration_ms"] + (chance.randrange(200, 2500) if tool else 0))
        history += made.log["output_tokens"] + 120
    if chance.random() < 0.12:
        made = _call(MODELS[0], person, at, ids, "title", 180, "", chance)
        made.log |= {"prompt_preview": "Name this conversation in a few words.", "response_preview": "A short title"}
        yield made


def _call(
    model: Model,
    person: tuple[int, uuid.UUID],
    at: datetime,
    ids: dict[str, uuid.UUID],
    feature: str,
    history: int,
    trouble: Trouble,
    chance: random.Random,
) -> Made:
    is_troubled = bool(trouble) and model.provider == TROUBLED
    slow = 4.0 if is_troubled else 1.0
    answer = 6 if feature == "title" else int(chance.lognormvariate(5.2, 0.8)) + 8
    reasoning = int(answer * chance.uniform(1, 4)) if model.reasons else 0
    cached = int(history * chance.uniform(0.3, 0.8)) if history > 1024 and chance.random() < 0.6 else 0
    written = history // 3 if model.provider == "anthropic" and cached == 0 and history > 1024 else 0
    first = max(90, int(model.first_ms * chance.lognormvariate(0, 0.35) * slow))
    ends = chance.random()
    failed = ends < ((0.6 if trouble == "down" else 0.08) if is_troubled else 0.022)
    status = "error" if failed else "cancelled" if ends < 0.04 else "blocked" if ends < 0.042 else "success"
    error = chance.choices(ERRORS, [share for *_rest, share in ERRORS])[0] if failed else ("", None, "", 0)
    if failed and is_troubled:
        error = ERRORS[1]
    spent = status in ("success", "cancelled")
    if status == "cancelled":
        answer, reasoning = answer // 3, reasoning // 3
    output = answer + reasoning
    duration = first + int(output / model.tokens_per_second * 1000 * chance.uniform(0.8, 1.3) * slow)
    retries = chance.choices((0, 1, 2), (20, 50, 30))[0] if failed else chance.choices((0, 1), (97, 3))[0]
    prices = _prices(model)
    cost = _cost(prices, history, cached, written, output) if spent else None
    id_ = _uuid(chance)
    log = _of_whom(id_, person, at, ids, feature, model, chance) | {
        "response_model": model.name.partition("/")[2] if spent else "",
        "provider_response_id": f"resp_{id_.hex[:20]}" if spent else "",
        "finish_reason": "stop" if status == "success" else "",
        "status": status,
        "error_type": "blocked" if status == "blocked" else error[0],
        "error_message": error[2],
        "http_status": 200 if spent else error[1],
        "retry_count": retries,
        "input_tokens": history if spent else None,
        "output_tokens": output if spent else None,
        "cached_tokens": cached if spent else None,
        "cache_write_tokens": written if spent else None,
        "reasoning_tokens": reasoning if spent and model.reasons else None,
        "total_tokens": history + output if spent else None,
        "usage_source": ("estimated" if status == "cancelled" else "exact") if spent else "",
        "cost_usd": cost,
        "cost_source": ("estimated" if status == "cancelled" else "litellm") if spent else "unknown",
        "unit_prices": prices if spent else {},
        "time_to_first_token_ms": first if spent and feature == "chat" else None,
        "duration_ms": duration if spent else (first if error[1] else 60_000),
    }
    return Made(log, None, _attempts(log, error, chance))


def _stood_in(failed: Made, answered: Made) -> Made:
    """Return the call that another model answered after the one that was asked had failed."""
    spent = sum(attempt["duration_ms"] + 500 for attempt in failed.attempts)
    tries = [{**attempt, "model": failed.log["model"], "call_id": answered.log["id"]} for attempt in failed.attempts]
    for attempt in answered.attempts:
        later = attempt["started_at"] + timedelta(milliseconds=spent)
        tries.append({**attempt, "number": len(tries) + 1, "started_at": later, "model": answered.log["model"]})
    answered.log["retry_count"] = len(tries) - 1
    answered.log["duration_ms"] += spent
    if answered.log["time_to_first_token_ms"] is not None:
        answered.log["time_to_first_token_ms"] += spent
    answered.attempts = tries
    return answered


def _of_whom(
    id_: uuid.UUID,
    person: tuple[int, uuid.UUID],
    at: datetime,
    ids: dict[str, uuid.UUID],
    feature: str,
    model: Model,
    chance: random.Random,
) -> Row:
    return {
        "id": id_,
        "created_at": at,
        "user_id": person[0],
        "team_id": person[1],
        "request_id": f"{MARK}{id_.hex[:12]}",
        "metadata": {"feature": feature, "release": f"2026.{at.month}", "region": chance.choice(("eu", "us"))},
        "feature": feature,
        **ids,
        "bot_id": None,
        "node_id": "",
        "replay_of": None,
        "model": model.name,
        "provider": model.provider,
        "is_stream": feature == "chat",
        "prompt_preview": "",
        "response_preview": "",
    }


def _attempts(
    log: dict[str, Any], error: tuple[str, int | None, str, int], chance: random.Random
) -> list[dict[str, Any]]:
    if log["status"] == "blocked":
        return []
    rows, at = [], log["created_at"]
    last, whole = log["retry_count"], log["duration_ms"]
    for number in range(last + 1):
        is_last = number == last
        failed = not is_last or log["status"] == "error"
        fault = (error if log["status"] == "error" else ERRORS[0]) if failed else ("", 200, "", 0)
        took = chance.randrange(120, 900) if not is_last else whole
        rows.append(
            {
                "call_id": log["id"],
                "number": number + 1,
                "started_at": at,
                "model": "",
                "duration_ms": took,
                "http_status": fault[1],
                "error_type": fault[0],
                "error_message": fault[2],
            }
        )
        if not is_last:
            log["duration_ms"] += took + 500 * 2**number
        at += timedelta(milliseconds=took + 500 * 2**number)
    return rows


def _prices(model: Model) -> dict[str, str]:
    each = {"input": model.prompt, "output": model.answer, "cached": model.prompt / 4}
    if model.provider == "anthropic":
        each["cache_write"] = model.prompt * 1.25
    return {kind: f"{Decimal(str(round(price, 6))) / 1_000_000:f}" for kind, price in each.items()}


def _cost(prices: dict[str, str], read: int, cached: int, written: int, output: int) -> Decimal:
    price = {kind: Decimal(each) for kind, each in prices.items()}
    fresh = read - cached - written
    sum_ = fresh * price["input"] + cached * price["cached"] + output * price["output"]
    return round(sum_ + written * price.get("cache_write", price["input"]), 8)


def _body(
    model: Model, question: str, answer: str, tool: str, chance: random.Random
) -> tuple[dict[str, Any], dict[str, Any]]:
    request: dict[str, Any] = {
        "model": model.name,
        "messages": [
            {"role": "system", "content": "You are a helpful assistant. Answer in the language of the question."},
            {"role": "user", "content": question},
        ],
        "temperature": chance.choice((0.2, 0.7, 1.0)),
        "stream": True,
    }
    response: dict[str, Any] = {"text": answer}
    if tool:
        parameters = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
        request["tools"] = [
            {"type": "function", "function": {"name": tool, "description": "Looks it up.", "parameters": parameters}}
        ]
        response["tool_calls"] = [
            {"id": f"call_{chance.randrange(10**6)}", "name": tool, "arguments": json.dumps({"query": question[:40]})}
        ]
    return request, response


def _uuid(chance: random.Random) -> uuid.UUID:
    return uuid.UUID(int=chance.getrandbits(128), version=4)


def _store(made: Iterable[Made]) -> None:
    made = list(made)
    attempts = [
        CallAttempt(**attempt) for call in made for attempt in call.attempts if call.body or len(call.attempts) > 1
    ]
    call_bodies = [
        CallBody(call_id=call.log["id"], request=call.body[0], response=call.body[1]) for call in made if call.body
    ]
    with writing():
        _store_logs([call.log for call in made])
        CallBody.objects.bulk_create(call_bodies)
        CallAttempt.objects.bulk_create(attempts)


def _store_logs(logs: list[dict[str, Any]]) -> None:
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    table = LLMCallLog._meta.db_table
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copied:
            for log in logs:
                copied.write_row([_column(log[name]) for name in COLUMNS])
        return
    LLMCallLog.objects.bulk_create(LLMCallLog(**log) for log in logs)


def _column(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value
