from django.urls import path

from llm_chat.consumers import ChatConsumer

websocket_urlpatterns = [
    path("ws/chat/", ChatConsumer.as_asgi()),
    path("ws/chat/<uuid:thread_id>/", ChatConsumer.as_asgi()),
]
