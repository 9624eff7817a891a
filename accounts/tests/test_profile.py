import pytest
from django.test import Client

from accounts import queries
from accounts.models import User

ADDRESS = "/accounts/settings/"


@pytest.mark.parametrize(
    ("name", "email", "initials"),
    [
        ("Ada Lovelace", "x@example.com", "AL"),
        ("Augusta Ada King", "x@example.com", "AK"),
        ("Ada", "x@example.com", "A"),
        ("", "grace@example.com", "g"),
    ],
)
def test_initials_come_from_the_first_and_the_last_word(name: str, email: str, initials: str) -> None:
    assert User(name=name, email=email).initials == initials


def test_a_name_is_stored_and_shown(client: Client, alice: User) -> None:
    client.force_login(alice)

    page = client.post(ADDRESS, {"name": "  Alice   Liddell "}, follow=True).text

    alice.refresh_from_db()
    assert alice.name == "Alice Liddell"
    assert "Saved." in page
    assert 'aria-hidden="true">AL</span>' in page


def test_a_name_too_long_changes_nothing_on_the_page_either(client: Client, alice: User) -> None:
    client.force_login(alice)

    page = client.post(ADDRESS, {"name": "x" * 151}).text

    alice.refresh_from_db()
    assert alice.name == ""
    assert 'id="id_name_error"' in page
    assert '<h2 class="card-title truncate" id="profile" title="alice">alice</h2>' in page


def test_markup_in_a_name_is_text(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert "<script>alert" not in client.post(ADDRESS, {"name": "<script>alert(1)</script>"}, follow=True).text


def test_a_language_that_does_not_exist_is_refused(client: Client, alice: User) -> None:
    client.force_login(alice)

    client.post(ADDRESS, {"name": "", "language": "tlh"})

    assert queries.language_of(alice) == ""
