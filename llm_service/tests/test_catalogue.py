import asyncio
import time
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django.fixtures import Settings

from accounts.models import User
from llm_service import abilities, catalogue, served_models
from llm_service.catalogue import VENDORS
from llm_service.fakes import FakeServer
from llm_service.money import prices
from teams.actions import personal_team

pytestmark = pytest.mark.usefixtures("no_providers")


def ids() -> list[str]:
    return [model.id for model in catalogue.available_models()]


def test_with_nothing_configured_the_demo_model_is_all_there_is():
    assert ids() == ["demo/parley"]
    assert catalogue.default_model() == "demo/parley"
    assert catalogue.is_allowed("demo/parley")
    assert not catalogue.is_allowed("openai/gpt-4o")
    [demo] = catalogue.available_models()
    assert (demo.is_demo, demo.abilities.uses_tools) == (True, True)


@pytest.mark.parametrize("name", [name for name, provider in VENDORS.items() if provider.keys and provider.models])
def test_a_key_brings_its_providers_models_and_ends_the_demo(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(VENDORS[name].keys[0], "key")

    assert ids() == [f"{name}/{model}" for model in VENDORS[name].models]
    assert not catalogue.is_allowed("demo/parley")


@pytest.mark.parametrize("name", [name for name, known in VENDORS.items() if known.models and not known.is_open])
def test_every_model_we_offer_is_known_to_the_bundled_map(name: str):
    assert [model for model in VENDORS[name].models if not prices.knows(f"{name}/{model}")] == []


def test_another_model_of_a_configured_vendor_may_be_asked_for_by_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "key")

    assert catalogue.is_allowed("openai/o3")
    assert catalogue.is_allowed("gpt-4o")
    assert not catalogue.is_allowed("openai/no-such-model")
    assert not catalogue.is_allowed("anthropic/claude-sonnet-4-6")


def test_a_list_of_allowed_models_is_exactly_what_is_allowed(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    settings.LLM_ALLOWED_MODELS = ["openai/gpt-4o-mini", "demo/parley"]

    assert ids() == ["openai/gpt-4o-mini", "demo/parley"]
    assert not catalogue.is_allowed("openai/gpt-4o")
    assert catalogue.default_model() == "openai/gpt-4o-mini"


def test_the_default_model_is_the_one_that_is_set_if_it_is_allowed(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    settings.LLM_DEFAULT_MODEL = "openai/gpt-4o"
    assert catalogue.default_model() == "openai/gpt-4o"
    assert ids()[0] == "openai/gpt-4o"

    settings.LLM_DEFAULT_MODEL = "anthropic/claude-sonnet-4-6"
    assert catalogue.default_model() == "openai/gpt-5.5"


@pytest.mark.parametrize("variable", ["OPENAI_API_BASE", "OPENAI_BASE_URL"])
def test_a_server_of_ones_own_is_asked_what_it_serves(
    served: FakeServer, monkeypatch: pytest.MonkeyPatch, variable: str
):
    monkeypatch.setenv(variable, served.url)

    assert ids() == ["openai/fake-200t-20r", "openai/fake-60t-30r-reason", "openai/fake-20t"]
    assert catalogue.is_allowed("openai/anything-it-may-serve")


def test_a_server_that_does_not_answer_leaves_the_demo_model(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_BASE", "http://127.0.0.1:9/v1")

    assert ids() == ["demo/parley"]


async def test_nothing_waits_for_the_network_on_the_event_loop(monkeypatch: pytest.MonkeyPatch, served: FakeServer):
    monkeypatch.setenv("OPENAI_API_BASE", served.url)
    began = time.monotonic()
    ids()

    assert time.monotonic() - began < 1
    async with asyncio.timeout(20):
        while not served_models.at(served.url):
            await asyncio.sleep(0.01)


def test_settings_are_read_at_each_call(monkeypatch: pytest.MonkeyPatch):
    assert ids() == ["demo/parley"]
    monkeypatch.setenv("ANTHROPIC_API_KEY", "key")
    assert ids()[0].startswith("anthropic/")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "")
    assert ids() == ["demo/parley"]


def test_organisation_and_project_travel_as_headers(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    monkeypatch.setenv("OPENAI_ORGANIZATION", "org-1")

    assert catalogue.call_arguments("openai/gpt-4o", {}) == {"extra_headers": {"OpenAI-Organization": "org-1"}}


def test_providers_are_named_as_people_write_them():
    names = [catalogue.provider_label(name) for name in ("openai", "hosted_vllm", "demo", "nlp_cloud")]

    assert names == ["OpenAI", "Own server", "Demo", "Nlp cloud"]


def test_a_model_that_is_switched_off_soon_says_so_where_it_is_chosen(
    db: None, alice: User, monkeypatch: pytest.MonkeyPatch, settings: Settings
):
    today = timezone.localdate()
    ahead = {"gpt-a": 30, "gpt-b": -1, "gpt-c": 900}
    days = {name: today + timedelta(days=number) for name, number in ahead.items()}
    known = {name: {"litellm_provider": "openai", "deprecation_date": str(day)} for name, day in days.items()}
    monkeypatch.setattr(prices, "price_map", lambda: known | {"gpt-d": {"deprecation_date": "soon"}})
    abilities._listed.cache_clear()
    settings.LLM_ALLOWED_MODELS = [f"openai/{name}" for name in (*days, "gpt-d")]

    notes = [model.note for model in catalogue.available_models(personal_team(alice).pk)]

    assert notes == [
        f"Switched off by its vendor on {date_format(days['gpt-a'])}.",
        f"Its vendor switched it off on {date_format(days['gpt-b'])}.",
        "",
        "",
    ]
