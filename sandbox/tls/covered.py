"""Whether our certificate speaks for the name by which a client called the door (RFC 6125 section 6.4)."""

from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from cryptography import x509


def uncovered(ours: x509.Certificate, server_name: str, sockname: Any) -> str:
    """The name, or the address where no name was sent, if it is not in the certificate; else "".

    Who calls an address sends no name (RFC 6066 section 3), and the connection's own end says which it was."""
    names, addresses = _named(ours)
    if server_name:
        name = server_name.lower().rstrip(".")
        wildcard = f"*.{name.partition('.')[2]}"
        return "" if name in names or wildcard in names else server_name
    called = str((sockname or ("",))[0]).partition("%")[0]
    try:
        address = str(ip_address(called))
    except ValueError:
        return ""  # a connection that is gone has no address
    return "" if address in addresses else address


@lru_cache(maxsize=64)
def _named(ours: x509.Certificate) -> tuple[frozenset[str], frozenset[str]]:
    """The names and the addresses in a certificate of ours; there are few, and each is shown often."""
    try:
        value = ours.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset(), frozenset()
    names = frozenset(name.lower() for name in value.get_values_for_type(x509.DNSName))
    return names, frozenset(map(str, value.get_values_for_type(x509.IPAddress)))
