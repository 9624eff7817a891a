"""Calls through providers that people connected: which there are, and the way through one of them.

Their addresses are people's words, so every call of theirs goes through the guarded transport of `lib.outbound`, which
LiteLLM is handed as its HTTP client.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from django.apps import apps

from lib import vault
from llm_service import catalogue, errors, library
from llm_service.names import connection_of, real_name
from llm_service.requests import Kind

MOST_CLIENTS = 100
"""HTTP clients kept by one process, each with a few idle connections."""
LEAVE_AFTER = 600.0
"""Seconds that a client which is no longer used has for the calls that still run through it."""
AZURE = "azure"

_Clients = OrderedDict[tuple[UUID, datetime, bool], Any]
_closing: set[asyncio.Task[None]] = set()
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, _Clients] = WeakKeyDictionary()


class Way:
    """What LiteLLM is told so that a call goes through one connection. Made where the database may be asked."""

    def __init__(self, model: str, team_id: UUID | None, kind: Kind = "chat") -> None:
        """Raise ModelNotFound where this team has no such connection, ModelForbidden where a rule is against the
        model or it is not offered, MissingKey where its key cannot be read."""
        provider = _providers().usable_by(team_id).filter(slug=connection_of(model)).first()
        if provider is None:
            raise errors.ModelNotFound(f"There is no connection {connection_of(model)!r} here.")
        if not catalogue.is_allowed(model, team_id or provider.team_id, kind=kind):
            raise errors.ModelForbidden(f"{model!r} is not offered, or a rule forbids it.")
        try:
            self._key = vault.unlock(provider.locked_key) if provider.locked_key else catalogue.PLACEHOLDER_KEY
        except vault.Unreadable:
            raise errors.MissingKey(f"The key of {provider.name} cannot be read with VAULT_KEYS.") from None
        self.model = real_name(model)
        self._provider = provider

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must stand in no log, although the vendor may quote it."""
        return (self._key,) if self._provider.locked_key else ()

    def arguments(self, kind: Kind = "chat") -> dict[str, Any]:
        """Return LiteLLM's keyword arguments. On the event loop that makes the call."""
        provider = self._provider
        if kind != "chat" and provider.vendor != AZURE:
            return self._of_other_calls()
        client = self._client()
        if provider.vendor == AZURE:
            return {"client": client, "api_key": self._key, "api_version": provider.api_version}
        address = {"api_base": provider.base_url.rstrip("/")} if provider.base_url else {}
        return {"client": client, "api_key": self._key, **address}

    def _of_other_calls(self) -> dict[str, Any]:
        """These go through the SDK, which takes a client of its own kind."""
        provider = self._provider
        if not provider.base_url:
            return {"api_key": self._key}  # the vendor's own address, which is nobody's word
        if provider.vendor not in {"openai", "hosted_vllm"}:
            raise errors.BadRequest(f"Calls of this kind cannot go to another address of {provider.vendor}.")
        client = self._client(_sdk_client)
        return {"client": client, "api_key": self._key, "model": f"openai/{self.model.partition('/')[2]}"}

    def _client(self, make: "Callable[[Way], Any] | None" = None) -> Any:
        kept = _clients.setdefault(asyncio.get_running_loop(), OrderedDict())
        name = (self._provider.pk, self._provider.changed_at, make is not None)
        if name not in kept:
            kept[name] = make(self) if make else self._made()
            _let_go(kept, self._provider.pk, self._provider.changed_at)
        kept.move_to_end(name)
        return kept[name]

    def _made(self) -> Any:
        import httpx  # noqa: PLC0415  heavy

        from lib.outbound import guard  # noqa: PLC0415  heavy, the same

        limits = httpx.Timeout(None, connect=10)
        if self._provider.vendor == AZURE:
            import openai  # noqa: PLC0415  heavy

            return openai.AsyncAzureOpenAI(
                azure_endpoint=self._provider.base_url,
                api_key=self._key,
                api_version=self._provider.api_version,
                max_retries=0,
                http_client=guard.client(timeout=limits),
            )
        return library.http_handler(guard.GuardedTransport(), limits)

    @property
    def address(self) -> str:
        return str(self._provider.base_url.rstrip("/"))

    @property
    def key(self) -> str:
        return self._key


def _sdk_client(way: Way) -> Any:
    import httpx  # noqa: PLC0415  heavy
    import openai  # noqa: PLC0415  heavy

    from lib.outbound import guard  # noqa: PLC0415  heavy, the same

    http_client = guard.client(timeout=httpx.Timeout(None, connect=10))
    return openai.AsyncOpenAI(api_key=way.key, base_url=way.address, max_retries=0, http_client=http_client)


def _let_go(kept: _Clients, provider_id: UUID, changed_at: datetime) -> None:
    """Close clients of what the provider was before it was changed, and the oldest of too many."""
    old = [name for name in kept if name[0] == provider_id and name[1] != changed_at]
    old += list(kept)[: max(0, len(kept) - len(old) - MOST_CLIENTS)]
    for name in old:
        if client := kept.pop(name, None):
            task = asyncio.ensure_future(_close_later(client))
            _closing.add(task)
            task.add_done_callback(_closing.discard)


async def _close_later(client: Any) -> None:
    """Calls that still run through it end first, or their time is over."""
    try:
        await asyncio.sleep(LEAVE_AFTER)
    finally:
        await client.close()


async def close() -> None:
    """Close this loop's clients before it ends."""
    loop = asyncio.get_running_loop()
    for client in _clients.pop(loop, {}).values():
        await client.close()
    leaving = [task for task in _closing if task.get_loop() is loop]
    for task in leaving:
        task.cancel()
    if leaving:
        await asyncio.wait(leaving)


library.at_close(close)


def _providers() -> Any:
    return apps.get_model("llm_service", "Provider")._default_manager
