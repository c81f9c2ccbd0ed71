from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import AttributeOID, NameOID

from ca.issuance.profile import Change, Profile, plan
from ca.request.csr import read_csr
from ca.x509.names import AlternativeName, attributes
from tests.ca.making import CLAIM, NOW, PROFILE, a_csr, approved, armour, csr_der, name_of, shelf


def test_the_subject_is_the_csrs_with_the_holder_as_its_name() -> None:
    """C, ST, L, O, OU in the CSR's order, then CN: the client id, whatever the CSR says."""
    csr = a_csr(("CN", "x"), ("OU", "b"), ("O", "Acme"), ("C", "EU"), ("OU", "a"), ("emailAddress", "a@b.test"))
    planned = plan(approved(csr), PROFILE, NOW)
    expected = (("OU", "b"), ("O", "Acme"), ("C", "EU"), ("OU", "a"), ("CN", "acme-client-id"))
    assert attributes(planned.subject) == expected


def test_the_common_name_can_be_the_csrs() -> None:
    """Where the profile says so, the CSR's CN stays in its place."""
    csr = a_csr(("CN", "x"), ("O", "Acme"))
    planned = plan(approved(csr), replace(PROFILE, common_name="csr"), NOW)
    assert attributes(planned.subject) == (("CN", "x"), ("O", "Acme"))
    assert planned.changed == ()


def test_the_bytes_of_the_subject_are_the_csrs() -> None:
    """No text is re-encoded: each keeps its string type and its bytes."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "EU"),
            x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Île 😀", _ASN1Type.BMPString),
            x509.NameAttribute(NameOID.LOCALITY_NAME, "Zürich", _ASN1Type.UniversalString),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Acme", _ASN1Type.T61String),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "x", _ASN1Type.PrintableString),
        ]
    )
    holder = x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, CLAIM.holder)])
    csr = read_csr(armour(csr_der(name=name)))
    planned = plan(approved(csr), PROFILE, NOW)
    assert planned.subject.public_bytes() == x509.Name([*name.rdns, holder]).public_bytes()
    assert b"\x1e\x0c" + "Île 😀".encode("utf-16-be") in planned.subject.public_bytes()


def test_attributes_that_came_together_stay_together() -> None:
    """A multi-valued RDN loses what is not kept, and stays one RDN."""
    together = x509.RelativeDistinguishedName(list(name_of(("O", "Acme"), ("OU", "x"), ("CN", "y"))))
    planned = plan(approved(read_csr(armour(csr_der(name=x509.Name([together]))))), PROFILE, NOW)
    assert [len(rdn) for rdn in planned.subject.rdns] == [2, 1]


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2026, 11, 22, 10, 27, 38, 999999, UTC), datetime(2027, 11, 22, 10, 27, 38, tzinfo=UTC)),
        (datetime(2028, 2, 29, 0, 0, tzinfo=UTC), datetime(2029, 2, 28, 0, 0, tzinfo=UTC)),
    ],
)
def test_one_year_is_the_same_date_next_year(now: datetime, until: datetime) -> None:
    """From this second, which has begun, to the same second a year later."""
    planned = plan(approved(), PROFILE, now)
    assert planned.not_before == now.replace(microsecond=0) <= now
    assert planned.not_after == until
    assert plan(approved(), replace(PROFILE, years=3), now).not_after - now > timedelta(days=3 * 365 - 1)


def test_a_life_can_be_counted_in_days_and_begin_before_now() -> None:
    """Years and days add up from now on; what is put before it does not shorten it."""
    made = NOW.replace(microsecond=0)
    planned = plan(approved(), replace(PROFILE, years=0, days=90, backdate=timedelta(hours=1)), NOW)
    assert (planned.not_before, planned.not_after) == (made - timedelta(hours=1), made + timedelta(days=90))
    both = replace(PROFILE, years=10, days=1)
    end = plan(approved(), both, NOW).not_after
    assert end == made.replace(year=2036) + timedelta(days=1)
    assert both.begins_by(end) == made


def test_every_extension_can_be_left_out_or_chosen() -> None:
    """None at all; or usages of one's own, critical ones too."""
    bare = Profile(
        name="bare",
        keep=("O",),
        basic_constraints=False,
        key_usage=(),
        extended_key_usage=(),
        subject_key_identifier=False,
        authority_key_identifier=False,
    )
    planned = plan(approved(), bare, NOW)
    assert planned.extensions == ()
    assert (planned.subject_key_identifier, planned.authority_key_identifier) == (False, False)
    chosen = replace(bare, extended_key_usage=("clientAuth", "1.2.3.4"), extended_key_usage_critical=True)
    (extended,) = plan(approved(), chosen, NOW).extensions
    assert isinstance(extended.value, x509.ExtendedKeyUsage)
    assert extended.critical
    assert [each.dotted_string for each in extended.value] == ["1.3.6.1.5.5.7.3.2", "1.2.3.4"]


@pytest.mark.parametrize(
    "declared",
    [
        {"serial_octets": 0},
        {"serial_octets": 21},
        {"key_usage": ("digitalsignature",)},
        {"alternative_names": (AlternativeName("X400", "x"),)},
        {"subject": "template", "template": (("no such attribute", "x"),)},
        {"keep": ("organisation",)},
    ],
)
def test_a_profile_that_could_make_no_certificate_can_not_be_declared(declared: dict[str, object]) -> None:
    """The mistake shows where it is written, not at the first CSR."""
    with pytest.raises(ValueError):
        replace(PROFILE, **declared)  # type: ignore[arg-type]


def test_alternative_names_come_from_templates() -> None:
    """What the CSR asks for is not copied; with an empty subject they are critical (RFC 5280 section 4.2.1.6)."""
    names = (AlternativeName("URI", "gseid://{holder}"),)
    asked = x509.SubjectAlternativeName([x509.UniformResourceIdentifier("gseid://evil")])
    csr = read_csr(armour(csr_der(extensions=(asked,))))
    planned = plan(approved(csr), replace(PROFILE, alternative_names=names), NOW)
    (alternative,) = (each for each in planned.extensions if isinstance(each.value, x509.SubjectAlternativeName))
    assert isinstance(alternative.value, x509.SubjectAlternativeName)
    assert (list(alternative.value), alternative.critical) == (
        [x509.UniformResourceIdentifier(f"gseid://{CLAIM.holder}")],
        False,
    )
    empty = replace(PROFILE, subject="template", template=(), alternative_names=names)
    assert plan(approved(csr), empty, NOW).extensions[-1].critical


def test_what_a_template_or_a_layout_changes_is_listed() -> None:
    """The subject as a whole, the grouping, the alternative names; and nothing where the CSR already has it so."""
    profile = replace(
        PROFILE,
        subject="template",
        template=(("O", "{holder}"),),
        layout="one_set",
        alternative_names=(AlternativeName("URI", "gseid://{holder}"),),
    )
    changed = plan(approved(), profile, NOW).changed
    assert [(each.field, each.from_, each.to) for each in changed] == [
        ("subject", "O=Acme,C=EU", "O=acme-client-id"),
        ("RDN", "2 RDNs", "one RDN of 1 attributes"),
        ("subjectAltName", "", "URI:gseid://acme-client-id"),
    ]
    asked = x509.SubjectAlternativeName([x509.UniformResourceIdentifier("gseid://acme-client-id")])
    same = read_csr(armour(csr_der(("O", CLAIM.holder), extensions=(asked,))))
    assert plan(approved(same), profile, NOW).changed == ()
    as_is = plan(approved(), replace(PROFILE, subject="as_is"), NOW)
    assert as_is.changed == ()


def test_everything_that_differs_is_listed() -> None:
    """CN overwritten, attribute dropped, extension dropped, password not even read: each with what and why."""
    builder = x509.CertificateSigningRequestBuilder()
    builder = builder.subject_name(name_of(("O", "Acme"), ("emailAddress", "a@b.test"), ("CN", "x"), ("CN", "y")))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = builder.add_attribute(AttributeOID.CHALLENGE_PASSWORD, b"open sesame")
    der = builder.sign(shelf("ec-p256"), hashes.SHA256()).public_bytes(Encoding.DER)
    planned = plan(approved(read_csr(armour(der))), PROFILE, NOW)
    assert [(each.field, each.from_, each.to) for each in planned.changed] == [
        ("CN", "x, y", "acme-client-id"),
        ("emailAddress", "a@b.test", ""),
        ("extension", "basicConstraints: CA:TRUE", ""),
        ("challengePassword", "(not shown)", ""),
    ]
    assert all(each.why for each in planned.changed)
    constraints = [each.value for each in planned.extensions if isinstance(each.value, x509.BasicConstraints)]
    assert constraints == [x509.BasicConstraints(ca=False, path_length=None)]


def test_nothing_is_listed_when_nothing_differs() -> None:
    """A CSR that already names the client id is taken as it is."""
    assert plan(approved(a_csr(("O", "Acme"), ("CN", CLAIM.holder))), PROFILE, NOW).changed == ()


def test_a_change_is_a_dictionary_for_json() -> None:
    """Under the name that Python keeps for itself."""
    change = Change(field="CN", from_="a", to="b", why="c")
    assert change.as_dict() == {"field": "CN", "from": "a", "to": "b", "why": "c"}
