from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db import models, transaction
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse

from accounts import audit, audit_actions
from accounts.models import AuditEntry, User, UserSettings

ACCESS = ("email", "is_active", "is_staff", "is_superuser", "groups", "user_permissions")


class UserCreationForm(AdminUserCreationForm[User]):
    class Meta:
        model = User
        fields = ("email",)
        field_classes: dict[str, type] = {}


class UserSettingsInline(admin.StackedInline[UserSettings, User]):
    model = UserSettings
    can_delete = False


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    add_form = UserCreationForm
    list_display = ("email", "name", "is_active", "is_staff", "joined_at", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "joined_at")
    search_fields = ("email", "name")
    ordering = ("-joined_at",)
    readonly_fields = ("joined_at", "last_login")
    inlines = (UserSettingsInline,)
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("joined_at", "last_login")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool) -> None:
        super().save_model(request, obj, form, change)
        changed = [name for name in ACCESS if name in form.changed_data] if change else []
        if changed:
            audit.record(
                action=audit_actions.ACCESS_CHANGED,
                by=_actor(request),
                target=obj,
                before={name: _plain(form.initial.get(name)) for name in changed},
                after={name: _plain(form.cleaned_data[name]) for name in changed},
            )

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        with transaction.atomic():
            answer = super().user_change_password(request, id, form_url)
            if request.method == "POST" and answer.status_code == 302:
                person = User.objects.get(pk=id)
                audit.record(action=audit_actions.PASSWORD_CHANGED, by=_actor(request), target=person)
        return answer


class ReadOnlyAdmin[Row: models.Model](admin.ModelAdmin[Row]):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False


class ActionFilter(admin.SimpleListFilter):
    title = "action"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, action.title) for name, action in audit.actions().items()]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[AuditEntry]) -> models.QuerySet[AuditEntry]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin[AuditEntry]):
    """Staff see every team's entries and everybody's sign-ins."""

    list_display = ("created_at", "what_happened", "address", "team_id")
    list_display_links = ("what_happened",)
    list_filter = (ActionFilter, "created_at")
    search_fields = ("actor_label", "target_label", "=address", "=team_id")
    search_help_text = "Whole address or team id, or part of a name or e-mail address."
    ordering = ("-id",)
    show_full_result_count = False
    fields = (
        *("created_at", "what_happened", "action", "actor", "actor_label", "target_type", "target_id", "target_label"),
        *("before", "after", "team_id", "address", "user_agent"),
    )

    @admin.display(description="what happened")
    def what_happened(self, entry: AuditEntry) -> str:
        return audit.sentence_as_text(entry)


@admin.register(LogEntry)
class AdminHistory(ReadOnlyAdmin[LogEntry]):
    """What staff changed in these pages, whatever it was; who may do what is in the audit log as well."""

    list_display = ("action_time", "user", "content_type", "object_repr", "action_flag", "get_change_message")
    list_select_related = ("user", "content_type")
    list_filter = ("action_flag", "action_time", "content_type")
    search_fields = ("object_repr", "user__email")
    ordering = ("-action_time",)
    show_full_result_count = False


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the admin lets nobody else in
    return request.user


def _plain(value: object) -> object:
    return sorted(str(item) for item in value) if isinstance(value, Iterable) and not isinstance(value, str) else value
