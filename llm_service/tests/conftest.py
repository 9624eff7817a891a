from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from pytest_django.fixtures import Settings

from llm_service import call_logs, library, limits, served_models
from llm_service.catalogue import VENDORS
from llm_service.fakes import FakeServer, running
from llm_service.models import LLMCallLog

Logs = Callable[[], list[LLMCallLog]]


@pytest.fixture(autouse=True)
async def connections_end_with_the_loop() -> AsyncIterator[None]:
    yield
    await library.close_connections()


@pytest.fixture(scope="session")
def served() -> Iterator[FakeServer]:
    library.litellm()  # seconds that no test should measure
    with running() as server:
        yield server


@pytest.fixture
def no_providers(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """A machine with no key and no model server."""
    for provider in VENDORS.values():
        for name in (*provider.keys, *provider.bases):
            monkeypatch.delenv(name, raising=False)
    settings.LLM_ALLOWED_MODELS = []
    settings.LLM_DEFAULT_MODEL = ""
    served_models.forget()


@pytest.fixture
def vendor(served: FakeServer, no_providers: None, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> FakeServer:
    """The scripted server in the place of all vendors. What waits for a limit sets it (`hasty`)."""
    for name in ("OPENAI_API_BASE", "HOSTED_VLLM_API_BASE"):
        monkeypatch.setenv(name, served.url)
    monkeypatch.setenv("ANTHROPIC_API_BASE", served.root)
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, "test-key")
    settings.LLM_REQUEST_TIMEOUT = settings.LLM_FIRST_TOKEN_TIMEOUT = 30
    settings.LLM_CONNECT_TIMEOUT = 10
    settings.LLM_TOTAL_TIMEOUT = 60
    settings.LLM_MAX_RETRIES = 1
    settings.LLM_DEMO_TOKENS_PER_SECOND = 0
    monkeypatch.setattr(limits, "FIRST_PAUSE", 0.05)
    served.forget()
    return served


@pytest.fixture
def logs(transactional_db: None) -> Iterator[Logs]:
    """What has been logged since the test began. The writer is a thread, so the database must be a real one."""
    assert call_logs.flush(10)
    LLMCallLog.objects.all().delete()

    def written() -> list[LLMCallLog]:
        assert call_logs.flush(10)
        return list(LLMCallLog.objects.order_by("created_at"))

    yield written
    assert call_logs.flush(10)
