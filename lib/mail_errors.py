"""Why a mail was not sent, in one sentence for the person who runs the server, and whether to try again."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

from lib import redaction

SHOWN = 300


@dataclass(frozen=True)
class Trouble:
    sentence: str
    is_final: bool = False
    """This mail will never get through, however often it is tried."""


def explain(error: Exception, message: EmailMessage) -> Trouble:
    from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused  # noqa: PLC0415  they load requests

    to = ", ".join(message.recipients())
    match error:
        case ImproperlyConfigured():
            return Trouble(_misconfigured(error))
        case AnymailRecipientsRefused():
            return Trouble(f"The provider does not deliver to {to}.", is_final=True)
        case AnymailAPIError():
            return _from_provider(error)
        case smtplib.SMTPException():
            return _from_smtp(error, to=to, sender=message.from_email)
        case OSError():  # before ValueError: an error about a certificate is both
            return Trouble(_from_network(error))
        case ValueError():  # an address that is none; Django and anymail refuse it before they connect
            return Trouble(f"{_said(error)}. Check the recipient, {to}, and DEFAULT_FROM_EMAIL.", is_final=True)
    return Trouble(f"Something unforeseen went wrong: {type(error).__name__}: {_said(error)}.")


def _from_smtp(error: smtplib.SMTPException, *, to: str, sender: str) -> Trouble:
    server = _server()
    match error:
        case smtplib.SMTPAuthenticationError():
            return Trouble(
                f"{server} did not accept the user name and password. "
                f"Check EMAIL_HOST_USER and EMAIL_HOST_PASSWORD. {_answer(error)}"
            )
        case smtplib.SMTPSenderRefused() if error.smtp_code in (530, 535, 538):
            return Trouble(
                f"{server} wants a sign-in first. Set EMAIL_HOST_USER and EMAIL_HOST_PASSWORD, "
                f"and EMAIL_USE_TLS or EMAIL_USE_SSL. {_answer(error)}"
            )
        case smtplib.SMTPSenderRefused():
            return Trouble(
                f"{server} does not accept mail from {sender}. Check DEFAULT_FROM_EMAIL. {_answer(error)}",
                is_final=_is_final(error.smtp_code),
            )
        case smtplib.SMTPRecipientsRefused():
            code, said = next(iter(error.recipients.values()), (0, b""))
            return Trouble(
                f"{server} does not accept mail to {to}. It said: {_clean(said)} ({code}).", is_final=_is_final(code)
            )
        case smtplib.SMTPNotSupportedError():
            return Trouble(f"{server} {_missing_skill(error)}")
        case smtplib.SMTPServerDisconnected() if isinstance(error.__context__, TimeoutError):
            return Trouble(_silent())
        case smtplib.SMTPServerDisconnected():
            return Trouble(
                f"{server} hung up. Check EMAIL_PORT, EMAIL_USE_TLS and EMAIL_USE_SSL: many servers do this where the "
                "encryption is not the one they expect."
            )
        case smtplib.SMTPDataError():
            return Trouble(f"{server} refused the mail itself. {_answer(error)}", is_final=_is_final(error.smtp_code))
        case smtplib.SMTPResponseException():
            return Trouble(f"{server} is not ready for mail. {_answer(error)}")
    return Trouble(f"{server} refused the mail: {_said(error)}.")


def _missing_skill(error: smtplib.SMTPNotSupportedError) -> str:
    if "STARTTLS" in str(error):
        return "offers no encryption at this port. Turn EMAIL_USE_TLS off, or use EMAIL_USE_SSL, mostly at port 465."
    if "AUTH" in str(error):
        return "takes no password on this connection. Turn EMAIL_USE_TLS on, or leave EMAIL_HOST_USER empty."
    return f"cannot take this mail: {_said(error)}."


def _from_network(error: OSError) -> str:
    server, host = _server(), _options().get("host", "")
    match error:
        case socket.gaierror():
            return f"There is no mail server called {host}. Check EMAIL_HOST."
        case ConnectionRefusedError():
            return f"Nothing listens at {server}. Check EMAIL_HOST and EMAIL_PORT."
        case TimeoutError():
            return _silent()
        case ssl.SSLCertVerificationError():
            return f"The certificate of {server} is not valid for it: {error.verify_message}. Check EMAIL_HOST."
        case ssl.SSLError():
            return (
                f"{server} does not speak the encryption that is set. Port 465 mostly wants EMAIL_USE_SSL, port 587 "
                "EMAIL_USE_TLS."
            )
    return f"The connection to {server} broke: {_said(error)}."


def _silent() -> str:
    return (
        f"{_server()} did not answer in time. Check EMAIL_PORT and the encryption; a firewall may be in the way, "
        "and many hosts close port 25."
    )


def _from_provider(error: Any) -> Trouble:
    prefix, status = _prefix(), error.status_code
    name = error.esp_name or getattr(import_string(settings.MAILERS["default"]["BACKEND"]), "esp_name", "The provider")
    if status is None:
        cause = type(error.__cause__ or error).__name__
        return Trouble(f"{name} could not be reached ({cause}). Check the network and {prefix}API_URL.")
    answer = f"It said: {_provider_answer(error)} ({status})."
    if status in (401, 403):
        return Trouble(f"{name} did not accept the key. Check the variables that begin with {prefix}. {answer}")
    if status == 404:
        return Trouble(
            f"{name} does not know this domain or address. Check {prefix}SENDER_DOMAIN, {prefix}API_URL "
            f"and the region. {answer}"
        )
    if status == 429:
        return Trouble(f"{name} asks to send more slowly. {answer}")
    if status >= 500:
        return Trouble(f"{name} has a fault of its own. {answer}")
    return Trouble(f"{name} refused the mail. {answer}", is_final=True)


def _misconfigured(error: Exception) -> str:
    backend, said = settings.MAILERS["default"]["BACKEND"], _said(error)
    if missing := re.search(r"must define '(\w+)'", said):
        return f"{_prefix()}{missing[1].upper()} is not set. {backend} needs it."
    if "Could not find BACKEND" in said:
        return f"DJANGO_EMAIL_BACKEND names {backend}, which does not exist."
    if "incompatible" in said:
        return "EMAIL_USE_TLS and EMAIL_USE_SSL exclude each other. Turn one of them off."
    return f"Mail is not set up: {said}."


def _options() -> dict[str, Any]:
    return dict(settings.MAILERS["default"].get("OPTIONS", {}))


def _server() -> str:
    options = _options()
    return f"{options.get('host') or 'The mail server'}:{options.get('port', '')}".rstrip(":")


def _prefix() -> str:
    """Return what the variables of this provider begin with."""
    parts = str(settings.MAILERS["default"]["BACKEND"]).split(".")
    return f"{parts[2].upper()}_" if parts[:2] == ["anymail", "backends"] else "EMAIL_"


def _is_final(code: int) -> bool:
    return 500 <= code < 600


def _answer(error: smtplib.SMTPResponseException) -> str:
    return f"It said: {_clean(error.smtp_error)} ({error.smtp_code})."


def _provider_answer(error: Any) -> str:
    try:
        answer = error.response.json()
    except (AttributeError, ValueError):
        return _clean(getattr(error.response, "text", "") or "nothing")
    return next(_strings(answer), "nothing")


def _strings(answer: object) -> Iterator[str]:
    """Find the words in a provider's JSON; each puts them elsewhere."""
    if isinstance(answer, str) and " " in answer:
        yield _clean(answer)
    for inner in answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ():
        yield from _strings(inner)


def _said(error: Exception) -> str:
    return _clean(str(error))


def _clean(said: str | bytes) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return redaction.hide(" ".join(text.split()))[:SHOWN].rstrip(".")
