from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import User


def run(**options: bool) -> str:
    out = StringIO()
    call_command("ensure_superuser", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def described(settings: Settings) -> None:
    settings.FIRST_SUPERUSER_EMAIL = "boss@example.com"
    settings.FIRST_SUPERUSER_PASSWORD = "chosen-by-hand-1"


def test_the_variables_make_a_superuser_once(described: None, db: None) -> None:
    first, second = run(), run()

    assert User.objects.get(is_superuser=True).check_password("chosen-by-hand-1")
    assert "boss@example.com" in first
    assert second == ""


def test_the_password_from_a_variable_is_not_printed(described: None, db: None) -> None:
    assert "chosen-by-hand-1" not in run()


def test_an_address_in_use_is_left_alone(described: None, db: None) -> None:
    User.objects.create_user("Boss@example.com", "mine")

    assert run() == ""
    assert not User.objects.filter(is_superuser=True).exists()


def test_a_generated_password_is_printed_this_once_and_works(client: Client, db: None) -> None:
    password = run(generate=True).split()[-1]

    assert client.login(email="admin@example.com", password=password)
    assert run(generate=True) == ""


def test_nothing_is_generated_without_being_asked(db: None) -> None:
    assert run() == ""
    assert not User.objects.exists()


def test_nothing_is_generated_where_someone_is_in_charge(db: None) -> None:
    User.objects.create_superuser("root@example.com", "pw")

    assert run(generate=True) == ""


def test_a_name_that_is_no_address_is_refused_in_a_sentence(settings: Settings, db: None) -> None:
    settings.FIRST_SUPERUSER_EMAIL = "admin"

    with pytest.raises(CommandError, match="must be an e-mail address"):
        run()


def test_the_superuser_may_sign_in_where_addresses_must_be_confirmed(
    client: Client, described: None, settings: Settings, db: None
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    run()

    answer = client.post("/accounts/login/?next=/admin/", {"login": "boss@example.com", "password": "chosen-by-hand-1"})

    assert answer["Location"] == "/admin/"
