from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.errors import NotIssued
from ca.issuance.issue import Issuer, certify
from ca.issuance.profile import Plan, Profile, alternative_name, fill, plan, subject_name
from ca.x509.names import AlternativeName, attributes
from tests.ca.making import CLAIM, NOW, a_csr, approved, founded, openssl, shelf

WORDS = {"holder": "acme-client-id", "company": "Acme"}
TEMPLATE = Profile(name="p", subject="template", template=(("UID", "{holder}-Company.{company}"), ("O", "{company}")))


def text(profile: Profile, *subject: tuple[str, str]) -> list[str]:
    return [f"{short}={value}" for short, value in attributes(subject_name(a_csr(*subject), profile, WORDS))]


def refused(template: str, words: dict[str, str]) -> str:
    profile = replace(TEMPLATE, template=(("O", template),))
    with pytest.raises(NotIssued) as caught:
        subject_name(a_csr(), profile, words)
    assert caught.value.refusals[0].code == "certificate.holder_unfit"
    return caught.value.refusals[0].detail


def test_a_template_takes_nothing_from_the_csr() -> None:
    """In the order of the template, with what is known put in."""
    assert text(TEMPLATE, ("C", "EU"), ("O", "Else")) == ["UID=acme-client-id-Company.Acme", "O=Acme"]


def test_what_a_template_can_not_hold_is_refused() -> None:
    """A word that nothing is known for, and values that are empty, too long or unprintable."""
    assert "{company}" in refused("{company}", {"holder": "x"})
    for value in ("", "x" * 65, "a\nb"):
        assert "O of a certificate" in refused("{company}", {"company": value})


@pytest.mark.parametrize(("short", "value"), [("C", "EUR"), ("serialNumber", "é"), ("dnQualifier", "a&b"), ("DC", "é")])
def test_a_text_that_its_attribute_can_not_hold_is_refused(short: str, value: str) -> None:
    """Some attributes are of a string type without every letter (RFC 5280 appendix A.1)."""
    profile = replace(TEMPLATE, template=((short, "{holder}"),))
    with pytest.raises(NotIssued) as caught:
        subject_name(a_csr(), profile, {"holder": value})
    assert caught.value.refusals[0].seen == f"{short}={value}"


def test_braces_that_are_no_placeholder_stay() -> None:
    """Only words in braces are."""
    assert fill("a{}b{holder}c{ d }", WORDS) == "a{}bacme-client-idc{ d }"
    assert fill("{holder}", {"holder": "{company}"}) == "{company}"


def test_as_is_is_to_the_byte() -> None:
    """The CSR's own subject, whatever is in it."""
    csr = a_csr(("CN", "x"), ("emailAddress", "a@b.test"), ("OU", "é"))
    profile = Profile(name="p", subject="as_is")
    assert subject_name(csr, profile, WORDS).public_bytes() == csr.name.public_bytes()


def printed(subject: x509.Name, tmp_path: Path, *how: str) -> str:
    """What openssl reads in a certificate with this subject."""
    authority, work = founded()
    issuer = Issuer(certificate=authority.client_root(work), key=shelf("ec-p384"))
    planned: Plan = replace(plan(approved(), Profile(name="p"), NOW), subject=subject)
    made = certify(shelf("ec-p256"), planned, issuer, 1)
    (tmp_path / "pem").write_bytes(made.public_bytes(Encoding.PEM))
    work.connection.close()
    return openssl("x509", "-in", "pem", "-noout", *how, cwd=tmp_path)


def test_all_attributes_in_one_set_are_one_rdn(tmp_path: Path) -> None:
    """openssl joins them by a plus, reads a single SET, and finds it sorted as DER asks (X.690 section 11.6)."""
    profile = Profile(name="p", subject="as_is", layout="one_set")
    csr = a_csr(("OU", "Nice API"), ("CN", CLAIM.holder), ("O", "Nice"), ("L", "London"), ("C", "GB"), ("C", "GB"))
    name = subject_name(csr, profile, WORDS)
    assert [len(rdn) for rdn in name.rdns] == [5]
    shown = printed(name, tmp_path, "-subject", "-nameopt", "RFC2253").strip()
    assert sorted(shown.removeprefix("subject=").split("+")) == sorted(
        ["OU=Nice API", f"CN={CLAIM.holder}", "O=Nice", "L=London", "C=GB"]
    )
    (tmp_path / "name").write_bytes(name.public_bytes())
    parsed = openssl("asn1parse", "-inform", "DER", "-in", "name", cwd=tmp_path)
    assert parsed.count(" SET ") == 1
    contents = list(_elements_of_set(name.public_bytes()))
    assert contents == sorted(contents)
    assert subject_name(a_csr(), Profile(name="p", common_name="csr", layout="one_set"), WORDS).rdns == []


def _elements_of_set(der: bytes) -> list[bytes]:
    """The encodings inside the one SET, cut at the SEQUENCEs: all lengths here are below 128."""
    inner = der[der.index(b"\x31") + 2 :]
    found = []
    while inner:
        found.append(inner[: inner[1] + 2])
        inner = inner[inner[1] + 2 :]
    return found


@pytest.mark.parametrize(
    ("kind", "value"),
    [("URI", "gseid://a/b"), ("DNS", "a.test"), ("email", "a@b.test"), ("IP", "10.0.0.1"), ("IP", "::1")],
)
def test_alternative_names_of_every_kind(kind: str, value: str) -> None:
    """As the library has them."""
    assert str(alternative_name(AlternativeName(kind, value)).value) == value


@pytest.mark.parametrize(("kind", "value"), [("IP", "a.test"), ("URI", "gseid://é"), ("DNS", "é.test")])
def test_an_alternative_name_that_is_none_is_refused(kind: str, value: str) -> None:
    """What is known of the client may not fit into the kind of name that the profile puts it into."""
    with pytest.raises(NotIssued) as caught:
        alternative_name(AlternativeName(kind, value))
    assert caught.value.refusals[0].code == "certificate.holder_unfit"
