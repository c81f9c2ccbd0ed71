import dataclasses
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.clock import SystemClock
from ca.policy.requests import KeyRule
from ca.policy.uploads import ApprovedUpload, UploadPolicy, judge_upload
from ca.records import HolderStatus, Twin
from ca.request.upload import Uploaded, read_certificate
from ca.x509.keys import KeyFacts, write_key_pem
from tests.ca.making import CLAIM, NOTHING, NOW, PAGE, armour, certificate_der, openssl, shelf

SECOND = timedelta(seconds=1)
ANY = UploadPolicy(name="Provider", page=PAGE, max_active=2)


def pem(der: bytes) -> bytes:
    return armour(der, "CERTIFICATE")


GOOD = read_certificate(pem(certificate_der()))


def codes(
    uploaded: Uploaded = GOOD,
    policy: UploadPolicy = ANY,
    standing: HolderStatus = NOTHING,
    now: datetime = NOW,
    name: str = CLAIM.name,
) -> list[str]:
    verdict = judge_upload(uploaded, policy, replace(CLAIM, name=name), standing, now)
    if isinstance(verdict, ApprovedUpload):
        return []
    # Whoever uploads a certificate is never told to make a CSR.
    assert all("certificate-request" not in refusal.next for refusal in verdict)
    return [refusal.code.removeprefix("certificate.") for refusal in verdict]


@pytest.mark.parametrize("kind", ["rsa-2048", "rsa-1024", "ec-p256", "ec-p521", "ed25519"])
def test_any_sound_key_is_approved_where_nothing_is_said_of_keys(kind: str) -> None:
    """The controls of this file; a self-signed CA certificate, as openssl makes it, is among them."""
    read = read_certificate(pem(certificate_der(key=shelf(kind))))
    verdict = judge_upload(read, ANY, CLAIM, NOTHING, NOW)
    assert isinstance(verdict, ApprovedUpload)
    assert (verdict.uploaded, verdict.policy, verdict.claim) == (read, ANY, CLAIM)
    constraints = read.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert constraints.ca


def test_a_certificate_is_in_time_from_its_first_to_its_last_second() -> None:
    """By the clock that is handed in, both ends included."""
    assert codes(now=GOOD.not_before) == codes(now=GOOD.not_after) == []
    assert codes(now=GOOD.not_before - SECOND) == ["not_yet_valid"]
    assert codes(now=GOOD.not_after + SECOND) == ["expired"]


def test_key_rules_are_those_of_csrs() -> None:
    """Kind, size, curve and exponent, each by its own code."""
    rules = (KeyRule(kind="RSA", at_least=2048, exponents=(65537,)), KeyRule(kind="EC", curves=("P-256",)))
    policy = replace(ANY, keys=rules)
    assert codes(policy=policy) == []
    for kind, code in (("rsa-1024", "key_too_small"), ("ec-p384", "curve_refused"), ("ed25519", "key_kind_refused")):
        assert codes(read_certificate(pem(certificate_der(key=shelf(kind)))), policy) == [code]
    odd = rsa.generate_private_key(3, 2048)
    read = read_certificate(pem(certificate_der(key=odd)))
    (refusal,) = judge_upload(read, policy, CLAIM, NOTHING, NOW)  # type: ignore[misc]
    assert (refusal.code, refusal.seen) == ("certificate.key_exponent_refused", "RSA 2048 with exponent 3")


def test_a_key_from_a_broken_generator_or_beyond_all_bounds_is_refused() -> None:
    """Whatever the policy; nothing at all is computed with a key that is too large."""
    weak = rsa.RSAPublicNumbers(65537, 3 * ((1 << 2047) // 3 | 1)).public_key()
    assert codes(replace(GOOD, public_key=weak, key=KeyFacts(kind="RSA", bits=2048))) == ["key_weak"]
    assert codes(replace(GOOD, public_key=weak, key=KeyFacts(kind="RSA", bits=16384))) == ["key_too_large"]


def test_who_signed_may_be_asked_for() -> None:
    """Self-signed or not, as the policy says; a signature that does not verify is refused whatever it says."""
    from_authority = read_certificate(pem(certificate_der(issuer=shelf("ec-p384"))))
    strict = replace(ANY, self_signed=False)
    assert codes(from_authority, strict) == codes(from_authority) == []
    assert codes(policy=strict) == ["self_signed_refused"]
    changed = read_certificate(pem(certificate_der().replace(b"Acme", b"Acmf")))
    assert codes(changed) == ["self_signature_wrong"]


def test_the_use_may_be_asked_for() -> None:
    """Certificates without extended key usage are for anything, and still do not say what was asked for."""
    for_clients = replace(ANY, extended_key_usage=("clientAuth",))
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH])
    both = read_certificate(pem(certificate_der(extensions=(usage,))))
    server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    wrong = read_certificate(pem(certificate_der(extensions=(server,))))
    assert codes(both, for_clients) == codes(wrong) == codes() == []
    assert codes(wrong, for_clients) == codes(policy=for_clients) == ["extended_usage_missing"]


def test_what_old_tools_make_is_judged_as_what_it_is(tmp_path: Path) -> None:
    """SHA-1 is refused by its name and by nothing else; a certificate of version 1 is as good as any."""
    (tmp_path / "key").write_text(write_key_pem(shelf("rsa-2048")))
    request = ["req", "-new", "-key", "key", "-subj", "/O=Acme"]
    openssl(*request, "-x509", "-sha1", "-days", "2", "-out", "sha1", cwd=tmp_path)
    openssl(*request, "-out", "csr", cwd=tmp_path)
    openssl("x509", "-req", "-in", "csr", "-signkey", "key", "-days", "2", "-out", "version1", cwd=tmp_path)
    assert "Version: 1 (0x0)" in openssl("x509", "-in", "version1", "-noout", "-text", cwd=tmp_path)
    now = SystemClock().now()
    assert codes(read_certificate((tmp_path / "sha1").read_bytes()), now=now) == ["hash_refused"]
    assert codes(read_certificate((tmp_path / "version1").read_bytes()), now=now) == []


def test_the_same_certificate_again_is_told_by_whose_it_is() -> None:
    """One's own with its name and purpose; of another client nothing is said but that there is one."""
    own = HolderStatus(twin=Twin(name="laptop", purpose="transport", own=True))
    other = HolderStatus(twin=Twin(name="their secret project", purpose="transport", own=False))
    assert codes(standing=own) == ["already_here"]
    assert codes(standing=other) == ["of_other_client"]
    assert "laptop" in repr(judge_upload(GOOD, ANY, CLAIM, own, NOW))
    assert "secret project" not in repr(judge_upload(GOOD, ANY, CLAIM, other, NOW))


def test_a_key_in_use_elsewhere_is_refused_where_the_policy_says_so() -> None:
    """For another purpose of this client, or by another client; both off unless told."""
    used = HolderStatus(key_purposes=frozenset({"signature"}), key_elsewhere=True)
    assert codes(standing=used) == []
    assert codes(policy=replace(ANY, key_per_purpose=True), standing=used) == ["key_of_other_purpose"]
    assert codes(policy=replace(ANY, key_per_client=True), standing=used) == ["key_of_other_client"]


@pytest.mark.parametrize(
    ("name", "code"), [("", "name_missing"), ("x" * 65, "name_too_long"), ("a\nb", "name_unprintable")]
)
def test_the_name_of_the_certificate(name: str, code: str) -> None:
    """The rules are those of issued certificates."""
    assert codes(name=name) == [code]


def test_the_number_and_the_names_are_limited_as_the_policy_says() -> None:
    """Two is the most; a name is taken only where names are to be unique."""
    assert codes(standing=HolderStatus(active=1)) == []
    assert codes(standing=HolderStatus(active=2)) == ["limit_reached"]
    taken = HolderStatus(names=frozenset({CLAIM.name}))
    assert codes(standing=taken) == []
    assert codes(policy=replace(ANY, unique_names=True), standing=taken) == ["name_taken"]


def test_text_around_is_a_matter_of_the_policy() -> None:
    """What openssl pkcs12 writes before a certificate."""
    read = read_certificate(b"Bag Attributes\n" + pem(certificate_der()))
    assert codes(read) == ["text_around"]
    assert codes(read, replace(ANY, text_around=True)) == []


def test_every_broken_rule_is_told_at_once_and_in_order() -> None:
    """A certificate with everything wrong gets one answer."""
    der = certificate_der(key=shelf("rsa-1024"), serial=1).replace(b"\x02\x01\x01", b"\x02\x01\x00", 1)
    strict = UploadPolicy(
        name="Provider",
        page=PAGE,
        keys=(KeyRule(kind="EC"),),
        hashes=("sha512",),
        self_signed=False,
        extended_key_usage=("clientAuth",),
        max_active=1,
        unique_names=True,
        key_per_purpose=True,
        key_per_client=True,
    )
    standing = HolderStatus(
        active=1,
        names=frozenset({CLAIM.name}),
        key_purposes=frozenset({"signature"}),
        key_elsewhere=True,
        twin=Twin(name="x", purpose="transport", own=True),
    )
    read = read_certificate(b"around\n" + pem(der))
    assert codes(read, strict, standing, GOOD.not_after + SECOND) == [
        "text_around",
        "key_kind_refused",
        "key_of_other_purpose",
        "key_of_other_client",
        "hash_refused",
        "self_signed_refused",
        "serial_not_positive",
        "expired",
        "extended_usage_missing",
        "already_here",
        "name_taken",
        "limit_reached",
    ]


def test_only_the_judge_approves() -> None:
    """An ApprovedUpload can be made by nobody else."""
    with pytest.raises(TypeError, match="judge_upload"):
        ApprovedUpload(uploaded=GOOD, policy=ANY, claim=CLAIM, seal=object())
    verdict = judge_upload(GOOD, ANY, CLAIM, NOTHING, NOW)
    with pytest.raises((TypeError, ValueError), match="seal"):
        replace(verdict, uploaded=GOOD)  # type: ignore[type-var]
    with pytest.raises(dataclasses.FrozenInstanceError):
        verdict.uploaded = GOOD  # type: ignore[union-attr, misc]
