"""Two things daphne lacks: writing at once where nothing waits, and the reason in a close frame.

Twisted hands even a single frame to the reactor: register for writing, one more turn of the loop, send, unregister.
For a server whose work is small frames that is a quarter of its CPU; asyncio's own transports write at once, too. The
order of bytes stays: only an empty buffer is passed by, and what the kernel does not take goes the ordinary way.
"""

from typing import Any

from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.tcp import Server

_buffered_write = Server.write
_handle_reply = WebSocketProtocol.handle_reply


def _write(connection: Any, data: bytes) -> None:
    # A pull producer is asked for more when the buffer has been written; a streaming one needs nothing.
    pulls = connection.producer is not None and not connection.streamingProducer
    is_idle = not (connection.dataBuffer or connection._tempDataBuffer or pulls)
    if is_idle and connection.connected and not connection.TLS and not connection._writeDisconnected:
        sent = connection.writeSomeData(data)
        if sent == len(data):
            return
        if isinstance(sent, int) and sent > 0:
            data = data[sent:]
    _buffered_write(connection, data)


def _reply_with_reason(protocol: Any, message: dict[str, Any]) -> None:
    is_open = protocol.state == protocol.STATE_OPEN
    if message["type"] == "websocket.close" and message.get("reason") and is_open:
        protocol.sendClose(code=message.get("code") or 1000, reason=message["reason"])
    else:
        _handle_reply(protocol, message)


def install() -> None:
    Server.write = _write
    WebSocketProtocol.handle_reply = _reply_with_reason
