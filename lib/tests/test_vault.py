"""Secrets at rest: unreadable without a key, readable with each of them, written with the first."""

import pytest
from pytest_django.fixtures import Settings

from lib import vault


def test_what_is_locked_shows_nothing_and_comes_back(settings: Settings) -> None:
    locked = vault.lock("sk-live-1234567890")

    assert "1234567890" not in locked
    assert locked != vault.lock("sk-live-1234567890"), "the same secret twice can be told"
    assert vault.unlock(locked) == "sk-live-1234567890"


def test_a_key_in_front_takes_over_and_the_old_one_still_reads(settings: Settings) -> None:
    settings.VAULT_KEYS = ["the-old-key-of-this-vault"]
    locked = vault.lock("secret")

    settings.VAULT_KEYS = ["the-new-key-of-this-vault", "the-old-key-of-this-vault"]

    assert vault.unlock(locked) == "secret"
    assert not vault.is_locked_with_the_newest(locked)
    assert vault.is_locked_with_the_newest(vault.lock("secret"))


def test_without_its_key_a_secret_is_said_to_be_unreadable(settings: Settings) -> None:
    settings.VAULT_KEYS = ["the-old-key-of-this-vault"]
    locked = vault.lock("secret")
    settings.VAULT_KEYS = ["quite-another-key"]

    with pytest.raises(vault.Unreadable):
        vault.unlock(locked)


@pytest.mark.parametrize("change", [lambda text: text[:-2] + "AA", lambda text: "", lambda text: "plain text"])
def test_what_was_tampered_with_is_not_read(change: object, settings: Settings) -> None:
    assert callable(change)
    with pytest.raises(vault.Unreadable):
        vault.unlock(change(vault.lock("secret")))


def test_the_secret_key_opens_nothing(settings: Settings) -> None:
    settings.SECRET_KEY = "another-secret-key"
    locked = vault.lock("secret")
    settings.VAULT_KEYS = [settings.SECRET_KEY]

    with pytest.raises(vault.Unreadable):
        vault.unlock(locked)


def test_nothing_is_locked_where_there_is_no_key(settings: Settings) -> None:
    settings.VAULT_KEYS = []

    with pytest.raises(vault.NoKey):
        vault.lock("secret")
