"""What rooms above keep about a person. Accounts knows none of them, so each one says how it is erased.

Every room's own `personal_data` module is loaded at start.
"""

from collections.abc import Callable
from dataclasses import dataclass

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

_erasers: list[Eraser] = []
_blockers: list[Blocker] = []


def blocker(function: Blocker) -> Blocker:
    """Have `function` asked, before a person is deleted, what would be left in pieces by it."""
    _blockers.append(function)
    return function


def obstacles(user: User) -> list[Obstacle]:
    """Return what has to be done before this person can be deleted."""
    return [obstacle for function in _blockers for obstacle in function(user)]


def eraser(function: Eraser) -> Eraser:
    """Have `function` called in the transaction that deletes a person, before the rows that point at them go."""
    _erasers.append(function)
    return function


def erase(user: User) -> None:
    for function in _erasers:
        function(user)
