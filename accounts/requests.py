from django.http import HttpRequest
from django.utils.translation import ngettext

from accounts.models import User, UserSettings


class SignedInRequest(HttpRequest):
    """What `login_required` lets through."""

    user: User


def settings_of(request: SignedInRequest) -> UserSettings:
    """Return the settings of whoever asks: they were read with the person, so that no request pays for them."""
    user = request.user
    return user.settings if hasattr(user, "settings") else UserSettings(user=user)


def duration_in_words(seconds: int) -> str:
    """Return a time as people say it: `40 seconds`, `3 minutes`, `24 hours`."""
    if seconds < 60:
        return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
    if seconds % 3600 == 0:
        hours = seconds // 3600
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    minutes = -(-seconds // 60)
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
