"""Why a certificate is revoked: the reasons of RFC 5280 section 5.3.1 that make sense for a client's certificate.

What a CRL or an OCSP answer makes of them is left to `revocation` and `ocsp`."""

from collections.abc import Mapping
from types import MappingProxyType

# The client is gone, its certificates have nothing to say any more.
CESSATION = "cessationOfOperation"

# Not offered: certificateHold and removeFromCRL, for revoking is for good here and the record keeps one instant and one
# reason; cACompromise and aACompromise, which are about authorities.
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "unspecified": "no reason is given (a CRL then leaves the reason out)",
        "keyCompromise": "the private key was lost, or is known to somebody else",
        "affiliationChanged": "the name in the certificate is no longer right",
        "superseded": "another certificate is used instead",
        CESSATION: "the certificate is no longer needed",
        "privilegeWithdrawn": "the client may no longer do what the certificate is for",
    }
)
