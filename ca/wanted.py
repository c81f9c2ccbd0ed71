"""What may be looked for in a file, a CSR or a certificate, and what else people send instead, by label and by kind.

The looking is left to `pem`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_REQUEST_LABELS = frozenset({"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"})
_CERTIFICATE_LABELS = frozenset({"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"})
_PUBLIC_LABELS = frozenset({"PUBLIC KEY", "RSA PUBLIC KEY", "SSH2 PUBLIC KEY"})
_PKCS7_LABELS = frozenset({"PKCS7", "CMS", "PKCS #7 SIGNED DATA"})

# The kinds of `sniff`, as reasons of codes.
KIND_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "request": "request_sent",
        "certificate": "certificate_sent",
        "private_key": "private_key_sent",
        "public_key": "public_key_sent",
        "pkcs7": "pkcs7_sent",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for: its word in a sentence, its kind (of `sniff`), its labels, its form, the reason for several.

    The rule is who says so, unless a provider's page does."""

    word: str
    kind: str
    labels: frozenset[str]
    form: str
    several: str
    rule: str


REQUEST = Wanted(
    word="CSR",
    kind="request",
    labels=_REQUEST_LABELS,  # generators write the first, parsers may accept the second
    form="one PEM block from -----BEGIN CERTIFICATE REQUEST----- to -----END CERTIFICATE REQUEST-----",
    several="two_requests",
    rule="RFC 7468 section 7",
)
CERTIFICATE = Wanted(
    word="certificate",
    kind="certificate",
    # RFC 7468 section 5.1. A TRUSTED CERTIFICATE has more in it than a certificate.
    labels=frozenset({"CERTIFICATE", "X509 CERTIFICATE"}),
    form="one PEM block from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----",
    several="several_certificates",
    rule="RFC 7468 section 5",
)


def label_reason(label: str, wanted: Wanted) -> tuple[str, str]:
    """Which other thing a label of PEM stands for: the reason of a code, and in words."""
    if label in _REQUEST_LABELS:
        return "request_sent", "a CSR"
    if label in _CERTIFICATE_LABELS and wanted.kind == "request":
        return "certificate_sent", "a certificate"
    if label in _PUBLIC_LABELS:
        return "public_key_sent", "a public key"
    if label in _PKCS7_LABELS:
        return "pkcs7_sent", "PKCS#7"
    return "other_pem_sent", "PEM with another label"
