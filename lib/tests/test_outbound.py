"""Addresses that people name lead to the public internet only, whatever they are spelled like or resolve to."""

import asyncio
import datetime
import gzip
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django.fixtures import Settings

from lib.outbound import addresses, guard, sending
from lib.tests.inward import INWARD

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@dataclass
class Listener:
    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    answer: bytes = OK


@asynccontextmanager
async def listening(
    host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Listener]:
    heard = Listener()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.connections += 1
        try:
            heard.requests.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(heard.answer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(take, host, port, ssl=tls)
    heard.port = server.sockets[0].getsockname()[1]
    async with server:
        yield heard


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the network's name server answers; a name may have several answers, one a question."""
    answers: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name in answers:
            found = answers[name].pop(0) if len(answers[name]) > 1 else answers[name][0]
            return [entry for one in found.split() for entry in real(one, port, *rest, **more)]
        return real(host, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return answers


@pytest.fixture
def this_machine(settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]


# --- Refused


@pytest.mark.parametrize("url", INWARD)
async def test_no_spelling_leads_inward(url: str) -> None:
    async with listening() as here:
        with pytest.raises((guard.AddressRefused, httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.ConnectError)):
            await sending.send("POST", url.format(port=here.port), content=b"x", seconds=3)

        assert here.connections == 0


@pytest.mark.parametrize("url", [url for url in INWARD if url.startswith("http://1") and "." in url.split(":")[1]])
def test_an_address_that_cannot_be_right_is_refused_before_it_is_stored(url: str) -> None:
    with pytest.raises(addresses.NotAllowed):
        addresses.check_url(url.format(port=8000))


@pytest.mark.parametrize("answer", ["127.0.0.1", "10.0.0.8", "::1", "169.254.169.254", "93.184.216.34 127.0.0.1"])
async def test_a_name_of_the_internet_that_leads_inward_is_refused(answer: str, names: dict[str, list[str]]) -> None:
    names["models.example.com"] = [answer]
    async with listening() as here:
        with pytest.raises(guard.AddressRefused, match="private network"):
            await sending.send("GET", f"http://models.example.com:{here.port}/")

        assert here.connections == 0


async def test_a_name_that_changes_its_mind_is_reached_where_it_was_looked_at(
    names: dict[str, list[str]], settings: Settings
) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.2/32"]
    names["rebinding.example.com"] = ["127.0.0.2", "127.0.0.1"]
    async with listening("127.0.0.1") as inside, listening("127.0.0.2", inside.port) as looked_at:
        answer = await sending.send("GET", f"http://rebinding.example.com:{inside.port}/")

        assert (answer.status, looked_at.connections, inside.connections) == (200, 1, 0)


async def test_a_redirect_is_told_not_followed(names: dict[str, list[str]], settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.2/32"]
    async with listening("127.0.0.1") as inside, listening("127.0.0.2") as outside:
        place = f"http://127.0.0.1:{inside.port}/".encode()
        outside.answer = b"HTTP/1.1 302 Found\r\nLocation: " + place + b"\r\nContent-Length: 0\r\n\r\n"
        answer = await sending.send("GET", f"http://127.0.0.2:{outside.port}/")

        assert (answer.status, answer.is_good, inside.connections) == (302, False, 0)


async def test_no_proxy_of_the_shell_is_asked(this_machine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening() as here, listening() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        await sending.send("GET", f"http://127.0.0.1:{here.port}/")

        assert (here.connections, proxy.connections) == (1, 0)


# --- Allowed


async def test_a_network_that_the_operator_named_is_reached_under_the_name_that_was_given(
    this_machine: None, names: dict[str, list[str]]
) -> None:
    names["ollama.lan"] = ["127.0.0.1"]
    async with listening() as here:
        answer = await sending.send("POST", f"http://ollama.lan:{here.port}/v1?a=b", json={"hello": 1})

        assert (answer.status, answer.content) == (200, b"ok")
        assert here.requests[0].startswith(b"POST /v1?a=b HTTP/1.1\r\n")
        assert f"host: ollama.lan:{here.port}".encode() in here.requests[0].lower()


async def test_the_next_address_of_a_name_is_tried_when_one_does_not_answer(
    this_machine: None, names: dict[str, list[str]]
) -> None:
    async with listening("127.0.0.3") as here:
        names["two.example.com"] = ["127.0.0.4 127.0.0.3"]

        assert (await sending.send("GET", f"http://two.example.com:{here.port}/")).status == 200


async def test_a_certificate_is_checked_against_the_name_although_the_address_is_pinned(
    this_machine: None, names: dict[str, list[str]], tmp_path: Path
) -> None:
    names["models.example.com"] = names["others.example.com"] = ["127.0.0.1"]
    served, trusted = certificate_for("models.example.com", tmp_path)
    reaches = httpx.AsyncClient(transport=guard.GuardedTransport(verify=trusted))
    async with listening(tls=served) as here, reaches as client:
        answer = await client.get(f"https://models.example.com:{here.port}/")
        with pytest.raises(httpx.ConnectError, match=r"(?i)certificate|hostname"):
            await client.get(f"https://others.example.com:{here.port}/")

    assert answer.status_code == 200


# --- Bounded


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(b"0" * 50_000_000),
    ],
    ids=["long", "packed"],
)
async def test_an_answer_is_read_up_to_a_limit(answer: bytes, this_machine: None) -> None:
    async with listening() as here:
        here.answer = answer
        with pytest.raises(sending.TooLarge):
            await sending.send("GET", f"http://127.0.0.1:{here.port}/", largest=100_000)


async def test_a_server_that_never_ends_costs_a_limited_time(this_machine: None) -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        for _ in range(30):
            writer.write(b"x")
            await asyncio.sleep(0.05)
        writer.close()

    server = await asyncio.start_server(trickle, "127.0.0.1", 0)
    async with server:
        with pytest.raises((TimeoutError, httpx.TimeoutException)):
            await sending.send("GET", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", seconds=0.3)


def certificate_for(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server shows that has this name, and what believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = signed.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(private + pem)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(folder / "both.pem")
    return served, ssl.create_default_context(cadata=pem.decode())
