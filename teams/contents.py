"""What is in a team, in words, for the page that deletes it. Rooms above add theirs in `AppConfig.ready()`."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # rooms register before models are ready
    from teams.models import Team

Counter = Callable[["Team"], str]

_counters: list[Counter] = []


def counter(function: Counter) -> Counter:
    """Have `function` say what it keeps of a team, as in "12 conversations"; empty where there is nothing."""
    _counters.append(function)
    return function


Eraser = Callable[["Team"], None]

_erasers: list[Eraser] = []


def eraser(function: Eraser) -> Eraser:
    """Have `function` called in the transaction that deletes a team, for what no cascade reaches, as files."""
    _erasers.append(function)
    return function


def erase(team: "Team") -> None:
    for function in _erasers:
        function(team)


def of(team: "Team") -> list[str]:
    return [words for function in _counters if (words := function(team))]
