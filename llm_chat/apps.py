from uuid import UUID

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts import settings_pages
from lib import lifecycle
from realtime import relay, services
from teams import contents


class LlmChatConfig(AppConfig):
    name = "llm_chat"

    def ready(self) -> None:
        from llm_chat import consumers, indexing, queries, rechecks, sockets, turns  # noqa: PLC0415  models are ready only now

        async def sweep() -> None:
            await rechecks.start(lambda: consumers.open_sockets)

        async def drain() -> None:
            await turns.drain()
            await consumers.close_all()

        def wake() -> None:
            if runner := turns.of_this_process():
                runner.wake()

        def stop(turn_id: str) -> None:
            if runner := turns.of_this_process():
                runner.stop_turn(turn_id)

        def live_turn(thread_id: str) -> str | None:
            turn = sockets.running_turn(UUID(thread_id))
            return turn.model_dump_json() if turn else None

        settings_pages.register(_("Chat"), url_name="llm_chat:settings", icon="message", order=20)
        settings_pages.register(_("Import"), url_name="llm_chat:imports", icon="download", order=25)
        settings_pages.register(_("Shared links"), url_name="llm_chat:links", icon="link", order=24)
        services.on_wake("turns", wake)

        contents.counter(queries.threads_in_words)
        contents.counter(queries.presets_in_words)
        relay.orders["stop"] = stop
        relay.questions["turn"] = live_turn
        lifecycle.register(start=turns.start, drain=drain, stop=turns.stop)
        lifecycle.register(start=sweep, stop=rechecks.stop)
        lifecycle.register(start=indexing.start, stop=indexing.stop)
