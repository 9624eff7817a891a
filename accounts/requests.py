from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """What `login_required` lets through."""

    user: User


def duration_in_words(seconds: int) -> str:
    """Return how long to wait: `40 seconds`, `3 minutes`."""
    if seconds < 60:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
