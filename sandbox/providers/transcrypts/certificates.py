"""What Transcrypts and its relative ask of a CSR, and what their certificates hold.

Source: the page of each, "Advanced security and mTLS"; the provider's names in it are beside its doors."""

import re

from ca.issuance.profile import Offer, Profile
from ca.policy.requests import CsrPolicy, KeyRule

LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
"""A label of a host name (RFC 1123 section 2.1)."""


def offer(name: str, page: str, organisation: str, host: str) -> Offer:
    """What is signed: the provider's own names in the subject, and the client's in the host. Which name that is, is
    agreed with its support: any label is taken."""
    fixed = (("O", organisation), ("L", "Miami"), ("ST", "Florida"), ("C", "US"))
    policy = CsrPolicy(
        name=name,
        page=page,
        # "RSA/ECDSA keys, SHA256"; sizes and curves are own.
        keys=(
            KeyRule(kind="RSA", sizes=(2048, 3072, 4096)),
            KeyRule(kind="EC", curves=("P-256", "P-384")),
        ),
        hashes=("sha256",),
        fixed=fixed,
        allowed=(*dict(fixed), "CN"),
        common_name=rf"api-mtls\.{LABEL}\.{re.escape(host)}",
        common_name_example=f"api-mtls.name.{host}",
    )
    return Offer(policy=policy, profile=Profile(name=f"{name} client", subject="as_is", years=1))
