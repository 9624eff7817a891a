"""allauth's second step in our words: secrets encrypted at rest, a QR code that can be read on any ground."""

import base64
import hashlib
from dataclasses import dataclass
from io import BytesIO

import qrcode
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from qrcode.image.svg import SvgPathFillImage

from accounts.models import User
from lib.write_lock import writing

CONTEXT = b"parley.2nd-step"  # this key is for nothing else
ENCRYPTED = ("secret", "seed", "migrated_codes")


def _of(secret: str | bytes) -> Fernet:
    key = hashlib.blake2b(force_bytes(secret), digest_size=32, person=CONTEXT).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _cipher() -> MultiFernet:
    """Read with any of the secrets, write with the first."""
    return MultiFernet([_of(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


@dataclass
class WrittenAnew:
    written: int = 0
    unreadable: int = 0


def encrypt_anew() -> WrittenAnew:
    """Write with the secret of today what was written with one of before, and count both outcomes."""
    done = WrittenAnew()
    encrypted = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)
    for pk in list(encrypted.order_by("pk").values_list("pk", flat=True)):
        with writing():
            row = encrypted.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            try:
                anew = {name: _anew(value) for name, value in row.data.items() if name in ENCRYPTED}
            except InvalidToken:
                done.unreadable += 1
                continue
            if anew != {name: row.data[name] for name in anew}:
                row.data |= anew
                row.save(update_fields=["data"])
                done.written += 1
    return done


def _anew(value: str | list[str]) -> str | list[str]:
    if isinstance(value, list):
        return [str(_anew(one)) for one in value]
    try:
        _of(settings.SECRET_KEY).decrypt(value)
    except InvalidToken:
        return _cipher().rotate(value).decode()
    return value


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This code is not right, or no longer. Try the newest one."),
        "cannot_generate_recovery_codes": gettext_lazy(
            "Recovery codes come with an authenticator app or a passkey. Add one first."
        ),
        "rate_limited": gettext_lazy("That was a lot at once. Wait a minute and try again."),
    }

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return settings.SITE_NAME

    def build_totp_svg(self, url: str) -> str:
        written = BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage, border=3).save(written)
        return written.getvalue().decode()

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey") if number == 1 else _("Passkey %(number)s") % {"number": number}
