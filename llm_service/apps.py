import asyncio

from django.apps import AppConfig
from django.utils.translation import gettext_lazy

from lib import health, lifecycle, vault


class LlmServiceConfig(AppConfig):
    name = "llm_service"
    verbose_name = gettext_lazy("Model calls")

    def ready(self) -> None:
        from llm_service import call_logs, library, memory, warm_up  # noqa: PLC0415  they need the models to be loaded
        from llm_service.actions import providers  # noqa: PLC0415  the same
        from llm_service.playground import running  # noqa: PLC0415  the same

        async def flush() -> None:
            await asyncio.to_thread(call_logs.flush)

        async def drain() -> None:
            await running.end_all()
            await flush()

        async def stop() -> None:
            await flush()
            await library.close_connections()

        lifecycle.register(start=warm_up.start, drain=drain, stop=stop)
        lifecycle.register(start=memory.start, stop=memory.stop)
        _register_pages()
        health.register("models", warm_up.is_ready)
        vault.register(providers.lock_anew)


def _register_pages() -> None:
    from accounts import settings_pages  # noqa: PLC0415  models are ready only now
    from teams import pages  # noqa: PLC0415
    from teams.permissions import Permission  # noqa: PLC0415

    settings_pages.register(gettext_lazy("Usage"), url_name="money:usage", icon="summary", order=29)
    pages.register(
        gettext_lazy("Model calls"),
        url_name="operations:keeping",
        icon="activity",
        permission=Permission.READ_CALLS,
        order=60,
    )
    pages.register(
        gettext_lazy("Budgets and limits"),
        url_name="money:limits",
        icon="coin",
        permission=Permission.MANAGE_PROVIDERS,
        order=62,
        covers=("money:limit", "money:remove_limit"),
    )
    pages.register(
        gettext_lazy("Alerts"),
        url_name="money:alerts",
        icon="bell",
        permission=Permission.MANAGE_PROVIDERS,
        order=64,
        covers=("money:alert", "money:remove_alert"),
    )
    pages.register(
        gettext_lazy("Models"),
        url_name="team_models:list",
        icon="model",
        permission=Permission.MANAGE_PROVIDERS,
        order=40,
        covers=("team_models:connect", "team_models:change", "team_models:rule", "team_models:disconnect"),
    )
    pages.register(
        gettext_lazy("Guardrails"),
        url_name="team_models:guardrails",
        icon="shield",
        permission=Permission.MANAGE_PROVIDERS,
        order=42,
        covers=("team_models:add_guardrail", "team_models:change_guardrail", "team_models:remove_guardrail"),
    )
