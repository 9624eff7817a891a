"""What this room puts into a person's own file. Nothing that opens a door gets in: no password, no key, no session."""

from collections.abc import Iterator

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from accounts import personal_data, queries
from accounts.models import AuditEntry, Device, User
from accounts.personal_data import oldest_first


@personal_data.exporter("accounts.User", "account.EmailAddress", "mfa.Authenticator")
def profile(user: User) -> Iterator[tuple[str, object]]:
    yield (
        "profile.json",
        {
            "email": user.email,
            "name": user.name,
            "joined_at": user.joined_at,
            "last_login": user.last_login,
            "addresses": list(
                EmailAddress.objects.filter(user=user).order_by("pk").values("email", "verified", "primary")
            ),
            "second_steps": list(
                Authenticator.objects.filter(user=user).order_by("pk").values("type", "created_at", "last_used_at")
            ),
        },
    )


@personal_data.exporter("accounts.UserSettings")
def settings(user: User) -> Iterator[tuple[str, object]]:
    chosen = queries.settings_for(user)
    names = ("theme", "language", "chat_model", "custom_instructions")
    yield "settings.json", {name: getattr(chosen, name) for name in names}


@personal_data.exporter("accounts.Device", "accounts.AuditEntry")
def activity(user: User) -> Iterator[tuple[str, object]]:
    yield (
        "devices.json",
        (
            {
                "browser": device.user_agent,
                "language": device.language,
                "address": device.address,
                "signed_in_at": device.signed_in_at,
                "last_seen_at": device.last_seen_at,
            }
            for device in oldest_first(Device.objects.filter(user=user), "signed_in_at")
        ),
    )
    yield (
        "activity.json",
        (
            {
                "at": entry.created_at,
                "action": entry.action,
                "target": entry.target_label,
                "address": entry.address,
                "browser": entry.user_agent,
            }
            for entry in oldest_first(AuditEntry.objects.filter(actor=user), "pk")
        ),
    )


personal_data.leave_out(
    "admin.LogEntry", why="What staff changed in the admin is the record of whoever runs the server."
)
