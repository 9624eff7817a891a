"""The browser chat's WebSocket: parse a frame, make one call, answer. A turn never lives here."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import socket_auth
from accounts.models import User
from llm_chat import actions, frames, queries, rechecks, turns
from llm_chat.flood import ACK_COSTS, FLOOD_RETRY_SECONDS, FrameBudget
from llm_chat.sockets import Socket
from realtime import events
from realtime.bridge import in_db

logger = logging.getLogger(__name__)

NOT_SIGNED_IN, NO_SUCH_THREAD, TOO_SLOW, FLOOD, RESTARTING = 4401, 4404, 4408, 4429, 4503
WATCHDOG_SECONDS = 5
COMMANDS_AT_ONCE = 32

open_sockets: set["ChatConsumer"] = set()


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types
    channel_layer_alias = "none"  # events come from the hub; a channel per socket would only burden Redis

    socket: Socket | None = None
    sign_in: socket_auth.SignIn

    async def connect(self) -> None:
        if not socket_auth.is_same_origin(self.scope):
            await self.close()  # before accept: the handshake fails with 403
            return
        await self.accept()
        admitted = await in_db(socket_auth.admit, self.scope)
        if admitted is None:
            await self.close(NOT_SIGNED_IN, "Sign in first.")
            return
        user, self.sign_in = admitted
        translation.activate(self.sign_in.language)  # the connection's own: all its frames are handled in this task
        self._budget = FrameBudget()
        self._commands: set[asyncio.Task[None]] = set()
        self._order: dict[UUID, asyncio.Lock] = {}
        self.socket = Socket(user, self._send_text, lambda: rechecks.look_at(self))
        self._watchdog = asyncio.create_task(self._watch())
        open_sockets.add(self)
        rechecks.look_at(self)  # what was taken away since the sign-in was read told nobody: it was not watching yet
        thread_id = self.scope["url_route"]["kwargs"].get("thread_id")
        if thread_id and not await self.socket.subscribe(thread_id, None, None):
            await self.end(NO_SUCH_THREAD, "There is no such thread.")

    async def disconnect(self, code: int) -> None:
        open_sockets.discard(self)
        if self.socket:
            self._watchdog.cancel()
            self.socket.close()

    async def end(self, code: int, reason: str) -> None:
        open_sockets.discard(self)
        if self.socket:
            self.socket.close()
        await self.close(code, reason)

    async def end_signed_out(self) -> None:
        await self.end(NOT_SIGNED_IN, "You have been signed out.")

    async def _send_text(self, text: str) -> None:
        await self.base_send({"type": "websocket.send", "text": text})

    async def _watch(self) -> None:
        assert self.socket is not None  # noqa: S101  started after it was made
        while True:
            await asyncio.sleep(WATCHDOG_SECONDS)
            if self.socket.outbox.stalled:
                await self.end(TOO_SLOW, "This tab reads too slowly.")
                return

    # --- In

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.socket is None or self.socket.closed.is_set():
            return
        if not self._budget.spend():
            await self.end(FLOOD, f"Too many frames. Try again in {FLOOD_RETRY_SECONDS} seconds.")
            return
        try:
            command = frames.parse(text_data)
        except frames.BadFrame as fault:
            self._refuse(fault.code, fault.message, fault.message_id)
            return
        await self._obey(command)

    def _refuse(self, code: Any, message: str, id_: UUID | None = None, retry_after: float | None = None) -> None:
        if self.socket:
            self.socket.say(events.ErrorFrame(code=code, message=message, id=id_, retry_after=retry_after))

    async def _obey(self, command: events.ClientCommand) -> None:
        assert self.socket is not None  # noqa: S101  checked by `receive`
        match command:
            case events.Ping():
                self.socket.say(events.Pong())
            case events.Ack():
                self._budget.give_back(1 - ACK_COSTS)
                self.socket.acknowledge(command.turn_id, command.seq)
            case events.Unsubscribe():
                self.socket.unsubscribe(command.thread_id)
            case events.StopTurn():
                await self._answered(None, lambda: self._stop(command))
            case events.Subscribe():
                self._in_order(command.thread_id, None, lambda: self._subscribe(command))
            case events.SendMessage():
                self._in_order(command.thread_id, command.id, lambda: self._send(command))
            case events.RegenerateMessage():
                self._in_order(command.message_id, command.id, lambda: self._regenerate(command))

    def _in_order(self, key: UUID, id_: UUID | None, work: Callable[[], Awaitable[None]]) -> None:
        """Work beside the socket, so that a stop is never queued behind it; in order within a thread."""
        if len(self._commands) >= COMMANDS_AT_ONCE:
            self._refuse("rate_limited", _("Too much at once. Try again in a moment."), id_, 1.0)
            return
        lock = self._order.setdefault(key, asyncio.Lock())

        async def ordered() -> None:
            async with lock:
                await self._answered(id_, work)

        task = asyncio.create_task(ordered())
        self._commands.add(task)

        def done(task: asyncio.Task[None]) -> None:
            self._commands.discard(task)
            if not self._commands:
                self._order.clear()

        task.add_done_callback(done)

    async def _answered(self, id_: UUID | None, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except actions.Refused as refusal:
            self._refuse(refusal.code, refusal.message, id_, refusal.retry_after)
        except DatabaseError:
            logger.exception("A command could not be carried out.")
            self._refuse(
                "unavailable", _("The server cannot store anything right now. Try again in a moment."), id_, 2.0
            )
        except Exception:
            # The socket outlives a bug; its person is told that the command was not carried out.
            logger.exception("A command broke.")
            self._refuse("unavailable", _("That did not work. Try again in a moment."), id_, 5.0)

    # --- Commands

    async def _subscribe(self, command: events.Subscribe) -> None:
        assert self.socket is not None  # noqa: S101  checked by `receive`
        if not await self.socket.subscribe(command.thread_id, command.rev, command.turn_id):
            raise actions.Refused("not_found", _("There is no such thread."))

    async def _send(self, command: events.SendMessage) -> None:
        await self._start(command.thread_id, command.id, lambda by: actions.start_turn(by=by, command=command))

    async def _regenerate(self, command: events.RegenerateMessage) -> None:
        assert self.socket is not None  # noqa: S101  checked by `receive`
        thread_id = await in_db(queries.thread_id_of_message, self.socket.user.pk, command.message_id)
        if thread_id is None:
            raise actions.Refused("not_found", _("There is no such reply to answer again."))
        await self._start(thread_id, command.id, lambda by: actions.regenerate(by=by, command=command))

    async def _start(self, thread_id: UUID, id_: UUID, start: Callable[[User], events.MessageAccepted]) -> None:
        socket = self.socket
        assert socket is not None  # noqa: S101  checked by `receive`
        runner = turns.of_this_process()
        if runner is None or runner.draining:
            self._refuse("restarting", _("The server is restarting. Your message goes out when it is back."), id_, 1.0)
            return
        was_watching = socket.is_watching(thread_id)
        subscription = socket.hold(thread_id)  # the answer goes before the events it causes
        try:
            socket.say(await in_db(start, socket.user))
        except BaseException:
            if not was_watching:
                socket.unsubscribe(thread_id)
            raise
        finally:
            socket.release(subscription)

    async def _stop(self, command: events.StopTurn) -> None:
        assert self.socket is not None  # noqa: S101  checked by `receive`
        terminal = await in_db(actions.stop_turn, turn_id=command.turn_id, by=self.socket.user)
        if terminal:
            self.socket.say(terminal)


async def close_all() -> None:
    """Tell every socket of this process that the server restarts."""
    for one in open_sockets:
        if one.socket:
            one.socket.tell_held_ends()
    await asyncio.gather(*(one.end(RESTARTING, "Restarting.") for one in list(open_sockets)), return_exceptions=True)
