"""`manage.py test accounts llm_chat.tests.test_actions` runs those pytest tests; other arguments go to pytest."""

import sys
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Run the tests with pytest. Labels are apps, dotted modules or paths; all other arguments are pytest's."
    requires_system_checks = []

    def run_from_argv(self, argv: list[str]) -> None:
        if {"-h", "--help"} & set(argv):
            super().run_from_argv(argv)
        else:
            sys.exit(pytest.main([_as_path(argument) for argument in argv[2:]]))

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "label", nargs="*", help="an app (accounts), a module (accounts.tests.test_sign_up) or a path"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Never reached: `run_from_argv` hands everything to pytest."""


def _as_path(argument: str) -> str:
    """Turn an app label or a dotted module into the path pytest wants; leave everything else as it is."""
    if argument.startswith("-"):
        return argument
    if argument in apps.app_configs:
        return apps.get_app_config(argument).path
    module = Path(settings.BASE_DIR, *argument.split("."))
    if module.is_dir():
        return str(module)
    return str(module.with_suffix(".py")) if module.with_suffix(".py").is_file() else argument
