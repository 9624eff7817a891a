"""`manage.py send_test_mail` against real servers: a scripted mail server, a scripted provider, and closed doors."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.core import mail as outside
from django.core.management import CommandError, call_command
from pytest_django import Settings

from lib import mail_errors
from lib.tests.conftest import Serve, send_through
from tests.mail_server import Script, certificate
from tests.services import free_port

# smtplib leaves its socket to the garbage collector where the greeting or the encryption fails.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

TO = "someone@example.com"


def run(to: str = TO) -> str:
    out = StringIO()
    call_command("send_test_mail", to, stdout=out)
    return out.getvalue()


def refused(to: str = TO) -> str:
    with pytest.raises(CommandError) as error:
        run(to)
    return str(error.value)


def test_a_mail_that_is_taken_arrives_and_the_command_says_so(serve: Serve) -> None:
    server = serve()

    said = run()

    assert server.wait_for(TO)["Subject"] == "Mail from Parley works"
    assert said.startswith("Sent to someone@example.com from parley@chat.example.com: the mail server took it.")


@pytest.mark.parametrize(
    ("script", "options", "sentence"),
    [
        (
            Script(password=("me", "right")),
            {"username": "me", "password": "wrong"},
            "did not accept the user name and password. Check EMAIL_HOST_USER and EMAIL_HOST_PASSWORD. "
            "It said: 5.7.8 Bad credentials (535).",
        ),
        (
            Script({"MAIL": "530 5.7.0 Authentication required"}),
            {},
            "wants a sign-in first. Set EMAIL_HOST_USER and EMAIL_HOST_PASSWORD",
        ),
        (
            Script({"MAIL": "553 5.7.1 Sender address rejected: not owned by user"}),
            {},
            "does not accept mail from parley@chat.example.com. Check DEFAULT_FROM_EMAIL. "
            "It said: 5.7.1 Sender address rejected: not owned by user (553).",
        ),
        (
            Script({"RCPT": "550 5.1.1 No such user"}),
            {},
            "does not accept mail to someone@example.com. It said: 5.1.1 No such user (550).",
        ),
        (Script({"BODY": "554 5.7.1 This looks like spam"}), {}, "refused the mail itself. It said: 5.7.1 This looks"),
        (Script(), {"use_tls": True}, "offers no encryption at this port. Turn EMAIL_USE_TLS off"),
        (Script(), {"use_ssl": True}, "does not speak the encryption that is set. Port 465 mostly wants EMAIL_USE_SSL"),
        (Script(), {"username": "me", "password": "x"}, "takes no password on this connection. Turn EMAIL_USE_TLS on"),
        (Script({"EHLO": "", "HELO": ""}), {}, "hung up. Check EMAIL_PORT, EMAIL_USE_TLS and EMAIL_USE_SSL"),
        (
            Script({"CONNECT": "554 No service for you"}),
            {},
            "is not ready for mail. It said: No service for you (554).",
        ),
        (Script(is_silent=True), {"timeout": 0.3}, "did not answer in time. Check EMAIL_PORT and the encryption"),
    ],
    ids=lambda value: None if isinstance(value, dict) else str(getattr(value, "answers", value))[:40],
)
def test_each_refusal_of_a_mail_server_is_one_sentence(
    serve: Serve, script: Script, options: dict[str, Any], sentence: str
) -> None:
    server = serve(script, **options)

    said = refused()

    assert said.startswith(f"127.0.0.1:{server.port} {sentence}")
    assert server.mails == []


def test_a_server_that_is_not_there_is_said_so(settings: Settings) -> None:
    port = free_port()
    send_through(settings, port=port)

    assert refused() == f"Nothing listens at 127.0.0.1:{port}. Check EMAIL_HOST and EMAIL_PORT."


def test_a_name_that_does_not_exist_is_said_so(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)  # the network outside is not asked in a test
    send_through(settings, host="smtp.exmaple.invalid", port=25)

    assert refused() == "There is no mail server called smtp.exmaple.invalid. Check EMAIL_HOST."


@pytest.mark.parametrize("way", ["starttls", "tls"])
def test_an_encrypted_connection_with_a_password_works(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    trusted, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    script = Script(password=("me", "right"), **{way: context})  # type: ignore[arg-type]
    wanted = {"starttls": {"use_tls": True}, "tls": {"use_ssl": True}}[way]
    server = serve(script, host="localhost", username="me", password="right", **wanted)

    run()

    assert server.wait_for(TO)


def test_a_certificate_nobody_vouches_for_is_named(serve: Serve, tmp_path: Path) -> None:
    _, context = certificate(tmp_path)
    server = serve(Script(starttls=context), host="localhost", use_tls=True)

    said = refused()

    assert said.startswith(f"The certificate of localhost:{server.port} is not valid for it: self-signed certificate.")
    assert said.endswith("Check EMAIL_HOST.")


def test_both_encryptions_at_once_are_refused_before_anything_is_sent(serve: Serve) -> None:
    serve(use_tls=True, use_ssl=True)

    assert refused() == "EMAIL_USE_TLS and EMAIL_USE_SSL exclude each other. Turn one of them off."


def test_something_that_is_no_address_is_refused(serve: Serve) -> None:
    assert refused("someone") == "someone is no e-mail address."


def test_a_sender_that_is_no_address_is_named(serve: Serve, settings: Settings) -> None:
    serve()
    settings.DEFAULT_FROM_EMAIL = "Parley at example.com"

    assert "Check the recipient, someone@example.com, and DEFAULT_FROM_EMAIL." in refused()


def test_where_mail_stays_on_the_machine_the_command_says_that_nothing_was_sent(settings: Settings) -> None:
    said = refused()

    assert said.startswith("Nothing was sent: mail stays on this machine.")
    assert len(outside.outbox) == 1


def test_a_backend_that_does_not_exist_is_named(settings: Settings) -> None:
    settings.MAILERS = {"default": {"BACKEND": "anymail.backends.mailgum.EmailBackend"}}

    assert refused() == "DJANGO_EMAIL_BACKEND names anymail.backends.mailgum.EmailBackend, which does not exist."


# --- Providers ----------------------------------------------------------------------------------------------------


@contextmanager
def provider(status: int, answer: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """A mail provider's HTTP API that always says the same; gives its address and what it was asked."""
    asked: list[str] = []

    class Api(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v3", asked
    finally:
        server.shutdown()
        server.server_close()


def use_mailgun(settings: Settings, **variables: str) -> None:
    settings.DEFAULT_FROM_EMAIL = "parley@chat.example.com"
    settings.MAILERS = {"default": {"BACKEND": "anymail.backends.mailgun.EmailBackend"}}
    settings.ANYMAIL = {"REQUESTS_TIMEOUT": 5, **variables}


def test_mailgun_is_reached_with_its_own_variables(settings: Settings) -> None:
    with provider(200, {"id": "<1@chat.example.com>", "message": "Queued. Thank you."}) as (address, asked):
        use_mailgun(settings, MAILGUN_API_KEY="key", MAILGUN_SENDER_DOMAIN="chat.example.com", MAILGUN_API_URL=address)

        said = run()

    assert asked == ["/v3/chat.example.com/messages"]
    assert "took it" in said


@pytest.mark.parametrize(
    ("status", "answer", "sentence"),
    [
        (
            401,
            {"message": "Invalid private key"},
            "Mailgun did not accept the key. Check the variables that begin with",
        ),
        (403, {"message": "Not on your list of recipients"}, "Mailgun did not accept the key."),
        (
            404,
            {"message": "Domain not found: x.example.com"},
            "Mailgun does not know this domain or address. Check MAIL",
        ),
        (
            400,
            {"message": "'from' parameter is not valid"},
            "Mailgun refused the mail. It said: 'from' parameter is not",
        ),
        (429, {"message": "Too many requests"}, "Mailgun asks to send more slowly."),
        (503, {"message": "Try again later"}, "Mailgun has a fault of its own."),
    ],
)
def test_each_refusal_of_a_provider_is_one_sentence_with_its_words(
    settings: Settings, status: int, answer: dict[str, str], sentence: str
) -> None:
    with provider(status, answer) as (address, _):
        use_mailgun(
            settings, MAILGUN_API_KEY="a-secret", MAILGUN_SENDER_DOMAIN="x.example.com", MAILGUN_API_URL=address
        )

        said = refused()

    assert said.startswith(sentence)
    assert said.endswith(f"It said: {answer['message']} ({status}).")
    assert "a-secret" not in said


def test_a_provider_that_cannot_be_reached_is_named(settings: Settings) -> None:
    use_mailgun(
        settings,
        MAILGUN_API_KEY="x",
        MAILGUN_SENDER_DOMAIN="x.example.com",
        MAILGUN_API_URL=f"http://127.0.0.1:{free_port()}/v3",
    )

    assert refused() == "Mailgun could not be reached (ConnectionError). Check the network and MAILGUN_API_URL."


def test_a_missing_key_is_named_by_its_variable(settings: Settings) -> None:
    use_mailgun(settings)

    assert refused() == "MAILGUN_API_KEY is not set. anymail.backends.mailgun.EmailBackend needs it."


def test_anymails_own_test_backend_takes_the_mail(settings: Settings) -> None:
    settings.MAILERS = {"default": {"BACKEND": "anymail.backends.test.EmailBackend"}}

    assert "took it" in run()
    assert outside.outbox[-1].to == [TO]


@pytest.mark.parametrize(
    ("error", "sentence", "is_final"),
    [
        (AnymailRecipientsRefused(), "The provider does not deliver to someone@example.com.", True),
        (AnymailAPIError("no answer"), "The provider could not be reached (AnymailAPIError).", False),
        (RuntimeError("odd"), "Something unforeseen went wrong: RuntimeError: odd.", False),
    ],
)
def test_errors_of_any_provider_are_understood(error: Exception, sentence: str, is_final: bool) -> None:
    message = outside.EmailMessage("subject", "text", "from@example.com", [TO])

    trouble = mail_errors.explain(error, message)

    assert trouble.sentence.startswith(sentence)
    assert trouble.is_final == is_final
