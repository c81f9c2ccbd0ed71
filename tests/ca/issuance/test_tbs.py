"""Our certificates in DER against those of the library's own builder: the same bytes for whatever is planned."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import dsa
from hypothesis import given
from hypothesis import strategies as st

from ca.issuance.hierarchy import CLIENT_CA, CLIENT_ROOT, SERVER_CA, found_client_root, plan_authority, plan_server
from ca.issuance.issue import Issuer, algorithm, certify, random_serial, signature
from ca.issuance.profile import Plan, plan
from ca.x509.extensions import PlannedExtension, status_urls
from ca.x509.keys import PrivateKey, signing_hash
from tests.ca.making import NOW, PROFILE, approved, shelf
from tests.ca.test_properties import FUZZ, NAME

ROOT = found_client_root(NOW, random_serial)
assert ROOT.key is not None
ISSUER = Issuer(certificate=ROOT.certificate, key=ROOT.key)
KEYS = ("ec-p256", "ec-p384", "ec-p521", "rsa-2048", "ed25519")
BEGINNING, SPAN = datetime(1950, 1, 1, tzinfo=UTC), timedelta(days=2_940_000)  # to the end of the year 9999 or so
SECONDS = st.timedeltas(min_value=timedelta(), max_value=SPAN).map(
    lambda after: (BEGINNING + after).replace(microsecond=0)
)
OIDS = st.lists(st.integers(0, 2**35), min_size=1, max_size=6).map(
    lambda arcs: x509.ObjectIdentifier(".".join(map(str, (1, 2, *arcs))))
)
EXTENSION = st.builds(
    PlannedExtension,
    value=st.builds(x509.UnrecognizedExtension, OIDS, st.binary(max_size=300)),
    critical=st.booleans(),
)


def built(key: PrivateKey, planned: Plan, issuer: Issuer | None, serial: int) -> bytes:
    """The TBSCertificate as the builder writes it, with the key identifiers that it makes itself."""
    signer = issuer.key if issuer else key
    builder = x509.CertificateBuilder(
        issuer_name=issuer.certificate.subject if issuer else planned.subject,
        subject_name=planned.subject,
        public_key=key.public_key(),
        serial_number=serial,
        not_valid_before=planned.not_before,
        not_valid_after=planned.not_after,
    )
    for each in planned.extensions:
        builder = builder.add_extension(each.value, each.critical)
    if planned.subject_key_identifier:
        own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        builder = builder.add_extension(own, critical=False)
    if planned.authority_key_identifier and issuer:
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = builder.add_extension(above, critical=False)
    return builder.sign(signer, signing_hash(signer)).tbs_certificate_bytes


@FUZZ
@given(
    subject=NAME,
    ends=st.tuples(SECONDS, SECONDS).map(sorted),
    extensions=st.lists(EXTENSION, max_size=4, unique_by=lambda each: each.value.oid),
    serial=st.integers(1, 2**159 - 2),
    identifiers=st.tuples(st.booleans(), st.booleans()),
)
def test_any_plan_is_written_as_the_builder_writes_it(
    subject: x509.Name,
    ends: list[datetime],
    extensions: list[PlannedExtension],
    serial: int,
    identifiers: tuple[bool, bool],
) -> None:
    """Names and extensions of all kinds, UTCTime and GeneralizedTime, serials of all lengths; and never as for another
    serial."""
    planned = Plan(
        subject=subject,
        not_before=ends[0],
        not_after=ends[1],
        extensions=tuple(extensions),
        spki_sha256="",
        subject_key_identifier=identifiers[0],
        authority_key_identifier=identifiers[1],
    )
    key = shelf("ec-p256")
    written = certify(key, planned, ISSUER, serial).tbs_certificate_bytes
    assert written == built(key, planned, ISSUER, serial)
    assert written != built(key, planned, ISSUER, serial + 1)


@pytest.mark.parametrize("kind", KEYS)
def test_every_kind_of_key_signs_as_the_builder_has_it(kind: str) -> None:
    """As a root that signs itself, and for the key of another: the algorithm is named, and the signature verifies."""
    key = shelf(kind)
    own = plan_authority(CLIENT_ROOT, key.public_key(), mark="0", now=NOW)
    root = certify(key, own, None, 1)
    assert root.tbs_certificate_bytes == built(key, own, None, 1)
    root.verify_directly_issued_by(root)
    issuer = Issuer(certificate=root, key=key)
    planned = plan_authority(CLIENT_CA, shelf("ec-p384").public_key(), mark="0", now=NOW)
    below = certify(shelf("ec-p384"), planned, issuer, 2)
    assert below.tbs_certificate_bytes == built(shelf("ec-p384"), planned, issuer, 2)
    below.verify_directly_issued_by(root)
    other = certify(shelf("rsa-3072"), own, None, 1)
    with pytest.raises((ValueError, TypeError, InvalidSignature)):
        below.verify_directly_issued_by(other)


def test_our_own_kinds_of_certificate_are_written_so() -> None:
    """A client's with pointers, a server's with its names, and a CA under name constraints."""
    key = shelf("ec-p256")
    client = plan(approved(), PROFILE, NOW)
    kinds = (
        replace(client, extensions=(*client.extensions, *status_urls("http://127.0.0.1:8441", "client-ca:wise"))),
        plan_server(("localhost", "127.0.0.1", "::1", "sandbank.example.test"), key.public_key(), NOW),
        plan_authority(SERVER_CA, key.public_key(), mark="0", now=NOW, names=("sandbank.example.test",)),
    )
    for planned in kinds:
        assert certify(key, planned, ISSUER, 7).tbs_certificate_bytes == built(key, planned, ISSUER, 7)


@pytest.mark.parametrize(
    ("at", "tag"), [(datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC), 0x17), (datetime(2050, 1, 1, tzinfo=UTC), 0x18)]
)
def test_the_year_2050_changes_how_a_time_is_written(at: datetime, tag: int) -> None:
    """RFC 5280 section 4.1.2.5: UTCTime through 2049, GeneralizedTime after."""
    planned = replace(plan(approved(), PROFILE, NOW), not_before=at - timedelta(days=1), not_after=at)
    made = certify(shelf("ec-p256"), planned, ISSUER, 1)
    assert made.not_valid_after_utc == at
    text = f"{at:%y%m%d%H%M%SZ}" if tag == 0x17 else f"{at:%Y%m%d%H%M%SZ}"
    assert bytes((tag, len(text))) + text.encode() in made.tbs_certificate_bytes


def test_a_key_that_no_authority_has_signs_nothing() -> None:
    """DSA is for nobody's certificates any more."""
    key = dsa.generate_private_key(1024)
    for refused in (lambda: algorithm(key), lambda: signature(key, b"")):
        with pytest.raises(ValueError, match="not a key that can sign"):
            refused()
