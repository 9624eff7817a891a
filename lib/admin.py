from django.contrib import admin
from django.http import HttpRequest

from lib.models import UnsentMail


@admin.register(UnsentMail)
class UnsentMailAdmin(admin.ModelAdmin[UnsentMail]):
    """What waits and what was given up. The text is not shown: it may hold somebody's link."""

    list_display = ("subject", "to", "tries", "error", "created_at", "given_up_at")
    list_filter = (("given_up_at", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("to", "subject")
    ordering = ("-created_at",)
    fields = readonly_fields = ("to", "sender", "subject", "tries", "error", "created_at", "given_up_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
