"""What is said before there is a reader, when a module is imported or an app gets ready, waits for one."""

import ast
from collections.abc import Iterator

import pytest
from django.conf import settings

from config.messages import NOT_SAID, ROOMS

NOW = {"gettext", "ngettext", "pgettext", "npgettext"}


def said_too_early(source: str) -> Iterator[str]:
    """Yield the calls that translate at once where no person is known yet."""
    module = ast.parse(source)
    names = {
        name.asname or name.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
        if name.name in NOW
    }
    yield from _calls(module, names)


def _calls(node: ast.AST, names: set[str]) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        runs_later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and child.name != "ready"
        if runs_later or isinstance(child, ast.Lambda):
            continue
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id in names:
            yield ast.unparse(child)
        yield from _calls(child, names)


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_is_translated_before_there_is_a_reader(room: str) -> None:
    files = [path for path in (settings.BASE_DIR / room).rglob("*.py") if not {*NOT_SAID} & {*path.parts}]

    assert [(str(path), call) for path in files for call in said_too_early(path.read_text())] == []


def test_what_is_said_too_early_is_noticed() -> None:
    source = """
from django.utils.translation import gettext as _, gettext_lazy
EARLY, LATE = _("early"), gettext_lazy("late")
class App:
    def ready(self):
        register(_("ready"), lambda: _("late"))
def later():
    return _("late")
"""

    assert list(said_too_early(source)) == ["_('early')", "_('ready')"]
