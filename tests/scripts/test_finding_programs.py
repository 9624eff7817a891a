"""The shell scripts behind `make`: which Python and Node they take, and what they say when there is none."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ORDINARY = ("sh", "true", "sed", "grep", "head", "tail", "ls")


class Machine:
    """A PATH of our own making."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(settings.BASE_DIR / "scripts", folder / "scripts")
        for program in ORDINARY:
            self.has(program, f'exec {shutil.which(program)} "$@"')

    def has(self, program: str, script: str) -> None:
        file = self.folder / program
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def runs(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", *command],
            cwd=self.folder,
            env={"PATH": str(self.folder), "HOME": str(self.folder), **variables},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )


REAL = f'exec {sys.executable} "$@"'
TOO_OLD = "exit 1"
SHIM = 'echo "pyenv: python3.13: command not found" >&2; exit 127'
# Knows its version, but was packaged without ensurepip.
WITHOUT_VENV = f'case "$*" in *ensurepip*) exit 1;; *) exec {sys.executable} "$@";; esac'


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_pyenv_shims_that_fail_are_passed_over(machine: Machine) -> None:
    machine.has("python3.14", SHIM)
    machine.has("python3.13", SHIM)
    machine.has("python3", REAL)

    done = machine.runs("scripts/python.sh")

    assert (done.returncode, done.stderr) == (0, "")
    assert Path(done.stdout.strip()).samefile(sys.executable)


def test_old_python_is_passed_over(machine: Machine) -> None:
    machine.has("python3", TOO_OLD)
    machine.has("brew", "exit 0")

    done = machine.runs("scripts/python.sh")

    assert done.returncode == 1
    assert done.stderr == "Parley needs Python 3.12 or newer. This helps: brew install python@3.12\n"


def test_python_without_venv_names_its_debian_package(machine: Machine) -> None:
    machine.has("python3.12", WITHOUT_VENV)

    done = machine.runs("scripts/python.sh")

    version = "python{}.{}".format(*sys.version_info[:2])
    assert done.returncode == 1
    assert done.stderr.endswith(f"This helps: sudo apt-get install -y {version}-venv\n")


def test_debian_is_offered_a_python_it_packages(machine: Machine) -> None:
    machine.has("apt-get", "exit 0")
    machine.has("apt-cache", '[ "$2" = python3.12-venv ]')

    done = machine.runs("scripts/python.sh")

    assert done.stderr.endswith("This helps: sudo apt-get install -y python3.12-venv\n")


def test_python_given_by_hand_is_the_only_one_tried(machine: Machine) -> None:
    machine.has("python3", REAL)
    machine.has("mine", TOO_OLD)

    done = machine.runs("scripts/python.sh", PYTHON="mine")

    assert done.returncode == 1
    assert done.stderr.startswith("PYTHON=mine is not a Python 3.12 or newer.")


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        ("18.20.0", False),
        ("20.18.3", False),
        ("20.19.0", True),
        ("21.7.0", False),
        ("22.11.0", False),
        ("22.12.0", True),
        ("23.5.0", False),
        ("24.0.0", True),
        ("25.1.0", False),
    ],
)
def test_node_versions_that_the_build_supports_are_taken(machine: Machine, version: str, fits: bool) -> None:
    node = shutil.which("node")
    assert node, "run through `make test`, which puts a Node on the PATH"
    machine.has("npm", "exit 0")
    # The check itself runs in a real Node that claims another version.
    claim = f"Object.defineProperty(process.versions, 'node', {{value: '{version}'}})"
    machine.has("node", f'exec {node} -e "{claim};$2"')
    machine.has("probe", "echo taken")

    done = machine.runs("scripts/node.sh", "probe")

    assert done.stdout == ("taken\n" if fits else "")


def test_missing_node_is_not_taken_for_one(machine: Machine) -> None:
    assert machine.runs("scripts/node.sh", "true").returncode == 127


def test_node_in_the_virtualenv_is_taken_where_the_machine_has_none(machine: Machine) -> None:
    programs = machine.folder / ".venv/node/bin"
    programs.mkdir(parents=True)
    (programs / "node").write_text("#!/bin/sh\necho installed")
    (programs / "node").chmod(0o755)

    assert machine.runs("scripts/node.sh", "node").stdout == "installed\n"
