"""Small things that differ between languages, for sentences put together in Python."""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import TYPE_CHECKING

from django.utils import formats, translation

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

type Text = "str | _StrPromise"
"""A text that may be translated only when it is shown, as everything that is named when a module is imported."""


def number(value: float) -> str:
    """Write a number with its thousands apart, as the reader's language does."""
    return formats.number_format(value, use_l10n=True, force_grouping=True)


def rounded(value: Decimal | float, places: int) -> str:
    """Write a number with so many digits after its point; Django's own function cuts the others off.

    A page of charts writes thousands, for which Django's function takes longest of all that is done for the page.
    """
    if places or not isinstance(value, int):
        exact = value if isinstance(value, Decimal) else Decimal(str(value))
        value = exact.quantize(Decimal((0, (1,), -places)), ROUND_HALF_UP) or Decimal(0)  # there is no minus zero
    written = f"{value:,.{places}f}"
    point, comma = _marks(translation.get_language())
    return written if point == "." and comma == "," else written.translate({ord("."): point, ord(","): comma})


@cache
def _marks(language: str | None) -> tuple[str, str]:
    """Return what stands before a language's decimals and between its thousands, which some write without anything."""
    has_groups = formats.get_format("NUMBER_GROUPING", language)
    point = formats.get_format("DECIMAL_SEPARATOR", language)
    return point, formats.get_format("THOUSAND_SEPARATOR", language) if has_groups else ""


def shown(text: str, most: int = 60) -> str:
    """Return what somebody sent as a sentence may quote it: cut, and what no screen can show written as Python does."""
    return repr(text[:most])[1:-1]
