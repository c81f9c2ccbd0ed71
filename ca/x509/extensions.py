"""The extensions of certificates (RFC 5280 section 4.2): made for ours, read from those of others; and their URLs."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from ca.errors import BadServerName
from ca.x509.names import AlternativeName, read_dns, read_ip

# RFC 5280 section 4.2.1.3, without the two that make sense with keyAgreement only.
KEY_USAGE_FIELDS = {
    "digitalSignature": "digital_signature",
    "nonRepudiation": "content_commitment",
    "keyEncipherment": "key_encipherment",
    "dataEncipherment": "data_encipherment",
    "keyAgreement": "key_agreement",
    "keyCertSign": "key_cert_sign",
    "cRLSign": "crl_sign",
}
"""By the names that the library has for them."""
USAGES = frozenset(KEY_USAGE_FIELDS)
# RFC 5280 section 4.2.1.12; whatever else a certificate is for goes by its OID.
PURPOSES = {
    "clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "serverAuth": ExtendedKeyUsageOID.SERVER_AUTH,
    "emailProtection": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "codeSigning": ExtendedKeyUsageOID.CODE_SIGNING,
}
_PURPOSE_NAMES = {oid: name for name, oid in PURPOSES.items()}


_MADE: Mapping[str, type[x509.DNSName | x509.UniformResourceIdentifier | x509.RFC822Name]] = {
    "DNS": x509.DNSName,
    "URI": x509.UniformResourceIdentifier,
    "email": x509.RFC822Name,
}
NAME_KINDS = frozenset({*_MADE, "IP"})
"""Of alternative names that are made here; others are only read."""
_NAME_WORDS: dict[type[x509.GeneralName], str] = {
    **{made: kind for kind, made in _MADE.items()},
    x509.IPAddress: "IP",
    x509.RegisteredID: "RID",
    x509.DirectoryName: "dirName",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedExtension:
    """One extension of a certificate to come."""

    value: x509.ExtensionType
    critical: bool


def leaf_extensions(key_usage: tuple[str, ...], extended: tuple[str, ...]) -> tuple[PlannedExtension, ...]:
    """What makes a certificate an end entity's (RFC 5280 sections 4.2.1.9, 4.2.1.3, 4.2.1.12)."""
    return (
        PlannedExtension(value=x509.BasicConstraints(ca=False, path_length=None), critical=True),
        PlannedExtension(value=usage(key_usage), critical=True),
        *extended_usage(extended),
    )


def usage(names: tuple[str, ...]) -> x509.KeyUsage:
    """The key usage of RFC 5280 section 4.2.1.3 by its own names: digitalSignature, keyCertSign, ..."""
    granted = {field: name in names for name, field in KEY_USAGE_FIELDS.items()}
    return x509.KeyUsage(**granted, encipher_only=False, decipher_only=False)


def extended_usage(names: tuple[str, ...], *, critical: bool = False) -> tuple[PlannedExtension, ...]:
    """The extended key usage by RFC 5280's names, or by OIDs; none at all for an empty tuple."""
    oids = [PURPOSES.get(name) or x509.ObjectIdentifier(name) for name in names]
    return (PlannedExtension(value=x509.ExtendedKeyUsage(oids), critical=critical),) if oids else ()


def alternative_names(extensions: x509.Extensions) -> tuple[AlternativeName, ...]:
    """The names of a subjectAltName (RFC 5280 section 4.2.1.6) by the words that openssl has for their kinds."""
    try:
        value = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(AlternativeName(_NAME_WORDS.get(type(each), "otherName"), str(each.value)) for each in value)


def as_general_name(name: AlternativeName) -> x509.GeneralName:
    """The name for a subjectAltName. ValueError when it is not one of its kind."""
    return x509.IPAddress(ipaddress.ip_address(name.value)) if name.kind == "IP" else _MADE[name.kind](name.value)


def purposes(value: x509.ExtendedKeyUsage) -> tuple[str, ...]:
    """The purposes of an extended key usage by RFC 5280's names; an unknown one by its OID."""
    return tuple(_PURPOSE_NAMES.get(each, each.dotted_string) for each in value)


CRL_TYPE = "application/pkix-crl"  # RFC 2585 section 4.2; the file is DER
CERTIFICATE_TYPE = "application/pkix-cert"  # RFC 2585 section 4.1; DER too


def crl_path(issuer: str) -> str:
    """Where the CRL of an issuer is, by the issuer's name here."""
    return f"/crl/{_segment(issuer)}.crl"


def ocsp_path(issuer: str) -> str:
    """Where questions about an issuer's certificates are posted, or appended with a slash in between."""
    return f"/ocsp/{_segment(issuer)}"


def issuer_path(issuer: str) -> str:
    """Where the issuer's own certificate is."""
    return f"/ca/{_segment(issuer)}.crt"


def status_urls(url: str, issuer: str) -> tuple[PlannedExtension, ...]:
    """The two extensions that point to all three, for a certificate of this issuer.

    The URL is the authority's own, such as http://127.0.0.1:8441: plain HTTP, since whoever checks a certificate for a
    TLS connection cannot be asked to open another one for it (RFC 5280 section 8)."""
    base = url.rstrip("/")
    crl = x509.DistributionPoint([_uri(base + crl_path(issuer))], None, None, None)
    access = x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(AuthorityInformationAccessOID.OCSP, _uri(base + ocsp_path(issuer))),
            x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, _uri(base + issuer_path(issuer))),
        ]
    )
    return (
        PlannedExtension(value=x509.CRLDistributionPoints([crl]), critical=False),
        PlannedExtension(value=access, critical=False),
    )


def _uri(text: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(text)


def _segment(name: str) -> str:
    # A colon may stand in a path as it is (RFC 3986 section 3.3).
    return quote(name, safe=":")


def not_covered(constraints: x509.NameConstraints, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the names that the constraints do not permit, as they were given."""
    permitted = constraints.permitted_subtrees or []
    return tuple(name for name in names if not any(_covers(one, name) for one in permitted))


def same_names(certificate: x509.Certificate, names: tuple[str, ...]) -> bool:
    """Whether a server certificate is for exactly these names, in any order."""
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(found) == {general_name(name) for name in names}


def _covers(permitted: x509.GeneralName, name: str) -> bool:
    address = read_ip(name)
    if isinstance(permitted, x509.IPAddress):
        return address is not None and address in ipaddress.ip_network(permitted.value)
    dns = None if address else read_dns(name)
    return dns is not None and f".{dns}".endswith(f".{permitted.value}")


def general_name(name: str) -> x509.DNSName | x509.IPAddress:
    if address := read_ip(name):
        return x509.IPAddress(address)
    if dns := read_dns(name):
        return x509.DNSName(dns)
    raise BadServerName((name,))
