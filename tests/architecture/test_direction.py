"""Nothing says left or right where it means the start or the end of a line: pages turn round with `<html dir>`."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

BASE = Path(settings.BASE_DIR)

PHYSICAL_RULE = re.compile(
    r"^\s*(?P<rule>(?:(?:scroll-)?(?:margin|padding)|border)-(?:left|right)(?:-\w+)?|left|right|border-(?:top|bottom)-(?:left|right)-radius)\s*:"
    r"|(?P<value>(?:text-align|float|clear):\s*(?:left|right))\b"
    r"|(?P<gradient>linear-gradient\(to (?:left|right))\b"
)
FOUR_VALUES = re.compile(r"^\s*(?P<rule>margin|padding|inset|border-width):\s*(?P<values>[^;]+);")
PHYSICAL_CLASS = re.compile(
    r"(?<![\w-])(?:[a-z0-9-]+:)*-?"
    r"(?:m[lr]|p[lr]|scroll-[mp][lr]|left|right|border-[lr]|rounded-(?:[lr]|[tb][lr])|float|clear|text|origin|bg-linear-to)"
    r"-(?:\d[\w./]*|auto|px|left|right|[lr]|full|sm|md|lg|\[[^\]]+\])(?![\w-])"
)
SAFE_CLASS = re.compile(r"(?:^|:)(?:text|origin)-(?!left$|right$)|(?:^|:)(?:float|clear)-(?!left$|right$)")

PHYSICAL_ON_PURPOSE = {
    ("styles/surfaces.css", "left: 50%"): "a tooltip is moved back by half its own width, which has no direction",
    ("styles/surfaces.css", "border-width: 0 2px 2px 0"): "a tick is drawn the same way in every language",
    ("chat/styles/messages.css", "text-align: right"): "a table's author chose the side",
}


def test_style_sheets_say_start_and_end():
    found = {
        (sheet, line) for sheet, line in _lines() if PHYSICAL_RULE.search(line) or _is_uneven(FOUR_VALUES.match(line))
    }

    assert {(sheet, line.strip().rstrip(";")) for sheet, line in found} == PHYSICAL_ON_PURPOSE.keys()


@pytest.mark.parametrize("folder", ["templates", "static/src"])
def test_classes_say_start_and_end(folder: str):
    found = [
        f"{path.relative_to(BASE)}: {name}"
        for path in sorted((BASE / folder).rglob("*"))
        if path.suffix in {".html", ".ts"} and not path.name.endswith((".test.ts", ".gen.ts"))
        for quoted in re.findall(r'class(?:Name)?\s*=\s*["`\']([^"`\']*)', path.read_text())
        for name in PHYSICAL_CLASS.findall(quoted)
        if not SAFE_CLASS.search(name)
    ]

    assert found == []


@pytest.mark.parametrize(
    "name", ["ml-2", "md:-mr-3", "pl-4", "text-left", "left-0", "rounded-l-md", "border-r-2", "mr-auto"]
)
def test_a_physical_class_is_noticed(name: str):
    assert PHYSICAL_CLASS.fullmatch(name) and not SAFE_CLASS.search(name)


@pytest.mark.parametrize("name", ["ms-2", "pe-4", "text-start", "text-sm", "start-0", "rounded-s-md", "mx-auto"])
def test_a_logical_class_is_not(name: str):
    assert not PHYSICAL_CLASS.fullmatch(name) or SAFE_CLASS.search(name)


def _lines() -> Iterator[tuple[str, str]]:
    source = BASE / "static" / "src"
    for path in sorted(source.rglob("*.css")):
        for line in path.read_text().splitlines():
            yield str(path.relative_to(source)), line


def _is_uneven(rule: re.Match[str] | None) -> bool:
    """Of four values the second is the right side's and the last the left side's."""
    values = re.findall(r"(?:[^\s()]|\([^()]*(?:\([^()]*\)[^()]*)*\))+", rule["values"]) if rule else []
    return len(values) == 4 and values[1] != values[3]
