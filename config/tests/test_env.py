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
