"""Starting costs nothing: LiteLLM is loaded by nobody but the warm-up and the first call."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from pytest_django.fixtures import Settings

from llm_service import warm_up


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"} | environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize(
    "work",
    [
        "import llm_service.client",
        "from django.core.management import call_command; call_command('check')",
        "from llm_service import catalogue; catalogue.available_models(); catalogue.is_allowed('openai/o3')",
        "import llm_service.admin, llm_service.warm_up, llm_service.fakes",
    ],
)
def test_nothing_loads_litellm_early(work: str):
    done = run(f"import django, sys; django.setup()\n{work}\nsys.exit(9 if 'litellm' in sys.modules else 0)")

    assert done.returncode == 0, done.stderr


def test_the_warm_up_makes_a_process_ready_and_small():
    code = """
import asyncio, django, gc, os, threading
django.setup()
from llm_service import client, warm_up
async def main():
    await warm_up.start()
    assert not warm_up.is_ready()
    while not warm_up.is_ready():
        await asyncio.sleep(0.05)
    async with client.stream(model="demo/parley", messages=[{"role": "user", "content": "thanks"}]) as reply:
        async for _ in reply: pass
asyncio.run(main())
assert gc.get_freeze_count() > 100_000
pages = int(open("/proc/self/statm").read().split()[1]) if os.path.exists("/proc/self/statm") else 0
print(pages * os.sysconf("SC_PAGE_SIZE") // 1024**2)
"""
    done = run(code, LLM_WARM_UP="1", LLM_DEMO_TOKENS_PER_SECOND="0", LLM_ALLOWED_MODELS="demo/parley")

    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) < 260


def test_without_a_warm_up_a_process_is_ready_at_once(settings: Settings):
    settings.LLM_WARM_UP = False

    assert warm_up.is_ready()
