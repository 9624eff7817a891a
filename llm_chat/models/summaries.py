from django.db import models
from django.utils import timezone

from llm_chat.models.threads import ChatMessage, ChatThread


class Summary(models.Model):
    """What a model is told in place of all messages up to one: it counts on every path that this message is on."""

    up_to = models.OneToOneField(ChatMessage, on_delete=models.CASCADE, primary_key=True, related_name="summary")
    thread = models.ForeignKey(ChatThread, on_delete=models.CASCADE, related_name="summaries")
    text = models.TextField()
    token_count = models.PositiveIntegerField()
    messages = models.PositiveIntegerField(help_text="How many it covers.")
    model = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Summary of {self.messages} messages"
