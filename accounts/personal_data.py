"""What rooms keep about a person. Accounts knows none above it, so each says how it is handed out and erased.

Every room's own `personal_data` module is loaded at start.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Model, Q, QuerySet

from accounts.models import User

Eraser = Callable[[User], None]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an account cannot go yet, and the page where that is put right."""

    text: str
    action_label: str
    action_url: str


class Blocked(Exception):
    """An account was not deleted, for these reasons."""

    def __init__(self, obstacles: list[Obstacle]) -> None:
        super().__init__(" ".join(obstacle.text for obstacle in obstacles))
        self.obstacles = obstacles


Blocker = Callable[[User], list[Obstacle]]


@dataclass(frozen=True, slots=True)
class Part:
    """Something a person has here, and whether it stays when they go: `12 conversations`, `The team Harbour`."""

    text: str
    stays: bool = False


Describer = Callable[[User], list[Part]]

_describers: list[Describer] = []
_erasers: list[Eraser] = []
_blockers: list[Blocker] = []


def blocker(function: Blocker) -> Blocker:
    """Have `function` asked, before a person is deleted, what would be left in pieces by it."""
    _blockers.append(function)
    return function


def obstacles(user: User) -> list[Obstacle]:
    """Return what has to be done before this person can be deleted."""
    return [obstacle for function in _blockers for obstacle in function(user)]


def describer(function: Describer) -> Describer:
    """Have `function` say, on the page that deletes an account, what goes with it and what stays with a team."""
    _describers.append(function)
    return function


def described(user: User) -> list[Part]:
    return [part for function in _describers for part in function(user)]


def eraser(function: Eraser) -> Eraser:
    """Have `function` called in the transaction that deletes a person, before the rows that point at them go."""
    _erasers.append(function)
    return function


def erase(user: User) -> None:
    for function in _erasers:
        function(user)


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file of a person, handed out as it is, piece by piece."""

    pieces: Iterable[bytes]


Exporter = Callable[[User], Iterable[tuple[str, object]]]
ROWS_AT_ONCE = 200

_exporters: list[Exporter] = []
_covered: set[str] = set()
_left_out: dict[str, str] = {}


def exporter(*models: str) -> Callable[[Exporter], Exporter]:
    """Have a function hand out what the person's own file holds of these models ("room.Model").

    It yields file names with what is in them: a RawFile, or values, dicts and lists as JSON has them. An iterator, at
    any depth, is written as a list while it is read, so that nothing long has to fit into memory.
    """

    def register(function: Exporter) -> Exporter:
        _exporters.append(function)
        _covered.update(models)
        return function

    return register


def leave_out(model: str, *, why: str) -> None:
    """Note why a model that points at people is not in their own file."""
    _left_out[model] = why


def export(user: User) -> Iterator[tuple[str, object]]:
    for function in _exporters:
        yield from function(user)


def accounted_for() -> set[str]:
    """Return the models that are in a person's own file, or left out of it for a reason."""
    return _covered | _left_out.keys()


def oldest_first[M: Model](rows: QuerySet[M], at: str = "created_at") -> Iterator[M]:
    """Read rows page by page, each page a query of its own: between two of them no connection is held."""
    page = list(rows.order_by(at, "pk")[:ROWS_AT_ONCE])
    while page:
        yield from page
        if len(page) < ROWS_AT_ONCE:
            return
        last = getattr(page[-1], at)
        later = Q(**{f"{at}__gt": last}) | Q(**{at: last, "pk__gt": page[-1].pk})
        page = list(rows.filter(later).order_by(at, "pk")[:ROWS_AT_ONCE])
