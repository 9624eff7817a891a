from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import OuterRef, Q, Subquery

from accounts import audit_actions, browsers
from accounts.models import AuditEntry, Device, User, UserSettings

PAGE_DEVICES = 30


def settings_for(user: User) -> UserSettings:
    """Return the person's settings; who never chose anything has the defaults, which are stored nowhere."""
    return UserSettings.objects.filter(user=user).first() or UserSettings(user=user)


def address_to_confirm(user: User) -> str:
    """Return the address the person wants to change to and has not confirmed, or nothing."""
    waiting = EmailAddress.objects.filter(user=user, verified=False).exclude(email__iexact=user.email)
    return waiting.order_by("-pk").values_list("email", flat=True).first() or ""


def has_signed_in_before(user: User) -> bool:
    """Tell whether there was a sign-in before the newest one, as far back as the audit log goes."""
    return AuditEntry.objects.filter(actor=user, action=audit_actions.SIGNED_IN.name)[1:2].exists()


def recovery_codes_left(user: User) -> int:
    codes = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return len(codes.wrap().get_unused_codes()) if codes else 0


def language_of(user: User) -> str:
    """Return the language the person chose, or nothing."""
    return UserSettings.objects.filter(user=user).values_list("language", flat=True).first() or ""


def languages_of(user: User) -> tuple[str, str]:
    """Return the language the person chose, and the one a browser of theirs last showed; each may be empty."""
    if user._state.adding:
        return "", ""
    last = Device.objects.filter(user=OuterRef("pk")).exclude(language="").order_by("-last_seen_at")
    asked = User.objects.filter(pk=user.pk).values_list("settings__language", Subquery(last.values("language")[:1]))
    chosen, shown = asked.first() or ("", "")
    return chosen or "", shown or ""


@dataclass(frozen=True, slots=True)
class DeviceRow:
    id: UUID
    browser: str
    address: str
    signed_in_at: datetime
    last_seen_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class DevicesPage:
    rows: list[DeviceRow]
    next: str
    """The `before` of the next page."""

    @property
    def has_others(self) -> bool:
        return bool(self.next) or any(not row.is_this for row in self.rows)


def devices_page(user: User, *, this: str, before: str = "") -> DevicesPage:
    """Return one page of the browsers somebody is signed in with: this one first, then the last used."""
    devices = user.devices.order_by("-last_seen_at", "-id")
    own = devices.filter(id=this).first() if this and not before else None
    rest = devices.exclude(id=this) if this else devices
    if cursor := user.devices.filter(id=before).first() if _is_uuid(before) else None:
        seen = cursor.last_seen_at
        rest = rest.filter(Q(last_seen_at__lt=seen) | Q(last_seen_at=seen, id__lt=cursor.id))
    found = list(rest[: PAGE_DEVICES + 1])
    rows = [_device_row(device, this) for device in [*([own] if own else []), *found[:PAGE_DEVICES]]]
    return DevicesPage(rows, str(found[PAGE_DEVICES - 1].id) if len(found) > PAGE_DEVICES else "")


def _device_row(device: Device, this: str) -> DeviceRow:
    return DeviceRow(
        id=device.id,
        browser=browsers.name_of(device.user_agent),
        address=device.address or "",
        signed_in_at=device.signed_in_at,
        last_seen_at=device.last_seen_at,
        is_this=str(device.id) == this,
    )


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
