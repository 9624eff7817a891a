"""The picture other sites show beside a shared link: the title and first words of a conversation on our paper."""

import io
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

SIZE = (1200, 630)
MARGIN, MARK = 84, 54
PAPER, INK, MUTED, ACCENT = "#fbfaf7", "#1e1c19", "#625d54", "#0b5e66"
SCRIPTS = (("latin", 0x00FF), ("latin-ext", 0x024F), ("greek", 0x03FF), ("cyrillic", 0x052F))
"""The subsets of our typeface, by the last letter each begins to serve; others are not drawn."""
PUNCTUATION = frozenset(map(chr, (*range(0x2010, 0x2027), 0x20AC, 0x2122, 0x2212)))
_MARKUP = re.compile(r"```.*?(```|$)|!?\[([^\]]*)\]\([^)]*\)|^\s*[#>|-]+\s?|[*_`~|]+", re.DOTALL | re.MULTILINE)


def drawn(title: str, words: str) -> bytes:
    """Return the picture as PNG."""
    from PIL import Image, ImageDraw  # noqa: PLC0415  heavy, and asked for by few pages

    picture = Image.new("RGB", SIZE, PAPER)
    canvas = ImageDraw.Draw(picture)
    picture.paste(ACCENT, (MARGIN, MARGIN - 10), _mark())
    _line(canvas, (MARGIN + 72, MARGIN - 4), settings.SITE_NAME, 36, 500, INK)
    top = 200
    for line in _lines(_plain(title) or _("A shared conversation"), 60, 600, most=3):
        _line(canvas, (MARGIN, top), line, 60, 600, INK)
        top += 76
    top += 20
    for line in _lines(_plain(words), 32, 400, most=max(0, min(4, (SIZE[1] - MARGIN - top) // 46))):
        _line(canvas, (MARGIN, top), line, 32, 400, MUTED)
        top += 46
    canvas.rectangle((0, SIZE[1] - 10, SIZE[0], SIZE[1]), fill=ACCENT)
    out = io.BytesIO()
    picture.quantize(128).save(out, "PNG", optimize=True)
    return out.getvalue()


def _plain(text: str) -> str:
    """Return text without its Markdown, and without letters our typeface does not have."""
    plain = _MARKUP.sub(lambda found: found[2] or " ", text[:2_000])
    kept = "".join(letter if ord(letter) <= SCRIPTS[-1][1] or letter in PUNCTUATION else " " for letter in plain)
    shown = " ".join(kept.split())
    # Too little of it is left to make sense: it is written in another script.
    return shown if len(shown) * 2 > len(" ".join(plain.split())) else ""


def _mark() -> "Image":
    """Return our mark, two overlapping speech shapes, as a mask drawn large and made small: edges stay smooth."""
    from PIL import Image, ImageChops, ImageDraw  # noqa: PLC0415  as above

    unit, shapes = 16, []
    for centre, radius, corner in ((11, 10, (1, 21)), (21.5, 9.5, (31, 31))):
        shape = Image.new("L", (32 * unit, 32 * unit))
        canvas = ImageDraw.Draw(shape)
        ends = (centre - radius, centre - radius, centre + radius, centre + radius)
        canvas.ellipse([end * unit for end in ends], fill=255)
        across, down = sorted((centre, corner[0])), sorted((centre, corner[1]))
        canvas.rectangle([n * unit for n in (across[0], down[0], across[1], down[1])], fill=255)
        shapes.append(shape)
    return ImageChops.difference(*shapes).resize((MARK, MARK), Image.Resampling.LANCZOS)


def _lines(text: str, size: int, weight: int, *, most: int) -> list[str]:
    """Break text into lines that fit; what has no room is left out with an ellipsis."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _width(longer, size, weight) <= SIZE[0] - 2 * MARGIN:
            lines[-1] = longer
        elif len(lines) == most:
            lines[-1] = lines[-1].rstrip(",;:.") + "…"
            return [_shortened(line, size, weight) for line in lines]
        elif most:
            lines.append(word)
    return [_shortened(line, size, weight) for line in lines]


def _shortened(line: str, size: int, weight: int) -> str:
    """A single word can be wider than the picture."""
    while len(line) > 1 and _width(line, size, weight) > SIZE[0] - 2 * MARGIN:
        line = line[:-2].rstrip("…") + "…"
    return line


def _width(text: str, size: int, weight: int) -> float:
    return sum(_font(script, size, weight).getlength(run) for script, run in _runs(text))


def _line(canvas: "ImageDraw", at: tuple[float, float], text: str, size: int, weight: int, colour: str) -> None:
    x, y = at
    for script, run in _runs(text):
        font = _font(script, size, weight)
        canvas.text((x, y), run, font=font, fill=colour)
        x += font.getlength(run)


def _runs(text: str) -> list[tuple[str, str]]:
    runs: list[tuple[str, str]] = []
    for letter in text:
        script = next((name for name, last in SCRIPTS if ord(letter) <= last), "latin")
        if runs and runs[-1][0] == script:
            runs[-1] = (script, runs[-1][1] + letter)
        else:
            runs.append((script, letter))
    return runs


@cache
def _font(script: str, size: int, weight: int) -> "FreeTypeFont":
    from PIL import ImageFont  # noqa: PLC0415  as above

    built = Path(settings.BASE_DIR) / "static" / "dist" / "assets"
    file = next(iter(sorted(built.glob(f"inter-{script}-wght-normal*.woff2"))), None)
    try:
        font = ImageFont.truetype(str(file), size)
        font.set_variation_by_axes([weight])
    except OSError:  # the page is not built, or this Pillow reads no WOFF2
        fallback = ImageFont.load_default(size)
        assert isinstance(fallback, ImageFont.FreeTypeFont)  # noqa: S101  for the type checker
        return fallback
    return font
