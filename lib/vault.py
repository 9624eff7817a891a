"""Secrets at rest: what a team hands us to keep is stored only as written by `lock`.

The keys are VAULT_KEYS, apart from the secret key: the first writes, all of them read. To change it, put a new one in
front, run `manage.py lock_anew`, and take the old one away. Fernet (AES-128-CBC with HMAC-SHA256) from `cryptography`,
with each key stretched for this purpose alone.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

PURPOSE = b"parley.vault"


class NoKey(Exception):
    """VAULT_KEYS is not set: this site can keep no secret."""


class Unreadable(Exception):
    """None of today's keys opens this secret."""


def can_lock() -> bool:
    return bool(settings.VAULT_KEYS)


def lock(secret: str) -> str:
    """Return what may be stored. Raises NoKey."""
    if not can_lock():
        raise NoKey("VAULT_KEYS is not set.")
    return _cipher(tuple(settings.VAULT_KEYS)).encrypt(secret.encode()).decode()


def unlock(locked: str) -> str:
    """Return the secret. Raises Unreadable."""
    if not can_lock():
        raise Unreadable("VAULT_KEYS is not set.")
    try:
        return _cipher(tuple(settings.VAULT_KEYS)).decrypt(locked).decode()
    except InvalidToken:
        raise Unreadable("No key of today opens this secret.") from None


def is_locked_with_the_newest(locked: str) -> bool:
    try:
        _fernet(settings.VAULT_KEYS[0]).decrypt(locked)
    except InvalidToken:
        return False
    return True


@dataclass
class LockedAnew:
    locked: int = 0
    unreadable: int = 0


_holders: list[Callable[[], LockedAnew]] = []


def register(lock_anew: Callable[[], LockedAnew]) -> None:
    """Add a table that holds locked secrets: what locks each with the newest key. Called in `AppConfig.ready()`."""
    if lock_anew not in _holders:
        _holders.append(lock_anew)


def lock_all_anew() -> LockedAnew:
    done = [lock_anew() for lock_anew in _holders]
    return LockedAnew(sum(one.locked for one in done), sum(one.unreadable for one in done))


@lru_cache(maxsize=8)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([_fernet(key) for key in keys])


def _fernet(key: str) -> Fernet:
    stretched = hashlib.blake2b(key.encode(), digest_size=32, person=PURPOSE).digest()
    return Fernet(base64.urlsafe_b64encode(stretched))
