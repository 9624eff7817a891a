from django.apps import AppConfig


class LlmChatConfig(AppConfig):
    name = "llm_chat"
