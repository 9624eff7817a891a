import re

from django.conf import settings

from lib import jobs


def test_every_job_that_is_enqueued_or_periodic_is_registered() -> None:
    sources = [
        path.read_text()
        for room in ("lib", "accounts", "teams", "llm_service", "bots", "llm_chat", "realtime")
        for path in (settings.BASE_DIR / room).rglob("*.py")
        if "tests" not in path.parts
    ]
    used = {name for source in sources for name in re.findall(r'enqueue\(\s*"([^"]+)"', source)}

    assert (used | jobs.periods().keys()) - jobs.names() == set()
    assert {name for name in jobs.names() if not re.fullmatch(r"[a-z_]+\.[a-z_]+", name)} == set()
