"""Prices, budgets and alerts of the whole site, for its staff."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from llm_service import catalogue
from llm_service.models import Alert, AlertEvent, Budget, BudgetPeriod, ModelPrice, UserMonthlyUsage
from llm_service.money import budgets, importing, known
from llm_service.templatetags import operations as said

NONE = "\N{EN DASH}"


class ReadOnly:
    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class IsValidNow(admin.SimpleListFilter):
    title = gettext_lazy("in force")
    parameter_name = "now"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("Now")), ("0", _("Not now"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ModelPrice]) -> QuerySet[ModelPrice]:
        if self.value() not in ("0", "1"):
            return queryset
        now = importing.in_force()
        return queryset.filter(now) if self.value() == "1" else queryset.exclude(now)


def _exact(price: Decimal | None) -> str:
    """Say all of a price, without the zeros at its end."""
    return NONE if price is None else number_format(f"{price:f}".rstrip("0").rstrip(".") if price else "0")


def _day(at: datetime | None) -> SafeString | str:
    """Say the day; the moment is for whoever asks."""
    if at is None:
        return NONE
    local = timezone.localtime(at)
    return format_html('<span title="{}">{}</span>', said.whole_moment(at), date_format(local, _("j M Y")))


@admin.register(ModelPrice)
class ModelPriceAdmin(admin.ModelAdmin[ModelPrice]):
    """USD per million tokens. An own price wins over LiteLLM's; one that is taken over and changed becomes own."""

    list_display = ("model", "read", "read_again", "written", "holds_from", "holds_to", "made_by", "note")
    list_filter = ("origin", IsValidNow, "provider")
    list_per_page = 100
    search_fields = ("model", "note")
    ordering = ("model", "-valid_from")
    actions = ("take_over",)
    fieldsets = (
        (None, {"fields": ("model", "note")}),
        (
            gettext_lazy("USD per million tokens"),
            {"fields": (*ModelPrice.KINDS, "per_request")},
        ),
        (gettext_lazy("When it holds"), {"fields": ("valid_from", "valid_to")}),
    )

    @admin.display(description=gettext_lazy("input"), ordering="input")
    def read(self, price: ModelPrice) -> str:
        return _exact(price.input)

    @admin.display(description=gettext_lazy("cached input"), ordering="cached")
    def read_again(self, price: ModelPrice) -> str:
        return _exact(price.cached)

    @admin.display(description=gettext_lazy("output"), ordering="output")
    def written(self, price: ModelPrice) -> str:
        return _exact(price.output)

    @admin.display(description=gettext_lazy("valid from"), ordering="valid_from")
    def holds_from(self, price: ModelPrice) -> SafeString | str:
        return _day(price.valid_from)

    @admin.display(description=gettext_lazy("valid to"), ordering="valid_to")
    def holds_to(self, price: ModelPrice) -> SafeString | str:
        return _day(price.valid_to)

    @admin.display(description=gettext_lazy("origin"), ordering="origin")
    def made_by(self, price: ModelPrice) -> str:
        return _("Own") if price.origin == ModelPrice.Origin.OWN else "LiteLLM"

    def save_model(self, request: HttpRequest, obj: ModelPrice, form: Any, change: bool) -> None:
        obj.origin = ModelPrice.Origin.OWN
        obj.provider = catalogue.provider_name(obj.model)[:50]
        super().save_model(request, obj, form, change)
        known.changed()

    def delete_model(self, request: HttpRequest, obj: ModelPrice) -> None:
        super().delete_model(request, obj)
        known.changed()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ModelPrice]) -> None:
        super().delete_queryset(request, queryset)
        known.changed()

    @admin.action(description=gettext_lazy("Take over LiteLLM's prices of all models anew"))
    def take_over(self, request: HttpRequest, queryset: QuerySet[ModelPrice]) -> None:
        done = importing.import_prices()
        said = ngettext("%(count)d price was added or changed.", "%(count)d prices were added or changed.", done.added)
        self.message_user(request, said % {"count": done.added}, messages.SUCCESS)


@admin.register(Budget)
class BudgetAdmin(admin.ModelAdmin[Budget]):
    list_display = ("__str__", "scope", "team", "user", "model", "is_hard", "is_active")
    list_filter = ("scope", "measure", "window", "is_active", "is_hard")
    list_select_related = ("team", "user")
    search_fields = ("team__name", "user__email", "model")
    raw_id_fields = ("team", "user")
    ordering = ("-created_at", "pk")

    def save_model(self, request: HttpRequest, obj: Budget, form: Any, change: bool) -> None:
        budgets.store(obj)

    def delete_model(self, request: HttpRequest, obj: Budget) -> None:
        super().delete_model(request, obj)
        known.changed()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Budget]) -> None:
        super().delete_queryset(request, queryset)
        known.changed()


@admin.register(BudgetPeriod)
class BudgetPeriodAdmin(ReadOnly, admin.ModelAdmin[BudgetPeriod]):
    """What is used of budgets. Read only."""

    list_display = ("budget", "subject", "starts_at", "spent", "reserved", "told_at")
    list_select_related = ("budget",)
    list_filter = (("starts_at", admin.DateFieldListFilter),)
    show_full_result_count = False
    ordering = ("-starts_at", "-pk")


@admin.register(Alert)
class AlertAdmin(admin.ModelAdmin[Alert]):
    list_display = ("__str__", "team", "by_mail", "webhook_url", "is_active", "is_firing", "changed_at", "last_value")
    list_filter = ("kind", "is_firing", "is_active")
    list_select_related = ("team",)
    raw_id_fields = ("team", "budget")
    readonly_fields = ("is_firing", "changed_at", "last_value")
    ordering = ("pk",)


@admin.register(AlertEvent)
class AlertEventAdmin(ReadOnly, admin.ModelAdmin[AlertEvent]):
    """What alerts said. Read only."""

    list_display = ("created_at", "sentence", "is_firing", "team", "webhook_error")
    list_filter = ("is_firing", ("created_at", admin.DateFieldListFilter))
    list_select_related = ("team",)
    show_full_result_count = False
    ordering = ("-created_at", "-pk")


@admin.register(UserMonthlyUsage)
class UserMonthlyUsageAdmin(ReadOnly, admin.ModelAdmin[UserMonthlyUsage]):
    """What each person used in each month. Read only."""

    list_display = ("month", "user", "calls", "input_tokens", "output_tokens", "cost_usd", "unpriced")
    list_filter = (("month", admin.DateFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    show_full_result_count = False
    ordering = ("-month", "-cost_usd", "pk")
