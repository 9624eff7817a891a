from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.test import Client

from accounts import actions, audit
from accounts.models import AuditEntry, NeverChanged, User
from lib import visitor

PAINTED = audit.action("wall.painted", "{actor} painted {target} from {before[colour]} to {after[colour]}")


@pytest.fixture
def entry(alice: User, bob: User) -> AuditEntry:
    return audit.record(action=PAINTED, by=alice, target=bob, before={"colour": "red"}, after={"colour": "blue"})


def test_an_entry_copies_who_acted_on_what(alice: User, bob: User) -> None:
    alice.name = "Alice"

    entry = audit.record(action=PAINTED, by=alice, target=bob, before={"colour": "red"}, after={"colour": "blue"})

    assert (entry.actor_label, entry.target_label) == ("Alice <alice@example.com>", "bob@example.com")
    assert (entry.target_type, entry.target_id) == ("user", str(bob.pk))


def test_an_entry_reads_as_a_sentence(entry: AuditEntry) -> None:
    assert audit.sentence_as_text(entry) == "alice@example.com painted bob@example.com from red to blue"


def test_a_name_stands_for_its_address_in_the_sentence(alice: User, bob: User) -> None:
    alice.name = "Alice"
    entry = audit.record(action=PAINTED, by=alice, target=bob)

    words = audit.sentence(entry)

    assert words[0] == audit.Words("Alice", is_name=True, hint="alice@example.com")


def test_an_entry_of_an_action_nobody_knows_any_more_still_reads(alice: User) -> None:
    assert audit.sentence_as_text(AuditEntry(action="old.thing", actor_label="Alice")) == "Alice: old.thing"


def test_an_entry_that_lacks_a_field_of_its_sentence_still_reads() -> None:
    assert audit.sentence_as_text(AuditEntry(action="wall.painted")) == "The system painted ? from ? to ?"


def test_only_what_changed_is_kept(alice: User) -> None:
    entry = audit.record(
        action=PAINTED, by=alice, before={"colour": "red", "wet": False}, after={"colour": "blue", "wet": False}
    )

    assert (entry.before, entry.after) == ({"colour": "red"}, {"colour": "blue"})


def test_a_long_value_is_cut(alice: User) -> None:
    entry = audit.record(action=PAINTED, by=alice, after={"colour": "r" * 1000})

    assert len(entry.after["colour"]) == audit.MOST_OF_A_VALUE


@pytest.mark.parametrize(
    "field",
    ["password", "new_password", "apiKey", "APIKey", "API_KEY", "secret", "client-secret", "token", "key", "keys"],
)
def test_a_field_called_like_a_secret_is_refused(alice: User, field: str) -> None:
    with pytest.raises(audit.RefusedField):
        audit.record(action=PAINTED, by=alice, after={field: "x"})
    with pytest.raises(audit.RefusedField):
        audit.record(action=PAINTED, by=alice, before={"inner": {field: "x"}})

    assert not AuditEntry.objects.exists()


def test_a_field_that_only_sounds_like_a_secret_is_taken(alice: User) -> None:
    assert audit.record(action=PAINTED, by=alice, after={"max_tokens": 5, "keyboard": "de"}).after


def test_an_entry_is_undone_with_the_change_it_tells_of(alice: User) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record(action=PAINTED, by=alice)
        raise ZeroDivisionError

    assert not AuditEntry.objects.exists()


def test_two_actions_cannot_have_one_name() -> None:
    with pytest.raises(ValueError, match=r"Two actions are called 'wall\.painted'"):
        audit.action("wall.painted", "{actor} did something else")


def test_the_code_changes_and_deletes_no_entry(entry: AuditEntry) -> None:
    with pytest.raises(NeverChanged):
        entry.save()
    with pytest.raises(NeverChanged):
        entry.delete()
    with pytest.raises(NeverChanged):
        AuditEntry.objects.all().update(action="x")
    with pytest.raises(NeverChanged):
        AuditEntry.objects.all().delete()
    with pytest.raises(NeverChanged):
        AuditEntry.objects.bulk_update([entry], ["action"])


@pytest.fixture
def behind_the_code(entry: AuditEntry) -> Iterator[models.QuerySet[AuditEntry]]:
    """The rows as someone reaches them who goes around the model's own manager."""
    yield models.QuerySet(AuditEntry)


@pytest.mark.parametrize(
    "column", [field.column for field in AuditEntry._meta.local_concrete_fields if field.name != "actor"]
)
def test_the_database_lets_no_column_change(behind_the_code: models.QuerySet[AuditEntry], column: str) -> None:
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_auditentry SET {column} = {column}")  # noqa: S608  a column of ours


def test_the_database_gives_no_entry_to_another_person(behind_the_code: models.QuerySet[AuditEntry], bob: User) -> None:
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        behind_the_code.update(actor=bob)


@pytest.mark.services
def test_postgres_deletes_no_entry(behind_the_code: models.QuerySet[AuditEntry]) -> None:
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        behind_the_code.delete()


def test_what_a_deleted_person_did_stays_with_their_name(entry: AuditEntry, alice: User, bob: User) -> None:
    actions.delete_account(by=alice)

    kept = AuditEntry.objects.get(pk=entry.pk)
    assert (kept.actor, kept.actor_label) == (None, "alice@example.com")


def test_an_entry_has_the_address_and_browser_of_its_request(alice: User) -> None:
    here = visitor.current.set(visitor.Visitor("192.0.2.7", "Mozilla/5.0"))

    entry = audit.record(action=PAINTED, by=alice)

    visitor.current.reset(here)
    assert (entry.address, entry.user_agent) == ("192.0.2.7", "Mozilla/5.0")


def test_an_entry_made_outside_of_a_request_has_no_address(client: Client, alice: User) -> None:
    client.get("/accounts/login/")

    assert audit.record(action=PAINTED, by=None).address is None
