"""Where mail goes: `MAILERS` and django-anymail's settings, from the variables operators know them by."""

import os
from pathlib import Path
from typing import Any

from django.core.checks.mail import NON_PRODUCTION_EMAIL_BACKENDS

from config import env

CONSOLE = "django.core.mail.backends.console.EmailBackend"
FILES = "django.core.mail.backends.filebased.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def sends(backend: str) -> bool:
    """Tell whether mail leaves this machine through the backend."""
    return backend not in NON_PRODUCTION_EMAIL_BACKENDS


def mailer(backend: str, *, files: Path) -> dict[str, Any]:
    if backend == SMTP:
        return {"BACKEND": backend, "OPTIONS": _smtp()}
    if backend == FILES:
        return {"BACKEND": backend, "OPTIONS": {"file_path": env.text("EMAIL_FILE_PATH", str(files))}}
    return {"BACKEND": backend}


def _smtp() -> dict[str, Any]:
    use_ssl = env.flag("EMAIL_USE_SSL", False)
    use_tls = env.flag("EMAIL_USE_TLS", False)
    return {
        "host": env.text("EMAIL_HOST", "localhost"),
        "port": env.whole("EMAIL_PORT", 465 if use_ssl else 587 if use_tls else 25),
        "username": env.text("EMAIL_HOST_USER"),
        "password": env.text("EMAIL_HOST_PASSWORD"),
        "use_ssl": use_ssl,
        "use_tls": use_tls,
        "timeout": env.seconds("EMAIL_TIMEOUT", 10),
        "ssl_certfile": env.text("EMAIL_SSL_CERTFILE") or None,
        "ssl_keyfile": env.text("EMAIL_SSL_KEYFILE") or None,
    }


def anymail(backend: str) -> dict[str, Any]:
    """Return the provider's own variables: of `anymail.backends.mailgun` all that begin with `MAILGUN_`."""
    package, _, rest = backend.partition(".backends.")
    if package != "anymail":
        return {}
    prefix = rest.partition(".")[0].upper() + "_"
    own = {name: value for name, value in os.environ.items() if name.startswith(prefix) and value.strip()}
    return {**own, "REQUESTS_TIMEOUT": env.seconds("EMAIL_TIMEOUT", 10)}
