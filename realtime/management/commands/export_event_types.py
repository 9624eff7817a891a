"""Writes the TypeScript twin of the event vocabulary; with `--check` it only says whether the file is current."""

import json
import shutil
import subprocess
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from pydantic import TypeAdapter

from realtime.events import CLIENT_COMMAND, SERVER_EVENT

TARGET = Path("static/src/shared/events.gen.ts")
BANNER = "// Generated from realtime/events.py by `manage.py export_event_types`. Do not edit."


class Command(BaseCommand):
    help = "Write static/src/shared/events.gen.ts from realtime/events.py."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the file is out of date")
        parser.add_argument("--schema", action="store_true", help="print the JSON schema instead")

    def handle(self, *, check: bool, schema: bool, **options: Any) -> None:
        if schema:
            self.stdout.write(json.dumps(protocol_schema(), indent=2))
            return
        types = _as_typescript(protocol_schema())
        target = Path(settings.BASE_DIR) / TARGET
        if not check:
            target.write_text(types)
        elif not target.exists() or target.read_text() != types:
            raise CommandError(f"{TARGET} is out of date. Run `make types`.")


def protocol_schema() -> dict[str, Any]:
    """One JSON schema of all frames: what the server sends and what a client may send."""
    events = _definitions("ServerEvent", SERVER_EVENT, "serialization")
    commands = _definitions("ClientCommand", CLIENT_COMMAND, "validation")
    return {
        "title": "Frame",
        "anyOf": [{"$ref": "#/definitions/ServerEvent"}, {"$ref": "#/definitions/ClientCommand"}],
        "definitions": events | commands,
    }


def _definitions(name: str, adapter: TypeAdapter[Any], mode: Any) -> dict[str, Any]:
    union = adapter.json_schema(mode=mode, ref_template="#/definitions/{model}")
    definitions: dict[str, Any] = union.pop("$defs")
    for definition in definitions.values():
        fields = definition["properties"]
        for field in fields.values():
            field.pop("title", None)  # a titled field becomes a type of its own
        # The server writes every field, set or not; of a command only `type` is always there beside what is required.
        always = fields if mode == "serialization" else ["type", *definition.get("required", [])]
        definition["required"] = list(always)
    # The generator reads references, not pydantic's mapping of type names.
    return {name: {"title": name, "oneOf": union["oneOf"]}, **definitions}


def _as_typescript(schema: dict[str, Any]) -> str:
    node = shutil.which("node")
    generator = Path(settings.BASE_DIR) / "node_modules" / "json-schema-to-typescript" / "dist" / "src" / "cli.js"
    if node is None or not generator.exists():
        raise CommandError("The generator is not installed. Run `npm ci`.")
    done = subprocess.run(  # noqa: S603  our own dependency, no outside input
        [node, str(generator), "--additionalProperties=false", "--unreachableDefinitions", f"--bannerComment={BANNER}"],
        input=json.dumps(schema),
        capture_output=True,
        text=True,
        timeout=60,
    )
    if done.returncode:
        raise CommandError(f"json2ts failed: {done.stderr}")
    return done.stdout
