"""What Nuapay asks of certificates: the client's own for mutual TLS, and of CSRs for those with which calls are signed.

Sources: docs.nuapay.com, np_secmtlsrest, np_secmtlsui, np_seccreatecert, np_secjwsrest; the official description of
certificates and tokens; the two certificates that are published there, for what is in one.
"""

from collections.abc import Mapping
from dataclasses import replace

from ca.issuance.profile import Offer, Profile, Upload
from ca.policy.requests import CsrPolicy, KeyRule
from ca.policy.uploads import UploadPolicy
from sandbox.providers.context import ReadRows
from sandbox.providers.declare import SIGNATURE

CONFIGURATION, CERTIFICATES = "configuration", "certificates"
"""Kind and id of the row that says what an organisation chooses where Nuapay's own pages say two things:
``sandbank resource put configuration certificates --set rdnLayout=single --provider nuapay``."""
CHOICES: Mapping[str, tuple[str, ...]] = {
    # Of the two published certificates for signing, one has an RDN for each attribute, the other one RDN for all.
    "rdnLayout": ("ordinary", "single"),
    # The description of the reply has the first, that of the query and the example of the list the second.
    "typeSpelling": ("NON-REPUDIATION", "NON_REPUDIATION"),
}
"""What may be chosen, the usual first."""
TRANSPORT = "transport"
MOST_ACTIVE = 2
"""Of each kind: "By default you may have up to two active MTLS certificates", and "two certificates at a time"."""
PAGES = "https://docs.nuapay.com/"

UPLOAD = Upload(
    purpose=TRANSPORT,
    policy=UploadPolicy(
        name="nuapay",
        page=f"{PAGES}np_secmtlsrest.html",
        # "self signed certificates are permitted", and the one in the screenshots names no extended key usage. Which
        # keys are too small is not published: our own choice.
        keys=(
            KeyRule(kind="RSA", sizes=(2048, 3072, 4096)),
            KeyRule(kind="EC", curves=("P-256", "P-384", "P-521")),
        ),
        max_active=MOST_ACTIVE,
    ),
)

SIGNING_OFFER = Offer(
    purpose=SIGNATURE,
    policy=CsrPolicy(
        name="nuapay",
        page=f"{PAGES}np_secjwsrest.html",
        # RS256 is the only algorithm; an older published sample has 1024 bits, which we do not take.
        keys=(KeyRule(kind="RSA", sizes=(2048, 3072, 4096)),),
        fixed=(("OU", "Nuapay API"), ("O", "Nuapay"), ("L", "London"), ("C", "GB")),
        allowed=("OU", "O", "L", "C", "CN", "ST"),
        common_name="{holder}",
        max_active=MOST_ACTIVE,
    ),
    profile=Profile(
        name="nuapay signing",
        subject="as_is",
        years=10,
        serial_octets=5,
        basic_constraints=False,
        key_usage=("digitalSignature", "nonRepudiation", "keyEncipherment"),
        extended_key_usage=("clientAuth",),
        subject_key_identifier=False,
        pointers=False,
    ),
)
ONE_SET_OFFER = replace(SIGNING_OFFER, profile=replace(SIGNING_OFFER.profile, layout="one_set"))


def certificates(rows: ReadRows) -> tuple[Offer | Upload, ...]:
    """What is taken and signed for an organisation: one published certificate has all its attributes in one RDN, the
    other one in each; which it is, the organisation's configuration says."""
    if chosen(rows, "rdnLayout") == "single":
        return UPLOAD, ONE_SET_OFFER
    return UPLOAD, SIGNING_OFFER


def chosen(rows: ReadRows, name: str) -> str:
    """What the organisation has chosen, or the usual."""
    row = rows.get(CONFIGURATION, CERTIFICATES)
    return str(row[name] if row else CHOICES[name][0])
