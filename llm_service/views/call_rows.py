"""The rows of the call list in words: what they have in common is made once, for fifty rows are most of the page."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from llm_service.models import LLMCallLog
from llm_service.templatetags.operations import NONE, moment, money, short, took

LONGEST_WORDS = 140
_ANY = UUID(int=0)


def in_words(
    calls: Sequence[LLMCallLog], *, query: str, names_teams: bool, shows_words: bool
) -> list[dict[str, str | bool]]:
    """Return what the template shows of each call; dicts, because a template reads these fastest."""
    address = reverse("operations:call", args=[_ANY]) + (f"?{query}" if query else "")
    before, _any, after = address.partition(str(_ANY))
    # Drawn once for all calls that ended alike.
    badges = {
        ended: render_to_string("operations/_status.html", {"call": call})
        for ended, call in {_end(call): call for call in calls}.items()
    }
    nobody = _("nobody")
    rows: list[dict[str, str | bool]] = []
    for call in calls:
        id_, at = str(call.pk), timezone.localtime(call.created_at)
        team = f" · {call.team.name}" if names_teams and call.team else ""
        rows.append(
            {
                "id": id_,
                "url": f"{before}{id_}{after}",
                "at": at.isoformat(),
                "ago": naturaltime(at),
                "moment": moment(at),
                "badge": badges[_end(call)],
                "model": call.model,
                "words": Truncator(call.prompt_preview).chars(LONGEST_WORDS) if shows_words else "",
                "feature": call.feature or NONE,
                "person": (call.user.short_name if call.user else nobody) + team,
                "address": (call.user.email if call.user else "") + team,
                "input": short(call.input_tokens),
                "output": short(call.output_tokens),
                "cost": _cost(call),
                "is_priced": call.cost_usd is not None,
                "first": took(call.time_to_first_token_ms),
                "took": took(call.duration_ms),
            }
        )
    return rows


def _end(call: LLMCallLog) -> tuple[str, str, int]:
    return call.status, call.error_type, call.retry_count


def _cost(call: LLMCallLog) -> str:
    is_guess = call.cost_source == LLMCallLog.CostSource.ESTIMATED and call.cost_usd is not None
    return f"≈ {money(call.cost_usd)}" if is_guess else money(call.cost_usd)
