"""The colour tokens promise contrast; this reads them from the style sheet and holds them to it."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TOKENS = Path(settings.BASE_DIR) / "static" / "src" / "styles" / "tokens.css"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
MAILS = TEMPLATES / "email"
PAIR = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
PAIRS = PAIR.findall(TOKENS.read_text())
PALETTES = {
    "light": {name: light for name, light, _ in PAIRS},
    "dark": {name: dark for name, _, dark in PAIRS},
}
GROUNDS = ("background", "surface", "raised")
COLOURED = ("accent", "success", "warning", "danger")
CODE = ("keyword", "string", "number", "name", "type", "comment")
CHART = ("teal", "blue", "orange", "plum", "olive", "rose", "grey")


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PROMISES = [
    *[("text", ground, 7.0) for ground in GROUNDS],
    ("text", "bubble", 7.0),
    ("text", "selected", 7.0),
    ("bubble", "background", 1.15),
    *[("muted", ground, 4.5) for ground in GROUNDS],
    *[(name, ground, 4.5) for name in COLOURED for ground in GROUNDS],
    *[("text", f"{name}-soft", 7.0) for name in COLOURED],
    *[(name, f"{name}-soft", 4.5) for name in COLOURED],
    ("accent-text", "accent", 4.5),
    ("danger-text", "danger", 4.5),
    # The edge of a field is the only sign of it; a line that merely divides has to be visible, no more.
    *[("line-strong", ground, 3.0) for ground in GROUNDS],
    *[("line", ground, 1.2) for ground in GROUNDS],
    *[(f"code-{name}", "surface", 4.5) for name in CODE],
    *[(f"chart-{name}", ground, 3.0) for name in CHART for ground in GROUNDS],
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PROMISES)
def test_ink_stands_out_from_its_ground(theme: str, ink: str, ground: str, least: float) -> None:
    palette = PALETTES[theme]

    assert contrast(palette[ink], palette[ground]) >= least


def test_the_measure_itself_knows_black_on_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_no_colour_is_written_outside_the_tokens() -> None:
    sources = [*TOKENS.parent.glob("*.css"), *(TOKENS.parent.parent).rglob("*.ts")]
    templates = [path for path in TEMPLATES.rglob("*.html") if path.parent != MAILS]
    colour = re.compile(r"(?<![&\w/-])#[0-9a-fA-F]{3,8}\b(?!-)|\b(?:rgb|hsl|oklch)a?\(")

    strays = [
        f"{path.name}: {found.group()}"
        for path in (*sources, *templates)
        if path != TOKENS and not path.name.endswith(".test.ts")
        for found in colour.finditer(path.read_text())
    ]

    assert strays == []


def test_mails_which_read_no_style_sheet_wear_the_colours_of_the_tokens() -> None:
    ours = {colour for palette in PALETTES.values() for colour in palette.values()}

    worn = {
        found for path in MAILS.glob("*.html") for found in re.findall(r"(?<!&)#[0-9a-fA-F]{3,8}\b", path.read_text())
    }

    assert PALETTES["light"]["accent"] in worn
    assert worn - ours == set()


def test_the_icon_wears_the_accent_of_both_themes() -> None:
    icon = (TOKENS.parent.parent / "public" / "icon.svg").read_text()

    assert [PALETTES["light"]["accent"], PALETTES["dark"]["accent"]] == re.findall(r"fill:(#[0-9a-f]{6})", icon)
