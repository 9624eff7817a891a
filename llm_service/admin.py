from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from lib import vault
from lib.outbound import addresses
from llm_service import bodies, team_models
from llm_service.actions import providers, reading
from llm_service.forms.providers import vendors
from llm_service.models import CallAttempt, Feedback, LLMCallLog, ModelRule, Provider
from llm_service.money import admin as money_admin
from llm_service.queries import calls
from llm_service.templatetags import operations as said

__all__ = ["CallAttemptInline", "FeedbackAdmin", "LLMCallLogAdmin", "money_admin"]


class CallAttemptInline(admin.TabularInline[CallAttempt, LLMCallLog]):
    model = CallAttempt
    extra = 0
    can_delete = False
    fields = readonly_fields = ("number", "started_at", "duration_ms", "http_status", "error_type", "error_message")

    def has_add_permission(self, request: HttpRequest, obj: LLMCallLog | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: LLMCallLog | None = None) -> bool:
        return False


class FeedbackFilter(admin.SimpleListFilter):
    title = "feedback"
    parameter_name = "feedback"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*((value, str(label)) for value, label in Feedback.Rating.choices), ("text", _("With a text"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LLMCallLog]) -> QuerySet[LLMCallLog]:
        chosen = self.value()
        if not chosen:
            return queryset
        said = Feedback.objects.exclude(text="") if chosen == "text" else Feedback.objects.filter(rating=chosen)
        return queryset.filter(message_id__in=said.values("message_id"))


class FeatureFilter(admin.SimpleListFilter):
    """Offers what the newest calls were for: to look through all of them for it takes long."""

    title = "feature"
    parameter_name = "feature"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(feature, feature) for feature in calls.in_use(LLMCallLog.objects.all())["feature"]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LLMCallLog]) -> QuerySet[LLMCallLog]:
        return queryset.filter(feature=self.value()) if self.value() else queryset


@admin.register(LLMCallLog)
class LLMCallLogAdmin(admin.ModelAdmin[LLMCallLog]):
    """Read only. The list touches neither bodies nor previews, and counts no rows."""

    list_display = (
        "at",
        "asked",
        "person",
        "how_it_ended",
        "rated",
        "tokens",
        "cost",
        "took",
    )
    list_filter = (
        "status",
        FeedbackFilter,
        FeatureFilter,
        "cost_source",
        "is_stream",
        ("created_at", admin.DateFieldListFilter),
    )
    list_select_related = ("user",)
    list_per_page = 50
    change_list_template = "admin/llm_service/calls.html"
    show_full_result_count = False
    search_fields = ("model", "request_id", "user__email", "turn_id", "thread_id", "error_type")
    search_help_text = gettext_lazy("Model, request id, e-mail address, turn, thread or error type.")
    ordering = ("-created_at", "id")
    inlines = (CallAttemptInline,)

    @admin.display(description=gettext_lazy("Time"), ordering="created_at")
    def at(self, log: LLMCallLog) -> str:
        return said.moment(log.created_at)

    @admin.display(description=gettext_lazy("Model"), ordering="model")
    def asked(self, log: LLMCallLog) -> SafeString:
        return format_html('{}<br><span class="quiet">{}</span>', log.model, log.feature)

    @admin.display(description=gettext_lazy("Person"), ordering="user__email")
    def person(self, log: LLMCallLog) -> SafeString | str:
        return format_html('<span title="{}">{}</span>', log.user.email, log.user.short_name) if log.user else ""

    @admin.display(description=gettext_lazy("Status"), ordering="status")
    def how_it_ended(self, log: LLMCallLog) -> str:
        reason = "" if log.error_type == log.status else log.error_type
        return ": ".join(part for part in (log.get_status_display(), reason) if part)

    @admin.display(description=gettext_lazy("Tokens"), ordering="total_tokens")
    def tokens(self, log: LLMCallLog) -> str:
        return f"{said.short(log.input_tokens)} \N{RIGHTWARDS ARROW} {said.short(log.output_tokens)}"

    @admin.display(description=gettext_lazy("Took"), ordering="duration_ms")
    def took(self, log: LLMCallLog) -> str:
        return said.took(log.duration_ms)

    @admin.display(description=gettext_lazy("Cost"), ordering="cost_usd")
    def cost(self, log: LLMCallLog) -> str:
        return said.money(log.cost_usd)

    @admin.display(description=gettext_lazy("Feedback"))
    def rated(self, log: LLMCallLog) -> str:
        return str(dict(Feedback.Rating.choices).get(getattr(log, "rating", None) or "", ""))

    @admin.display(description=gettext_lazy("Feedback"))
    def feedback(self, log: LLMCallLog) -> SafeString | str:
        given = Feedback.objects.filter(message_id=log.message_id).first() if log.message_id else None
        if given is None:
            return "none"
        address = reverse("admin:llm_service_feedback_change", args=[given.pk])
        return format_html('<a href="{}">{}</a><br>{}', address, given, given.text)

    @admin.display(description=gettext_lazy("Sent"))
    def sent(self, log: LLMCallLog) -> SafeString | str:
        return _as_json(log, "request")

    @admin.display(description=gettext_lazy("Answer"))
    def answered(self, log: LLMCallLog) -> SafeString | str:
        return _as_json(log, "response")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, with what the filtered calls come to."""
        answer = super().changelist_view(request, extra_context)
        shown = getattr(answer, "context_data", None) or {}
        if "cl" in shown:
            shown["totals"] = calls.sums(shown["cl"].queryset)
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a call with what was said in it, and tell the audit log who looked."""
        answer = super().change_view(request, object_id, form_url, extra_context)
        shown = (getattr(answer, "context_data", None) or {}).get("original")
        if isinstance(shown, LLMCallLog) and isinstance(request.user, User):
            reading.open_words(by=request.user, call=shown)
        return answer

    @admin.display(description="Page")
    def page(self, log: LLMCallLog) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("operations:call", args=[log.pk]), log.pk)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LLMCallLog]:
        given = Feedback.objects.filter(message_id=OuterRef("message_id")).values("rating")[:1]
        found = super().get_queryset(request).annotate(rating=Subquery(given))
        if request.resolver_match and request.resolver_match.url_name == "llm_service_llmcalllog_changelist":
            return found.defer("metadata", "prompt_preview", "response_preview", "error_message")
        return found

    def get_fields(self, request: HttpRequest, obj: LLMCallLog | None = None) -> list[Any]:
        return ["page", *(field.name for field in LLMCallLog._meta.fields), "feedback", "sent", "answered"]

    def get_readonly_fields(self, request: HttpRequest, obj: LLMCallLog | None = None) -> list[Any]:
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: LLMCallLog | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Feedback)
class FeedbackAdmin(admin.ModelAdmin[Feedback]):
    """What people think of replies. Read only."""

    list_display = ("created_at", "rating", "reason", "text", "model", "user", "team", "call")
    list_filter = ("rating", "reason", ("created_at", admin.DateFieldListFilter))
    list_select_related = ("user", "team", "call")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("text", "model", "user__email", "thread_id", "message_id")
    search_help_text = gettext_lazy("Text, model, e-mail address, thread or message.")
    ordering = ("-created_at", "id")

    def get_readonly_fields(self, request: HttpRequest, obj: Feedback | None = None) -> list[Any]:
        return [field.name for field in Feedback._meta.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Feedback | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _as_json(log: LLMCallLog, column: str) -> SafeString | str:
    body = getattr(log, "body", None)
    return format_html('<pre tabindex="0">{}</pre>', bodies.indented(getattr(body, column))) if body else _("not kept")


class ProviderAdminForm(forms.ModelForm[Provider]):
    new_key = forms.CharField(
        label="New key",
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Stored locked, never shown again. Left empty, the stored one stays; a new address needs it anew.",
    )

    class Meta:
        model = Provider
        fields = ("name", "team", "vendor", "base_url", "api_version", "offered", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vendor"] = forms.ChoiceField(choices=vendors())

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        address = found.get("base_url", "")
        try:
            if address:
                addresses.check_url(address)
        except addresses.NotAllowed as error:
            self.add_error("base_url", str(error))
        stored = self.instance.locked_key and not found.get("new_key")
        if stored and {"vendor", "base_url"} & set(self.changed_data):
            self.add_error("new_key", "Enter the key again: the stored one is not sent to another address.")
        if found.get("new_key") and not vault.can_lock():
            self.add_error("new_key", "VAULT_KEYS is not set, so no key can be stored.")
        return found


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin[Provider]):
    """Providers of teams, and of the whole site. What staff change here goes through the product's own action."""

    form = ProviderAdminForm
    list_display = ("name", "team", "vendor", "base_url", "key_tail", "is_active", "tested_at", "test_problem")
    list_filter = ("vendor", "is_active")
    list_select_related = ("team",)
    raw_id_fields = ("team",)  # the select that can search has no name for who cannot see its label
    search_fields = ("name", "slug", "team__name")
    readonly_fields = ("slug", "key_tail", "created_by", "created_at", "changed_at", "tested_at", "test_problem")

    def save_model(self, request: HttpRequest, obj: Provider, form: Any, change: bool) -> None:
        found = form.cleaned_data
        details = providers.Details(
            vendor=found["vendor"],
            name=found["name"],
            base_url=found["base_url"].rstrip("/"),
            api_version=found["api_version"],
            key=found["new_key"],
            offered=tuple(found["offered"] or ()),
            is_active=found["is_active"],
        )
        by = cast(User, request.user)
        if change:
            providers.change(by=by, provider=obj, details=details)
        else:
            made = providers.connect(by=by, team=found["team"], details=details)
            obj.pk, obj.slug = made.pk, made.slug
            obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: Provider) -> None:
        providers.disconnect(by=cast(User, request.user), provider=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Provider]) -> None:
        for provider in queryset:
            self.delete_model(request, provider)


@admin.register(ModelRule)
class ModelRuleAdmin(admin.ModelAdmin[ModelRule]):
    """What teams, or the whole site, say about models. Holds within seconds in every process."""

    list_display = ("model", "team", "is_allowed", "fallbacks", "note", "retires_on")
    list_filter = ("is_allowed",)
    list_select_related = ("team",)
    raw_id_fields = ("team",)
    search_fields = ("model", "team__name")

    def save_model(self, request: HttpRequest, obj: ModelRule, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        team_models.changed()

    def delete_model(self, request: HttpRequest, obj: ModelRule) -> None:
        super().delete_model(request, obj)
        team_models.changed()
