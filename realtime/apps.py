from channels.layers import get_channel_layer
from django.apps import AppConfig
from django.conf import settings

from lib import lifecycle
from realtime import hub, relay, services


class RealtimeConfig(AppConfig):
    name = "realtime"

    def ready(self) -> None:
        relay.orders["wake"] = services.wake
        relay.orders["recheck"] = lambda user_id: hub.current().recheck(int(user_id))
        lifecycle.register(start=_open_relay, stop=_close_relay)


async def _open_relay() -> None:
    server = hub.current()
    if settings.REDIS_URL:
        outlet = relay.Relay(server, get_channel_layer())
        server.outlet = outlet
        outlet.start()


async def _close_relay() -> None:
    server = hub.current()
    outlet = relay.relay_of(server)
    if outlet:
        server.outlet = None
        await outlet.stop()
