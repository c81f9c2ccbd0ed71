"""Where webhooks may go. On a developer's own machine that is anywhere; a sandbox that other machines can reach must
not become a way into the network behind it. Pure: who resolves names is `delivery`."""

import ipaddress
from dataclasses import dataclass

from sandbox.errors import Refusal

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052 section 2.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far webhooks may go from this server."""

    exposed: bool
    """Whether any of its doors can be reached from beyond this machine."""
    allowed: tuple[str, ...] = ()
    """Host names, addresses and networks that are allowed all the same."""

    def forbids(self, host: str, address: str) -> Refusal | None:
        """Why a webhook to *host*, which is at *address*, may not be sent; None where it may."""
        if not self.exposed or self._allows(host, address) or _is_public(address):
            return None
        return Refusal(
            code="webhook.address_forbidden",
            seen=f"{host}, which is at {address}: a private address, and other machines can reach this server",
            expected="a public address, or one that --webhook-allow names",
            next=f"start the server with --webhook-allow {host}",
        )

    def forbids_redirect(self, host: str, target: str) -> Refusal | None:
        """Why a redirect from *host* to the host *target* is not followed; None where it is."""
        if not self.exposed or self._names(target):
            return None
        return Refusal(
            code="webhook.address_forbidden",
            seen=f"{host} redirects to {target}, and other machines can reach this server",
            expected="the final address in the subscription, or a host that --webhook-allow names",
            next=f"start the server with --webhook-allow {target}",
        )

    def _names(self, host: str) -> bool:
        return host.lower() in {word.lower() for word in self.allowed}

    def _allows(self, host: str, address: str) -> bool:
        return self._names(host) or any(_within(address, word) for word in self.allowed)


def _within(address: str, word: str) -> bool:
    try:
        return _read(address) in ipaddress.ip_network(word)
    except ValueError:
        return False


def _is_public(address: str) -> bool:
    return _read(address).is_global and not _read(address).is_multicast


def _read(address: str) -> Address:
    """The address, taken out of the forms in which IPv6 wraps one of IPv4: such a wrapping hides nothing."""
    read = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(read, ipaddress.IPv6Address):
        if read in _NAT64:
            return ipaddress.IPv4Address(int(read) & 0xFFFFFFFF)
        return read.ipv4_mapped or read.sixtofour or read
    return read
