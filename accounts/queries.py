from accounts.models import User, UserSettings


def settings_for(user: User) -> UserSettings:
    """Return the person's settings, made now if there are none yet."""
    return UserSettings.objects.get_or_create(user=user)[0]


def theme_of(user: User) -> str:
    """Return the theme the person chose, without making settings for someone who never did."""
    chosen = UserSettings.objects.filter(user=user).values_list("theme", flat=True).first()
    return chosen or UserSettings.Theme.SYSTEM
