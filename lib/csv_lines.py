"""Lines of CSV that a spreadsheet shows and never runs."""

import csv
from collections.abc import Iterable
from io import StringIO


def line(cells: Iterable[str]) -> str:
    """Return one line with its end. A cell that would be run as a formula begins with an apostrophe."""
    written = StringIO()
    csv.writer(written).writerow([harmless(cell) for cell in cells])
    return written.getvalue()


def harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip().startswith(("=", "+", "-", "@")) or cell.startswith(("\t", "\r", "\n")) else cell
