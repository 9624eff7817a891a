import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.mail import mailers as django_mailers
from pytest_django import Settings

from config import mailers

PRINT = (
    "import json, config.settings as s; print(json.dumps([s.MAILERS['default']['BACKEND'], s.EMAIL_SENDING_ENABLED]))"
)
MAILGUN = "anymail.backends.mailgun.EmailBackend"


def settings_with(**variables: str) -> list[Any]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(django_settings.BASE_DIR), "DJANGO_DEBUG": "1"}
    environment |= {"PYTHON_DOTENV_DISABLED": "1"} | variables
    done = subprocess.run([sys.executable, "-c", PRINT], env=environment, capture_output=True, text=True, check=True)
    found: list[Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("variables", "backend", "sends"),
    [
        ({}, mailers.CONSOLE, False),
        ({"DJANGO_EMAIL_BACKEND": MAILGUN}, MAILGUN, True),
        ({"DJANGO_EMAIL_BACKEND": MAILGUN, "EMAIL_SENDING_ENABLED": "true"}, MAILGUN, True),
        ({"DJANGO_EMAIL_BACKEND": MAILGUN, "EMAIL_SENDING_ENABLED": "false"}, mailers.CONSOLE, False),
        ({"DJANGO_EMAIL_BACKEND": mailers.FILES, "EMAIL_SENDING_ENABLED": "false"}, mailers.FILES, False),
    ],
)
def test_mail_leaves_only_where_a_backend_sends_and_nobody_holds_it_back(
    variables: dict[str, str], backend: str, sends: bool
) -> None:
    assert settings_with(**variables) == [backend, sends]


def test_the_smtp_variables_reach_the_backend(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    for name, value in {
        "EMAIL_HOST": "smtp.example.com",
        "EMAIL_HOST_USER": "me",
        "EMAIL_HOST_PASSWORD": "secret",
        "EMAIL_USE_TLS": "True",
        "EMAIL_TIMEOUT": "3",
    }.items():
        monkeypatch.setenv(name, value)

    settings.MAILERS = {"default": mailers.mailer(mailers.SMTP, files=Path("var"))}

    backend: Any = django_mailers.default
    assert (backend.host, backend.port, backend.username, backend.password) == ("smtp.example.com", 587, "me", "secret")
    assert (backend.use_tls, backend.use_ssl, backend.timeout) == (True, False, 3)


@pytest.mark.parametrize(
    ("variables", "port"),
    [({}, 25), ({"EMAIL_USE_TLS": "1"}, 587), ({"EMAIL_USE_SSL": "1"}, 465), ({"EMAIL_PORT": "2525"}, 2525)],
)
def test_the_port_follows_the_encryption(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], port: int) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert mailers.mailer(mailers.SMTP, files=Path("var"))["OPTIONS"]["port"] == port


@pytest.mark.parametrize(
    ("backend", "variable"),
    [
        ("mailgun", "MAILGUN_API_KEY"),
        ("postmark", "POSTMARK_SERVER_TOKEN"),
        ("brevo", "BREVO_API_KEY"),
        ("resend", "RESEND_API_KEY"),
        ("mailersend", "MAILERSEND_API_TOKEN"),
        ("sparkpost", "SPARKPOST_API_KEY"),
        ("mailtrap", "MAILTRAP_API_TOKEN"),
    ],
)
def test_any_provider_needs_its_backend_and_its_own_variable_alone(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, backend: str, variable: str
) -> None:
    monkeypatch.setenv(variable, "a-key")
    path = f"anymail.backends.{backend}.EmailBackend"

    settings.ANYMAIL = mailers.anymail(path)
    settings.MAILERS = {"default": mailers.mailer(path, files=Path("var"))}

    assert type(django_mailers.default).__module__ == f"anymail.backends.{backend}"


def test_mail_can_be_put_into_files(settings: Settings, tmp_path: Path) -> None:
    settings.MAILERS = {"default": mailers.mailer(mailers.FILES, files=tmp_path)}

    assert Path(django_mailers.default.file_path) == tmp_path  # type: ignore[attr-defined]
