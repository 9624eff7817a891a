"""The wall holds between processes too: what one has taken counts for all others at once."""

import json
import os
import subprocess
import sys
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connection

from llm_service.models import Budget, BudgetPeriod, Reservation

pytestmark = pytest.mark.django_db(transaction=True)

PROCESSES, THREADS, ROOM = 5, 10, 10
TOKENS = 100
"""What a call takes."""
CALLS = f"""
import asyncio, json, sys, time, types, uuid
import django
django.setup()
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from django.db import connections
from django.utils import timezone
from lib.write_lock import writing
from llm_service import errors, tokens
from llm_service.money import budgets
from llm_service.parts import CallUsage
from llm_service.requests import LLMRequest

ask = [{{"role": "user", "content": "hello"}}]
asked = tokens.estimate_messages(ask)
request = LLMRequest(model="openai/gpt-4o", messages=ask, params={{"max_tokens": {TOKENS} - asked}})
at_once = Barrier({THREADS} + 1)

def call(_number):
    at_once.wait(30)
    id, at = uuid.uuid4(), timezone.now()
    try:
        asyncio.run(budgets.admit(call_id=id, at=at, request=request))
        time.sleep(0.1)  # the vendor answers
        usage = CallUsage(input_tokens=asked, output_tokens={TOKENS} - asked)
        with writing():
            budgets.book([types.SimpleNamespace(id=id, created_at=at, request=request, usage=usage)])
    except errors.BudgetExceeded as refused:
        return refused.user_message
    finally:
        connections.close_all()
    return ""

with ThreadPoolExecutor({THREADS}) as threads:
    answers = threads.map(call, range({THREADS}))
    print("ready", flush=True)
    sys.stdin.readline()
    at_once.wait(30)
    print(json.dumps(list(answers)), flush=True)
"""
"""A process of its own: it says when all its threads are about to call, and begins when it is told to."""


def test_fifty_calls_of_five_processes_against_room_for_ten_overspend_by_one_at_most():
    limit = Decimal(TOKENS * ROOM)
    Budget.objects.create(limit=limit, measure="tokens")

    said = in_processes()

    refused = [text for text in said if text]
    assert len(said) == PROCESSES * THREADS
    assert len(refused) == 40
    assert all(text.startswith("This month's budget is used up. It starts anew on 1 ") for text in refused)
    period = BudgetPeriod.objects.get()
    assert limit <= period.spent <= limit + TOKENS
    assert period.reserved == 0
    assert not Reservation.objects.exists()


def in_processes() -> list[str]:
    """Have them all call at the same moment; return what each call came to."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", CALLS],
            cwd=settings.BASE_DIR,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    try:
        for process in running:
            assert process.stdout
            assert process.stdout.readline() == "ready\n", process.communicate(timeout=10)
        for process in running:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        ended = [process.communicate(timeout=40) for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait(10)
    assert not any(process.returncode for process in running), ended
    return [text for out, _err in ended for text in json.loads(out)]


def environment() -> dict[str, str]:
    database = connection.settings_dict
    address = (
        f"sqlite:///{database['NAME']}"
        if connection.vendor == "sqlite"
        else f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    )
    ours = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DJANGO_SECRET_KEY": settings.SECRET_KEY,
        "VAULT_KEYS": ",".join(settings.VAULT_KEYS),
        "DATABASE_URL": address,
        "PYTHON_DOTENV_DISABLED": "1",
    }
    return os.environ | ours
