import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pytest_django import Settings

from tests.mail_server import MailServer, Script, running

Serve = Callable[..., MailServer]


@pytest.fixture
def serve(settings: Settings) -> Iterator[Serve]:
    """Start a mail server that follows a script, and have the product send through it with these options."""
    with ExitStack() as stack:

        def start(script: Script | None = None, **options: Any) -> MailServer:
            server = stack.enter_context(running(script))
            send_through(settings, port=server.port, **options)
            return server

        gc.freeze()  # what was there before need not be gone through, which takes a quarter of a second
        yield start
        gc.collect()  # see test_send_test_mail.py
        gc.unfreeze()


def send_through(settings: Settings, **options: Any) -> None:
    settings.EMAIL_SENDING_ENABLED = True
    settings.DEFAULT_FROM_EMAIL = "parley@chat.example.com"
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "timeout": 5, **options},
        }
    }
