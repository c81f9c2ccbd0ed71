from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509

from ca.issuance import issue as read_back
from ca.issuance.hierarchy import CLIENT_ROOT, found_client_root, plan_authority
from ca.issuance.issue import Issuer, certify, octets, random_serial
from ca.issuance.profile import Plan, plan
from ca.x509.bundle import der
from ca.x509.extensions import PlannedExtension, usage
from tests.ca.making import NOW, PROFILE, approved, issue, name_of, shelf

APPROVED = approved()
PLAN = plan(APPROVED, PROFILE, NOW)
ROOT = found_client_root(NOW, random_serial)
assert ROOT.key is not None
ISSUER = Issuer(certificate=ROOT.certificate, key=ROOT.key)
UNPLANNED = PlannedExtension(value=x509.OCSPNoCheck(), critical=False)


def lint(made: x509.Certificate, planned: Plan, issuer: x509.Certificate | None) -> tuple[str, ...]:
    return read_back.lint(der(made), planned, made.serial_number, issuer)


def without(kind: type[x509.ExtensionType]) -> tuple[PlannedExtension, ...]:
    return tuple(each for each in PLAN.extensions if not isinstance(each.value, kind))


def test_what_was_issued_as_planned_has_no_findings() -> None:
    """The control: a leaf, and a root that signed itself."""
    assert lint(issue(APPROVED, PLAN, ISSUER, random_serial()), PLAN, ROOT.certificate) == ()
    key = shelf("ec-p256")
    own = plan_authority(CLIENT_ROOT, key.public_key(), mark="0", now=NOW)
    assert lint(certify(key, own, None, 1), own, None) == ()


def test_a_certificate_without_any_extension_may_be_planned() -> None:
    """It has no field for them then (RFC 5280 section 4.1); the control is one that was planned with some."""
    bare = replace(PLAN, extensions=(), subject_key_identifier=False, authority_key_identifier=False)
    made = issue(APPROVED, bare, ISSUER, random_serial())
    assert list(made.extensions) == []
    assert lint(made, bare, ROOT.certificate) == ()
    assert any("is missing" in finding for finding in lint(made, PLAN, ROOT.certificate))


def test_an_extension_that_was_planned_twice_is_not_signed() -> None:
    """Nobody could read such a certificate."""
    twice = replace(PLAN, extensions=(*PLAN.extensions, PLAN.extensions[0]))
    with pytest.raises(ValueError, match="already been set"):
        issue(APPROVED, twice, ISSUER, random_serial())


@pytest.mark.parametrize(
    ("made", "finding"),
    [
        (replace(PLAN, subject=name_of(("O", "Evil"))), "the subject is not the planned one"),
        (replace(PLAN, not_before=PLAN.not_before - timedelta(seconds=1)), "the validity is not the planned one"),
        (replace(PLAN, not_after=PLAN.not_after + timedelta(seconds=1)), "the validity is not the planned one"),
        (replace(PLAN, extensions=without(x509.KeyUsage)), "extension 2.5.29.15 is missing"),
        (replace(PLAN, extensions=(*PLAN.extensions, UNPLANNED)), "was not planned"),
        (
            replace(PLAN, extensions=tuple(replace(each, critical=not each.critical) for each in PLAN.extensions)),
            "extension 2.5.29.19 is not as planned",
        ),
        (
            replace(
                PLAN,
                extensions=(
                    *without(x509.KeyUsage),
                    PlannedExtension(value=usage(("digitalSignature", "keyCertSign")), critical=True),
                ),
            ),
            "extension 2.5.29.15 is not as planned",
        ),
    ],
)
def test_whatever_is_not_as_planned_is_found(made: Plan, finding: str) -> None:
    """A certificate made by one plan and read against another."""
    certificate = issue(APPROVED, made, ISSUER, random_serial())
    assert any(finding in found for found in lint(certificate, PLAN, ROOT.certificate))


def test_another_key_is_found() -> None:
    """The planned key is the CSR's."""
    certificate = certify(shelf("ec-p384"), PLAN, ISSUER, 1)
    assert lint(certificate, PLAN, ROOT.certificate) == ("the public key is not the planned one",)


def test_another_issuer_is_found() -> None:
    """By its name, and by its signature when the name is the same."""
    other = found_client_root(NOW, random_serial)
    certificate = issue(APPROVED, PLAN, ISSUER, 1)
    assert "the issuer is not the subject of the issuing certificate" in lint(certificate, PLAN, other.certificate)
    impostor = Issuer(certificate=ROOT.certificate, key=shelf("ec-p256"))
    forged = issue(APPROVED, PLAN, impostor, 1)
    assert lint(forged, PLAN, ROOT.certificate) == ("the signature does not verify with the issuer's key",)


def test_a_validity_that_ends_before_it_begins_is_found() -> None:
    """As planned as it may be; the control is one of a single second, which includes both ends."""
    short = replace(PLAN, not_after=PLAN.not_before)
    assert lint(issue(APPROVED, short, ISSUER, 1), short, ROOT.certificate) == ()
    turned = replace(PLAN, not_after=PLAN.not_before - timedelta(seconds=1))
    assert "the validity ends before it begins" in lint(issue(APPROVED, PLAN, ISSUER, 1), turned, ROOT.certificate)
    with pytest.raises(ValueError, match="must be after"):
        issue(APPROVED, turned, ISSUER, 1)


def test_a_serial_out_of_bounds_is_found() -> None:
    """RFC 5280 section 4.1.2.2: 20 octets at most, which the library does not go beyond either."""
    with pytest.raises(ValueError, match="159 bits"):
        issue(APPROVED, PLAN, ISSUER, 2**159)
    longest = issue(APPROVED, PLAN, ISSUER, 2**159 - 1)
    assert lint(longest, replace(PLAN, serial_octets=20), ROOT.certificate) == ()
    assert lint(longest, PLAN, ROOT.certificate) == ("the serial is longer than planned",)


def test_key_identifiers_are_there_or_not_as_planned() -> None:
    """Each on its own, and their absence too; the control has neither and was planned so."""
    bare = replace(PLAN, subject_key_identifier=False, authority_key_identifier=False)
    made = issue(APPROVED, bare, ISSUER, 1)
    assert lint(made, bare, ROOT.certificate) == ()
    assert lint(made, PLAN, ROOT.certificate) == ("extension 2.5.29.14 is missing", "extension 2.5.29.35 is missing")
    assert lint(issue(APPROVED, PLAN, ISSUER, 1), replace(PLAN, authority_key_identifier=False), ROOT.certificate) == (
        "extension 2.5.29.35 was not planned",
    )


def test_another_layout_of_the_subject_is_found() -> None:
    """The same attributes in one RDN are another subject to the byte."""
    one_set = plan(APPROVED, replace(PROFILE, layout="one_set"), NOW)
    made = issue(APPROVED, one_set, ISSUER, 1)
    assert lint(made, one_set, ROOT.certificate) == ()
    assert lint(made, PLAN, ROOT.certificate) == ("the subject is not the planned one",)


@pytest.mark.parametrize("size", [1, 5, 8, 16, 20])
def test_a_serial_of_every_length_fits_its_plan(size: int) -> None:
    """Exactly so many octets, and one more is found."""
    planned = replace(PLAN, serial_octets=size)
    assert lint(issue(APPROVED, planned, ISSUER, random_serial(size)), planned, ROOT.certificate) == ()
    assert octets(random_serial(size)) == size
    if size < 20:
        made = issue(APPROVED, planned, ISSUER, random_serial(size + 1))
        assert lint(made, planned, ROOT.certificate) == ("the serial is longer than planned",)
