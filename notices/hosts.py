"""Which addresses our server may send to: public ones only, so that nobody makes it knock on doors inside
our own network (server-side request forgery). The name is resolved once, every address it has is judged, and
the connection goes to the very address that was judged: a name that answers differently the second time
gains nothing."""

from __future__ import annotations

import ipaddress
import socket

import httpx2
from django.conf import settings
from django.utils.translation import gettext as _

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64 = ipaddress.ip_network("64:ff9b::/96")  # the last 32 bits are an IPv4 address
CLOUD_SERVICE = ipaddress.ip_address("168.63.129.16")  # looks public; a cloud's own service for its machines


class Blocked(Exception):
    """An address that is never sent to; says why."""


class Unresolved(Exception):
    """The name has no address now; it may have one later."""


def parsed(url: str) -> httpx2.URL:
    """The address of a webhook, or Blocked: https to a host, without user and password. Where private hosts
    are allowed (NOTICES_ALLOW_PRIVATE_HOSTS), http is too."""
    try:
        found = httpx2.URL(url.strip())
    except (httpx2.InvalidURL, ValueError):
        raise Blocked(_("This is not an address.")) from None
    schemes = ("https", "http") if settings.NOTICES_ALLOW_PRIVATE_HOSTS else ("https",)
    if found.scheme not in schemes or not found.host:
        raise Blocked(_("The address must begin with https:// and name a host."))
    if found.userinfo:
        raise Blocked(_("The address must not have a user or password in it."))
    return found


def address_of(url: httpx2.URL) -> str:
    """The IP address to connect to. Blocked when any address of the host is not public; Unresolved when it
    has none."""
    addresses = _resolved(url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80))
    if not settings.NOTICES_ALLOW_PRIVATE_HOSTS and not all(map(_public, addresses)):
        raise Blocked(_("The host is inside a private network; only public hosts are sent to."))
    return str(addresses[0])


def _resolved(host: str, port: int) -> list[IPAddress]:
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unresolved(_("The name of the host is not known.")) from None
    return [ipaddress.ip_address(address[4][0]) for address in found]


def _public(address: IPAddress) -> bool:
    """Reachable by everybody, also when it is an IPv4 address in the clothes of an IPv6 one."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _public(inner)
        if address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast and address != CLOUD_SERVICE
