"""What daphne lacks: writing at once where nothing waits, the reason in a close frame, bodies in larger pieces and read
by Django alone.

Twisted hands even a single frame to the reactor: register for writing, one more turn of the loop, send, unregister.
For a server whose work is small frames that is a quarter of its CPU; asyncio's own transports write at once, too. The
order of bytes stays: only an empty buffer is passed by, and what the kernel does not take goes the ordinary way.
"""

from typing import Any

from daphne.http_protocol import WebRequest
from daphne.server import Server as DaphneServer
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.tcp import Server

_buffered_write = Server.write
_handle_reply = WebSocketProtocol.handle_reply
_begin = DaphneServer.__init__
_arrive = WebRequest.__init__

BODY_PIECE = 256 * 1024
"""Django takes a thread's turn for each piece of an upload: 8 KiB made 2,500 of them for 20 MB."""


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


def _with_larger_pieces(server: Any, *arguments: Any, **options: Any) -> None:
    _begin(server, *arguments, **{"request_buffer_size": BODY_PIECE, **options})


def _without_parsing(request: Any, *arguments: Any, **options: Any) -> None:
    """Twisted takes every form apart for itself, on the loop and in memory: a dozen copies of each file, for nobody."""
    _arrive(request, *arguments, **options)
    request._parsePOSTFormSubmission = False


def install() -> None:
    DaphneServer.__init__ = _with_larger_pieces
    WebRequest.__init__ = _without_parsing
    Server.write = _write
    WebSocketProtocol.handle_reply = _reply_with_reason
