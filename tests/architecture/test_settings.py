"""Settings: every variable is written down, and nothing has to be set for a command or a build."""

import ast
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

READERS = {"text", "flag", "whole", "seconds", "words", "one_of", "networks"}
PROVIDER_KEYS = re.compile(r"^[A-Z0-9]+_API_(KEY|BASE)$|^MAILGUN_")


def _read_by_settings() -> set[str]:
    names = {
        node.args[0].value
        for file in ("settings.py", "mailers.py", "storages.py")
        for node in ast.walk(ast.parse((settings.BASE_DIR / "config" / file).read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in READERS
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    return {str(name) for name in names}


def _in_example() -> set[str]:
    lines = (settings.BASE_DIR / ".env.example").read_text().splitlines()
    return {match[1] for line in lines if (match := re.match(r"#? ?([A-Z][A-Z0-9_]+)=", line))}


def test_every_variable_that_settings_read_has_a_line_in_the_example() -> None:
    assert _read_by_settings() - _in_example() == set()


def test_every_variable_in_the_example_is_read() -> None:
    assert {name for name in _in_example() - _read_by_settings() if not PROVIDER_KEYS.match(name)} == set()


def test_the_environment_is_read_in_settings_alone() -> None:
    offenders = [
        str(path.relative_to(settings.BASE_DIR))
        for room in ("lib", "realtime", "accounts", "teams", "bots", "llm_chat")
        for path in (settings.BASE_DIR / room).rglob("*.py")
        if "tests" not in path.parts and re.search(r"os\.environ|os\.getenv", path.read_text())
    ]

    assert offenders == []


@pytest.mark.parametrize("debug", ["", "1"])
def test_settings_import_with_no_other_variable_set(debug: str) -> None:
    environment = {"PATH": os.environ["PATH"], "DJANGO_DEBUG": debug, "PYTHONPATH": str(settings.BASE_DIR)}

    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"], env=environment, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_management_commands_do_not_load_the_model_library() -> None:
    code = """
import sys, django
from django.core.management import call_command
django.setup()
call_command("check")
sys.exit(bool({"litellm", "tiktoken"} & set(sys.modules)))
"""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(settings.BASE_DIR)}

    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
