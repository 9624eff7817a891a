"""Embeddings, transcription and speech: the same providers, rules, budgets, limits and log as any other call."""

from decimal import Decimal
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from llm_service import errors, guardrails, other_calls
from llm_service.actions import providers
from llm_service.fakes import FakeServer
from llm_service.fakes.wire import SOUND
from llm_service.models import Budget, Guardrail, ModelRule, Provider
from llm_service.money import known
from llm_service.tests.conftest import Logs
from realtime.bridge import in_db
from teams.actions import personal_team
from teams.models import Team

EMBEDDING, WHISPER, VOICE = "openai/text-embedding-3-small", "openai/whisper-1", "openai/tts-1"


@pytest.fixture
def team(transactional_db: None, alice: User) -> Team:
    return personal_team(alice)


async def test_texts_become_vectors_in_their_order(vendor: FakeServer, team: Team, alice: User, logs: Logs):
    done = await other_calls.embed(["one", "three"], model=EMBEDDING, user=alice, team=team)

    assert [vector[:2] for vector in done.vectors] == [[0.0, 3.0], [1.0, 5.0]]
    [log] = await in_db(logs)
    assert (str(log.id), log.status, log.feature, log.user_id, log.team_id) == (
        done.call_id, "success", "embedding", alice.pk, team.pk,
    )  # fmt: skip
    assert (log.input_tokens, log.output_tokens, log.cost_source) == (8, 0, "litellm")
    assert log.cost_usd == Decimal("0.00000016")
    assert (log.metadata["kind"], log.metadata["texts"]) == ("embedding", 2)


async def test_a_size_of_vectors_can_be_asked_for(vendor: FakeServer):
    done = await other_calls.embed(["one"], model=EMBEDDING, dimensions=5)

    assert len(done.vectors[0]) == 5


async def test_a_recording_becomes_text_paid_by_the_second(vendor: FakeServer, logs: Logs):
    done = await other_calls.transcribe(b"RIFF" * 100, model=WHISPER, name="talk.wav", language="en", hint="Of birds")

    assert done.text == "This is what was said in talk.wav."
    asked = vendor.seen[0].body
    assert (asked["bytes"], asked["language"], asked["prompt"]) == (400, "en", "Of birds")
    [log] = await in_db(logs)
    assert (log.metadata["seconds"], log.cost_usd) == (12.5, Decimal("0.00125"))
    assert (log.input_tokens, log.usage_source, log.response_preview) == (None, "exact", done.text)
    assert "RIFF" not in str(await in_db(lambda: log.body.request))


async def test_a_newer_model_is_paid_by_its_tokens(vendor: FakeServer, logs: Logs):
    await other_calls.transcribe(b"sound", model="openai/gpt-4o-mini-transcribe")

    [log] = await in_db(logs)
    assert (log.input_tokens, log.output_tokens) == (30, 8)
    assert log.cost_usd


async def test_a_text_becomes_sound_paid_by_the_character(vendor: FakeServer, logs: Logs):
    done = await other_calls.speak("Good morning", model=VOICE, voice="nova", form="opus")

    assert done.sound == SOUND
    body = vendor.seen[0].body
    assert (body["input"], body["voice"], body["response_format"]) == ("Good morning", "nova", "opus")
    [log] = await in_db(logs)
    assert (log.metadata["characters"], log.cost_usd) == (12, Decimal("0.00018"))


async def test_a_failing_vendor_is_tried_again_and_named(vendor: FakeServer, logs: Logs):
    vendor_model = "hosted_vllm/fake-status500"
    with pytest.raises(errors.ProviderDown):
        await other_calls.embed(["one"], model=vendor_model)
    with pytest.raises(errors.BadCredentials):
        await other_calls.speak("[[fake badkey]]", model=VOICE)
    with pytest.raises(errors.ProviderDown):
        await other_calls.transcribe(b"sound", model=WHISPER, hint="[[fake status500]]", retries=0)
    with pytest.raises(errors.ProviderDown):
        await other_calls.embed(["[[fake status500]]"], model=EMBEDDING, retries=0)

    first, second, *_ = await in_db(logs)
    assert (first.status, first.retry_count, first.http_status) == ("error", 1, 500)
    assert (second.error_type, second.retry_count) == ("bad_credentials", 0)
    assert len(vendor.seen) == 5


@pytest.mark.parametrize(
    "call",
    [
        lambda: other_calls.embed([], model=EMBEDDING),
        lambda: other_calls.embed(["a"] * 513, model=EMBEDDING),
        lambda: other_calls.embed(["a" * 1_000_001], model=EMBEDDING),
        lambda: other_calls.embed([""], model=EMBEDDING),
        lambda: other_calls.transcribe(b"", model=WHISPER),
        lambda: other_calls.transcribe(b"a" * (25 * 1024**2 + 1), model=WHISPER),
        lambda: other_calls.speak(" ", model=VOICE),
        lambda: other_calls.speak("a" * 4_097, model=VOICE),
    ],
)
async def test_what_is_too_much_or_nothing_is_refused_before_it_is_sent(call: Any, vendor: FakeServer, logs: Logs):
    with pytest.raises(ValueError, match="etween 1 and"):
        await call()

    assert vendor.seen == [] and await in_db(logs) == []


async def test_a_model_that_is_not_allowed_is_refused(vendor: FakeServer, settings: Settings, monkeypatch: Any):
    monkeypatch.delenv("OPENAI_API_BASE")  # a server of one's own serves what it likes
    with pytest.raises(ValueError, match="not allowed"):
        await other_calls.embed(["one"], model="openai/gpt-4o")

    settings.LLM_ALLOWED_MODELS = ["openai/gpt-4o"]
    with pytest.raises(ValueError, match="not allowed"):
        await other_calls.embed(["one"], model=EMBEDDING)


async def test_rules_budgets_and_guardrails_hold(vendor: FakeServer, team: Team, logs: Logs):
    await in_db(ModelRule.objects.create, team=team, model=WHISPER, is_allowed=False)
    await in_db(Budget.objects.create, limit=1, measure="requests", window="day", team=team)
    await in_db(Guardrail.objects.create, team=team, name="People", kind="personal")
    guardrails._memory.forget()
    known.forget()

    with pytest.raises(errors.ModelForbidden):
        await other_calls.transcribe(b"sound", model=WHISPER, team=team)
    await other_calls.embed(["of anna@example.com"], model=EMBEDDING, team=team, metadata={"feature": "search"})
    with pytest.raises(errors.LLMError, match="requests"):
        await other_calls.embed(["two"], model=EMBEDDING, team=team)

    assert [seen.body.get("input") for seen in vendor.seen] == [["of [e-mail]"]]
    rows = {row.status: row for row in await in_db(logs)}
    assert rows["success"].metadata["guardrails"] == {"People": "masked"}
    assert rows["success"].feature == "search"


async def test_a_connected_server_of_ones_own_is_asked_through_the_guarded_way(
    vendor: FakeServer, team: Team, alice: User, settings: Settings
):
    def connect() -> Provider:
        details = providers.Details(
            "hosted_vllm", "Cellar", base_url=vendor.url, key="cellar-key-1234567890", offered=("bge-m3",)
        )
        return providers.connect(by=alice, team=team, details=details)

    model = f"@{(await in_db(connect)).slug}/hosted_vllm/bge-m3"

    with pytest.raises(errors.AddressNotAllowed):
        await other_calls.embed(["one"], model=model, team=team)
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    assert (await other_calls.embed(["one"], model=model, team=team)).vectors == [[0.0, 3.0, 0.5]]

    [seen] = vendor.seen
    assert (seen.model, seen.headers["Authorization"]) == ("bge-m3", "Bearer cellar-key-1234567890")
