"""Regular expressions that people write: searched within a time, so that none of them can stop the server."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

LONGEST = 500
SECONDS = 0.05
"""How long one search may take; other threads run meanwhile."""


class Unusable(ValueError):
    """The expression is no expression, or says in people's words why it is not taken."""


class TookTooLong(Exception):
    """The search was given up."""


class Pattern:
    """One expression, ready to be searched for."""

    def __init__(self, expression: str, *, ignore_case: bool = False, longest: int = LONGEST) -> None:
        """Raise Unusable for one that cannot be searched for."""
        import regex  # noqa: PLC0415  heavy for what most processes never do

        if len(expression) > longest:
            raise Unusable(_("An expression may have at most %(most)s characters.") % {"most": longest})
        flags = regex.V0 | (regex.IGNORECASE if ignore_case else 0)
        try:
            self._compiled: Any = regex.compile(expression, flags)
        except (regex.error, RecursionError, OverflowError) as error:
            raise Unusable(_("This is not a regular expression: %(problem)s") % {"problem": error}) from None

    def is_in(self, text: str, seconds: float = SECONDS) -> bool:
        """Whether it is found anywhere. Raises TookTooLong."""
        try:
            return self._compiled.search(text, timeout=seconds, concurrent=True) is not None
        except TimeoutError:
            raise TookTooLong from None

    def found(self, text: str, start: int = 0, seconds: float = SECONDS) -> Iterator[tuple[int, int]]:
        """Yield where it is found from `start` on, what is empty left out. Raises TookTooLong."""
        try:
            for match in self._compiled.finditer(text, start, timeout=seconds, concurrent=True):
                if match.end() > match.start():
                    yield match.span()
        except TimeoutError:
            raise TookTooLong from None


def check(expression: str) -> None:
    """Raise Unusable for what is no expression, or takes long over texts that make others stumble."""
    pattern = Pattern(expression, ignore_case=True)
    for text in _STUMBLING:
        try:
            pattern.is_in(text)
        except TookTooLong:
            raise Unusable(_("This expression takes too long to search for. Make it simpler.")) from None


_STUMBLING = tuple(f"{piece * (3_000 // len(piece))}!" for piece in ("a", "1", " ", "a ", "aA1", "ab", "a@", "-", "\n"))
