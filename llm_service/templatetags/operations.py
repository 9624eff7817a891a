"""Numbers as the pages of operations say them: with units, and with enough digits to be honest."""

from collections.abc import Iterable
from decimal import Decimal
from html import escape
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from lib.wording import rounded
from llm_service import bodies, charts

register = template.Library()
NONE = "\N{EN DASH}"


@register.filter
def money(value: Any) -> str:
    """Say dollars: `$12.40`, `$0.0042`; an unknown cost is unknown, never nothing."""
    if value is None:
        return _("unknown")
    amount = Decimal(str(value))
    if amount == 0:
        return "$0"
    if abs(amount) >= 1000:
        return f"${rounded(amount, 0)}"
    if abs(amount) >= Decimal("0.1"):
        return f"${rounded(amount, 2)}"
    places = min(8, 1 - amount.adjusted())
    return f"${rounded(amount, places)}"


@register.filter
def took(milliseconds: Any) -> str:
    """Say a time: `420 ms`, `2.2 s`, `3 min 20 s`."""
    if milliseconds is None:
        return NONE
    if milliseconds < 1000:
        return f"{round(milliseconds)} ms"
    seconds = milliseconds / 1000
    if seconds < 100:
        return f"{rounded(seconds, 1)} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


@register.filter
def count(value: Any) -> str:
    """Say a number whole: `1,204`."""
    return NONE if value is None else rounded(value, 0)


@register.filter
def short(value: Any) -> str:
    """Say a large number short: `12.4k`, `3.1M`."""
    if value is None:
        return NONE
    for size, unit in ((1_000_000_000, "B"), (1_000_000, "M"), (10_000, "k")):
        if abs(value) >= size:
            divisor = 1000 if unit == "k" else size
            return f"{rounded(value / divisor, 1)}{unit}"
    return rounded(value, 0)


@register.filter
def percent(share: Any) -> str:
    """Say a share of one: `2.4 %`."""
    if share is None:
        return NONE
    return f"{rounded(float(share) * 100, 1)} %"


@register.filter
def first_letters(value: Any) -> str:
    """Say an id by its beginning."""
    return str(value)[:8] if value else ""


@register.filter
def unlocalized(number: float) -> str:
    """Say a number as drawings want it."""
    return f"{number:.3f}"


@register.filter
def as_json(value: Any) -> str:
    return bodies.indented(value)


@register.filter
def from_below(percent_up: float) -> str:
    """Turn a height in percent into the place in a chart, which counts from above."""
    return f"{charts.HEIGHT * (1 - percent_up / 100):.2f}"


@register.filter
def moment(at: Any) -> str:
    """Say a time of the log, to the second, without its year."""
    return date_format(timezone.localtime(at), _("j M, H:i:s")) if at else NONE


@register.filter
def whole_moment(at: Any) -> str:
    return date_format(timezone.localtime(at), _("j F Y, H:i:s")) if at else NONE


@register.simple_tag
def options(choices: Iterable[tuple[Any, Any]], chosen: Any = None) -> SafeString:
    """Draw what a select offers: there are hundreds of teams, too many for a template's loop."""
    lines = (
        f'<option value="{escape(str(value))}"{" selected" if value == chosen else ""}>{escape(str(label))}</option>'
        for value, label in choices
    )
    return mark_safe("".join(lines))  # noqa: S308  each part is escaped
