"""Typed readers of environment variables. An empty variable counts as unset; a wrong one is named in the error."""

import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
CALLED_LIKE_A_SECRET = re.compile(r"(^|_)(KEY|SECRET|PASS|PASSWORD|PASSPHRASE|TOKEN|CREDENTIALS?)(_|$)", re.IGNORECASE)
PASSWORD_IN_ADDRESS = re.compile(r"://[^/?#\s]*?:([^/?#\s]+)@")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE | FALSE:
        return value in TRUE
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def whole(name: str, default: int) -> int:
    value = text(name)
    try:
        return int(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None


def seconds(name: str, default: float) -> float:
    value = text(name)
    try:
        return float(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number of seconds, not {value!r}.") from None


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str) -> list[str]:
    """Return networks in CIDR notation; a single address is a network of one."""
    try:
        return [str(ipaddress.ip_network(word)) for word in words(name)]
    except ValueError as error:
        example = "such as 10.0.0.0/8, with commas between"
        raise ImproperlyConfigured(f"{name} must name networks, {example}: {error}.") from None


def one_of(name: str, values: tuple[str, ...]) -> str:
    """Return one of `values`; the first is the default."""
    value = text(name, values[0]).lower()
    if value not in values:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(values)}, not {value!r}.")
    return value


def secrets_among(variables: Mapping[str, str]) -> set[str]:
    """Return the values of variables that are called like a secret, and the passwords in addresses."""
    named = {value.strip() for name, value in variables.items() if CALLED_LIKE_A_SECRET.search(name)}
    named |= {part.strip() for value in named for part in value.split(",")}  # some hold several
    in_addresses = {found for value in variables.values() for found in PASSWORD_IN_ADDRESS.findall(value)}
    return named | in_addresses | {unquote(found) for found in in_addresses}


def kept_secret(file: Path) -> str:
    """Return the secret kept in `file`, making one on first use (development only)."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(50))
    return file.read_text().strip()
