"""The doors of a provider: addresses on which it listens, the names that lead there, whose certificates they ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

CLIENT = "{client}"
"""Stands for a client's name in a host of a door."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One listening address of a provider."""

    name: str
    offset: int
    """Port = base + offset."""
    client_certificate: Literal["none", "handshake", "call"]
    """``none``: the door asks for none. Otherwise it asks, and a certificate that is missing or not good is refused in
    the ``handshake``, with a TLS alert, or on each ``call``, in HTTP, and then every handshake gets through."""
    hosts: tuple[str, ...]
    """The provider's own sandbox host names that lead here; they stand in the server certificate. ``{client}`` stands
    for the name of a client, who alone may call there: in the certificate it is a wildcard."""
    purpose: str = "transport"
    """What a certificate must be for with which a client shows itself here."""
    front: int | None = 443
    """The port at which the provider itself has this door, for front doors; None: it is not known, or another's."""
    production: tuple[str, ...] = ()
    """The provider's production host names that lead to the like of this door. It answers to them only where a server
    is told to (``--production-names``), and then with a certificate under a root of their own."""

    @property
    def server_names(self) -> tuple[str, ...]:
        """The hosts as a certificate names them (RFC 9525 section 6.3)."""
        return wildcards(self.hosts)

    def at(self, name: str) -> bool:
        """Whether a host name, in lower case, is one of the door's sandbox hosts."""
        return name in self.hosts or _client_in(name, self.hosts) is not None

    def in_production(self, name: str) -> bool:
        """Whether a host name, in lower case, is one of the production hosts."""
        client = _client_in(name, self.production)
        return name in self.production or (client is not None and "." not in client)

    def client_at(self, authority: str) -> str | None:
        """The client that the host of a call names, in lower case; None where any client may call.

        *authority* is the value of the Host header, with or without a port."""
        host = authority.strip().lower().rpartition(":")[0] or authority.strip().lower()
        return _client_in(host, (*self.hosts, *self.production))


def wildcards(hosts: Sequence[str]) -> tuple[str, ...]:
    return tuple(host.replace(CLIENT, "*") for host in hosts)


def _client_in(host: str, hosts: Sequence[str]) -> str | None:
    """The client whose host this is, where one of *hosts* has a place for a client's name."""
    if host in hosts:  # ``webhook.sandbox.example`` is not the host of a client named webhook
        return None
    for before, _, after in (one.partition(CLIENT) for one in hosts if CLIENT in one):
        if host.startswith(before) and host.endswith(after) and len(host) > len(before + after):
            return host.removeprefix(before).removesuffix(after)
    return None
