"""Words of any language as search compares them, the questions people type, and what is shown of a text. Pure.

Case and accents are folded. What is written without spaces between words (Chinese, Japanese, Thai, ...) counts letter
by letter, and a run of it is found as a phrase.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, islice, pairwise

LONGEST_WORD = 64
MOST_ASKED = 400
"""Characters of a question that are read."""
MOST_TERMS = 10
MOST_WORDS = 40

_SOLID = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Letters that Unicode does not take apart, and that people type without their stroke.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
_ASCII_WORD = re.compile("[0-9a-z]+")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must follow each other; of the last one the beginning is enough if `is_prefix`."""

    words: tuple[str, ...]
    is_prefix: bool = False


class _Letters(dict[int, str]):
    """Each character without case and accent, worked out when it is met first."""

    def __missing__(self, code: int) -> str:
        apart = unicodedata.normalize("NFKD", chr(code))
        folded = "".join(one for one in apart if not 0x300 <= ord(one) <= 0x36F).casefold().translate(_PLAIN)
        self[code] = folded
        return folded


_letters = _Letters()


def fold(text: str) -> str:
    return text.lower() if text.isascii() else text.translate(_letters)


@cache
def _marks() -> str:
    """Return the marks that belong to the letter before them, as a part of a character class."""
    codes = [code for code in range(0x300, 0x20000) if unicodedata.category(chr(code))[0] == "M"]
    starts = [codes[0], *(two for one, two in pairwise(codes) if two != one + 1)]
    ends = [*(one for one, two in pairwise(codes) if two != one + 1), codes[-1]]
    return "".join(f"{chr(start)}-{chr(end)}" for start, end in zip(starts, ends, strict=True))


@cache
def _word() -> re.Pattern[str]:
    return re.compile(rf"[{_SOLID}]|(?:[0-9a-z]+|(?![{_SOLID}])(?:[^\W_]|[{_marks()}]))+")


def words_of(text: str) -> Iterator[str]:
    folded = fold(text)
    pattern = _ASCII_WORD if folded.isascii() else _word()
    return (found[0][:LONGEST_WORD] for found in pattern.finditer(folded))


def asked(question: str) -> list[Term]:
    """Return what must be found, all of it: words, "phrases in quotes", and the beginning of the last word."""
    text = question[:MOST_ASKED].translate(_QUOTES)
    terms: list[Term] = []
    left = MOST_WORDS
    for found in re.finditer(r'"([^"]*)("?)|([^\s"]+)', text):
        phrase, closed, loose = found.groups()
        words = tuple(islice(words_of(loose or phrase or ""), left))
        left -= len(words)
        if words:
            is_last = not text[found.end() :].strip() and not closed
            terms.append(Term(words, is_prefix=is_last and len(words[-1]) > 1))
    return list(dict.fromkeys(terms))[:MOST_TERMS]


# --- What is shown of a text ------------------------------------------------------------------------------------------

_SPACE = re.compile(r"\s+")
_MARKS_OF_STYLE = re.compile(r"\*\*|__|`{1,3}|^#{1,6} ", re.MULTILINE)
"""What Markdown sets and nobody reads."""
_ROW = re.compile(r"^[ \t]*\|.*$", re.MULTILINE)
_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,30}\]:?")
BEFORE, AROUND = 50, 220
"""Characters shown before the first find, and in all."""
MOST_FINDS = 100

Piece = tuple[str, bool]
"""A piece of plain text, and whether it was searched for."""


class Marker:
    """Finds the terms of one question in texts."""

    def __init__(self, terms: list[Term]) -> None:
        self._terms = terms
        # Where a term begins and ends is looked at afterwards: a pattern that did would be slow to build and to run.
        self._pattern = re.compile("|".join(f"({_as_pattern(term)})" for term in terms) or "(?!)")

    def snippet(self, text: str, *, around: int = AROUND) -> list[Piece]:
        """Return the part of a text where most of the terms stand, in pieces; its beginning if none of them does."""
        finds = self._finds(text)
        first = _densest(finds, around)
        start = _next_word(text, first - BEFORE) if first > BEFORE else 0
        end = _last_word(text, start + around, after=first + around // 3)
        text = _in_words(text)
        pieces: list[Piece] = [("… ", False)] if start else []
        at = start
        for begin, stop, _ in finds:
            if begin >= at and stop <= end:
                pieces += [(text[at:begin], False), (text[begin:stop], True)]
                at = stop
        pieces += [(text[at:end], False), (" …" if end < len(text) else "", False)]
        plain = ((_SPACE.sub(" ", _MARKS_OF_STYLE.sub("", piece)), marked) for piece, marked in pieces)
        return [(piece, marked) for piece, marked in plain if piece]

    def _finds(self, text: str) -> list[tuple[int, int, int]]:
        """Return where the terms stand, as start, end and number of the term."""
        folded = fold(text)
        whole = (self._whole(folded, one) for one in self._pattern.finditer(folded))
        finds = list(islice((one for one in whole if one), MOST_FINDS))
        if len(folded) == len(text):
            return finds
        ends = list(accumulate(len(_letters[ord(letter)]) for letter in text))
        origin = [0] * (len(folded) + 1)
        begin = 0
        for place, stop in enumerate(ends):
            origin[begin:stop] = [place] * (stop - begin)
            begin = stop
        return [(origin[start], origin[end - 1] + 1, number) for start, end, number in finds]

    def _whole(self, folded: str, found: re.Match[str]) -> tuple[int, int, int] | None:
        """Return a find if it begins and ends where words do; the end of a word that was half typed is added."""
        number = found.lastindex or 0
        term, start, end = self._terms[number - 1], found.start(), found.end()
        if start and not is_solid(folded[start]) and _goes_on(folded[start - 1]):
            return None
        if is_solid(folded[end - 1]):
            return start, end, number
        is_begun = term.is_prefix or len(term.words[-1]) == LONGEST_WORD
        while is_begun and end < len(folded) and _goes_on(folded[end]):
            end += 1
        return None if end < len(folded) and _goes_on(folded[end]) else (start, end, number)


def _in_words(text: str) -> str:
    """Return a text without the lines of its tables and the marks of its footnotes, each letter where it was."""
    if "|" in text:
        text = _ROW.sub(lambda row: _cells(row[0]), text)
    return _FOOTNOTE.sub(lambda mark: " " * len(mark[0]), text)


def _cells(row: str) -> str:
    if not row.strip(" \t\r|:-"):
        return " " * len(row)
    inner = row.rstrip()
    inner = inner[:-1] if inner.endswith("|") else inner
    return inner.replace("|", " ", 1).replace("|", "·").ljust(len(row))


def _as_pattern(term: Term) -> str:
    between = (r"[\W_]*" if is_solid(one) or is_solid(two) else r"[\W_]+" for one, two in pairwise(term.words))
    return "".join(
        part for word in zip(term.words, [*between, ""], strict=True) for part in (re.escape(word[0]), word[1])
    )


_solid = re.compile(f"[{_SOLID}]")


def is_solid(word: str) -> bool:
    return _solid.fullmatch(word) is not None


def _goes_on(letter: str) -> bool:
    """Tell whether a letter belongs to the same word as its neighbour."""
    return (letter.isalnum() or unicodedata.category(letter)[0] == "M") and not is_solid(letter)


def _densest(finds: list[tuple[int, int, int]], around: int) -> int:
    """Return where to begin so that the most different terms are in sight."""
    best, most = (finds[0][0], 0) if finds else (0, 0)
    for start, _, _ in finds:
        different = len({number for begin, end, number in finds if begin >= start and end <= start + around - BEFORE})
        if different > most:
            best, most = start, different
    return best


def _next_word(text: str, at: int) -> int:
    space = text.find(" ", at, at + BEFORE // 2)
    return space + 1 if space >= 0 else at


def _last_word(text: str, at: int, *, after: int) -> int:
    if at >= len(text):
        return len(text)
    space = text.rfind(" ", after, at)
    return space if space > after else at
