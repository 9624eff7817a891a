from django.http import HttpRequest

from accounts import queries
from accounts.models import User, UserSettings


class SignedInRequest(HttpRequest):
    """What `login_required` lets through."""

    user: User
    _settings: UserSettings


def settings_of(request: SignedInRequest) -> UserSettings:
    """Return the settings of whoever asks, read once a request: every page needs the theme."""
    known: UserSettings | None = getattr(request, "_settings", None)
    if known is None:
        known = request._settings = queries.settings_for(request.user)
    return known


def duration_in_words(seconds: int) -> str:
    """Return a time as people say it: `40 seconds`, `3 minutes`, `24 hours`."""
    if seconds < 60:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    if seconds % 3600 == 0:
        return f"{seconds // 3600} hour{'' if seconds == 3600 else 's'}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
