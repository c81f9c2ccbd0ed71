"""Wise's rules for a CSR and what its certificates hold.

Source: https://docs.wise.com/guides/developer/auth-and-security/mtls, "CSR requirements" and "Certificate limitations".
"""

from ca.issuance.profile import Offer, Profile
from ca.policy.requests import CsrPolicy, KeyRule

PAGE = "https://docs.wise.com/guides/developer/auth-and-security/mtls"

OFFER = Offer(
    policy=CsrPolicy(
        name="wise",
        page=f"{PAGE}#csr-requirements",
        keys=(
            KeyRule(kind="RSA", sizes=(2048, 3072, 4096)),
            KeyRule(kind="EC", curves=("P-256", "P-384")),
        ),
        # SHA-2 is not on the page: our own choice; every current OpenSSL signs so unless told otherwise.
        hashes=("sha256", "sha384", "sha512"),
        required=("O",),
        max_active=10,
        unique_names=True,
    ),
    profile=Profile(
        name="wise client",
        # The page says only that the CN is overwritten. What else survives is our own choice: the names of an
        # organisation and its place; addresses of persons and the like are dropped.
        keep=("C", "ST", "L", "O", "OU"),
        common_name="holder",
        years=1,
    ),
)
