"""Which machines an address named by a person may lead to.

A name is resolved once and the connection goes to the address that was looked at, so a name whose answer changes in
between (DNS rebinding) gains nothing. Private, local, reserved and metadata networks are refused in every spelling,
inside IPv6 too (RFC 4291 mapped and compatible, RFC 6052 NAT64, RFC 3056 6to4, RFC 4380 Teredo), unless the operator
named them in OUTBOUND_ALLOWED_NETWORKS.
"""

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
SCHEMES = {"http", "https"}
LONGEST = 2_000
NAT64 = ipaddress.ip_network("64:ff9b::/96")
COMPATIBLE = ipaddress.ip_network("::/96")
PROTOCOL_ASSIGNMENTS = ipaddress.ip_network("192.0.0.0/24")
"""RFC 6890; Python takes two of its addresses for global, and a vendor keeps its metadata among them."""


class NotAllowed(ValueError):
    """An address that people of this site may not have the server call. Says why in a sentence for them."""


def check_url(url: str) -> None:
    """Raise NotAllowed where an address cannot be right whatever its name leads to. Asks no network."""
    if len(url) > LONGEST:
        raise NotAllowed(_("This address is too long."))
    if url != url.strip() or any(character <= " " or character in "\\\x7f" for character in url):
        raise NotAllowed(_("This address holds characters that no address has."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotAllowed(_("This is not a web address.")) from None
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise NotAllowed(_("A web address begins with https:// or http:// and names a server."))
    if parts.username is not None or parts.password is not None:
        raise NotAllowed(_("Leave user name and password out of the address."))
    if port == 0:
        raise NotAllowed(_("This address names a port that does not exist."))
    if parts.hostname.endswith((".localhost", ".local", ".internal")) or parts.hostname.rstrip(".") == "localhost":
        _check_private(parts.hostname)
    literal = _literal(parts.hostname.rstrip("."))
    if literal is not None:
        check(literal)


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of `host`, every one of them allowed. Raises NotAllowed, or OSError where there is none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:  # one bad one is enough: which of them a connection takes is chance
        check(ipaddress.ip_address(address))
    return addresses


def check(address: Address) -> None:
    """Raise NotAllowed for an address outside the public internet that the operator has not named."""
    for one in _inside(address):
        if not _is_public(one) and not _is_allowed(one):
            raise NotAllowed(
                _("This address leads into a private network. An administrator can allow that network for this site.")
            )


def _is_public(address: Address) -> bool:
    if address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and address not in PROTOCOL_ASSIGNMENTS
    return address.is_global and not address.is_site_local


def _is_allowed(address: Address) -> bool:
    return any(address in ipaddress.ip_network(network) for network in settings.OUTBOUND_ALLOWED_NETWORKS)


def _inside(address: Address) -> list[Address]:
    """Return the addresses that packets to this one reach: those hidden inside an IPv6 address, or itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.scope_id:
        return [ipaddress.IPv6Address(int(address)), ipaddress.IPv6Address("fe80::")]  # of one link only
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    hidden: list[Address] = []
    if address in NAT64 or (address in COMPATIBLE and int(address) > 1):
        hidden.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if address.sixtofour:
        hidden.append(address.sixtofour)
    if address.teredo:
        hidden += address.teredo
    return [*hidden, address] if address not in NAT64 else hidden


def _literal(host: str) -> Address | None:
    """Return the address a host spells out, in the spellings the C library takes (octal, hexadecimal, one number)."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.ip_address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def _check_private(host: str) -> None:
    """Names of a private network are left to the resolver only where the operator allowed some such network."""
    if not settings.OUTBOUND_ALLOWED_NETWORKS:
        raise NotAllowed(
            _("“%(host)s” is a name of a private network. An administrator can allow that network for this site.")
            % {"host": host}
        )
