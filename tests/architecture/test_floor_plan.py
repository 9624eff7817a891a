"""What import-linter cannot see: foreign keys, sizes, names, and whether its own contract lists every room."""

import ast
import configparser
from itertools import chain

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import ForeignKey, ManyToManyField, OneToOneField

FLOORS = ["lib", "realtime", "accounts", "teams", "llm_service", "bots", "llm_chat", "config"]
NO_DRAWERS = {"utils", "helpers", "common", "core", "misc"}
LONGER_ON_PURPOSE = {"realtime/events.py"}  # the whole vocabulary on one page
PYTHON_FILES = sorted(
    path.relative_to(settings.BASE_DIR)
    for path in chain(
        *(
            (settings.BASE_DIR / room).rglob("*.py")
            for room in [*FLOORS, "tests", "benchmarks"]
            if (settings.BASE_DIR / room).is_dir()
        )
    )
    if "migrations" not in path.parts
)


def _contract() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(settings.BASE_DIR / ".importlinter")
    return parser


def test_the_floors_contract_lists_every_package_of_the_repository() -> None:
    packages = {path.parent.name for path in settings.BASE_DIR.glob("*/__init__.py")} - {"tests", "benchmarks"}

    linter = _contract()

    assert set(linter["importlinter"]["root_packages"].split()) == packages
    assert linter["importlinter:contract:floors"]["layers"].split() == list(reversed(FLOORS))


def test_foreign_keys_point_down_or_stay() -> None:
    upward = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model._meta.app_label in FLOORS
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey | OneToOneField | ManyToManyField)
        and field.related_model._meta.app_label in FLOORS
        and FLOORS.index(field.related_model._meta.app_label) > FLOORS.index(model._meta.app_label)
    ]

    assert upward == []


def test_no_file_is_too_long_to_hold_in_mind() -> None:
    lengths = {path: (settings.BASE_DIR / path).read_text().count("\n") for path in PYTHON_FILES}

    too_long = {
        str(path): length for path, length in lengths.items() if length > (600 if "tests" in path.parts else 400)
    }
    too_long = {path: length for path, length in too_long.items() if path not in LONGER_ON_PURPOSE}

    assert too_long == {}


def test_no_function_is_too_long_to_hold_in_mind() -> None:
    too_long = [
        f"{path}:{node.lineno} {node.name}"
        for path in PYTHON_FILES
        for node in ast.walk(ast.parse((settings.BASE_DIR / path).read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > 60
    ]

    assert too_long == []


def test_no_module_is_a_drawer() -> None:
    assert [str(path) for path in PYTHON_FILES if path.stem in NO_DRAWERS or path.parent.name in NO_DRAWERS] == []


@pytest.mark.parametrize("folder", ["static/src"])
def test_no_typescript_file_is_too_long(folder: str) -> None:
    sources = [path for path in (settings.BASE_DIR / folder).rglob("*.ts") if ".gen." not in path.name]
    lengths = {path.name: path.read_text().count("\n") for path in sources}

    too_long = {name: length for name, length in lengths.items() if length > (600 if ".test." in name else 400)}

    assert too_long == {}
