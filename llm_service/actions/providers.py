"""Connecting providers, and what a team says about models. Whoever calls these may manage the team's providers."""

import secrets
import string
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from lib import vault
from lib.write_lock import writing
from llm_service import audit_actions, team_models
from llm_service.models import ModelRule, Provider
from teams.models import Team
from teams.refusals import Refused

LETTERS = string.ascii_lowercase + string.digits
SHOWN_OF_A_KEY = 4
MOST_OF_A_TEAM = 50
MOST_RULES = 200


@dataclass(frozen=True)
class Details:
    """What somebody entered. An empty `key` keeps the one that is stored."""

    vendor: str
    name: str
    base_url: str = ""
    api_version: str = ""
    key: str = ""
    offered: tuple[str, ...] = ()
    is_active: bool = True


def connect(*, by: User, team: Team | None, details: Details) -> Provider:
    """Store a provider of a team, or with none of the whole site. Raises Refused before any write."""
    if Provider.objects.filter(team=team).count() >= MOST_OF_A_TEAM:
        raise Refused(_("A team can connect %(most)s providers. Disconnect one first.") % {"most": MOST_OF_A_TEAM})
    provider = Provider(team=team, slug=_slug(details.name), created_by=by)
    _settle(provider, details)
    with writing():
        provider.save(force_insert=True)
        team_models.changed()
        _record(audit_actions.PROVIDER_CONNECTED, by, provider)
    return provider


def change(*, by: User, provider: Provider, details: Details) -> None:
    """Store what was entered anew. A key is never carried over to another address: it would be sent there."""
    if not details.key and provider.locked_key and _server_of(details) != (provider.vendor, provider.base_url):
        raise Refused(_("Enter the key again: the address is another one, and the stored key is not sent there."))
    before = _told(provider)
    _settle(provider, details)
    with writing():
        provider.save()
        team_models.changed()
        _record(audit_actions.PROVIDER_CHANGED, by, provider, before=before)


def disconnect(*, by: User, provider: Provider) -> None:
    with writing():
        _record(audit_actions.PROVIDER_DISCONNECTED, by, provider, before=_told(provider))
        provider.delete()
        team_models.changed()


def note_test(*, provider: Provider, problem: str) -> None:
    Provider.objects.filter(pk=provider.pk).update(tested_at=timezone.now(), test_problem=problem[:500])


def set_rule(
    *,
    by: User,
    team: Team,
    model: str,
    is_allowed: bool,
    fallbacks: tuple[str, ...] = (),
    note: str = "",
    retires_on: date | None = None,
) -> None:
    """Say whether a team may use a model and what stands in for it. A rule that says nothing is not kept."""
    own = ModelRule.objects.filter(team=team)
    if own.exclude(model=model).count() >= MOST_RULES:
        raise Refused(_("A team can have %(most)s rules for models.") % {"most": MOST_RULES})
    with writing():
        if is_allowed and not fallbacks and not note and not retires_on:
            own.filter(model=model).delete()
        else:
            values = {"is_allowed": is_allowed, "fallbacks": list(fallbacks), "note": note, "retires_on": retires_on}
            ModelRule.objects.update_or_create(team=team, model=model, defaults=values)
        audit.record(
            action=audit_actions.MODEL_RULE_CHANGED,
            by=by,
            team_id=team.pk,
            after={"model": model, "is_allowed": is_allowed, "fallbacks": list(fallbacks)},
        )
        team_models.changed()


def lock_anew() -> vault.LockedAnew:
    """Lock every key with the first of VAULT_KEYS."""
    done = vault.LockedAnew()
    for pk in list(Provider.objects.exclude(locked_key="").order_by("pk").values_list("pk", flat=True)):
        with writing():
            provider = Provider.objects.select_for_update().filter(pk=pk).first()
            if provider is None or vault.is_locked_with_the_newest(provider.locked_key):
                continue
            try:
                provider.locked_key = vault.lock(vault.unlock(provider.locked_key))
            except vault.Unreadable:
                done.unreadable += 1
                continue
            provider.save(update_fields=["locked_key"])
            done.locked += 1
    return done


def _settle(provider: Provider, details: Details) -> None:
    provider.vendor, provider.name, provider.base_url = details.vendor, details.name, details.base_url
    provider.api_version, provider.offered = details.api_version, list(details.offered)
    provider.is_active, provider.changed_at = details.is_active, timezone.now()
    if details.key:
        try:
            provider.locked_key = vault.lock(details.key)
        except vault.NoKey:
            raise Refused(_("This site cannot keep keys yet: its administrator has to set VAULT_KEYS first.")) from None
        # Of a short key even four letters would tell too much.
        is_long = len(details.key) >= 4 * SHOWN_OF_A_KEY
        provider.key_tail = details.key[-SHOWN_OF_A_KEY:] if is_long else ""
    provider.tested_at, provider.test_problem = None, ""  # what a try found was about other details


def _server_of(details: Details) -> tuple[str, str]:
    return details.vendor, details.base_url


def _slug(name: str) -> str:
    end = "".join(secrets.choice(LETTERS) for _ in range(6))
    return f"{slugify(name)[:30].strip('-') or 'models'}-{end}"


def _told(provider: Provider) -> dict[str, object]:
    return {"name": provider.name, "vendor": provider.vendor, "base_url": provider.base_url}


def _record(action: audit.Action, by: User, provider: Provider, before: dict[str, object] | None = None) -> None:
    team_id: UUID | None = provider.team_id
    audit.record(action=action, by=by, team_id=team_id, target=provider, before=before or {}, after=_told(provider))
