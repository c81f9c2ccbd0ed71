"""What goes wrong between signing and reading back is stopped, whatever it is: nothing is answered, nothing stored.

Each fault is put into a real certificate, which the issuer's own key then signs again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ca.authority import Authority
from ca.errors import LintFailed
from ca.issuance import issue as issuing
from ca.issuance.issue import Issuer, issue
from ca.issuance.profile import Plan
from ca.policy.requests import Approved
from ca.store import store
from ca.x509 import der
from ca.x509.keys import PrivateKey, spki_der
from tests.ca.making import CLAIM, NOW, OFFER, MemoryWork, csr_pem, name_of, object_identifier, shelf

VERSION, SERIAL, ALGORITHM, ISSUER, VALIDITY, SUBJECT, KEY, EXTENSIONS = range(8)
Parts = list[bytes]
Fault = Callable[[Parts], None]
TRUE, UTC_TIME, CONTEXT_3 = bytes.fromhex("0101ff"), 0x17, 0xA3
USAGE, CONSTRAINTS, SUBJECT_KEY, AUTHORITY_KEY = "2.5.29.15", "2.5.29.19", "2.5.29.14", "2.5.29.35"


def signed(body: bytes, algorithm: bytes, key: PrivateKey) -> bytes:
    """A certificate of this body, with a sound signature by this key."""
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    signature = key.sign(body, ec.ECDSA(hashes.SHA256()))
    return der.wrap(der.SEQUENCE, body, algorithm, der.wrap(der.BIT_STRING, b"\0", signature))


def with_fault(made: bytes, fault: Fault, key: PrivateKey) -> bytes:
    body, algorithm, _ = der.parts(made)
    inside = der.parts(body)
    fault(inside)
    return signed(der.wrap(der.SEQUENCE, *inside), algorithm, key)


def put(at: int, value: bytes) -> Fault:
    """Another value in place of one of the parts."""

    def fault(inside: Parts) -> None:
        inside[at] = value

    return fault


def to_extension(oid: str, change: Callable[[bytes], tuple[bytes, ...]]) -> Fault:
    """Other extensions, or none, in place of one."""

    def fault(inside: Parts) -> None:
        listed = der.parts(der.contents(inside[EXTENSIONS]))
        changed = [new for each in listed for new in (change(each) if object_identifier(oid) in each else (each,))]
        assert changed != listed
        inside[EXTENSIONS] = der.wrap(CONTEXT_3, der.wrap(der.SEQUENCE, *changed))

    return fault


def extension(value: x509.ExtensionType, *, critical: bool) -> bytes:
    oid = object_identifier(value.oid.dotted_string)
    text = der.wrap(der.OCTET_STRING, value.public_bytes())
    return der.wrap(der.SEQUENCE, oid, *((TRUE,) if critical else ()), text)


def not_critical(each: bytes) -> tuple[bytes, ...]:
    assert TRUE in der.parts(each)
    return (der.wrap(der.SEQUENCE, *(part for part in der.parts(each) if part != TRUE)),)


def without_version(inside: Parts) -> None:
    del inside[VERSION]


def life(begin: timedelta, end: timedelta) -> Fault:
    """Another validity, by so much."""

    def fault(inside: Parts) -> None:
        times = (NOW + begin, NOW.replace(year=NOW.year + 1) + end)
        texts = (der.wrap(UTC_TIME, f"{at:%y%m%d%H%M%SZ}".encode()) for at in times)
        inside[VALIDITY] = der.wrap(der.SEQUENCE, *texts)

    return fault


NOTHING = timedelta()
SECOND = timedelta(seconds=1)
SAME_TEXT = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "EU"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Acme", x509.name._ASN1Type.PrintableString),
        x509.NameAttribute(NameOID.COMMON_NAME, CLAIM.holder),
    ]
)
SIGNING = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
OTHER_KEY = x509.SubjectKeyIdentifier(bytes(20))
OTHER_ISSUER = x509.AuthorityKeyIdentifier(bytes(20), None, None)
MORE_ISSUER = x509.AuthorityKeyIdentifier(bytes(20), [x509.DirectoryName(name_of(("O", "Evil")))], 1)

FAULTS: dict[str, tuple[Fault, str]] = {
    "another serial": (put(SERIAL, der.wrap(der.INTEGER, b"\x05")), "the serial is not the one that was drawn"),
    "a longer serial": (put(SERIAL, der.wrap(der.INTEGER, b"\x45" * 20)), "the serial is longer than planned"),
    "a serial of 21 octets": (put(SERIAL, der.wrap(der.INTEGER, b"\x45" * 21)), "serial"),
    "a negative serial": (put(SERIAL, der.wrap(der.INTEGER, b"\xff")), "it cannot be read: the serial number is -1"),
    "version 1": (without_version, "the version is not 3"),
    "version 7": (put(VERSION, der.wrap(der.CONTEXT_0, der.wrap(der.INTEGER, b"\x06"))), "it cannot be read"),
    "another issuer": (put(ISSUER, name_of(("O", "Evil")).public_bytes()), "the issuer is not the subject"),
    "an earlier beginning": (life(-SECOND, NOTHING), "the validity is not the planned one"),
    "a later end": (life(NOTHING, SECOND), "the validity is not the planned one"),
    "another subject": (put(SUBJECT, name_of(("O", "Evil")).public_bytes()), "the subject is not the planned one"),
    "a subject that nobody reads": (
        put(SUBJECT, name_of(("C", "EUR")).public_bytes()),
        "the subject is not the planned",
    ),
    "the subject in another string type": (
        put(SUBJECT, SAME_TEXT.public_bytes()),
        "the subject is not the planned one",
    ),
    "another key": (put(KEY, spki_der(shelf("ec-p384").public_key())), "the public key is not the planned one"),
    "no extension at all": (put(EXTENSIONS, b""), "extension 2.5.29.15 is missing"),
    "a missing extension": (to_extension(USAGE, lambda _: ()), "extension 2.5.29.15 is missing"),
    "an extension too many": (
        to_extension(USAGE, lambda each: (each, extension(x509.OCSPNoCheck(), critical=False))),
        "extension 1.3.6.1.5.5.7.48.1.5 was not planned",
    ),
    "an extension twice": (to_extension(USAGE, lambda each: (each, each)), "it cannot be read"),
    "a criticality that was lost": (to_extension(USAGE, not_critical), "extension 2.5.29.15 is not as planned"),
    "a criticality that was added": (
        to_extension(SUBJECT_KEY, lambda _: (extension(OTHER_KEY, critical=True),)),
        "extension 2.5.29.14 is not as planned",
    ),
    "a changed extension": (
        to_extension(USAGE, lambda _: (extension(SIGNING, critical=True),)),
        "extension 2.5.29.15 is not as planned",
    ),
    "a CA": (
        to_extension(
            CONSTRAINTS, lambda _: (extension(x509.BasicConstraints(ca=True, path_length=None), critical=True),)
        ),
        "extension 2.5.29.19 is not as planned",
    ),
    "the identifier of another key": (
        to_extension(SUBJECT_KEY, lambda _: (extension(OTHER_KEY, critical=False),)),
        "extension 2.5.29.14 is not as planned",
    ),
    "the identifier of another issuer": (
        to_extension(AUTHORITY_KEY, lambda _: (extension(OTHER_ISSUER, critical=False),)),
        "extension 2.5.29.35 is not as planned",
    ),
    "a longer identifier of the issuer": (
        to_extension(AUTHORITY_KEY, lambda _: (extension(MORE_ISSUER, critical=False),)),
        "extension 2.5.29.35 is not as planned",
    ),
}

Home = tuple[Authority, MemoryWork]


def submit_with(monkeypatch: pytest.MonkeyPatch, home: Home, change: Callable[[bytes, Issuer], bytes]) -> None:
    """A CSR answered by an authority in which something happens between signing and reading back."""

    def faulty(approved: Approved, plan: Plan, issuer: Issuer, serial: int) -> bytes:
        return change(issue(approved, plan, issuer, serial), issuer)

    authority, work = home
    monkeypatch.setattr(issuing, "issue", faulty)
    authority.submit(work, csr_pem(), OFFER, CLAIM, NOW)


def stopped(monkeypatch: pytest.MonkeyPatch, home: Home, change: Callable[[bytes, Issuer], bytes]) -> str:
    """What was found, when nothing was answered and nothing stored."""
    with pytest.raises(LintFailed) as caught:
        submit_with(monkeypatch, home, change)
    assert store.certificates(home[1]) == ()
    return str(caught.value)


@pytest.mark.parametrize(("fault", "finding"), FAULTS.values(), ids=FAULTS.keys())
def test_every_fault_is_stopped(fault: Fault, finding: str, monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    """The signature is the issuer's own and verifies: only the content differs from the plan."""
    found = stopped(monkeypatch, home, lambda made, issuer: with_fault(made, fault, issuer.key))
    assert finding in found


def test_the_same_certificate_signed_again_is_stored(monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    """The control: taking it apart and signing it again is no fault."""
    submit_with(monkeypatch, home, lambda made, issuer: with_fault(made, lambda _: None, issuer.key))
    assert len(store.certificates(home[1])) == 1


def flipped(made: bytes, _: Issuer) -> bytes:
    return made[:-1] + bytes((made[-1] ^ 1,))


def by_another_key(made: bytes, _: Issuer) -> bytes:
    return with_fault(made, lambda _: None, shelf("ec-p256"))


def under_another_algorithm(made: bytes, _: Issuer) -> bytes:
    body, algorithm, signature = der.parts(made)
    # ecdsa-with-SHA384 outside, ecdsa-with-SHA256 inside: RFC 5280 section 4.1.1.2 wants the same.
    return der.wrap(der.SEQUENCE, body, algorithm[:-1] + b"\x03", signature)


def without_end(made: bytes, _: Issuer) -> bytes:
    return made[:-1]


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (flipped, "the signature does not verify"),
        (by_another_key, "the signature does not verify"),
        (under_another_algorithm, "the signature does not verify"),
        (without_end, "it cannot be read"),
    ],
)
def test_a_faulty_signature_is_stopped(
    change: Callable[[bytes, Issuer], bytes], finding: str, monkeypatch: pytest.MonkeyPatch, home: Home
) -> None:
    """Always: it is verified for every certificate, with the key in the issuer's certificate."""
    assert finding in stopped(monkeypatch, home, change)


def test_an_issuer_whose_key_is_another_signs_nothing(monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    """A certificate and a key that do not belong together, as after a mistake in the store."""
    authority, work = home
    ours = authority.issuer(work, "client-ca:wise")
    monkeypatch.setattr(authority, "issuer", lambda *_: Issuer(certificate=ours.certificate, key=shelf("ec-p384")))
    with pytest.raises(LintFailed, match="the signature does not verify"):
        authority.submit(work, csr_pem(), OFFER, CLAIM, NOW)
    assert store.certificates(work) == ()
