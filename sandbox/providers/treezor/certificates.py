"""What Treezor asks of a CSR and what its certificates hold.

Source: https://docs.treezor.com/guide/api-basics/mutual-tls, "Setting up your certificates", and
https://docs.treezor.com/guide/cards/pci-dss.html. CSRs go to Treezor by e-mail: there is no call for them.
"""

from dataclasses import replace
from datetime import timedelta

from ca.issuance.profile import Offer, Profile
from ca.policy.requests import CsrPolicy, KeyRule
from sandbox.providers.declare import SIGNATURE
from sandbox.providers.treezor import PCI

PAGE = "https://docs.treezor.com/guide/api-basics/mutual-tls"

TRANSPORT_OFFER = Offer(
    policy=CsrPolicy(
        name="treezor",
        page=PAGE,
        # "Type: RSA. Size: 2048". The format, PKCS1, is that of the key file, which no CSR shows.
        keys=(KeyRule(kind="RSA", sizes=(2048,)),),
        # The table of the page: all but the organizational unit. "Usually, the fully qualified domain name" is the CN,
        # so that any is taken.
        required=("C", "ST", "L", "O", "CN", "emailAddress"),
        # "Use a different RSA key for each CSR".
        key_per_purpose=True,
    ),
    profile=Profile(
        name="treezor client",
        # The example's notBefore is an hour before the moment from which its year counts.
        years=1,
        backdate=timedelta(hours=1),
        # What else is in a certificate is not published: our own choice.
        keep=("C", "ST", "L", "O", "OU", "emailAddress"),
        common_name="csr",
    ),
)
SIGNATURE_OFFER = replace(
    TRANSPORT_OFFER,
    purpose=SIGNATURE,
    profile=replace(
        TRANSPORT_OFFER.profile,
        name="treezor signature",
        key_usage=("digitalSignature", "nonRepudiation"),
        extended_key_usage=(),
    ),
)
PCI_OFFER = replace(TRANSPORT_OFFER, purpose=PCI, profile=replace(TRANSPORT_OFFER.profile, name="treezor pci"))
OFFERS = (TRANSPORT_OFFER, SIGNATURE_OFFER, PCI_OFFER)
