import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from pytest_django import Settings

from accounts.models import User


@pytest.fixture
def boss(client: Client, db: None) -> User:
    boss = User.objects.create_superuser("boss@example.com", "boss-password-1")
    client.force_login(boss)
    return boss


@pytest.fixture
def second_step_is_asked_for(settings: Settings) -> None:
    settings.ADMIN_REQUIRE_MFA = True


def test_where_nobody_asks_for_it_the_admin_opens_without_a_second_step(client: Client, boss: User) -> None:
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("second_step_is_asked_for")
@pytest.mark.parametrize("page", ["/admin/", "/admin/accounts/user/", "/admin/accounts/user/add/", "/admin/jsi18n/"])
def test_without_a_second_step_every_page_leads_to_where_one_is_set_up(client: Client, boss: User, page: str) -> None:
    answer = client.get(page, follow=True)

    assert answer.request["PATH_INFO"] == "/accounts/mfa/"
    assert "The admin asks for a second step." in answer.text


@pytest.mark.usefixtures("second_step_is_asked_for")
def test_without_a_second_step_nothing_can_be_changed(client: Client, boss: User, alice: User) -> None:
    answer = client.post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"})

    assert answer.status_code == 302
    assert User.objects.filter(pk=alice.pk).exists()


@pytest.mark.usefixtures("second_step_is_asked_for")
def test_with_a_second_step_the_admin_opens(client: Client, boss: User) -> None:
    TOTP.activate(boss, generate_totp_secret())

    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("second_step_is_asked_for")
def test_recovery_codes_alone_are_no_second_step(client: Client, boss: User) -> None:
    RecoveryCodes.activate(boss)

    assert client.get("/admin/").status_code == 302


@pytest.mark.usefixtures("second_step_is_asked_for")
def test_others_are_refused_as_before(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.get("/admin/", follow=True).status_code == 403


def test_what_others_brought_is_named_in_plain_words(client: Client, boss: User) -> None:
    index = client.get("/admin/").text

    assert all(name in index for name in ("E-mail addresses", "Second steps", "Background jobs", "Mail"))
    assert not any(name in index for name in (">MFA<", "Tasks Database Backend", ">Lib<"))
