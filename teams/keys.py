"""API keys: made, shown once, recognised, revoked.

`parley_<8 letters>_<secret>`: the letters find the row, the secret's SHA-256 is compared in constant time.
"""

import hashlib
import hmac
import secrets
import string
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from teams import audit_actions, queries
from teams.models import ApiKey, Team
from teams.permissions import SCOPE_NEEDS, Permission, Scope, may
from teams.refusals import Refused

START = "parley"
LETTERS = string.ascii_lowercase + string.digits
NOTED_EVERY = timedelta(minutes=1)
NO_SUCH_KEY = "This API key is not valid. Check that it was copied whole."


class KeyRefused(Refused):
    """A request showed no key that works; the text says why, to a program and therefore in English."""


@dataclass(frozen=True)
class Caller:
    """The program behind a request."""

    key: ApiKey
    team: Team
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes


@transaction.atomic
def create(
    *, by: User, team: Team, name: str, scopes: Collection[str], expires_at: datetime | None
) -> tuple[ApiKey, str]:
    """Make a key; return it with its whole text, which exists nowhere else. Raises Refused before any write."""
    if not scopes or not set(scopes) <= set(Scope.values):
        raise Refused(_("Choose what the key may do from the list."))
    place = queries.membership(by, team.pk)
    if place is None or not may(place.role, Permission.MANAGE_KEYS):
        raise Refused(_("Only owners and admins make API keys."))
    prefix = f"{START}_{''.join(secrets.choice(LETTERS) for _ in range(8))}"
    secret = secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        team=team, name=name, scopes=sorted(scopes), prefix=prefix, hashed=_hash(secret), created_by=by,
        expires_at=expires_at,
    )  # fmt: skip
    audit.record(
        action=audit_actions.KEY_MADE,
        by=by,
        team_id=team.pk,
        target=key,
        after={"scopes": key.scopes, "expires_at": expires_at},
    )
    return key, f"{prefix}_{secret}"


@transaction.atomic
def revoke(*, by: User, team: Team, key_id: int) -> None:
    """End a key for good. One that was ended already, or is another team's, is left as it is."""
    key = ApiKey.objects.of(team).select_for_update().filter(pk=key_id, revoked_at=None).first()
    if key is None:
        return
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    audit.record(action=audit_actions.KEY_REVOKED, by=by, team_id=team.pk, target=key)


def authenticate(header: str) -> Caller:
    """Return who shows this `Authorization` header. Raises KeyRefused.

    Why a key is refused is told to whoever knows the whole of it alone.
    """
    kind, _, text = header.strip().partition(" ")
    if kind.lower() != "bearer" or not text.strip():
        raise KeyRefused("Send your API key in the header Authorization, after the word Bearer.")
    start, _, rest = text.strip().partition("_")
    letters, _, secret = rest.partition("_")
    key = ApiKey.objects.select_related("team", "created_by").filter(prefix=f"{start}_{letters}"[:20]).first()
    # A prefix nobody has costs the same comparison.
    is_right = hmac.compare_digest(_hash(secret), key.hashed if key else _hash(""))
    if key is None or not is_right:
        raise KeyRefused(NO_SUCH_KEY)
    if key.revoked_at:
        raise KeyRefused("This API key was revoked. Make a new one.")
    if key.is_expired:
        raise KeyRefused("This API key has expired. Make a new one.")
    maker = key.created_by
    place = queries.membership(maker, key.team_id) if maker and maker.is_active else None
    if place is None:
        raise KeyRefused("Whoever made this API key is no longer in the team. Somebody who is has to make a new one.")
    _note_use(key)
    scopes = frozenset(Scope(scope) for scope in key.scopes if may(place.role, SCOPE_NEEDS[Scope(scope)]))
    return Caller(key, key.team, scopes)


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at >= NOTED_EVERY:
        is_due = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
        ApiKey.objects.filter(is_due, pk=key.pk).update(last_used_at=now)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
