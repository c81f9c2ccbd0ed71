"""Where a certificate says that its CRL, its OCSP responder and its issuer's certificate are.

RFC 5280 sections 4.2.1.13 and 4.2.2.1. Whether anybody answers there is left to others."""

from functools import lru_cache
from urllib.parse import quote

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from ca.extension import PlannedExtension

# A state has a CA for each provider, and one URL.
MAX_KEPT = 64
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


@lru_cache(MAX_KEPT)
def pointers(url: str, issuer: str) -> tuple[PlannedExtension, ...]:
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
