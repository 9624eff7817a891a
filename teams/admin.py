"""Teams in the admin. What changes goes through the product's own actions: they keep each team an owner, tell open
sockets, and write the team's audit log. What they refuse is said, and nothing is changed.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import ShowFacets
from django.db import models, transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from teams import actions, contents, keys
from teams.actions import staff
from teams.forms import TeamForm
from teams.models import ApiKey, Invitation, Membership, Team
from teams.permissions import Role, Scope
from teams.refusals import Refused


class ByTheRulesAdmin[Row: models.Model](admin.ModelAdmin[Row]):
    """Nothing is added here, and a refused change is undone as a whole."""

    show_full_result_count = False
    show_facets = ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._or_refused(request, lambda: super(ByTheRulesAdmin, self).changeform_view(request, *args, **kwargs))

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._or_refused(request, lambda: super(ByTheRulesAdmin, self).delete_view(request, *args, **kwargs))

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._or_refused(request, lambda: super(ByTheRulesAdmin, self).changelist_view(request, *args, **kwargs))

    def _or_refused(self, request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
        if request.method != "POST":
            return view()
        try:
            with transaction.atomic():
                return view()
        except Refused as refused:
            self.message_user(request, _("Nothing was changed. %(refused)s") % {"refused": refused}, messages.ERROR)
            return redirect(request.get_full_path())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        for row in queryset:
            self.delete_model(request, row)


class TeamNameForm(forms.ModelForm[Team]):
    def clean_name(self) -> str:
        name: str = TeamForm.base_fields["name"].clean(" ".join(self.cleaned_data["name"].split()))
        return name


@admin.register(Team)
class TeamAdmin(ByTheRulesAdmin[Team]):
    """Members are on a page of their own: a team may have thousands."""

    form = TeamNameForm
    list_display = ("name", "personal_owner", "members", "created_at")
    list_select_related = ("personal_owner",)
    list_filter = (("personal_owner", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("name", "personal_owner__email", "memberships__user__email")
    fields = ("name", "personal_owner", "members", "created_at")
    readonly_fields = ("personal_owner", "members", "created_at")
    ordering = ("-created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        sizes = Membership.objects.filter(team=OuterRef("pk")).order_by().values("team").annotate(size=Count("pk"))
        return super().get_queryset(request).annotate(member_count=Coalesce(Subquery(sizes.values("size")), 0))

    @admin.display(ordering="member_count")
    def members(self, team: Team) -> str:
        address = f"{reverse('admin:teams_membership_changelist')}?team__id__exact={team.pk}"
        return format_html('<a href="{}">{}</a>', address, getattr(team, "member_count", 0))

    def save_model(self, request: HttpRequest, obj: Team, form: ModelForm[Team], change: bool) -> None:
        actions.rename(by=_actor(request), team=obj, name=form.cleaned_data["name"])

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        # In words, as on the product's own page: the rows of a team may be a hundred thousand.
        found = [[str(team), contents.of(team)] for team in objs]
        lacking = set() if self.has_delete_permission(request) else {"team"}
        return [part for team in found for part in team], {"teams": len(found)}, lacking, []

    def delete_model(self, request: HttpRequest, obj: Team) -> None:
        actions.delete(by=_actor(request), team=obj)


@admin.register(Membership)
class MembershipAdmin(ByTheRulesAdmin[Membership]):
    """People come in by an invitation alone, which they accept themselves."""

    list_display = ("user", "team", "role", "created_at")
    list_select_related = ("user", "team")
    list_filter = ("role",)
    search_fields = ("user__email", "team__name")
    fields = ("user", "team", "role", "created_at", "chosen_at")
    readonly_fields = ("user", "team", "created_at", "chosen_at")
    ordering = ("-created_at", "-id")

    def save_model(self, request: HttpRequest, obj: Membership, form: ModelForm[Membership], change: bool) -> None:
        staff.change_role(by=_actor(request), place=obj, role=Role(form.cleaned_data["role"]))

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        staff.remove(by=_actor(request), place=obj)


class EndedByActionAdmin[Row: models.Model](ByTheRulesAdmin[Row]):
    """Rows that are looked at, and ended by the action of the list alone."""

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Tell who is offered the action; the rows themselves nobody edits."""
        return super().has_change_permission(request)


@admin.register(Invitation)
class InvitationAdmin(EndedByActionAdmin[Invitation]):
    """The hash of the link stays out of sight."""

    list_display = ("email", "team", "role", "state", "invited_by", "sent_at", "expires_at")
    list_select_related = ("team", "invited_by")
    list_filter = ("role", "sent_at")
    search_fields = ("email", "team__name", "invited_by__email")
    fields = (
        *("email", "team", "role", "state", "invited_by", "created_at", "sent_at", "times_sent", "expires_at"),
        *("accepted_at", "accepted_by", "cancelled_at"),
    )
    ordering = ("-created_at", "-id")
    actions = ("cancel",)

    @admin.display
    def state(self, invitation: Invitation) -> str:
        return str(invitation.state(timezone.now()).label)

    @admin.action(description=gettext_lazy("Cancel the selected invitations"), permissions=["end"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        chosen = list(queryset.select_related("team"))
        for invitation in chosen:
            staff.cancel(by=_actor(request), invitation=invitation, at=timezone.now())
            self.log_change(request, invitation, "Cancelled.")
        self.message_user(
            request,
            ngettext("Cancelled: %(count)s invitation.", "Cancelled: %(count)s invitations.", len(chosen))
            % {"count": len(chosen)},
        )


@admin.register(ApiKey)
class ApiKeyAdmin(EndedByActionAdmin[ApiKey]):
    """What lets a program in, or could be compared with it, stays out of sight."""

    list_display = ("name", "prefix", "team", "created_by", "last_used_at", "expires_at", "revoked_at")
    list_select_related = ("team", "created_by")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "created_at", "expires_at")
    search_fields = ("name", "prefix", "team__name", "created_by__email")
    fields = (
        *("name", "prefix", "team", "may", "created_by", "created_at", "expires_at", "last_used_at", "revoked_at"),
    )
    ordering = ("-id",)
    actions = ("revoke",)

    @admin.display
    def may(self, key: ApiKey) -> str:
        labels = dict(Scope.choices)
        return " · ".join(str(labels.get(scope, scope)) for scope in key.scopes)

    @admin.action(description=gettext_lazy("Revoke the selected API keys"), permissions=["end"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        chosen = list(queryset.filter(revoked_at=None).select_related("team"))
        for key in chosen:
            keys.revoke(by=_actor(request), team=key.team, key_id=key.pk)
            self.log_change(request, key, _("Revoked."))
        self.message_user(
            request,
            ngettext("Revoked: %(count)s API key.", "Revoked: %(count)s API keys.", len(chosen))
            % {"count": len(chosen)},
        )


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the admin lets nobody else in
    return request.user
