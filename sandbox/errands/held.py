"""What is at hand of one certificate when a file is to be made of it; the files themselves are others' business."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography import x509

from ca.bundle import KeystoreKey
from ca.record import CertificateRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """All there is of one certificate, from which each form of it takes what it wants."""

    record: CertificateRecord
    leaf: x509.Certificate
    above: tuple[x509.Certificate, ...]
    """Issuing CA and client root; none where the certificate was uploaded, for its issuer is somebody else's."""
    trusted: x509.Certificate
    """The root of the servers."""
    urls: Mapping[str, str]
    key: KeystoreKey | None = field(repr=False)
    password: str = field(repr=False)
