"""Which models people may use, read from settings and the environment at each call. Never imports LiteLLM.

With LLM_ALLOWED_MODELS exactly those; without it the models of every provider whose key or base URL is set; the offline
demo model where there is nothing else.
"""

import os
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from llm_service import prices, served_models
from llm_service.errors import MissingKey

DEMO_MODEL = "demo/parley"
PLACEHOLDER_KEY = "no-key-needed"
"""For servers of one's own: their client insists on a key, they do not."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One entry of the model picker."""

    id: str
    label: str
    provider: str
    supports_tools: bool
    is_demo: bool = False


@dataclass(frozen=True, slots=True)
class Provider:
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


PROVIDERS: dict[str, Provider] = {
    provider.name: provider
    for provider in (
        Provider(
            "openai",
            "OpenAI",
            ("OPENAI_API_KEY",),
            ("OPENAI_BASE_URL", "OPENAI_API_BASE"),
            ("gpt-5.5", "gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano", "gpt-4o", "gpt-4o-mini"),
            headers=(("OpenAI-Organization", "OPENAI_ORGANIZATION"), ("OpenAI-Project", "OPENAI_PROJECT_ID")),
        ),
        Provider(
            "anthropic",
            "Anthropic",
            ("ANTHROPIC_API_KEY",),
            ("ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"),
            ("claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5", "claude-sonnet-4-6", "claude-haiku-4-5"),
        ),
        Provider(
            "gemini",
            "Google Gemini",
            ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
            (),
            ("gemini-3.8-flash", "gemini-3.1-pro-preview", "gemini-3.5-flash-lite", "gemini-2.5-pro"),
        ),
        Provider(
            "groq", "Groq", ("GROQ_API_KEY",), (), ("openai/gpt-oss-120b", "openai/gpt-oss-20b", "qwen/qwen3.8-27b")
        ),
        Provider(
            "mistral",
            "Mistral",
            ("MISTRAL_API_KEY",),
            (),
            ("mistral-large-latest", "mistral-medium-latest", "mistral-small-latest"),
        ),
        Provider("deepseek", "DeepSeek", ("DEEPSEEK_API_KEY",), (), ("deepseek-v4-pro", "deepseek-v4-flash")),
        Provider("xai", "xAI", ("XAI_API_KEY",), (), ("grok-4.7", "grok-4.3", "grok-code-fast-1")),
        Provider("cerebras", "Cerebras", ("CEREBRAS_API_KEY",), (), ("gpt-oss-120b", "qwen-3.8-27b")),
        Provider("openrouter", "OpenRouter", ("OPENROUTER_API_KEY",), (), ("openrouter/auto",), is_open=True),
        Provider(
            "together_ai",
            "Together",
            ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY", "TOGETHER_AI_TOKEN"),
            (),
            ("moonshotai/Kimi-K2.6", "zai-org/GLM-5.1"),
            is_open=True,
        ),
        Provider(
            "perplexity", "Perplexity", ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"), (), ("sonar-pro", "sonar")
        ),
        Provider(
            "fireworks_ai",
            "Fireworks",
            ("FIREWORKS_AI_API_KEY", "FIREWORKS_API_KEY"),
            (),
            ("accounts/fireworks/models/kimi-k3",),
            is_open=True,
        ),
        Provider(
            "cohere_chat",
            "Cohere",
            ("COHERE_API_KEY", "CO_API_KEY"),
            (),
            ("command-a-plus-05-2026", "command-a-03-2025"),
        ),
        Provider("azure", "Azure OpenAI", ("AZURE_API_KEY",), is_open=True),
        Provider("hosted_vllm", "Own server", (), ("HOSTED_VLLM_API_BASE",)),
        Provider("ollama_chat", "Ollama", (), ("OLLAMA_API_BASE",)),
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


def available_models() -> list[ModelInfo]:
    """Return the models of the picker, the best first. Cheap; waits for no network while on an event loop."""
    return [describe(name) for name in _available()]


def default_model() -> str:
    """Return LLM_DEFAULT_MODEL where it is allowed, else the first available model. Never empty."""
    preferred: str = settings.LLM_DEFAULT_MODEL
    if preferred and is_allowed(preferred):
        return preferred
    return _available()[0]


def is_allowed(model: str) -> bool:
    """Whether a caller may use this model."""
    if not isinstance(model, str) or not model:
        return False
    if settings.LLM_ALLOWED_MODELS:
        return model in settings.LLM_ALLOWED_MODELS
    provider, name = _provider_of(model)
    if provider is None or not provider.is_configured:
        return model in _available()
    # A server of one's own serves what it likes; a vendor serves what the price map knows.
    return bool(provider.base_url) or provider.is_open or name in provider.models or prices.knows(model)


def describe(model: str) -> ModelInfo:
    if model == DEMO_MODEL or model.startswith("demo/"):
        return ModelInfo(model, "Parley demo (offline)", "demo", supports_tools=True, is_demo=True)
    provider, name = _provider_of(model)
    label = name.rsplit("/", 1)[-1]
    return ModelInfo(model, label, provider.name if provider else "", supports_tools=_supports_tools(provider, model))


def provider_label(name: str) -> str:
    """Return a provider's name as people write it."""
    provider = PROVIDERS.get(name)
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
    if settings.LLM_DEFAULT_MODEL and (_provider_of(settings.LLM_DEFAULT_MODEL)[0] or PROVIDERS["azure"]).is_configured:
        names.add(settings.LLM_DEFAULT_MODEL)
    for provider in PROVIDERS.values():
        if provider.base_url:
            names.add(*(f"{provider.name}/{name}" for name in served_models.at(provider.base_url, _key_of(provider))))
        elif provider.has_key:
            names.add(*(f"{provider.name}/{name}" for name in provider.models))
    return list(names.found) or [DEMO_MODEL]


def _provider_of(model: str) -> tuple[Provider | None, str]:
    """A name without a prefix is OpenAI's or Anthropic's, as LiteLLM reads it."""
    prefix, slash, name = model.partition("/")
    if slash and (ALIASES.get(prefix, prefix)) in PROVIDERS:
        return PROVIDERS[ALIASES.get(prefix, prefix)], name.removeprefix("responses/")
    if not slash:
        for provider in (PROVIDERS["openai"], PROVIDERS["anthropic"]):
            if model in provider.models or prices.provider_of(model) == provider.name:
                return provider, model
    return None, name or model


def _key_of(provider: Provider) -> str:
    return next((value for name in provider.keys if (value := os.environ.get(name, "").strip())), "")


def _supports_tools(provider: Provider | None, model: str) -> bool:
    """What the curated lists hold can use tools; of a server of one's own we cannot know, so it may try."""
    return provider is not None
