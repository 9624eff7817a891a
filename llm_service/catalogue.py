"""Which models people may use, read from settings and the environment at each call. Never imports LiteLLM.

With LLM_ALLOWED_MODELS exactly those; without it the models of every provider whose key or base URL is set; the offline
demo model where there is nothing else. To them come the models of providers that a team, or staff for all, connected,
and of all of them go those that a rule forbids. What asks for these of a team asks the database.
"""

import os
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from llm_service import served_models, team_models
from llm_service.abilities import Abilities, abilities_of, retires_on
from llm_service.errors import MissingKey
from llm_service.money import prices
from llm_service.names import connection_of, real_name, through
from llm_service.requests import Kind
from llm_service.team_models import Connected

if TYPE_CHECKING:  # settings and checks read the catalogue before models are ready
    from llm_service import models

NOTICE = timedelta(days=180)
"""How long before a vendor switches a model off people are told where they choose it."""
DEMO_MODEL = "demo/parley"
PLACEHOLDER_KEY = "no-key-needed"
"""For servers of one's own: their client insists on a key, they do not."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One entry of the model picker."""

    id: str
    label: str
    provider: str
    abilities: Abilities
    is_demo: bool = False
    source: str = ""
    """What a team calls the connection it is reached through; empty for the server's own."""
    note: str = ""
    """What the team, or staff, say about it where it is chosen."""


@dataclass(frozen=True, slots=True)
class Vendor:
    name: str
    """LiteLLM's prefix of its model names."""
    label: str
    keys: tuple[str, ...] = ()
    """Environment variables, any of which holds the key; none means that no key is needed."""
    bases: tuple[str, ...] = ()
    """Environment variables that point to a server which speaks the provider's format."""
    models: tuple[str, ...] = ()
    """Offered when LLM_ALLOWED_MODELS is unset; the best first."""

    is_open: bool = False
    """Serves names that no map can know: deployments of one's own, or hundreds of other vendors' models."""
    headers: tuple[tuple[str, str], ...] = ()
    """Header and environment variable of what else tells the vendor who pays."""

    @property
    def has_key(self) -> bool:
        return any(os.environ.get(name, "").strip() for name in self.keys)

    @property
    def base_url(self) -> str:
        return next((value for name in self.bases if (value := os.environ.get(name, "").strip())), "")

    @property
    def is_configured(self) -> bool:
        return self.has_key or bool(self.base_url)


VENDORS: dict[str, Vendor] = {
    provider.name: provider
    for provider in (
        Vendor(
            "openai",
            "OpenAI",
            ("OPENAI_API_KEY",),
            ("OPENAI_BASE_URL", "OPENAI_API_BASE"),
            ("gpt-5.5", "gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano", "gpt-4o", "gpt-4o-mini"),
            headers=(("OpenAI-Organization", "OPENAI_ORGANIZATION"), ("OpenAI-Project", "OPENAI_PROJECT_ID")),
        ),
        Vendor(
            "anthropic",
            "Anthropic",
            ("ANTHROPIC_API_KEY",),
            ("ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"),
            ("claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5", "claude-sonnet-4-6", "claude-haiku-4-5"),
        ),
        Vendor(
            "gemini",
            "Google Gemini",
            ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
            (),
            ("gemini-3.8-flash", "gemini-3.1-pro-preview", "gemini-3.5-flash-lite", "gemini-2.5-pro"),
        ),
        Vendor(
            "groq", "Groq", ("GROQ_API_KEY",), (), ("openai/gpt-oss-120b", "openai/gpt-oss-20b", "qwen/qwen3.8-27b")
        ),
        Vendor(
            "mistral",
            "Mistral",
            ("MISTRAL_API_KEY",),
            (),
            ("mistral-large-latest", "mistral-medium-latest", "mistral-small-latest"),
        ),
        Vendor("deepseek", "DeepSeek", ("DEEPSEEK_API_KEY",), (), ("deepseek-v4-pro", "deepseek-v4-flash")),
        Vendor("xai", "xAI", ("XAI_API_KEY",), (), ("grok-4.7", "grok-4.3", "grok-code-fast-1")),
        Vendor("cerebras", "Cerebras", ("CEREBRAS_API_KEY",), (), ("gpt-oss-120b", "qwen-3.8-27b")),
        Vendor("openrouter", "OpenRouter", ("OPENROUTER_API_KEY",), (), ("openrouter/auto",), is_open=True),
        Vendor(
            "together_ai",
            "Together",
            ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY", "TOGETHER_AI_TOKEN"),
            (),
            ("moonshotai/Kimi-K2.6", "zai-org/GLM-5.1"),
            is_open=True,
        ),
        Vendor("perplexity", "Perplexity", ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"), (), ("sonar-pro", "sonar")),
        Vendor(
            "fireworks_ai",
            "Fireworks",
            ("FIREWORKS_AI_API_KEY", "FIREWORKS_API_KEY"),
            (),
            ("accounts/fireworks/models/kimi-k3",),
            is_open=True,
        ),
        Vendor(
            "cohere_chat",
            "Cohere",
            ("COHERE_API_KEY", "CO_API_KEY"),
            (),
            ("command-a-plus-05-2026", "command-a-03-2025"),
        ),
        Vendor("azure", "Azure OpenAI", ("AZURE_API_KEY",), is_open=True),
        Vendor("hosted_vllm", "Own server", (), ("HOSTED_VLLM_API_BASE",)),
        Vendor("ollama_chat", "Ollama", (), ("OLLAMA_API_BASE",)),
    )
}
# Prefixes that mean a provider above.
ALIASES = {"ollama": "ollama_chat", "cohere": "cohere_chat"}


@dataclass(slots=True)
class _Names:
    """Model names in order, each once."""

    found: dict[str, None] = field(default_factory=dict)

    def add(self, *names: str) -> None:
        self.found |= dict.fromkeys(name for name in names if name)


def available_models(team_id: UUID | None = None) -> list[ModelInfo]:
    """Return the models of the picker, the best first; of a team also those it connected, and none it forbids.

    Without a team cheap: it waits for no network while on an event loop, and asks no database.
    """
    own = [describe(name) for name in _available()]
    if team_id is None:
        return own
    connected = [
        replace(describe(model), provider=f"@{provider.slug}", source=provider.name)
        for provider in team_models.connected_by(team_id)
        for model in offered_by(provider)
    ]
    if connected:
        own = [model for model in own if not model.is_demo]
    rules = team_models.rules_of(team_id)
    found = [
        replace(model, note=rules.note(model.id) or _end_of(model.id))
        for model in [*own, *connected]
        if rules.allow(model.id)
    ]
    return found or [describe(DEMO_MODEL)]


def _end_of(model: str) -> str:
    """Say that a model's vendor switches it off soon, or has done so."""
    day = retires_on(model)
    today = timezone.localdate()
    if day is None or day > today + NOTICE:
        return ""
    said = _("Switched off by its vendor on %(day)s.") if day > today else _("Its vendor switched it off on %(day)s.")
    return said % {"day": date_format(day)}


def default_model(team_id: UUID | None = None) -> str:
    """Return LLM_DEFAULT_MODEL where it is allowed, else the first available model. Never empty."""
    preferred: str = settings.LLM_DEFAULT_MODEL
    if preferred and is_allowed(preferred, team_id):
        return preferred
    names = [model.id for model in available_models(team_id)] if team_id else _available()
    return names[0]


def offered_by(provider: "Connected | models.Provider") -> list[str]:
    """Return the models of a connected provider as people choose them."""
    vendor = VENDORS.get(provider.vendor)
    names = provider.offered or (vendor.models if vendor else ())
    return [through(provider.slug, f"{provider.vendor}/{name}") for name in names]


def is_allowed(model: str, team_id: UUID | None = None, *, kind: Kind = "chat") -> bool:
    """Whether a caller may use this model; with a team, whether that team may. One of a connection needs its team."""
    if not isinstance(model, str) or not model:
        return False
    if team_id is not None and not team_models.rules_of(team_id).allow(model):
        return False
    if connection_of(model):
        return team_id is not None and _is_connected(model, team_id)
    return _is_served(model, kind)


def _is_connected(model: str, team_id: UUID) -> bool:
    provider = next((one for one in team_models.connected_by(team_id) if one.slug == connection_of(model)), None)
    if provider is None:
        return False
    vendor = VENDORS.get(provider.vendor)
    # A server of one's own serves what it likes; elsewhere the list counts.
    return model in offered_by(provider) or bool(vendor and vendor.is_open and not provider.offered)


def _is_served(model: str, kind: Kind) -> bool:
    if settings.LLM_ALLOWED_MODELS:
        return model in settings.LLM_ALLOWED_MODELS
    provider, name = _provider_of(model)
    if provider is None or not provider.is_configured:
        return model in _available()
    # A server of one's own serves what it likes; a vendor serves what the price map knows.
    is_known = prices.knows(model, kind) or (kind == "chat" and name in provider.models)
    return bool(provider.base_url) or provider.is_open or is_known


def fallbacks_of(model: str, team_id: UUID | None) -> list[str]:
    """Return the models that stand in for this one when its vendor fails, in order, without those nobody may use."""
    wanted = team_models.rules_of(team_id).fallbacks(model)
    return [other for other in wanted if other != model and is_allowed(other, team_id)]


def describe(model: str) -> ModelInfo:
    if model == DEMO_MODEL or model.startswith("demo/"):
        return ModelInfo(model, "Parley demo (offline)", "demo", abilities_of(model), is_demo=True)
    provider, name = _provider_of(model)
    label = name.rsplit("/", 1)[-1] or name
    return ModelInfo(model, label, provider.name if provider else "", abilities_of(model))


def provider_name(model: str) -> str:
    """Return the vendor whose bill a call of this model is on; empty where the name tells none."""
    provider, _ = _provider_of(model)
    return provider.name if provider else model.partition("/")[0] if "/" in model else ""


def group_of(model: ModelInfo) -> str:
    """Return what stands above a model where it is chosen: the connection's name, or the vendor's."""
    return model.source or provider_label(model.provider)


def provider_label(name: str) -> str:
    """Return a provider's name as people write it."""
    provider = VENDORS.get(name)
    return provider.label if provider else name.replace("_", " ").capitalize()


def call_arguments(model: str, params: dict[str, Any]) -> dict[str, Any]:
    """Return what a call must add for its provider. Raises MissingKey where LiteLLM would try without one."""
    provider, _ = _provider_of(model)
    if provider is None:
        return {}
    headers = {name: value for name, variable in provider.headers if (value := os.environ.get(variable, "").strip())}
    arguments: dict[str, Any] = {"extra_headers": headers} if headers and "extra_headers" not in params else {}
    if params.get("api_key") or not provider.keys or provider.has_key:
        return arguments
    if provider.base_url or params.get("api_base") or params.get("base_url"):
        return {**arguments, "api_key": PLACEHOLDER_KEY}
    raise MissingKey(f"None of {', '.join(provider.keys)} is set.")


def _available() -> list[str]:
    names = _Names()
    if settings.LLM_ALLOWED_MODELS:
        names.add(*settings.LLM_ALLOWED_MODELS)
        return list(names.found)
    if settings.LLM_DEFAULT_MODEL and (_provider_of(settings.LLM_DEFAULT_MODEL)[0] or VENDORS["azure"]).is_configured:
        names.add(settings.LLM_DEFAULT_MODEL)
    for provider in VENDORS.values():
        if provider.base_url:
            names.add(*(f"{provider.name}/{name}" for name in served_models.at(provider.base_url, _key_of(provider))))
        elif provider.has_key:
            names.add(*(f"{provider.name}/{name}" for name in provider.models))
    return list(names.found) or [DEMO_MODEL]


def _provider_of(model: str) -> tuple[Vendor | None, str]:
    """A name without a prefix is OpenAI's or Anthropic's, as LiteLLM reads it."""
    model = real_name(model)
    prefix, slash, name = model.partition("/")
    if slash and (ALIASES.get(prefix, prefix)) in VENDORS:
        return VENDORS[ALIASES.get(prefix, prefix)], name.removeprefix("responses/")
    if not slash:
        for provider in (VENDORS["openai"], VENDORS["anthropic"]):
            if model in provider.models or prices.provider_of(model) == provider.name:
                return provider, model
    return None, name or model


def _key_of(provider: Vendor) -> str:
    return next((value for name in provider.keys if (value := os.environ.get(name, "").strip())), "")
