"""A mail server on loopback that does what a test wants: takes mail and keeps it, refuses, hangs, hangs up.

It speaks the SMTP that Django's backend speaks, TLS and sign-in included, and nothing leaves it.
"""

import base64
import contextlib
import email
import email.policy
import socketserver
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Script:
    """How the server behaves. `answers` replaces its answer to a command; an empty one hangs up instead."""

    answers: dict[str, str] = field(default_factory=dict)
    password: tuple[str, str] | None = None
    starttls: ssl.SSLContext | None = None
    tls: ssl.SSLContext | None = None
    is_silent: bool = False


class MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.script = script
        self.mails: list[Any] = []
        self.ending = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away in the middle is what some tests are about."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def wait_for(self, to: str, *, subject: str = "", seconds: float = 15) -> Any:
        """Return the newest mail to this address with these words in its subject, once there is one."""
        deadline = time.monotonic() + seconds
        while True:
            for mail in reversed(self.mails):
                if mail["To"] == to and subject in mail["Subject"]:
                    return mail
            if time.monotonic() > deadline:
                raise TimeoutError(f"No mail to {to} came; there are {[str(mail['To']) for mail in self.mails]}.")
            time.sleep(0.05)


class _Talk(socketserver.StreamRequestHandler):
    server: MailServer
    timeout = 30

    def handle(self) -> None:
        script = self.server.script
        if script.is_silent:
            self.server.ending.wait(30)
            return
        with contextlib.suppress(OSError, ssl.SSLError):
            if script.tls:
                self._encrypt(script.tls)
            if self._say(script.answers.get("CONNECT", "220 ready")):
                self._listen(script)

    def _listen(self, script: Script) -> None:
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper().partition(":")[0]
            usual = self._judge(line, script) if verb == "AUTH" else self._usual(verb, script)
            if not self._say(script.answers.get(verb, usual)) or verb == "QUIT":
                return
            if verb == "STARTTLS" and script.starttls:
                self._encrypt(script.starttls)
            elif verb == "DATA":
                self._say(self._take(script))

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
        self.connection.close()  # the base class knows the socket under the encryption alone

    def _usual(self, verb: str, script: Script) -> str:
        if verb == "EHLO":
            offers = ["STARTTLS"] if script.starttls and not self._is_encrypted else []
            offers += ["AUTH PLAIN"] if script.password else []
            return "\r\n".join(f"250-{offer}" for offer in ["here", *offers]) + "\r\n250 8BITMIME"
        return {"DATA": "354 go on", "QUIT": "221 bye", "STARTTLS": "220 go on"}.get(verb, "250 ok")

    def _judge(self, line: str, script: Script) -> str:
        given = base64.b64decode(line.split()[-1]).decode().split("\0")[1:]
        return "235 welcome" if script.password == tuple(given) else "535 5.7.8 Bad credentials"

    def _take(self, script: Script) -> str:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if "BODY" in script.answers:
            return script.answers["BODY"]
        self.server.mails.append(email.message_from_bytes(b"".join(lines), policy=email.policy.default))
        return "250 taken"

    def _say(self, answer: str) -> bool:
        if answer:
            self.wfile.write(f"{answer}\r\n".encode())
        return bool(answer)

    @property
    def _is_encrypted(self) -> bool:
        return isinstance(self.connection, ssl.SSLSocket)

    def _encrypt(self, context: ssl.SSLContext) -> None:
        self.rfile.close()
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)


@contextlib.contextmanager
def running(script: Script | None = None) -> Iterator[MailServer]:
    server = MailServer(script or Script())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ending.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def certificate(directory: Path, *, name: str = "localhost") -> tuple[Path, ssl.SSLContext]:
    """Make a certificate for `name`; return the file that trusts it and what a server needs."""
    both = directory / f"{name}.pem"
    names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    files = ["-keyout", str(both), "-out", str(directory / "certificate.pem")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *files],
        check=True,
        capture_output=True,
        timeout=30,
    )
    with both.open("a") as file:
        file.write((directory / "certificate.pem").read_text())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return directory / "certificate.pem", context
