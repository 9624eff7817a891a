import io
import json
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from realtime.events import COMMAND_TYPES
from realtime.management.commands import export_event_types

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not Path("node_modules/json-schema-to-typescript").exists(),
    reason="the generator needs Node and `npm ci`",
)


def schema():
    out = io.StringIO()
    call_command("export_event_types", schema=True, stdout=out)
    return json.loads(out.getvalue())


def members(union):
    definitions = schema()["definitions"]
    names = [option["$ref"].rpartition("/")[2] for option in definitions[union]["oneOf"]]
    return {definitions[name]["properties"]["type"]["const"]: definitions[name] for name in names}


def test_schema_holds_every_command_a_client_may_send():
    assert set(members("ClientCommand")) == COMMAND_TYPES


def test_every_frame_is_told_apart_by_its_required_type():
    frames = [*members("ServerEvent").values(), *members("ClientCommand").values()]

    assert all("type" in frame["required"] for frame in frames)


def test_optional_fields_of_commands_stay_optional():
    assert "parent_id" not in members("ClientCommand")["message.send"]["required"]


@needs_node
def test_committed_types_are_current():
    call_command("export_event_types", check=True)


@needs_node
def test_drift_is_refused_and_names_the_command_that_helps(monkeypatch, tmp_path):
    stale = tmp_path / "events.gen.ts"
    stale.write_text("export type Frame = never;\n")
    monkeypatch.setattr(export_event_types, "TARGET", stale)

    with pytest.raises(CommandError, match="make types"):
        call_command("export_event_types", check=True)
