"""A store on loopback that speaks as much of S3 as boto3 asks for, can be put out of order, and keeps all in memory."""

import contextlib
import hashlib
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree

NAME, KEY, SECRET = "parley-files", "AKIA-OF-THE-TESTS", "a-secret-of-the-tests"
_LATEST = "Thu, 01 Oct 2026 00:00:00 GMT"


class Bucket(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.files: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.asked: list[str] = []
        self.is_down = False
        """Answer everything with 503, as stores do when they are overrun."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Request(BaseHTTPRequestHandler):
    server: Bucket
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        if self._refused():
            return
        data = self.server.files.get(self._key)
        if data is None:
            return self._answer(404, _fault("NoSuchKey"))
        first, last = 0, len(data) - 1
        if wanted := self.headers.get("Range"):
            low, _, high = wanted.removeprefix("bytes=").partition("-")
            first, last = int(low), min(int(high or last), last)
        range_ = {"Content-Range": f"bytes {first}-{last}/{len(data)}"} if wanted else {}
        self._answer(206 if wanted else 200, data[first : last + 1], {**self._about(data), **range_})

    def do_HEAD(self) -> None:
        if self._refused():
            return
        data = self.server.files.get(self._key)
        if data is None:
            return self._answer(404)
        self._answer(200, data, self._about(data))

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self._refused():
            return
        if upload := self._asked.get("uploadId"):
            self.server.parts[upload[0]][int(self._asked["partNumber"][0])] = data
        else:
            self.server.files[self._key] = data
        self._answer(200, headers=self._about(data))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self._refused():
            return
        if "uploads" in self._asked:
            upload = uuid.uuid4().hex
            self.server.parts[upload] = {}
            said = f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
            return self._answer(200, said.encode())
        parts = self.server.parts.pop(self._asked["uploadId"][0])
        numbers = [int(one.text or 0) for one in ElementTree.fromstring(body).iter() if one.tag.endswith("PartNumber")]  # noqa: S314
        self.server.files[self._key] = b"".join(parts[number] for number in numbers)
        self._answer(200, b"<CompleteMultipartUploadResult/>")

    def do_DELETE(self) -> None:
        if self._refused():
            return
        if upload := self._asked.get("uploadId"):
            self.server.parts.pop(upload[0], None)
        else:
            self.server.files.pop(self._key, None)
        self._answer(204)

    @property
    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix(f"/{NAME}/")

    @property
    def _asked(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query, keep_blank_values=True)

    def _refused(self) -> bool:
        self.server.asked.append(f"{self.command} {self.path}")
        is_signed = f"AWS4-HMAC-SHA256 Credential={KEY}/" in self.headers.get("Authorization", "")
        is_ours = urlsplit(self.path).path.startswith(f"/{NAME}/")
        if self.server.is_down:  # looked at once: the test may mend it as soon as it has the answer
            self._answer(503, _fault("SlowDown"))
        elif not is_signed:
            self._answer(403, _fault("AccessDenied"))
        elif not is_ours:
            self._answer(404, _fault("NoSuchBucket"))
        else:
            return False
        return True

    def _about(self, data: bytes) -> dict[str, str]:
        digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
        return {"ETag": f'"{digest}"', "Last-Modified": _LATEST, "Content-Type": "application/octet-stream"}

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _fault(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()


@contextlib.contextmanager
def running() -> Iterator[Bucket]:
    with Bucket() as bucket:
        thread = threading.Thread(target=bucket.serve_forever, kwargs={"poll_interval": 0.05}, name="bucket")
        thread.start()
        try:
            yield bucket
        finally:
            bucket.shutdown()
            thread.join(5)
