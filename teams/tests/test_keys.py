from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEntry, User
from teams import keys
from teams.models import ApiKey, Membership, Team
from teams.permissions import SCOPE_NEEDS, Role, Scope
from teams.refusals import Refused
from teams.tests.factories import join, team_of


@pytest.fixture
def team(alice: User) -> Team:
    return team_of(alice)


def made(by: User, team: Team, **changes: Any) -> tuple[ApiKey, str]:
    wanted: dict[str, Any] = {"name": "Robot", "scopes": ["chat"], "expires_at": None, **changes}
    return keys.create(by=by, team=team, **wanted)


def refusal(header: str) -> str:
    with pytest.raises(keys.KeyRefused) as refused:
        keys.authenticate(header)
    return str(refused.value)


def test_a_key_is_known_by_its_whole_text(alice: User, team: Team) -> None:
    key, text = made(alice, team)

    caller = keys.authenticate(f"Bearer {text}")

    assert (caller.key, caller.team, caller.scopes) == (key, team, frozenset({Scope.CHAT}))
    assert caller.may(Scope.CHAT)
    assert not caller.may(Scope.MANAGE_BOTS)


def test_the_secret_is_kept_nowhere(alice: User, team: Team) -> None:
    _, text = made(alice, team)

    secret = text.split("_", 2)[2]

    assert len(secret) >= 43
    assert secret not in str([*ApiKey.objects.values(), *AuditEntry.objects.values()])


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc"])
def test_a_request_without_a_key_is_told_how_to_send_one(db: None, header: str) -> None:
    assert refusal(header) == "Send your API key in the header Authorization, after the word Bearer."


def test_a_wrong_secret_and_an_unknown_key_get_the_same_sentence(alice: User, team: Team) -> None:
    key, text = made(alice, team)

    for wrong in (f"{key.prefix}_guess", key.prefix, "parley_abcdefgh_guess", "nonsense", text + "x", "é_ü_ö"):
        assert refusal(f"Bearer {wrong}") == keys.NO_SUCH_KEY


def test_an_unknown_scope_is_refused(alice: User, team: Team) -> None:
    for scopes in (["chat", "everything"], []):
        with pytest.raises(Refused):
            made(alice, team, scopes=scopes)

    assert not ApiKey.objects.exists()


def test_every_scope_needs_a_permission() -> None:
    assert SCOPE_NEEDS.keys() == set(Scope)


def test_an_editor_makes_no_key(bob: User, team: Team) -> None:
    join(team, bob, Role.EDITOR)

    with pytest.raises(Refused):
        made(bob, team)


def test_a_revoked_key_says_so_and_cannot_be_revoked_by_another_team(alice: User, charlie: User, team: Team) -> None:
    key, text = made(alice, team)

    keys.revoke(by=charlie, team=team_of(charlie, "Newts"), key_id=key.pk)
    assert keys.authenticate(f"Bearer {text}")
    keys.revoke(by=alice, team=team, key_id=key.pk)

    assert refusal(f"Bearer {text}") == "This API key was revoked. Make a new one."


def test_an_expired_key_says_so(alice: User, team: Team) -> None:
    _, text = made(alice, team, expires_at=timezone.now() - timedelta(seconds=1))

    assert refusal(f"Bearer {text}") == "This API key has expired. Make a new one."


def test_a_key_ends_with_the_membership_of_whoever_made_it(alice: User, bob: User, team: Team) -> None:
    join(team, bob, Role.ADMIN)
    _, text = made(bob, team)

    Membership.objects.filter(user=bob).delete()

    assert "no longer in the team" in refusal(f"Bearer {text}")


def test_a_key_ends_with_a_locked_or_deleted_account(alice: User, bob: User, team: Team) -> None:
    join(team, bob, Role.ADMIN)
    _, text = made(bob, team)

    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert "no longer in the team" in refusal(f"Bearer {text}")
    bob.delete()

    assert "no longer in the team" in refusal(f"Bearer {text}")


def test_a_key_goes_with_its_team(alice: User, team: Team) -> None:
    _, text = made(alice, team)

    team.delete()

    assert refusal(f"Bearer {text}") == keys.NO_SUCH_KEY


def test_a_key_never_does_more_than_its_maker_may(alice: User, bob: User, team: Team) -> None:
    place = join(team, bob, Role.ADMIN)
    _, text = made(bob, team, scopes=[Scope.CHAT, Scope.MANAGE_BOTS])

    place.role = Role.VIEWER
    place.save()

    assert keys.authenticate(f"Bearer {text}").scopes == {Scope.CHAT}


def test_the_last_use_is_noted_at_most_once_a_minute(alice: User, team: Team) -> None:
    key, text = made(alice, team)

    keys.authenticate(f"Bearer {text}")
    first = ApiKey.objects.get().last_used_at
    keys.authenticate(f"Bearer {text}")
    assert first is not None
    assert ApiKey.objects.get().last_used_at == first
    ApiKey.objects.update(last_used_at=first - timedelta(minutes=2))
    keys.authenticate(f"Bearer {text}")

    assert ApiKey.objects.get(pk=key.pk).last_used_at >= first  # type: ignore[operator]


def test_making_and_revoking_is_in_the_log(alice: User, team: Team) -> None:
    key, _ = made(alice, team)
    keys.revoke(by=alice, team=team, key_id=key.pk)

    log = [audit.sentence_as_text(entry) for entry in AuditEntry.objects.filter(team_id=team.pk).order_by("id")]

    assert log == [f"alice@example.com {verb} the API key Robot ({key.prefix}…)" for verb in ("made", "revoked")]
