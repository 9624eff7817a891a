"""Writes about one person's account."""

from django.db import transaction

from accounts import queries
from accounts.models import User, UserSettings


def choose_theme(*, by: User, theme: UserSettings.Theme) -> None:
    settings = queries.settings_for(by)
    settings.theme = theme
    settings.save(update_fields=["theme"])


@transaction.atomic
def delete_account(*, by: User) -> None:
    """Remove the person and, by the database's own cascade, all that belongs to them alone."""
    by.delete()
