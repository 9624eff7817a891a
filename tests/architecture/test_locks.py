"""The lock files say what pyproject.toml and package.json ask for, with a hash for everything."""

import json
import re
import tomllib

import pytest
from django.conf import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PIN = re.compile(r"^([a-zA-Z0-9._-]+)==([^\s;]+)(?: ;[^\\]*)? \\$", re.MULTILINE)


def _wanted() -> dict[str, list[str]]:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    return {
        "requirements.txt": project["project"]["dependencies"],
        "requirements-dev.txt": groups["dev"],
        "requirements-node.txt": groups["node"],
    }


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt", "requirements-node.txt"])
def test_lock_file_satisfies_what_the_project_asks_for(lock: str) -> None:
    pins: dict[str, list[str]] = {}
    for name, version in PIN.findall((settings.BASE_DIR / lock).read_text()):
        pins.setdefault(canonicalize_name(name), []).append(version)

    for wanted in map(Requirement, _wanted()[lock]):
        versions = pins.get(canonicalize_name(wanted.name), [])
        assert [version for version in versions if wanted.specifier.contains(version)], f"{wanted}: run `make lock`"


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt", "requirements-node.txt"])
def test_lock_file_has_a_hash_for_every_pin_and_names_no_registry(lock: str) -> None:
    text = (settings.BASE_DIR / lock).read_text()
    entries = re.split(r"\n(?=[a-zA-Z0-9])", text)[1:]

    assert entries
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_node_lock_file_is_that_of_the_package_file() -> None:
    package = json.loads((settings.BASE_DIR / "package.json").read_text())
    lock = json.loads((settings.BASE_DIR / "package-lock.json").read_text())["packages"]

    for kind in ("dependencies", "devDependencies"):
        assert lock[""].get(kind) == package[kind]
    for name, wanted in (package["dependencies"] | package["devDependencies"]).items():
        assert lock[f"node_modules/{name}"]["version"].split(".")[0] == re.sub(r"^[\^~]", "", wanted).split(".")[0]
