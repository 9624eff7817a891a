"""Confirming an e-mail address: who waits for a link, how soon the next one may go out, what became of one.

All of it looks the same for an address that has an account already: the wait is counted by address alone.
"""

import hashlib
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from allauth.account.internal.flows import email_verification as flow
from allauth.account.internal.stagekit import unstash_login
from allauth.account.models import EmailAddress, EmailConfirmation
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from accounts.models import User

WAITS = (60, 120, 240, 480)  # seconds before the second mail, the third, ...
FORGOTTEN_AFTER = 24 * 3600


class LinkState(StrEnum):
    GOOD = "good"
    USED = "used"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody in this browser who has yet to confirm; without a user, the address has an account already."""

    email: str
    user: User | None
    is_signup: bool


def pending(request: HttpRequest) -> Pending | None:
    if isinstance(request.user, User):
        address = flow.get_address_for_user(request.user)
        return Pending(address.email, request.user, is_signup=False) if address and not address.verified else None
    login = unstash_login(request, peek=True)
    if login is None or not (login.email or login.user):
        return None
    return Pending(login.email or login.user.email, login.user, login.signup)


def wait_for(email: str) -> int:
    """Return the seconds until the next mail may go to this address."""
    sent, last = cache.get(_key(email), (0, 0.0))
    if not sent:
        return 0
    ready_at: float = last + WAITS[min(sent, len(WAITS)) - 1]
    return max(0, round(ready_at - time.time()))


def take_turn(email: str) -> bool:
    """Count a mail that is about to go to this address; False if it is too soon for one."""
    if wait_for(email):
        return False
    sent, last = cache.get(_key(email), (0, 0.0))
    if not cache.add(f"{_key(email)}:{sent}:{last}", 1, WAITS[0]):
        return False  # another request takes this turn at this moment
    cache.set(_key(email), (sent + 1, time.time()), FORGOTTEN_AFTER)
    return True


def send_again(request: HttpRequest, waiting: Pending) -> bool:
    """Send a new link, or to somebody's existing address the note that there is an account; False if too soon."""
    if waiting.user is None:
        # Its turn is taken by the adapter, as at the first try.
        before = wait_for(waiting.email)
        address = EmailAddress(user=None, email=waiting.email)
        flow.send_verification_email_to_address(request, address, signup=True)
        return not before
    if not take_turn(waiting.email):
        return False
    found = EmailAddress.objects.filter(user=waiting.user, email=waiting.email, verified=False).first()
    address = found or flow.get_address_for_user(waiting.user)
    if address and not address.verified:
        flow.send_verification_email_to_address(request, address, signup=waiting.is_signup)
    return True


def state_of(key: str) -> LinkState:
    row = EmailConfirmation.objects.select_related("email_address").filter(key=key.lower()).first()
    return LinkState.UNKNOWN if row is None else state_of_row(row)


def state_of_row(row: EmailConfirmation) -> LinkState:
    if row.email_address.verified:
        return LinkState.USED
    return LinkState.EXPIRED if row.sent is None or row.key_expired() else LinkState.GOOD


def expires_at(confirmation: EmailConfirmation) -> datetime | None:
    sent: datetime | None = confirmation.sent
    return sent + timedelta(seconds=settings.EMAIL_VERIFICATION_TIMEOUT) if sent else None


def _key(email: str) -> str:
    return f"verification:{hashlib.sha256(email.lower().encode()).hexdigest()}"
