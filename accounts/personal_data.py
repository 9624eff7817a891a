"""What rooms above keep about a person. Accounts knows none of them, so each one says how it is erased.

Every room's own `personal_data` module is loaded at start.
"""

from collections.abc import Callable

from accounts.models import User

Eraser = Callable[[User], None]

_erasers: list[Eraser] = []


def eraser(function: Eraser) -> Eraser:
    """Have `function` called in the transaction that deletes a person, before the rows that point at them go."""
    _erasers.append(function)
    return function


def erase(user: User) -> None:
    for function in _erasers:
        function(user)
