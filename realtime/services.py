"""Services of a server process that can be woken by name."""

from collections.abc import Callable

_wakers: dict[str, Callable[[], None]] = {}


def on_wake(name: str, function: Callable[[], None]) -> None:
    """Register what a wake of `name` does; it is called on the server's loop."""
    _wakers[name] = function


def wake(name: str) -> None:
    function = _wakers.get(name)
    if function:
        function()
