import subprocess
import sys

import pytest
from django.conf import settings

from config.management.commands.test import _as_path


@pytest.mark.parametrize(
    ("typed", "run"),
    [
        ("accounts", "accounts"),
        ("config.tests.test_env", "config/tests/test_env.py"),
        ("config.tests", "config/tests"),
    ],
)
def test_label_stands_for_the_folder_or_file_it_names(typed: str, run: str) -> None:
    assert _as_path(typed) == str(settings.BASE_DIR / run)


@pytest.mark.parametrize("typed", ["-x", "--lf", "config/tests/test_env.py::test_x", "nothing.like.it"])
def test_everything_else_is_left_to_pytest(typed: str) -> None:
    assert _as_path(typed) == typed


def test_manage_test_runs_the_tests_of_an_app() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "test", "config.tests.test_redis_url", "-q"],
        cwd=settings.BASE_DIR, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout
    assert "5 passed" in done.stdout
