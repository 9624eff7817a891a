"""Makes a development server ready in one process: a free port, the schema, who may sign in."""

import errno
import socket
import subprocess
from argparse import ArgumentParser
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import User

LISTENERS = (["lsof", "-nP", "-t", "-sTCP:LISTEN", "-iTCP:{port}"], ["fuser", "{port}/tcp"])


class Command(BaseCommand):
    help = "Prepare a development server: check the port, migrate, make the first superuser."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, required=True)

    def handle(self, *, port: int, **options: Any) -> None:
        _require_free(port)
        if _has_unapplied_migrations():
            self.stdout.write("Preparing the database")
            call_command("migrate", interactive=False, verbosity=0)
        address = f"http://127.0.0.1:{port}"
        self.stdout.write(f"\n{settings.SITE_NAME} is starting at {address}")
        self.stdout.write(f"Sign up at {address}/accounts/signup/ (this machine sends no mail, and needs none).")
        is_new = not User.objects.filter(is_superuser=True).exists()
        call_command("ensure_superuser", generate=True, stdout=self.stdout)
        if is_new:
            call_command("seed_demo", stdout=StringIO())
        self.stdout.write("Ctrl+C stops it.\n")


def _has_unapplied_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise CommandError(f"Port {port} needs more rights than you have. Try `make run PORT=8000`.") from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            holder = _holder_of(port) or "another program"
            raise CommandError(
                f"Port {port} is in use by {holder}. Stop it, or use another one: `make run PORT={port + 1}`."
            ) from None


def _holder_of(port: int) -> str:
    """Name the process that listens on the port, where the system lets us see it."""
    for command in LISTENERS:
        pid = _output_of([part.format(port=port) for part in command]).split()
        if pid:
            name = _output_of(["ps", "-o", "args=", "-p", pid[0]])[:60]
            return f"process {pid[0]} ({name})" if name else f"process {pid[0]}"
    return ""


def _output_of(command: list[str]) -> str:
    try:
        # Fixed programs, a port and a pid; nothing a user typed.
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout.strip()  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
