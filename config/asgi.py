"""The ASGI application: HTTP by Django, sockets by Channels, services that live with the server's loop."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()  # before the imports below: they need the apps

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402

from config import serving  # noqa: E402
from lib import health  # noqa: E402
from llm_chat.routing import websocket_urlpatterns  # noqa: E402

serving.check_secret()
serving.install()

application = ProtocolTypeRouter(
    {
        "http": health.with_probes(http),
        "websocket": URLRouter(websocket_urlpatterns),
        "lifespan": serving.lifespan,
    }
)
