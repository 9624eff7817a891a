from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import actions, audit, audit_actions, devices, notices, personal_data, verification
from accounts.models import AuditEntry, Device, User, UserSettings
from realtime import publish

ACCESS = ("email", "is_active", "is_staff", "is_superuser", "groups", "user_permissions")


class UserCreationForm(AdminUserCreationForm[User]):
    class Meta:
        model = User
        fields = ("email",)
        field_classes: dict[str, type] = {}


class UserSettingsInline(admin.StackedInline[UserSettings, User]):
    model = UserSettings
    can_delete = False


def _is_verified(expected: bool = True) -> Q:
    own = Exists(EmailAddress.objects.filter(user=OuterRef("pk"), email__iexact=OuterRef("email"), verified=True))
    return Q(own) if expected else ~Q(own)


class EmailVerifiedFilter(admin.SimpleListFilter):
    title = gettext_lazy("e-mail verified")
    parameter_name = "email_verified"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        chosen = self.value()
        return queryset.filter(_is_verified(chosen == "yes")) if chosen in ("yes", "no") else queryset


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    add_form = UserCreationForm
    list_display = ("email", "name", "email_verified", "is_active", "is_staff", "joined_at", "last_login")
    list_filter = (EmailVerifiedFilter, "is_active", "is_staff", "is_superuser", "joined_at")
    search_fields = ("email", "name")
    ordering = ("-joined_at",)
    readonly_fields = ("joined_at", "last_login")
    inlines = (UserSettingsInline,)
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (gettext_lazy("Access"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (gettext_lazy("Dates"), {"fields": ("joined_at", "last_login")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).annotate(is_verified=_is_verified())

    @admin.display(boolean=True, description=gettext_lazy("E-mail verified"), ordering="is_verified")
    def email_verified(self, person: User) -> bool:
        return bool(getattr(person, "is_verified", False))

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
        if "is_active" in changed and not obj.is_active:
            devices.sign_out_everywhere(by=obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        with transaction.atomic():
            answer = super().user_change_password(request, id, form_url)
            if request.method == "POST" and answer.status_code == 302:
                person = User.objects.get(pk=id)
                audit.record(action=audit_actions.PASSWORD_CHANGED, by=_actor(request), target=person)
                if person != request.user:
                    notices.send(notices.PASSWORD_BY_ADMIN, user=person, request=request)
                else:
                    notices.send("account/email/password_changed", user=person, request=request)
        publish.recheck(int(id))  # the sessions that knew the old one are over
        return answer

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        # What hangs on a person goes with them, also what nobody deletes by itself.
        found, counts, _, protected = super().get_deleted_objects(objs, request)
        needed = set() if self.has_delete_permission(request) else {"person"}
        obstacles = [obstacle.text for person in objs for obstacle in personal_data.obstacles(person)]
        return found, counts, needed, [*protected, *obstacles]

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        actions.delete_account(person=obj, by=_actor(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            actions.delete_account(person=person, by=_actor(request))


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
        return [(name, str(action.title)) for name, action in audit.actions().items()]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[AuditEntry]) -> models.QuerySet[AuditEntry]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin[AuditEntry]):
    """Staff see every team's entries and everybody's sign-ins."""

    list_display = ("created_at", "what_happened", "address", "team_id")
    list_display_links = ("what_happened",)
    list_filter = (ActionFilter, "created_at")
    search_fields = ("actor_label", "target_label", "=address", "=team_id")
    search_help_text = gettext_lazy("Whole address or team id, or part of a name or e-mail address.")
    ordering = ("-id",)
    show_full_result_count = False
    fields = (
        *("created_at", "what_happened", "action", "actor", "actor_label", "target_type", "target_id", "target_label"),
        *("before", "after", "team_id", "address", "user_agent"),
    )

    @admin.display(description=gettext_lazy("what happened"))
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


@admin.register(Device)
class DeviceAdmin(admin.ModelAdmin[Device]):
    """Who is signed in where; deleting one signs it out. The session's key would let its reader in: it is not shown."""

    list_display = ("user", "user_agent", "address", "signed_in_at", "last_seen_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "address")
    ordering = ("-last_seen_at",)
    fields = readonly_fields = ("user", "user_agent", "address", "signed_in_at", "last_seen_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Device) -> None:
        devices.sign_out(by=obj.user, device_ids=[obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Device]) -> None:
        for device in queryset.select_related("user"):
            self.delete_model(request, device)


admin.site.unregister(Authenticator)


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # allauth is untyped
    """Second steps; deleting one helps somebody who lost it, and tells them. Its data would help a thief: not shown."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    list_filter = ("type", "created_at", "last_used_at")
    search_fields = ("user__email",)
    ordering = ("-created_at",)
    fields = readonly_fields = ("user", "type", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        actions.remove_second_step(authenticator=obj, by=_actor(request))
        method = gettext_lazy(audit_actions.METHODS[obj.type])
        notices.send(notices.SECOND_STEP_BY_ADMIN, user=obj.user, request=request, method=method)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for authenticator in queryset.select_related("user"):
            self.delete_model(request, authenticator)


admin.site.unregister(EmailConfirmation)


@admin.register(EmailConfirmation)
class PendingConfirmationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # allauth is untyped
    """Links on their way. The key is left out: whoever reads it could confirm somebody else's address."""

    list_display = ("email_address", "sent", "expires_at", "state")
    list_select_related = ("email_address",)
    list_filter = ("sent",)
    search_fields = ("email_address__email",)
    ordering = (F("sent").desc(nulls_last=True), "-id")
    fields = readonly_fields = ("email_address", "created", "sent", "expires_at", "state")

    @admin.display(description=gettext_lazy("Expires at"))
    def expires_at(self, confirmation: EmailConfirmation) -> Any:
        return verification.expires_at(confirmation)

    @admin.display(description=gettext_lazy("State"))
    def state(self, confirmation: EmailConfirmation) -> str:
        return {"good": _("Pending"), "used": _("Used"), "expired": _("Expired")}[
            verification.state_of_row(confirmation)
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the admin lets nobody else in
    return request.user


def _plain(value: object) -> object:
    return sorted(str(item) for item in value) if isinstance(value, Iterable) and not isinstance(value, str) else value
