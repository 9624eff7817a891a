import pytest
from django.test import Client

from accounts.models import User


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss@example.com", "boss-password-1")


def test_the_admin_sends_to_the_sign_in_of_everyone(client: Client, boss: User) -> None:
    asked = client.get("/admin/", follow=True)

    assert asked.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"
    signed_in = client.post(asked.redirect_chain[-1][0], {"login": "boss@example.com", "password": "boss-password-1"})
    assert signed_in["Location"] == "/admin/"


def test_a_person_without_the_flag_is_refused(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize(
    "page", ["/admin/", "/admin/accounts/user/", "/admin/accounts/user/add/", "/admin/accounts/user/{alice}/change/"]
)
def test_every_page_about_people_opens(client: Client, boss: User, alice: User, page: str) -> None:
    client.force_login(boss)

    assert client.get(page.format(alice=alice.pk)).status_code == 200


def test_people_are_found_by_address(client: Client, boss: User, alice: User) -> None:
    client.force_login(boss)

    found = client.get("/admin/accounts/user/?q=alice").text

    assert "alice@example.com" in found
    assert "1 user" in found


def test_an_added_person_can_sign_in(client: Client, boss: User) -> None:
    client.force_login(boss)

    client.post(
        "/admin/accounts/user/add/",
        {
            "email": "new@example.com",
            "usable_password": "true",
            "password1": "new-password-123",
            "password2": "new-password-123",
            "settings-TOTAL_FORMS": "0",
            "settings-INITIAL_FORMS": "0",
        },
    )

    assert client.login(email="new@example.com", password="new-password-123")
