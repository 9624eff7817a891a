from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from teams.models import Membership, Team


class MembershipInline(admin.TabularInline[Membership, Team]):
    model = Membership
    autocomplete_fields = ("user",)
    readonly_fields = ("created_at",)
    extra = 0


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin[Team]):
    list_display = ("name", "personal_owner", "members", "created_at")
    list_select_related = ("personal_owner",)
    list_filter = (("personal_owner", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("name", "personal_owner__email", "memberships__user__email")
    autocomplete_fields = ("personal_owner",)
    readonly_fields = ("created_at",)
    ordering = ("-created_at",)
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return super().get_queryset(request).annotate(member_count=Count("memberships"))

    @admin.display(ordering="member_count")
    def members(self, team: Team) -> int:
        return getattr(team, "member_count", 0)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin[Membership]):
    list_display = ("user", "team", "role", "created_at")
    list_select_related = ("user", "team")
    list_filter = ("role",)
    search_fields = ("user__email", "team__name")
    autocomplete_fields = ("user", "team")
    readonly_fields = ("created_at",)
    ordering = ("-created_at",)
