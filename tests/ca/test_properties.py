"""What holds for whatever names, CSRs and policies there are; an example found here goes into its room's tests."""

import itertools
from dataclasses import replace

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from ca.errors import NotIssued
from ca.issuance.profile import Profile, plan, subject_name
from ca.policy.requests import Approved, CsrPolicy, KeyRule, judge
from ca.policy.subject import matches
from ca.records import HolderStatus
from ca.request.csr import Csr, read_csr
from ca.x509.names import SHORT_NAMES, attributes, name_set, rfc4514, unprintable
from tests.ca.making import CLAIM, NOTHING, NOW, PAGE, POLICY, armour, csr_der, csr_pem, shelf

FUZZ = settings(max_examples=200, deadline=None, database=None)

# Every attribute that has a short name, and one that has none, with any text of its string type: PrintableString for
# two, IA5String for two, UTF8String for the others. A country is two letters; more than 64 octets are warned of.
PRINTABLE, IA5 = ("serialNumber", "dnQualifier"), ("emailAddress", "DC")
ASCII = {oid for oid, short in SHORT_NAMES.items() if short in IA5}
LETTERS = {oid for oid, short in SHORT_NAMES.items() if short in PRINTABLE}
OTHERS = {oid for oid, short in SHORT_NAMES.items() if short != "C"} - ASCII - LETTERS


def attribute(oids: set[x509.ObjectIdentifier], text: st.SearchStrategy[str]) -> st.SearchStrategy[x509.NameAttribute]:
    known = sorted(oids, key=lambda oid: oid.dotted_string)
    return st.builds(x509.NameAttribute, st.sampled_from(known), text, _validate=st.just(False))


ATTRIBUTE = st.one_of(
    attribute(LETTERS, st.from_regex(r"\A[A-Za-z0-9 '()+,./:=?-]{1,16}\Z")),
    attribute(ASCII, st.text(st.characters(max_codepoint=127), min_size=1, max_size=16)),
    attribute(
        OTHERS | {x509.ObjectIdentifier("1.2.3.4")},
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=16),
    ),
)
RDN = st.lists(ATTRIBUTE, min_size=1, max_size=3, unique=True).map(x509.RelativeDistinguishedName)
NAME = st.lists(RDN, max_size=6).map(x509.Name)


def csr_of(name: x509.Name) -> Csr:
    return read_csr(armour(csr_der(name=name)))


@FUZZ
@given(NAME)
def test_any_subject_comes_through_a_csr_as_it_was(name: x509.Name) -> None:
    """Every attribute with its text, every grouping, to the byte; and what is read is the same again when written."""
    read = csr_of(name)
    assert read.name.public_bytes() == name.public_bytes()
    assert name_set(read.name) == name_set(name)
    assert set(read.subject) == set(attributes(name))
    assert len(read.subject) == len(list(name))
    again = csr_of(read.name)
    assert again == replace(read, der=again.der)  # but for the signature, which has something random in it


@FUZZ
@given(NAME, st.randoms(use_true_random=False))
def test_two_names_are_the_same_in_any_order_and_grouping(name: x509.Name, random: object) -> None:
    """And not the same with one attribute more."""
    shuffled = list(dict.fromkeys(name))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    other = x509.Name(shuffled)
    assert name_set(name) == name_set(other)
    more = x509.Name([*shuffled, x509.NameAttribute(x509.ObjectIdentifier("1.2.3.5"), "x")])
    assert name_set(name) != name_set(more)


@FUZZ
@given(NAME)
def test_the_text_of_a_name_is_read_back_as_that_name(name: x509.Name) -> None:
    """RFC 4514: writing and reading are each other's inverse for names without control characters."""
    if any(unprintable(value) for _, value in attributes(name)):
        return
    names = {short: oid for oid, short in SHORT_NAMES.items()}
    again = x509.Name.from_rfc4514_string(rfc4514(name), names)
    assert name_set(again) == name_set(name)


@FUZZ
@given(NAME)
def test_one_set_holds_every_attribute_once(name: x509.Name) -> None:
    """Whatever the grouping was; and DER sorts it, so that the order in the CSR does not show."""
    profile = Profile(name="p", subject="as_is", layout="one_set")
    forwards = subject_name(csr_of(name), profile, {})
    backwards = subject_name(csr_of(x509.Name(list(reversed(list(name))))), profile, {})
    assert forwards.public_bytes() == backwards.public_bytes()
    assert name_set(forwards) == name_set(name)
    assert len(forwards.rdns) == min(1, len(list(name)))


@FUZZ
@given(NAME)
def test_the_judgement_is_always_the_same_and_never_raises(name: x509.Name) -> None:
    """Twice the same answer for the same values; what is approved can be planned, and its subject is the plan's."""
    csr = csr_of(name)
    verdict = judge(csr, POLICY, CLAIM, NOTHING)
    again = judge(csr, POLICY, CLAIM, NOTHING)
    if isinstance(verdict, Approved):
        assert again == verdict
        planned = plan(verdict, Profile(name="p", subject="as_is"), NOW)
        assert planned.subject.public_bytes() == name.public_bytes()
        assert planned.changed == ()
    else:
        assert again == verdict
        assert all(refusal.next and refusal.seen.isprintable() for refusal in verdict)


@FUZZ
@given(st.text(max_size=30), st.text(max_size=30))
def test_a_holder_in_a_pattern_is_taken_literally(holder: str, text: str) -> None:
    """Whatever the client id is made of, brackets and dots and braces too."""
    words = {"holder": holder}
    assert matches("{holder}", holder, words)
    assert matches("{holder}", text, words) == (text == holder)


STRICT = CsrPolicy(
    name="strict",
    page=PAGE,
    keys=(KeyRule(kind="EC", curves=("P-256",)),),
    hashes=("sha256",),
    required=("L",),
    fixed=(("O", "Acme"),),
    forbidden=("OU",),
    common_name="{holder}",
    max_active=1,
    unique_names=True,
    key_per_purpose=True,
    key_per_client=True,
)
GOOD = (("C", "EU"), ("L", "Paris"), ("O", "Acme"), ("CN", CLAIM.holder))

# One way to break each rule: what it does to the subject, to the facts of the CSR, to the name, to the standing.
BREAKS: dict[str, dict[str, object]] = {
    "text_around": {"around": "text"},
    "key_kind_refused": {"key": shelf("ed25519")},
    "hash_refused": {"hash": "sha1"},
    "signature_wrong": {"signature_ok": False},
    "attribute_missing": {"L": None},
    "attribute_wrong": {"O": "Else"},
    "attribute_refused": {"OU": "x"},
    "common_name_wrong": {"CN": "somebody"},
    "country_malformed": {"C": "EUR"},
    "attribute_too_long": {"ST": "x" * 129},
    "attribute_unprintable": {"emailAddress": "a\x07"},
    "name_taken": {"names": frozenset({CLAIM.name})},
    "limit_reached": {"active": 1},
    "key_of_other_purpose": {"key_purposes": frozenset({"signature"})},
    "key_of_other_client": {"key_elsewhere": True},
}
FACTS = ("around", "hash", "signature_ok")
STANDING = ("names", "active", "key_purposes", "key_elsewhere")


def judged(*broken: str) -> set[str]:
    """The codes for a good CSR that is broken in these ways."""
    ways: dict[str, object] = {}
    for code in broken:
        ways |= BREAKS[code]
    subject = {short: ways.get(short, value) for short, value in GOOD}
    subject |= {short: ways[short] for short in ("OU", "ST", "emailAddress") if short in ways}
    there = [(short, str(value)) for short, value in subject.items() if value is not None]
    csr = read_csr(csr_pem(*there, key=ways.get("key")))  # type: ignore[arg-type]
    csr = replace(csr, **{name: ways[name] for name in FACTS if name in ways})  # type: ignore[arg-type]
    standing = HolderStatus(**{name: ways[name] for name in STANDING if name in ways})  # type: ignore[arg-type]
    verdict = judge(csr, STRICT, CLAIM, standing)
    return set() if isinstance(verdict, Approved) else {each.code.removeprefix("certificate.") for each in verdict}


def test_each_rule_and_each_two_rules_are_told() -> None:
    """The judgement is complete: what is broken is told, together with whatever else is, and nothing more."""
    assert judged() == set()
    for first, second in itertools.combinations_with_replacement(BREAKS, 2):
        assert judged(first, second) == {first, second}


@FUZZ
@given(st.sets(st.sampled_from(sorted(BREAKS))))
def test_any_number_of_rules_is_told_at_once(broken: set[str]) -> None:
    """As many as there are."""
    assert judged(*broken) == broken


CSR_WITH_EVERYTHING = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(csr_of(x509.Name([])).name)
    .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier("gseid://a")]), critical=False)
    .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    .add_attribute(x509.oid.AttributeOID.CHALLENGE_PASSWORD, b"secret")
    .sign(shelf("rsa-2048"), hashes.SHA256())  # type: ignore[arg-type]
    .public_bytes(Encoding.DER)
)


@FUZZ
@given(st.data())
def test_a_mutilated_csr_is_a_csr_or_a_refusal(data: st.DataObject) -> None:
    """Pieces cut out, doubled, overwritten or turned round, in the DER or in its PEM: nothing but NotIssued comes."""
    in_pem = data.draw(st.booleans())
    bytes_ = bytearray(armour(CSR_WITH_EVERYTHING) if in_pem else CSR_WITH_EVERYTHING)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(bytes_)))
        size = data.draw(st.integers(0, 40))
        piece = bytes_[at : at + size]
        instead = data.draw(st.sampled_from([b"", piece * 2, bytes(reversed(piece)), b"\x00" * size, b"\xa0\x00"]))
        bytes_[at : at + size] = instead
    try:
        csr = read_csr(bytes(bytes_) if in_pem else armour(bytes(bytes_)))
    except NotIssued as error:
        assert error.refusals  # noqa: PT017  either outcome is right: what is judged is that there is no third
    else:
        assert judge(csr, POLICY, CLAIM, NOTHING)
