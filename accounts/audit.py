"""The audit log: who did what, when and from where. Entries are written in the transaction of the change they tell of.

A room names its actions once, each with the sentence a reader sees:

    ROLE_CHANGED = audit.action(
        "membership.role_changed",
        gettext_lazy("{actor} changed the role of {target} from {before[role]} to {after[role]}"),
        title=gettext_lazy("Role changed"),
    )
    audit.record(action=ROLE_CHANGED, by=anna, team_id=team.pk, target=ben, before={"role": ...}, after={"role": ...})

Nothing secret gets in, not even hashed: fields that are called like a secret are refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from uuid import UUID

from django.db import connection
from django.db.models import Model
from django.utils.translation import gettext, gettext_lazy, gettext_noop

from accounts.models import LONGEST_LABEL, AuditEntry, User
from lib import visitor
from lib.wording import Text
from lib.write_lock import writing

NOBODY = gettext_lazy("The system")
MOST_OF_A_VALUE = 300
MOST_OF_A_LIST = 50
FORGOTTEN_AT_ONCE = 5_000
SECRET_WORDS = frozenset({"password", "passwd", "passphrase", "secret", "token", "key", "hash", "credential", "otp"})
PLURALS = frozenset(f"{word}s" for word in SECRET_WORDS) - {"tokens"}  # `max_tokens` is a number

Fields = Mapping[str, object]


@dataclass(frozen=True)
class Action:
    name: str
    """`noun.verb`, the verb in the past."""
    sentence: Text
    """What a reader sees; may name {actor}, {target}, {before[field]} and {after[field]}."""
    title: Text
    """What the filter calls it."""
    nobody: Text = NOBODY
    """Who acted where no person did."""


class RefusedField(ValueError):
    """A field is called like a secret, and secrets stay out of the log."""


_actions: dict[str, Action] = {}


def action(name: str, sentence: Text, *, title: Text = "", nobody: Text = NOBODY) -> Action:
    """Register what can be recorded. Names are unique over all rooms."""
    if not re.fullmatch(r"[a-z_]+\.[a-z_]+", name):
        raise ValueError(f"Actions are called noun.verb, not {name!r}.")
    made = Action(name, sentence, title or name.replace(".", " ").replace("_", " ").capitalize(), nobody)
    if _actions.setdefault(name, made) != made:
        raise ValueError(f"Two actions are called {name!r}.")
    return made


_stored: set[str] = set()
AND = gettext_noop(" and ")
"""Between several values that are one, as the log keeps them."""


def stored(text: str) -> str:
    """Note that values say this, in English, in the log; a reader sees it in their own language."""
    _stored.add(text)
    return text


def actions() -> dict[str, Action]:
    return dict(sorted(_actions.items()))


def record(
    *,
    action: Action,
    by: User | None,
    team_id: UUID | None = None,
    target: Model | None = None,
    target_label: str = "",
    before: Fields | None = None,
    after: Fields | None = None,
) -> AuditEntry:
    """Write one entry; where it came from is taken from the request in progress.

    Call it in the transaction of the change. `before` and `after` hold the fields that matter; those with
    the same value in both are left out. Raises RefusedField before any write.
    """
    before, after = dict(before or {}), dict(after or {})
    for name in [*before, *after]:
        _refuse_secret(name)
    for name in [name for name in before if name in after and before[name] == after[name]]:
        del before[name], after[name]
    origin = visitor.current.get()
    return AuditEntry.objects.create(
        action=action.name,
        team_id=team_id,
        actor=by,
        actor_label=label_of(by) if by else "",
        target_type=(target._meta.model_name or "") if target else "",
        target_id=str(target.pk) if target else "",
        target_label=target_label[:LONGEST_LABEL] or (label_of(target) if target else ""),
        before={name: _short(value) for name, value in before.items()},
        after={name: _short(value) for name, value in after.items()},
        address=origin.address,
        user_agent=origin.user_agent,
    )


def label_of(thing: Model) -> str:
    """Return what the log calls something for good, even after it is gone."""
    if isinstance(thing, User) and thing.name:
        return f"{thing.name} <{thing.email}>"[:LONGEST_LABEL]
    return str(thing)[:LONGEST_LABEL]


def _refuse_secret(name: str) -> None:
    words = set(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()))
    if words & (SECRET_WORDS | PLURALS):
        raise RefusedField(f"The audit log takes no field called {name!r}: it may hold a secret.")


def _short(value: object) -> object:
    if isinstance(value, Mapping):
        for name in value:
            _refuse_secret(str(name))
        return {str(name): _short(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [_short(item) for item in items[:MOST_OF_A_LIST]]
    if isinstance(value, str) and len(value) > MOST_OF_A_VALUE:
        return value[: MOST_OF_A_VALUE - 1] + "…"
    return value


def forget(*, older_than: datetime) -> int:
    """Delete the entries that have reached their age, the only way an entry ever goes. Return how many."""
    forgotten = 0
    while True:
        with writing():
            old = AuditEntry._base_manager.filter(created_at__lt=older_than).order_by("id").values_list("id", flat=True)
            ids = list(old[:FORGOTTEN_AT_ONCE])
            _let_postgres_delete("forget")
            forgotten += AuditEntry._base_manager.filter(id__in=ids).delete()[0]
            _let_postgres_delete("")
        if len(ids) < FORGOTTEN_AT_ONCE:
            return forgotten


def _let_postgres_delete(purpose: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('parley.audit_log', %s, true)", [purpose])


@dataclass(frozen=True)
class Words:
    """A piece of a sentence. Names and values stand out from the words around them."""

    text: str
    is_name: bool = False
    hint: str = ""


class _Known(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return "?"


def sentence(entry: AuditEntry) -> list[Words]:
    """Return an entry as a person reads it. One whose action nobody registers any more shows its name."""
    known = _actions.get(entry.action) or Action(entry.action, "{actor}: " + entry.action, entry.action)
    values = {
        "actor": entry.actor_label or known.nobody,
        "target": entry.target_label or "?",
        "before": _Known(entry.before),
        "after": _Known(entry.after),
    }
    words = []
    for text, field, *_ in Formatter().parse(str(known.sentence)):
        if text:
            words.append(Words(text))
        if field:
            value = _in_words(str(Formatter().get_field(field, (), values)[0]))
            is_person = field in ("actor", "target")
            words.append(Words(_name_alone(value) if is_person else value, is_name=True, hint=_address(value)))
    return words


def _in_words(value: str) -> str:
    parts = value.split(AND)
    return gettext(AND).join(map(gettext, parts)) if _stored.issuperset(parts) else value


def sentence_as_text(entry: AuditEntry) -> str:
    return "".join(words.text for words in sentence(entry))


def _name_alone(label: str) -> str:
    return label.partition(" <")[0] if label.endswith(">") else label


def _address(label: str) -> str:
    return label.partition(" <")[2].removesuffix(">") if label.endswith(">") else ""
