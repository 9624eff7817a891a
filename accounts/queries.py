from accounts.models import User, UserSettings


def settings_for(user: User) -> UserSettings:
    """Return the person's settings, made now if there are none yet."""
    return UserSettings.objects.get_or_create(user=user)[0]
