"""Whether open sockets may stay open: looked at when something was taken from their person, and once a minute anyway.

A socket whose session has ended is closed; one that lost a thread leaves it. Sessions and threads of many sockets are
looked up together: after Redis was away every socket of a process asks at once.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from itertools import batched
from typing import Protocol
from uuid import UUID

from django.db import Error as DatabaseError

from accounts import socket_auth
from llm_chat import queries
from llm_chat.sockets import Socket
from realtime.bridge import in_db

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 60.0
SOON = 0.02  # what one change asks of several tabs is looked up together
SECOND_LOOK_AFTER = 1.0
AT_ONCE = 500
TRIES = 6


class Door(Protocol):
    """One open WebSocket."""

    socket: Socket | None
    sign_in: socket_auth.SignIn

    async def end_signed_out(self) -> None: ...


_waiting: set[Door] = set()
_tasks: set[asyncio.Task[None]] = set()
_sweep: asyncio.Task[None] | None = None


def look_at(door: Door) -> None:
    """Look at one socket soon."""
    if not _waiting:
        _keep(asyncio.create_task(_look_soon()))
    _waiting.add(door)


async def start(doors: Callable[[], Iterable[Door]]) -> None:
    """Look at all of `doors` every minute: an order may be lost, and some changes send none."""
    global _sweep

    async def sweep() -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            look = asyncio.create_task(_look(list(doors())))
            _keep(look)
            await asyncio.wait([look])  # one that breaks is logged and ends no sweep

    _sweep = asyncio.create_task(sweep())


async def stop() -> None:
    for task in [*_tasks, *([_sweep] if _sweep else [])]:
        task.cancel()
    _waiting.clear()


async def _look_soon() -> None:
    await asyncio.sleep(SOON)
    doors = list(_waiting)
    _waiting.clear()
    await _look(doors)


async def _look(doors: Collection[Door]) -> None:
    try:
        signed_out = await _signed_out(doors)
        if signed_out:
            # A session that is being renewed is missing for a moment.
            await asyncio.sleep(SECOND_LOOK_AFTER)
            signed_out = await _signed_out(signed_out)
            await asyncio.gather(*(door.end_signed_out() for door in signed_out), return_exceptions=True)
        await _leave_what_is_not_theirs(set(doors) - signed_out)
    except DatabaseError as error:
        logger.warning("Open sockets could not be looked at: %s", error)  # the next sweep will


async def _signed_out(doors: Collection[Door]) -> set[Door]:
    ended: set[Door] = set()
    for some in batched(doors, AT_ONCE):
        valid = await in_db(socket_auth.still_signed_in, {door.sign_in for door in some})
        ended.update(door for door in some if door.sign_in not in valid)
    return ended


async def _leave_what_is_not_theirs(doors: set[Door]) -> None:
    sockets = {door.socket for door in doors if door.socket}
    for _ in range(TRIES):
        sockets = await _not_judged({socket for socket in sockets if not socket.closed.is_set()})
        if not sockets:
            return
        await asyncio.sleep(SECOND_LOOK_AFTER / 2)


async def _not_judged(sockets: set[Socket]) -> set[Socket]:
    """Have sockets leave the threads their people may not see; return those with one too new to tell."""
    settled = {socket: socket.settled() for socket in sockets}
    people: dict[UUID, int] = {}
    for some in batched(set().union(*settled.values()), AT_ONCE):
        people |= await in_db(queries.people_of, some)
    theirs = {
        socket: {thread_id for thread_id in threads if people.get(thread_id) == socket.user.pk}
        for socket, threads in settled.items()
    }
    for socket, threads in settled.items():
        socket.leave(threads - theirs[socket])
    return {socket for socket in sockets if not socket.is_watching_only(theirs[socket])}


def _keep(task: asyncio.Task[None]) -> None:
    _tasks.add(task)
    task.add_done_callback(_done)


def _done(task: asyncio.Task[None]) -> None:
    _tasks.discard(task)
    if not task.cancelled() and (error := task.exception()):
        logger.error("A look at open sockets broke.", exc_info=error)
