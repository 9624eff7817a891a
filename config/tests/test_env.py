from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.mark.parametrize(
    ("reader", "value", "meaning"),
    [
        (lambda: env.text("X", "default"), " spaced ", "spaced"),
        (lambda: env.text("X", "default"), "", "default"),
        (lambda: env.flag("X", True), "Off", False),
        (lambda: env.flag("X", True), "", True),
        (lambda: env.whole("X", 3), "12", 12),
        (lambda: env.seconds("X", 3), "0.5", 0.5),
        (lambda: env.words("X", "a"), "b, c,,", ["b", "c"]),
        (lambda: env.one_of("X", ("json", "text")), "TEXT", "text"),
        (lambda: env.one_of("X", ("json", "text")), "", "json"),
    ],
)
def test_variable_is_read_as_what_it_means(
    monkeypatch: pytest.MonkeyPatch, reader: Callable[[], object], value: str, meaning: object
) -> None:
    monkeypatch.setenv("X", value)

    assert reader() == meaning


@pytest.mark.parametrize(
    "reader",
    [
        lambda: env.flag("X", True),
        lambda: env.whole("X", 1),
        lambda: env.seconds("X", 1),
        lambda: env.one_of("X", ("a", "b")),
    ],
)
def test_wrong_value_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch, reader: Callable[[], object]) -> None:
    monkeypatch.setenv("X", "soon")

    with pytest.raises(ImproperlyConfigured, match=r"X must be .*'soon'"):
        reader()


def test_kept_secret_stays_the_same_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "var" / "secret"

    first = env.kept_secret(file)

    assert env.kept_secret(file) == first
    assert len(first) >= 50
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_API_KEY", "canary-value"),
        ("DJANGO_SECRET_KEY", "canary-value"),
        ("EMAIL_HOST_PASSWORD", "canary-value"),
        ("AWS_SESSION_TOKEN", "canary-value"),
        ("DATABASE_URL", "postgres://someone:canary-value@db/parley"),
        ("REDIS_URL", "rediss://:canary-value@cache:6379/0"),
    ],
)
def test_a_secret_is_known_by_its_name_or_its_place_in_an_address(name: str, value: str) -> None:
    assert env.secrets_among({name: value}) == {"canary-value"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LLM_DEMO_TOKENS_PER_SECOND", "60"),
        ("EMAIL_SSL_KEYFILE", "/etc/key.pem"),
        ("OPENAI_API_BASE", "http://a:80/v1"),
    ],
)
def test_what_is_no_secret_is_none(name: str, value: str) -> None:
    assert env.secrets_among({name: value}) == set()


def test_each_of_several_secrets_in_one_variable_is_known() -> None:
    assert env.secrets_among({"DJANGO_SECRET_KEY_FALLBACKS": "old-one, older-one"}) >= {"old-one", "older-one"}
