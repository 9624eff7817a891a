import asyncio

from django.apps import AppConfig

from lib import health, lifecycle


class LlmServiceConfig(AppConfig):
    name = "llm_service"
    verbose_name = "Model calls"

    def ready(self) -> None:
        from llm_service import call_logs, library, warm_up  # noqa: PLC0415  they need the models to be loaded

        async def flush() -> None:
            await asyncio.to_thread(call_logs.flush)

        async def stop() -> None:
            await flush()
            await library.close_connections()

        lifecycle.register(start=warm_up.start, drain=flush, stop=stop)
        health.register("models", warm_up.is_ready)
