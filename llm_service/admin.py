from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from llm_service import bodies
from llm_service.models import CallAttempt, LLMCallLog


class CallAttemptInline(admin.TabularInline[CallAttempt, LLMCallLog]):
    model = CallAttempt
    extra = 0
    can_delete = False
    fields = readonly_fields = ("number", "started_at", "duration_ms", "http_status", "error_type", "error_message")

    def has_add_permission(self, request: HttpRequest, obj: LLMCallLog | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: LLMCallLog | None = None) -> bool:
        return False


@admin.register(LLMCallLog)
class LLMCallLogAdmin(admin.ModelAdmin[LLMCallLog]):
    """Read only. The list touches neither bodies nor previews, and counts no rows."""

    list_display = (
        "created_at",
        "model",
        "feature",
        "user",
        "status",
        "error_type",
        "input_tokens",
        "output_tokens",
        "cost",
        "cost_source",
        "time_to_first_token_ms",
        "duration_ms",
        "retry_count",
    )
    list_filter = ("status", "feature", "cost_source", "is_stream", ("created_at", admin.DateFieldListFilter))
    list_select_related = ("user",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("model", "request_id", "user__email", "turn_id", "thread_id", "error_type")
    search_help_text = "Model, request id, e-mail address, turn, thread or error type."
    ordering = ("-created_at", "id")
    inlines = (CallAttemptInline,)

    @admin.display(description="Cost (USD)", ordering="cost_usd")
    def cost(self, log: LLMCallLog) -> str:
        return "unknown" if log.cost_usd is None else f"{log.cost_usd:.6f}"

    @admin.display(description="Sent")
    def sent(self, log: LLMCallLog) -> SafeString | str:
        return _as_json(log, "request")

    @admin.display(description="Answer")
    def answered(self, log: LLMCallLog) -> SafeString | str:
        return _as_json(log, "response")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LLMCallLog]:
        found = super().get_queryset(request)
        if request.resolver_match and request.resolver_match.url_name == "llm_service_llmcalllog_changelist":
            return found.defer("metadata", "prompt_preview", "response_preview", "error_message")
        return found

    def get_fields(self, request: HttpRequest, obj: LLMCallLog | None = None) -> list[Any]:
        return [*(field.name for field in LLMCallLog._meta.fields), "sent", "answered"]

    def get_readonly_fields(self, request: HttpRequest, obj: LLMCallLog | None = None) -> list[Any]:
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: LLMCallLog | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _as_json(log: LLMCallLog, column: str) -> SafeString | str:
    body = getattr(log, "body", None)
    return format_html("<pre>{}</pre>", bodies.indented(getattr(body, column))) if body else "not kept"
