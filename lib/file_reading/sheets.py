"""The cells of an Excel file: shared texts, numbers, and the numbers that are dates."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from xml.parsers import expat

from lib.file_reading.archives import Archive, local

MOST_COLUMNS = 500
_DATE_FORMATS = {*range(14, 23), *range(45, 48)}
_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001  spreadsheets know no time zones


class Workbook:
    """An open spreadsheet. At most about `most` characters of each kind are kept."""

    def __init__(self, archive: Archive, most: int) -> None:
        self._archive = archive
        self._most = most
        self.parts = _sheet_parts(archive)
        self.has_values = False
        self._texts = self._shared_texts()
        self._date_styles = self._styles_of_dates()

    def sheets(self) -> Iterator[tuple[str, list[list[str]]]]:
        for name, part in self.parts:
            if part in self._archive.names:
                yield name, self._rows(part)

    def _shared_texts(self) -> list[str]:
        texts: list[str] = []
        inside, length = 0, 0

        def begins(name: str, _: dict[str, str]) -> None:
            nonlocal inside
            if local(name) == "si":
                texts.append("")
            inside += local(name) == "t"

        def ends(name: str) -> None:
            nonlocal inside
            inside -= local(name) == "t"

        def says(text: str) -> None:
            nonlocal length
            if inside and texts and length <= 4 * self._most:
                texts[-1] += text
                length += len(text)

        self._feed("xl/sharedStrings.xml", begins, ends, says)
        return texts

    def _styles_of_dates(self) -> set[int]:
        """Return the numbers of cell styles that show a number as a date."""
        own: set[int] = set()
        styles: list[int] = []
        within = ""

        def begins(name: str, attributes: dict[str, str]) -> None:
            nonlocal within
            if local(name) in ("cellXfs", "cellStyleXfs"):
                within = local(name)
            elif local(name) == "numFmt":
                code = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", attributes.get("formatCode", ""))
                if re.search(r"[ymdhs]", code, re.IGNORECASE):
                    own.add(_number(attributes.get("numFmtId")))
            elif local(name) == "xf" and within == "cellXfs":
                styles.append(_number(attributes.get("numFmtId")))

        self._feed("xl/styles.xml", begins, lambda _: None, lambda _: None)
        return {place for place, format_ in enumerate(styles) if format_ in _DATE_FORMATS | own}

    def _rows(self, part: str) -> list[list[str]]:
        rows: list[list[str]] = []
        cell: dict[str, str] = {}
        value: list[str] = []
        inside, length = 0, 0

        def begins(name: str, attributes: dict[str, str]) -> None:
            nonlocal inside, cell
            if local(name) == "row":
                rows.append([])
            elif local(name) == "c":
                cell = attributes
                value.clear()
            inside += local(name) in ("v", "t")

        def ends(name: str) -> None:
            nonlocal inside, length
            inside -= local(name) in ("v", "t")
            if local(name) == "c" and rows and value and length <= self._most:
                text = self._shown("".join(value), cell)
                row, column = rows[-1], _column(cell.get("r", ""), len(rows[-1]))
                if column < MOST_COLUMNS:
                    row.extend([""] * (column - len(row) + 1))
                    row[column] = text
                    length += len(text) + 1
                    self.has_values = True

        def says(text: str) -> None:
            if inside and length <= self._most:
                value.append(text)

        self._feed(part, begins, ends, says)
        return [row for row in rows if any(row)]

    def _shown(self, value: str, cell: dict[str, str]) -> str:
        match cell.get("t"):
            case "s":
                place = _number(value)
                return self._texts[place] if 0 <= place < len(self._texts) else ""
            case "b":
                return "TRUE" if value == "1" else "FALSE"
            case None | "n" if _number(cell.get("s")) in self._date_styles and cell.get("s"):
                return _date(value)
        return value

    def _feed(self, part: str, begins: object, ends: object, says: object) -> None:
        if part not in self._archive.names:
            return
        parser = expat.ParserCreate()
        parser.StartElementHandler = begins  # type: ignore[assignment]
        parser.EndElementHandler = ends  # type: ignore[assignment]
        parser.CharacterDataHandler = says  # type: ignore[assignment]
        self._archive.parse(part, parser)


def _sheet_parts(archive: Archive) -> list[tuple[str, str]]:
    """Return the sheets in their order, as name and part."""
    sheets: list[tuple[str, str]] = []
    targets: dict[str, str] = {}

    def of_book(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "sheet":
            relation = next((value for key, value in attributes.items() if local(key) == "id" and ":" in key), "")
            sheets.append((attributes.get("name", ""), relation))

    def of_relations(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    for part, begins in (("xl/workbook.xml", of_book), ("xl/_rels/workbook.xml.rels", of_relations)):
        if part in archive.names:
            parser = expat.ParserCreate()
            parser.StartElementHandler = begins
            archive.parse(part, parser)
    found = [(name, targets.get(relation, "")) for name, relation in sheets]
    return [(name, target.lstrip("/") if target.startswith("/") else f"xl/{target}") for name, target in found]


def _column(reference: str, following: int) -> int:
    letters = re.match(r"[A-Z]{1,3}", reference)
    if not letters:
        return following
    column = 0
    for letter in letters[0]:
        column = column * 26 + ord(letter) - 64
    return column - 1


def _number(text: str | None) -> int:
    try:
        return int(text or "")
    except ValueError:
        return -1


def _date(value: str) -> str:
    try:
        shown = _FIRST_DAY + timedelta(days=float(value))
    except (ValueError, OverflowError):
        return value
    if float(value) < 1:
        return f"{shown:%H:%M}"
    return f"{shown:%Y-%m-%d}" if float(value).is_integer() else f"{shown:%Y-%m-%d %H:%M}"
