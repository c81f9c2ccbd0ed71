"""The answer to an approved CSR: what is remembered is what anybody reads in the certificate, and who may sign it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509

from ca.authority import CLIENT_CA, Authority
from ca.errors import LintFailed, NotIssued
from ca.issuance.hierarchy import found_client_root
from ca.issuance.issue import IssuedCertificate, Issuer, issue_certificate, random_serial
from ca.issuance.profile import Profile
from ca.records import record_of
from ca.request.csr import Csr, read_ahead
from ca.x509.extensions import status_urls
from ca.x509.names import AlternativeName
from tests.ca.making import (
    CLAIM,
    NOW,
    OFFER,
    PAGE,
    PROFILE,
    MemoryWork,
    approved,
    csr_pem,
    csr_without_attributes,
    shelf,
)

ROOT = found_client_root(NOW, random_serial)
assert ROOT.issuer is not None
ISSUER = ROOT.issuer
URL = "http://127.0.0.1:8441"
PROFILES = {
    "the usual one": PROFILE,
    "one RDN, no identifiers": replace(
        PROFILE, layout="one_set", subject_key_identifier=False, authority_key_identifier=False
    ),
    "a template, alternative names, a short serial": replace(
        PROFILE,
        subject="template",
        template=(("C", "GB"), ("O", "Acme, Ltd"), ("CN", "{holder}")),
        alternative_names=(AlternativeName("URI", "urn:{holder}"),),
        serial_octets=5,
        days=3,
    ),
}


def answered(profile: Profile = PROFILE, issuer: Issuer = ISSUER) -> IssuedCertificate:
    return issue_certificate(
        approved(),
        profile,
        issuer,
        lambda: random_serial(profile.serial_octets),
        NOW,
        pointers=status_urls(URL, f"{CLIENT_CA}wise"),
    )


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
def test_what_is_remembered_is_what_anybody_reads_in_the_certificate(profile: Profile) -> None:
    """Nothing is taken from the plan that the certificate does not say, and the PEM is of the same bytes."""
    issued = answered(profile)
    certificate = x509.load_pem_x509_certificate(issued.certificate.encode())
    assert issued.record == record_of(certificate, CLAIM, profile.name, NOW)
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(issued.chain.encode()))


def test_a_key_that_is_not_the_issuers_signs_nothing() -> None:
    """Found before the certificate leaves; with the issuer's own key the same is answered."""
    impostor = Issuer(certificate=ROOT.certificate, key=shelf("ec-p384"))
    with pytest.raises(LintFailed, match="the signature does not verify with the issuer's key"):
        answered(issuer=impostor)
    assert answered().record.serial


def test_no_serial_is_drawn_for_what_is_refused() -> None:
    """A source that counts must not leave a gap for each refusal."""
    drawn: list[int] = []

    def serial() -> int:
        drawn.append(random_serial())
        return drawn[-1]

    unknown = replace(PROFILE, subject="template", template=(("CN", "{nobody}"),))
    late = ROOT.certificate.not_valid_after_utc - timedelta(days=30)
    for profile, now in ((unknown, NOW), (PROFILE, late)):
        with pytest.raises(NotIssued):
            issue_certificate(approved(), profile, ISSUER, serial, now)
    assert drawn == []
    assert int(issue_certificate(approved(), PROFILE, ISSUER, serial, NOW).serial, 16) == drawn[0]


def test_a_csr_that_was_read_ahead_is_answered_as_one_that_was_not(home: tuple[Authority, MemoryWork]) -> None:
    """And one that cannot be read is refused in the provider's words all the same."""
    authority, work = home
    ahead = read_ahead(csr_pem())
    assert isinstance(ahead, Csr)
    first = authority.submit(work, ahead, OFFER, replace(CLAIM, name="first"), NOW)
    second = authority.submit(work, csr_pem(), OFFER, replace(CLAIM, name="second"), NOW)
    assert first.changed == second.changed and first.record.spki_sha256 == second.record.spki_sha256
    for broken in (b"", b"-----BEGIN CERTIFICATE REQUEST-----\n", csr_without_attributes()):
        assert read_ahead(broken) == broken
        told = []
        for csr in (read_ahead(broken), broken):
            with pytest.raises(NotIssued) as caught:
                authority.submit(work, csr, OFFER, CLAIM, NOW)
            told.append(caught.value.refusals)
        assert told[0] == told[1] and all(refusal.rule == PAGE for refusal in told[0])


def test_a_weak_key_that_was_read_ahead_is_refused() -> None:
    """What was found out before the transaction counts in it."""
    weak = read_ahead(csr_pem(key=shelf("rsa-2048")))
    assert isinstance(weak, Csr) and weak.weakness == ""
    assert weak.__dict__["weakness"] == "", "it was looked for ahead"
