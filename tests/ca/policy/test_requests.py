import copy
import dataclasses
import re
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from ca.policy.requests import AlternativeRule, Approved, Claim, CsrPolicy, KeyRule, judge
from ca.records import HolderStatus
from ca.request.csr import Csr, read_csr
from ca.rules import RULES
from ca.x509.keys import KeyFacts, spki_der
from tests.ca.making import (
    CLAIM,
    NOTHING,
    PAGE,
    POLICY,
    SUBJECT,
    Hash,
    a_csr,
    approved,
    armour,
    csr_der,
    csr_pem,
    shelf,
)

GOOD = a_csr()


def codes(
    csr: Csr = GOOD, policy: CsrPolicy = POLICY, claim: Claim = CLAIM, standing: HolderStatus = NOTHING
) -> list[str]:
    verdict = judge(csr, policy, claim, standing)
    return [] if isinstance(verdict, Approved) else [each.code.removeprefix("certificate.") for each in verdict]


@pytest.mark.parametrize("kind", ["rsa-2048", "rsa-3072", "ec-p256", "ec-p384"])
def test_every_key_the_provider_lists_is_approved(kind: str) -> None:
    """The controls of this file: good CSRs pass, and what was approved is what was judged."""
    csr = a_csr(key=shelf(kind))
    verdict = judge(csr, POLICY, CLAIM, NOTHING)
    assert isinstance(verdict, Approved)
    assert (verdict.csr, verdict.policy, verdict.claim) == (csr, POLICY, CLAIM)


@pytest.mark.parametrize("algorithm", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
def test_every_hash_the_provider_lists_is_approved(algorithm: Hash) -> None:
    """SHA-2 in its three usual sizes."""
    assert codes(read_csr(csr_pem(hash=algorithm))) == []


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (KeyFacts(kind="RSA", bits=1024), "key_too_small"),
        (KeyFacts(kind="RSA", bits=2047), "key_too_small"),
        (KeyFacts(kind="RSA", bits=2049), "key_size_refused"),
        (KeyFacts(kind="RSA", bits=4097), "key_too_large"),
        (KeyFacts(kind="EC", bits=521, curve="P-521"), "curve_refused"),
        (KeyFacts(kind="EC", bits=256, curve="secp256k1"), "curve_refused"),
        (KeyFacts(kind="DSA", bits=2048), "key_kind_refused"),
        (KeyFacts(kind="Ed25519", bits=256), "key_kind_refused"),
    ],
)
def test_every_other_key_is_refused_by_its_own_code(key: KeyFacts, code: str) -> None:
    """Kind, size or curve: the refusal says which, with what was seen, what is accepted, and whose rule it is."""
    verdict = judge(replace(GOOD, key=key), POLICY, CLAIM, NOTHING)
    assert isinstance(verdict, tuple)
    assert [each.code for each in verdict] == [f"certificate.{code}"]
    assert verdict[0].seen == str(key)
    assert verdict[0].expected == "RSA 2048 or 3072 or 4096, EC P-256 or P-384"
    assert verdict[0].rule == PAGE


def test_keys_are_refused_as_they_really_come() -> None:
    """The same with real keys."""
    assert codes(a_csr(key=shelf("rsa-1024"))) == ["key_too_small"]
    assert codes(a_csr(key=shelf("ec-p521"))) == ["curve_refused"]
    assert codes(a_csr(key=shelf("ed25519"))) == ["key_kind_refused"]
    assert codes(a_csr(key=ec.generate_private_key(ec.SECP256K1()))) == ["curve_refused"]
    dsa_csr = x509.CertificateSigningRequestBuilder().subject_name(GOOD.name)
    signed = dsa_csr.sign(dsa.generate_private_key(1024), hashes.SHA256())
    assert codes(read_csr(armour(signed.public_bytes(Encoding.DER)))) == ["key_kind_refused"]


def test_a_key_that_was_not_tried_is_refused_whatever_the_policy() -> None:
    """A policy without sizes does not open the door to a key that was too large to verify with."""
    anything = replace(POLICY, keys=(KeyRule(kind="RSA"), KeyRule(kind="EC")))
    assert codes(a_csr(key=shelf("rsa-1024")), anything) == []
    assert codes(a_csr(key=shelf("ec-p521")), anything) == []
    huge = replace(GOOD, key=KeyFacts(kind="RSA", bits=16384), signature_ok=None)
    assert codes(huge, anything) == ["key_too_large"]


def test_a_key_from_a_broken_generator_is_refused() -> None:
    """A modulus with a small factor, of an accepted size."""
    weak = rsa.RSAPublicNumbers(65537, 3 * ((1 << 2047) // 3 | 1)).public_key()
    csr = replace(GOOD, public_key=weak, spki=spki_der(weak), key=KeyFacts(kind="RSA", bits=2048))
    assert codes(csr) == ["key_weak"]


@pytest.mark.parametrize("name", ["sha1", "md5", "sha224", "1.2.3.4"])
def test_other_hashes_are_refused(name: str) -> None:
    """The broken, the unusual and the unknown."""
    assert codes(replace(GOOD, hash=name)) == ["hash_refused"]


def test_a_kind_without_a_hash_is_not_asked_for_one() -> None:
    """Ed25519 signs the message itself."""
    assert codes(a_csr(key=shelf("ed25519")), replace(POLICY, keys=(KeyRule(kind="Ed25519"),))) == []


def test_a_wrong_signature_is_refused() -> None:
    """A CSR changed after signing proves nothing."""
    assert codes(read_csr(armour(csr_der().replace(b"Acme", b"Evil")))) == ["signature_wrong"]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ((("C", "EU"),), ["attribute_missing"]),
        ((("C", "EU"), ("O", " ")), ["attribute_empty"]),
        ((("O", "Acme"), ("O", "Evil")), ["attribute_repeated"]),
        ((("O", "a" * 65),), ["attribute_too_long"]),
        ((("O", "Acme"), ("OU", "a" * 65)), ["attribute_too_long"]),
        ((("O", "Acme"), ("L", "a" * 129)), ["attribute_too_long"]),
        ((("O", "Acme"), ("emailAddress", "a" * 256)), ["attribute_too_long"]),
        ((("O", "Ac\x00me"),), ["attribute_unprintable"]),
        ((("O", "Ac\u202eme"),), ["attribute_unprintable"]),
        ((("O", "a\n" * 40),), ["attribute_too_long", "attribute_unprintable"]),
        ((("C", "EUR"), ("O", "Acme")), ["country_malformed"]),
        ((("C", "12"), ("O", "Acme")), ["country_malformed"]),
        ((("O", "Acme"), ("CN", "x" * 65)), ["attribute_too_long"]),
    ],
)
def test_a_subject_with_one_fault_gets_that_refusal(subject: tuple[tuple[str, str], ...], expected: list[str]) -> None:
    """One good subject, broken one way per case."""
    assert codes(a_csr(*subject)) == expected


@pytest.mark.parametrize(
    "subject",
    [
        (("O", "a" * 64),),
        (("O", "Société Générale 銀行"),),
        (("O", "銀" * 64),),
        (("L", "a" * 128), ("O", "Acme")),
        (("O", "Acme"), ("CN", "one"), ("CN", "two")),
        (("O", "Acme"), ("OU", "one"), ("OU", "two")),
        (("C", "EU"), ("O", "Trend Private Limited")),
    ],
)
def test_a_subject_at_the_limit_is_approved(subject: tuple[tuple[str, str], ...]) -> None:
    """The bounds of RFC 5280 are counted in characters, letters of any script are text, two CNs are no harm."""
    assert codes(a_csr(*subject)) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", ["name_missing"]),
        ("  ", ["name_missing"]),
        ("a" * 65, ["name_too_long"]),
        ("a" * 64, []),
        ("a\nb", ["name_unprintable"]),
        ("taken", ["name_taken"]),
    ],
)
def test_the_name_of_the_certificate(name: str, expected: list[str]) -> None:
    """1 to 64 printable characters that no active certificate of this holder has."""
    assert (
        codes(claim=replace(CLAIM, name=name), standing=HolderStatus(active=1, names=frozenset({"taken"}))) == expected
    )


@pytest.mark.parametrize(("holder", "expected"), [("", ["holder_unfit"]), ("é" * 33, ["holder_unfit"]), ("é" * 32, [])])
def test_the_holder_must_fit_into_a_common_name(holder: str, expected: list[str]) -> None:
    """Counted as the encoder counts."""
    assert codes(claim=replace(CLAIM, holder=holder)) == expected


def test_the_limit_of_active_certificates() -> None:
    """The tenth is issued, the eleventh is not; a policy without a limit has none."""
    assert codes(standing=HolderStatus(active=9)) == []
    assert codes(standing=HolderStatus(active=10)) == ["limit_reached"]
    assert codes(policy=replace(POLICY, max_active=None), standing=HolderStatus(active=10_000)) == []


def test_a_pattern_that_is_none_can_not_be_declared() -> None:
    """The mistake shows where it is written; braces around a word are no mistake."""
    assert replace(POLICY, common_name="{holder}-[a-z]{2}").common_name
    with pytest.raises(re.error):
        replace(POLICY, common_name="[a-z")
    with pytest.raises(re.error):
        AlternativeRule(kind="URI", pattern="(")


def test_the_subject_counts_for_nothing_where_it_is_ignored() -> None:
    """Neither what the policy asks nor what RFC 5280 does; everything else is judged."""
    csr = a_csr(("C", "EUR"), ("OU", "x" * 65), key=shelf("rsa-1024"))
    strict = replace(POLICY, fixed=(("O", "x"),), common_name="{holder}")
    assert codes(csr, strict) == [
        "key_too_small",
        "attribute_missing",
        "common_name_wrong",
        "country_malformed",
        "attribute_too_long",
    ]
    assert codes(csr, replace(strict, subject_ignored=True)) == ["key_too_small"]


@pytest.mark.parametrize(
    ("rule", "kind", "code"),
    [
        (KeyRule(kind="RSA", at_least=2048), "rsa-1024", "key_too_small"),
        (KeyRule(kind="RSA", at_least=2048), "rsa-3072", ""),
        (KeyRule(kind="EC", at_least=300), "ec-p256", "curve_refused"),
        (KeyRule(kind="EC", at_least=224), "ec-p521", ""),
        (KeyRule(kind="RSA", exponents=(3,)), "rsa-2048", "key_exponent_refused"),
        (KeyRule(kind="RSA", exponents=(65537,)), "rsa-2048", ""),
        (KeyRule(kind="RSA", sizes=(3072,), exponents=(65537,)), "rsa-2048", "key_too_small"),
    ],
)
def test_a_least_size_and_the_exponents_of_a_key(rule: KeyRule, kind: str, code: str) -> None:
    """From so many bits on, and only with such an exponent; the sizes are told before the exponents."""
    assert codes(a_csr(key=shelf(kind)), replace(POLICY, keys=(rule,))) == ([code] if code else [])


def test_a_key_rule_says_in_words_what_it_accepts() -> None:
    """As the refusal shows it."""
    rule = KeyRule(kind="RSA", sizes=(2048, 4096), at_least=2048, exponents=(3, 65537))
    assert str(rule) == "RSA 2048 or 4096 of 2048 bits or more with exponent 3 or 65537"
    assert str(KeyRule(kind="Ed25519")) == "Ed25519"


def test_what_the_policy_does_not_ask_is_not_refused() -> None:
    """Text around the PEM and names in use are matters of the policy."""
    csr = read_csr(b"Certificate Request:\n" + csr_pem())
    assert codes(csr) == ["text_around"]
    assert codes(csr, replace(POLICY, text_around=True)) == []
    taken = HolderStatus(names=frozenset({CLAIM.name}))
    assert codes(policy=replace(POLICY, unique_names=False), standing=taken) == []


def test_every_broken_rule_is_told_at_once_and_in_order() -> None:
    """A CSR with everything wrong gets one answer, not ten in turn."""
    csr = read_csr(
        b"text around\n" + csr_pem(("C", "EUR"), ("OU", "a" * 65), key=shelf("rsa-1024"), hash=hashes.SHA224())
    )
    found = codes(
        replace(csr, signature_ok=False), claim=replace(CLAIM, holder="", name="taken"),
        standing=HolderStatus(active=10, names=frozenset({"taken"})),
    )  # fmt: skip
    assert found == [
        "text_around",
        "key_too_small",
        "hash_refused",
        "signature_wrong",
        "attribute_missing",
        "country_malformed",
        "attribute_too_long",
        "holder_unfit",
        "name_taken",
        "limit_reached",
    ]
    assert all(f"certificate.{code}" in RULES for code in found)


def test_only_judge_approves() -> None:
    """An Approved can be made by nobody else: not by its constructor, not by replacing a part of one."""
    with pytest.raises(TypeError, match="judge"):
        Approved(csr=GOOD, policy=POLICY, claim=CLAIM, seal=object())
    with pytest.raises(TypeError):
        Approved(csr=GOOD, policy=POLICY, claim=CLAIM)  # type: ignore[call-arg]
    good = approved()
    with pytest.raises((TypeError, ValueError), match="seal"):
        replace(good, csr=GOOD)  # type: ignore[call-arg]
    with pytest.raises(dataclasses.FrozenInstanceError):
        good.csr = GOOD  # type: ignore[misc]
    assert copy.copy(good) == good
    assert "seal" not in repr(good)


def test_the_subject_of_these_tests_is_the_providers_sample() -> None:
    """/C=EU/O=<name of your organisation> is the sample of the provider's page."""
    assert GOOD.subject == SUBJECT
