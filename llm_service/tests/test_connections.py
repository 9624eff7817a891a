"""Providers that teams connect: whose they are, where their calls go, what stands in when they fail."""

import asyncio
from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import AuditEntry, User
from lib import vault
from llm_service import catalogue, connections, errors, provider_tests, team_models
from llm_service import client as models
from llm_service.actions import providers
from llm_service.actions.providers import Details
from llm_service.fakes import FakeServer
from llm_service.models import CallAttempt, ModelRule, Provider
from llm_service.tests.conftest import Logs
from realtime.bridge import in_db
from teams import actions
from teams.models import Team
from teams.refusals import Refused

FAILING, FAILING_TOO, WORKING = "openai/fake-5t-status500", "openai/fake-3t-status503", "openai/fake-4t"
HELLO = [{"role": "user", "content": "hello"}]
KEY = "sk-of-the-team-1234567890abcd"


@pytest.fixture
def team(alice: User) -> Team:
    return team_of(alice)


@pytest.fixture
def loopback(settings: Settings) -> None:
    """The scripted server stands on this machine, which the operator of these tests allows."""
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]


def connected(by: User, team: Team | None, url: str, **more: object) -> Provider:
    team_models.forget()  # a test's transaction is never committed
    usual = Details(vendor="hosted_vllm", name="Our GPUs", base_url=url, key=KEY, offered=("fake-5t",))
    return providers.connect(by=by, team=team, details=replace(usual, **more))  # type: ignore[arg-type]


def team_of(user: User, name: str = "Research") -> Team:
    return actions.create(by=user, name=name, at=timezone.now())


def model_of(provider: Provider) -> str:
    return catalogue.offered_by(provider)[0]


# --- Keys


def test_a_key_is_stored_locked_and_shows_its_last_four_letters(alice: User, team: Team) -> None:
    provider = connected(alice, team, "https://models.example.com/v1")

    assert KEY not in str(Provider.objects.values().get())
    assert vault.unlock(provider.locked_key) == KEY
    assert provider.key_tail == "abcd"
    assert KEY not in str(list(AuditEntry.objects.values()))


def test_of_a_short_key_nothing_is_shown(alice: User, team: Team) -> None:
    assert connected(alice, team, "https://models.example.com", key="short-key").key_tail == ""


def test_keys_are_locked_with_the_newest_key_of_the_vault(alice: User, team: Team, settings: Settings) -> None:
    settings.VAULT_KEYS = ["an-old-key"]
    provider = connected(alice, team, "https://models.example.com")
    settings.VAULT_KEYS = ["a-new-key", "an-old-key"]

    assert (done := providers.lock_anew()).locked == 1, done
    settings.VAULT_KEYS = ["a-new-key"]
    provider.refresh_from_db()
    assert vault.unlock(provider.locked_key) == KEY
    assert providers.lock_anew().locked == 0


def test_a_stored_key_is_not_sent_to_another_address(alice: User, team: Team) -> None:
    provider = connected(alice, team, "https://models.example.com")
    elsewhere = Details(vendor="hosted_vllm", name="Our GPUs", base_url="https://evil.example.com", offered=("x",))

    with pytest.raises(Refused, match="Enter the key again"):
        providers.change(by=alice, provider=provider, details=elsewhere)


def test_without_a_vault_no_key_is_taken(alice: User, team: Team, settings: Settings) -> None:
    settings.VAULT_KEYS = []

    with pytest.raises(Refused, match="VAULT_KEYS"):
        connected(alice, team, "https://models.example.com")
    assert not Provider.objects.exists()


# --- Whose


def test_only_the_team_that_connected_a_provider_can_choose_its_models(alice: User, bob: User, team: Team) -> None:
    model = model_of(connected(alice, team, "https://models.example.com"))
    other = team_of(bob, "Others")

    assert model in [one.id for one in catalogue.available_models(team.pk)]
    assert catalogue.is_allowed(model, team.pk)
    assert not catalogue.is_allowed(model, other.pk)
    assert not catalogue.is_allowed(model)
    assert model not in [one.id for one in catalogue.available_models(other.pk)]


def test_what_staff_connect_for_all_every_team_has(alice: User, team: Team) -> None:
    model = model_of(connected(alice, None, "https://models.example.com"))

    assert catalogue.is_allowed(model, team.pk)


async def test_a_call_for_another_team_is_refused_before_anything_is_sent(
    vendor: FakeServer, transactional_db: None, alice: User, loopback: None
) -> None:
    team = await in_db(team_of, alice)
    provider = await in_db(connected, alice, team, vendor.url)
    other = await in_db(team_of, alice, "Others")

    with pytest.raises(errors.ModelNotFound):
        await models.acompletion(model=model_of(provider), messages=HELLO, team=other)
    assert vendor.seen == []


# --- Calls


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["hosted_vllm", "openai", "mistral", "openrouter", "anthropic"])
def test_a_call_goes_to_the_address_with_the_key(
    kind: str, vendor: FakeServer, logs: Logs, alice: User, loopback: None
) -> None:
    team = team_of(alice)
    url = vendor.root if kind == "anthropic" else vendor.url
    provider = connected(alice, team, url, vendor=kind)

    response = models.completion(model=model_of(provider), messages=HELLO, user=alice, team=team)

    assert response.choices[0].message.content
    sent = vendor.seen[-1].headers
    assert KEY in (sent.get("Authorization", "") + sent.get("x-api-key", ""))
    [log] = logs()
    assert (log.model, log.provider, log.team_id) == (f"{kind}/fake-5t", kind, team.pk)
    assert log.metadata["asked_model"] == model_of(provider)
    assert KEY not in str(log.__dict__)


@pytest.mark.django_db(transaction=True)
async def test_a_stream_goes_the_same_way(vendor: FakeServer, alice: User, loopback: None) -> None:
    team = await in_db(team_of, alice)
    provider = await in_db(connected, alice, team, vendor.url)

    async with models.stream(model=model_of(provider), messages=HELLO, team=team) as reply:
        parts = [part async for part in reply]

    assert parts
    assert reply.usage.output_tokens == 5
    assert len(vendor.seen) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["hosted_vllm", "openai", "anthropic", "mistral", "groq", "ollama_chat", "azure"])
def test_no_address_in_a_private_network_is_called(kind: str, vendor: FakeServer, logs: Logs, alice: User) -> None:
    team = team_of(alice)
    provider = connected(alice, team, vendor.root, vendor=kind, api_version="2025-04-01-preview")

    with pytest.raises(errors.AddressNotAllowed):
        models.completion(model=model_of(provider), messages=HELLO, team=team)

    assert vendor.seen == []
    [log] = logs()
    assert (log.status, log.error_type) == ("error", "address_not_allowed")


@pytest.mark.django_db(transaction=True)
def test_a_try_says_what_is_wrong(vendor: FakeServer, alice: User, loopback: None) -> None:
    team = team_of(alice)
    good = connected(alice, team, vendor.url)
    bad = connected(alice, team, vendor.url, offered=("fake-5t-badkey",))

    assert provider_tests.tried(by=alice, provider=good) == ""
    problem = provider_tests.tried(by=alice, provider=bad)

    assert "did not accept our API key" in problem
    assert "Incorrect API key" in problem
    bad.refresh_from_db()
    assert bad.test_problem == problem[:500]


@pytest.mark.django_db(transaction=True)
def test_a_key_that_the_vendor_quotes_stands_nowhere(
    vendor: FakeServer, logs: Logs, alice: User, loopback: None
) -> None:
    team = team_of(alice)
    provider = connected(alice, team, vendor.url, offered=("fake-5t-echokey",))

    problem = provider_tests.tried(by=alice, provider=provider)

    [log] = logs()
    provider.refresh_from_db()
    stored = f"{log.__dict__} {list(CallAttempt.objects.values())} {provider.test_problem} {problem}"
    assert "[hidden]" in stored
    assert KEY not in stored


# --- What stands in


@pytest.mark.django_db(transaction=True)
def test_another_model_stands_in_while_nothing_was_shown(vendor: FakeServer, logs: Logs, alice: User) -> None:
    team = team_of(alice)
    ModelRule.objects.create(team=team, model=FAILING, fallbacks=[FAILING_TOO, WORKING])

    response = models.completion(model=FAILING, messages=HELLO, team=team)

    assert response.choices[0].message.content
    assert [seen.model for seen in vendor.seen] == [
        *["fake-5t-status500"] * 2, *["fake-3t-status503"] * 2, "fake-4t",
    ]  # fmt: skip
    [log] = logs()
    assert (log.status, log.model, log.metadata["asked_model"]) == (
        "success",
        "openai/fake-4t",
        "openai/fake-5t-status500",
    )
    tried = list(CallAttempt.objects.filter(call=log).order_by("number").values_list("model", "http_status"))
    assert tried == [(FAILING, 500), (FAILING, 500), (FAILING_TOO, 503), (FAILING_TOO, 503), (WORKING, 200)]


@pytest.mark.django_db(transaction=True)
def test_a_question_that_is_wrong_itself_is_asked_of_nobody_else(vendor: FakeServer, alice: User) -> None:
    team = team_of(alice)
    ModelRule.objects.create(team=team, model="openai/fake-5t-policy", fallbacks=["openai/fake-4t"])

    with pytest.raises(errors.ContentFiltered):
        models.completion(model="openai/fake-5t-policy", messages=HELLO, team=team)
    assert [seen.model for seen in vendor.seen] == ["fake-5t-policy"]


@pytest.mark.django_db(transaction=True)
async def test_a_stream_that_has_begun_is_not_begun_again_by_another_model(vendor: FakeServer, alice: User) -> None:
    team = await in_db(team_of, alice)
    await in_db(ModelRule.objects.create, team=team, model="openai/fake-9t-cut", fallbacks=["openai/fake-4t"])

    with pytest.raises(errors.StreamBroken):
        async with models.stream(model="openai/fake-9t-cut", messages=HELLO, team=team) as reply:
            assert [part async for part in reply]
    assert [seen.model for seen in vendor.seen] == ["fake-9t-cut"]


# --- Rules


def test_a_team_can_allow_only_what_it_names(alice: User, team: Team) -> None:
    providers.set_rule(by=alice, team=team, model="*", is_allowed=False)
    providers.set_rule(by=alice, team=team, model="demo/parley", is_allowed=True, note="For tries only")
    team_models.forget()

    assert catalogue.is_allowed("demo/parley", team.pk)
    assert not catalogue.is_allowed("openai/gpt-4o", team.pk)
    assert [(one.id, one.note) for one in catalogue.available_models(team.pk)] == [("demo/parley", "For tries only")]


def test_what_the_site_forbids_no_team_allows(alice: User, team: Team) -> None:
    ModelRule.objects.create(team=None, model="demo/parley", is_allowed=False)
    providers.set_rule(by=alice, team=team, model="demo/parley", is_allowed=True, note="We want it")
    team_models.forget()

    assert not catalogue.is_allowed("demo/parley", team.pk)


def test_a_rule_that_says_nothing_is_not_kept(alice: User, team: Team) -> None:
    providers.set_rule(by=alice, team=team, model="demo/parley", is_allowed=False)
    providers.set_rule(by=alice, team=team, model="demo/parley", is_allowed=True)

    assert not ModelRule.objects.exists()


# --- The pages


def test_a_key_can_be_entered_and_never_read_again(client: Client, alice: User, team: Team) -> None:
    client.force_login(alice)
    page = f"/teams/{team.pk}/providers/"
    fields = {"vendor": "openai", "name": "Our account", "key": KEY, "base_url": "", "api_version": "", "offered": ""}

    assert client.post(f"{page}new/", fields).status_code == 302

    provider = Provider.objects.get()
    for address in (page, f"{page}{provider.pk}/"):
        shown = client.get(address).content.decode()
        assert KEY not in shown
        assert provider.locked_key not in shown
        assert "abcd" in shown
    assert client.post(f"{page}{provider.pk}/disconnect/").status_code == 302
    assert not Provider.objects.exists()


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"vendor": "openai", "name": "A"}, "This vendor needs a key."),
        ({"vendor": "hosted_vllm", "name": "A", "offered": "x"}, "Say where this server is."),
        ({"vendor": "hosted_vllm", "name": "A", "base_url": "https://a.example"}, "Name the models"),
        ({"vendor": "hosted_vllm", "name": "A", "base_url": "http://127.0.0.1", "offered": "x"}, "private network"),
        ({"vendor": "hosted_vllm", "name": "A", "base_url": "file:///etc", "offered": "x"}, "begins with https://"),
        ({"vendor": "gemini", "name": "A", "key": KEY, "base_url": "https://a.example"}, "its own address only"),
        ({"vendor": "azure", "name": "A", "key": KEY, "base_url": "https://a.example", "offered": "x"}, "Azure needs"),
        ({"vendor": "openai", "name": "A", "key": KEY, "offered": "two words"}, "is not a model"),
        ({"vendor": "nobody", "name": "A", "key": KEY}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    fields: dict[str, str], problem: str, client: Client, alice: User, team: Team
) -> None:
    client.force_login(alice)

    answer = client.post(f"/teams/{team.pk}/providers/new/", fields)

    assert answer.status_code == 200
    assert problem in answer.content.decode().replace("&#x27;", "'")
    assert not Provider.objects.exists()


def test_a_rule_is_made_on_its_page(client: Client, alice: User, team: Team) -> None:
    client.force_login(alice)

    shown = client.get(f"/teams/{team.pk}/models/rule/?model=demo/parley")
    done = client.post(f"/teams/{team.pk}/models/rule/", {"model": "demo/parley", "note": "Slow on purpose"})

    assert "demo/parley" in shown.content.decode()
    assert done.status_code == 302
    rule = ModelRule.objects.get()
    assert (rule.model, rule.is_allowed, rule.note) == ("demo/parley", False, "Slow on purpose")


@pytest.mark.django_db(transaction=True)
def test_a_call_is_held_against_the_rules_whatever_a_page_let_through(
    vendor: FakeServer, alice: User, loopback: None
) -> None:
    team = team_of(alice)
    own = connected(alice, team, vendor.url, offered=("fake-4t", "fake-5t"))
    for model in ("openai/fake-4t", f"@{own.slug}/hosted_vllm/fake-4t"):
        ModelRule.objects.create(team=team, model=model, is_allowed=False)

    for model in ("openai/fake-4t", f"@{own.slug}/hosted_vllm/fake-4t", f"@{own.slug}/hosted_vllm/fake-9t"):
        with pytest.raises(errors.ModelForbidden):
            models.completion(model=model, messages=HELLO, team=team)
    assert vendor.seen == []
    assert models.completion(model=f"@{own.slug}/hosted_vllm/fake-5t", messages=HELLO, team=team)


@pytest.mark.django_db(transaction=True)
async def test_the_client_of_a_provider_that_was_changed_is_closed(
    vendor: FakeServer, alice: User, loopback: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LEAVE_AFTER", 0.05)
    team = await in_db(team_of, alice)
    own = await in_db(connected, alice, team, vendor.url, offered=("fake-1t",))
    ask = {"model": f"@{own.slug}/hosted_vllm/fake-1t", "messages": HELLO, "team": team}
    await models.acompletion(**ask)
    [before] = connections._clients[asyncio.get_running_loop()].values()

    details = Details("hosted_vllm", "Another name", base_url=vendor.url, key=KEY, offered=("fake-1t",))
    await in_db(providers.change, by=alice, provider=own, details=details)
    await models.acompletion(**ask)

    kept = connections._clients[asyncio.get_running_loop()].values()
    assert len(kept) == 1 and before not in kept
    async with asyncio.timeout(20):
        while not before._client.is_closed:  # asked by its own name, a closed one is made anew
            await asyncio.sleep(0.05)
