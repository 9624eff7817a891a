from pytest_django import Settings

from lib.checks import check_mail
from lib.tests.conftest import send_through


def test_a_server_that_sends_from_its_own_domain_gets_no_warning(settings: Settings) -> None:
    send_through(settings)

    assert check_mail(None) == []


def test_a_laptop_that_sends_nothing_gets_no_warning(settings: Settings) -> None:
    settings.EMAIL_SENDING_ENABLED = False

    assert check_mail(None) == []


def test_sending_switched_on_without_a_backend_that_sends_is_said(settings: Settings) -> None:
    settings.EMAIL_SENDING_ENABLED = True
    settings.DEFAULT_FROM_EMAIL = "parley@chat.example.com"

    assert [warning.id for warning in check_mail(None)] == ["parley.W001"]


def test_a_sender_nobody_accepts_is_said(settings: Settings) -> None:
    send_through(settings)
    settings.DEFAULT_FROM_EMAIL = "Parley <parley@localhost>"

    assert [warning.id for warning in check_mail(None)] == ["parley.W002"]
