import socket
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_address_and_sign_in_are_printed(capsys: pytest.CaptureFixture[str], free_port: int) -> None:
    call_command("prepare", port=free_port)

    text = capsys.readouterr().out
    assert f"http://127.0.0.1:{free_port}/accounts/signup/" in text
    assert "The password, shown only now:" in text


def test_password_is_shown_once_only(capsys: pytest.CaptureFixture[str], free_port: int) -> None:
    call_command("prepare", port=free_port)
    capsys.readouterr()

    call_command("prepare", port=free_port)

    assert "password" not in capsys.readouterr().out
    assert User.objects.filter(is_superuser=True).count() == 1


def test_busy_port_is_named_with_its_holder_and_a_way_out(taken_port: int) -> None:
    with pytest.raises(CommandError, match=f"Port {taken_port} is in use by .*PORT={taken_port + 1}"):
        call_command("prepare", port=taken_port)


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
