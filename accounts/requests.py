from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """What `login_required` lets through."""

    user: User


def duration_in_words(seconds: int) -> str:
    """Return a time as people say it: `40 seconds`, `3 minutes`, `24 hours`."""
    if seconds < 60:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    if seconds % 3600 == 0:
        return f"{seconds // 3600} hour{'' if seconds == 3600 else 's'}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
