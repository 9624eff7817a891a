from django.apps import AppConfig


class LlmServiceConfig(AppConfig):
    name = "llm_service"
