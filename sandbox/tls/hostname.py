"""Whether a server's certificate is for the name by which the server was called (RFC 9525); pyOpenSSL does not ask."""

import ipaddress

from cryptography import x509


def named_in(certificate: x509.Certificate) -> tuple[str, ...]:
    """The DNS names and addresses for which a certificate is; the common name does not count (RFC 9525 section 2)."""
    return (*_dns_names(certificate), *map(str, _addresses(certificate)))


def is_for(certificate: x509.Certificate, host: str) -> bool:
    """Whether the certificate is for *host*: an address is compared with addresses only, a name with names only."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return any(_matches(presented, host) for presented in _dns_names(certificate))
    return any(address == one for one in _addresses(certificate))


def _matches(presented: str, host: str) -> bool:
    """Label by label, without case. A wildcard is the whole leftmost label, stands for exactly one label, and there
    are names below it (RFC 9525 section 6.3)."""
    ours, theirs = host.rstrip(".").lower().split("."), presented.rstrip(".").lower().split(".")
    if len(ours) != len(theirs) or not all(ours):
        return False
    if theirs[0] == "*":
        return len(theirs) > 2 and ours[1:] == theirs[1:]
    return ours == theirs


def _dns_names(certificate: x509.Certificate) -> list[str]:
    names = _alternative_names(certificate)
    return list(names.get_values_for_type(x509.DNSName)) if names else []


def _addresses(certificate: x509.Certificate) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    names = _alternative_names(certificate)
    found = names.get_values_for_type(x509.IPAddress) if names else []
    return [one for one in found if isinstance(one, ipaddress.IPv4Address | ipaddress.IPv6Address)]


def _alternative_names(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    """None where there are none that can be read: then it is for nobody."""
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return None
