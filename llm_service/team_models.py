"""What teams and staff say about models, and which providers they connected; kept in memory for a few seconds.

Every send and every page asks, and both hardly change. No key is among it: `connections.Way` reads it for each call.
"""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.apps import apps
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from llm_service.errors import ModelForbidden
from llm_service.memory import Memory

KEEP = 5.0
"""Seconds after which another process's change counts here, too."""
EVERY = "*"


@dataclass(frozen=True, slots=True)
class Rule:
    is_allowed: bool
    fallbacks: tuple[str, ...]
    note: str
    retires_on: date | None


@dataclass(frozen=True, slots=True)
class Rules:
    """Those that hold for one team: the site's, and its own."""

    site: dict[str, Rule] = field(default_factory=dict)
    own: dict[str, Rule] = field(default_factory=dict)

    def allow(self, model: str) -> bool:
        return all(_of(rules, model).is_allowed for rules in (self.site, self.own))

    def fallbacks(self, model: str) -> tuple[str, ...]:
        """Return what is asked instead, the team's own word before the site's."""
        return _of(self.own, model).fallbacks or _of(self.site, model).fallbacks

    def note(self, model: str) -> str:
        rule = self.own.get(model) or self.site.get(model)
        if rule is None:
            return ""
        ends = _("Until %(day)s.") % {"day": date_format(rule.retires_on)} if rule.retires_on else ""
        return " ".join(part for part in (rule.note, ends) if part)


@dataclass(frozen=True, slots=True)
class Connected:
    """A provider that somebody connected, without its key."""

    slug: str
    vendor: str
    name: str
    offered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    rules: dict[UUID | None, dict[str, Rule]] = field(default_factory=dict)
    connected: dict[UUID | None, list[Connected]] = field(default_factory=dict)


ALLOWED = Rule(True, (), "", None)


def rules_of(team_id: UUID | None) -> Rules:
    """Return what holds in a team. On the event loop, where nothing may be asked, as it was a moment ago."""
    rules = _memory.for_threads().rules
    return Rules(rules.get(None, {}), rules.get(team_id, {}) if team_id else {})


async def refuse_forbidden(model: str, team_id: UUID | None) -> None:
    """Raise ModelForbidden for a model that the site or this team says is not to be used."""
    known = (await _memory.current()).rules
    if not Rules(known.get(None, {}), known.get(team_id, {}) if team_id else {}).allow(model):
        raise ModelForbidden(f"A rule forbids {model!r}.")


def connected_by(team_id: UUID) -> list[Connected]:
    """Return the providers that a team may call models through: its own, then those of the whole site."""
    connected = _memory.for_threads().connected
    return [*connected.get(team_id, []), *connected.get(None, [])]


def _of(rules: dict[str, Rule], model: str) -> Rule:
    return rules.get(model) or rules.get(EVERY) or ALLOWED


def _read() -> _Known:
    known = _Known()
    for row in apps.get_model("llm_service", "ModelRule")._default_manager.all():
        rule = Rule(row.is_allowed, tuple(row.fallbacks), row.note, row.retires_on)
        known.rules.setdefault(row.team_id, {})[row.model] = rule
    providers = apps.get_model("llm_service", "Provider")._default_manager.filter(is_active=True)
    for team_id, slug, vendor, name, offered in providers.values_list("team_id", "slug", "vendor", "name", "offered"):
        known.connected.setdefault(team_id, []).append(Connected(slug, vendor, name, tuple(offered)))
    return known


_memory = Memory(_read, _Known(), "What teams say about models", KEEP)
forget, changed = _memory.forget, _memory.changed
