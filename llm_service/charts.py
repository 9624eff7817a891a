"""Charts as numbers a template can draw: bars and lines in a box of 1000 by 240, with ticks, labels and a table."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

from django.utils.safestring import SafeString, mark_safe

WIDTH, HEIGHT = 1000.0, 240.0
MOST_LABELS = 8
Say = Callable[[float], str]


@dataclass(frozen=True)
class Shape:
    """All bars of a series, or its line, as one path: a quarter of a year has hundreds of bars."""

    colour: int
    path: str


@dataclass(frozen=True)
class Chart:
    name: str
    title: str
    head: list[str]
    """What the columns of the table are, the time first."""
    rows: list[list[str]]
    ticks: list[tuple[float, str]]
    """Lines across: where, in percent from below, and what they say."""
    labels: list[str]
    bars: list[Shape] = field(default_factory=list)
    lines: list[Shape] = field(default_factory=list)
    colours: list[int] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.bars and not self.lines

    @property
    def body(self) -> SafeString:
        """The rows of the table. There are thousands of cells on a page, too many for a template's loop."""
        lines = (f"<tr><th scope=row>{escape(row[0])}</th>{_cells(row[1:])}</tr>" for row in self.rows)
        return mark_safe("".join(lines))  # noqa: S308  each cell is escaped

    @property
    def legend(self) -> list[tuple[int, str]]:
        return list(zip(self.colours, self.head[1:], strict=False))


Named = tuple[str, Sequence[float | None]]
"""What a series is called, and its value at each step."""


def stacked(name: str, title: str, when: Sequence[str], series: Sequence[Named], say: Say, *, time: str) -> Chart:
    """Draw the values of each step upon each other, the first series lowest."""
    sums = [math.fsum(values[place] or 0 for _, values in series) for place in range(len(when))]
    top, ticks = _scale(max(sums, default=0.0), say)
    step = WIDTH / max(1, len(when))
    gap = min(6.0, step * 0.22)
    paths = [""] * len(series)
    for place in range(len(when)):
        below = HEIGHT
        for colour, (_, values) in enumerate(series):
            height = (values[place] or 0) / top * HEIGHT
            if height > 0:
                paths[colour] += (
                    f"M{place * step + gap / 2:.1f} {below:.2f}h{step - gap:.1f}v{-height:.2f}h{gap - step:.1f}z"
                )
                below -= height
    bars = [Shape(colour, path) for colour, path in enumerate(paths) if path]
    return _chart(name, title, when, series, say, ticks, time, bars=bars)


def lined(name: str, title: str, when: Sequence[str], series: Sequence[Named], say: Say, *, time: str) -> Chart:
    """Draw each series as a line; it breaks where nothing was measured."""
    top, ticks = _scale(max((value for _, values in series for value in values if value), default=0.0), say)
    step = WIDTH / max(1, len(when))
    lines = []
    for colour, (_, values) in enumerate(series):
        if path := _path(values, step, top):
            lines.append(Shape(colour, path))
    return _chart(name, title, when, series, say, ticks, time, lines=lines)


def _chart(
    name: str,
    title: str,
    when: Sequence[str],
    series: Sequence[Named],
    say: Say,
    ticks: list[tuple[float, str]],
    time: str,
    *,
    bars: Sequence[Shape] = (),
    lines: Sequence[Shape] = (),
) -> Chart:
    rows = [
        [moment, *("\N{EN DASH}" if values[place] is None else say(values[place] or 0) for _, values in series)]
        for place, moment in enumerate(when)
    ]
    return Chart(
        name=name,
        title=title,
        head=[time, *(label for label, _ in series)],
        rows=rows,
        ticks=ticks,
        labels=_labels(when),
        bars=list(bars),
        lines=list(lines),
        colours=list(range(len(series))),
    )


def _labels(when: Sequence[str]) -> list[str]:
    """Return some of the steps' names, each for as many steps as the next; of many hours only the day."""
    count = len(when)
    every = next((size for size in range(1, count + 1) if count % size == 0 and count / size <= MOST_LABELS), 1)
    return [name.partition(", ")[0] if count > 24 else name for name in when[::every]]


def _cells(row: Sequence[str]) -> str:
    # Escaped together: thousands of calls for numbers that hold nothing to escape take milliseconds.
    return "<td class=number>" + escape("\t".join(row)).replace("\t", "</td><td class=number>") + "</td>"


def _path(values: Sequence[float | None], step: float, top: float) -> str:
    drawn, is_down = [], False
    for place, value in enumerate(values):
        if value is None:
            is_down = False
            continue
        x, y = (place + 0.5) * step, HEIGHT - value / top * HEIGHT
        alone = not is_down and (place + 1 == len(values) or values[place + 1] is None)
        drawn.append(f"{'L' if is_down else 'M'}{x:.1f} {y:.1f}")
        if alone:
            drawn.append(f"h{step * 0.3:.1f}")  # a point of its own would not be seen
        is_down = True
    return "".join(drawn)


def _scale(most: float, say: Say) -> tuple[float, list[tuple[float, str]]]:
    """Return a round number above the largest value, and what the lines across say."""
    if most <= 0:
        return 1.0, [(0.0, say(0))]
    rough = most / 4
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough * 0.999)
    count = math.ceil(most / step - 1e-9)
    return step * count, [(100 * number / count, say(step * number)) for number in range(count + 1)]
