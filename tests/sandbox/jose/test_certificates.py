"""The key of a certificate goes by its serial number, for as long as the certificate is good."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from sandbox.errors import Refused
from sandbox.jose.keys import key_of
from tests.sandbox.jose.detaching import (
    BODY,
    KID,
    NOW,
    OTHER_SERIAL,
    SERIAL,
    SUBJECT,
    certificate,
    header,
    jws,
    key,
    name_of,
    opened,
    private,
    refused,
)


def test_the_certificate_says_it_all() -> None:
    """Serial number in decimal, validity, name and key; and nothing that is not there."""
    made = certificate()
    held = key_of(made, algorithm="RS256")
    assert (held.kid, held.algorithm, held.deleted_at) == (KID, "RS256", None)
    assert (held.active_from, held.expires_at) == (made.not_valid_before_utc, made.not_valid_after_utc)
    assert (held.public_key, held.name) == (private().public_key(), name_of(*SUBJECT))
    assert key_of(made, algorithm="RS256", deleted_at=NOW).status(NOW) == "deleted"
    assert "Acme" not in repr(held)


def test_a_key_that_signs_no_jws_is_refused() -> None:
    """Ed25519 is a fine key for TLS; an EC key has an algorithm, though not RS256."""
    for made, good in ((ed25519.Ed25519PrivateKey.generate(), False), (ec.generate_private_key(ec.SECP256R1()), True)):
        issued = (
            x509.CertificateBuilder()
            .subject_name(name_of(*SUBJECT))
            .issuer_name(name_of(*SUBJECT))
            .serial_number(SERIAL)
            .not_valid_before(NOW)
            .not_valid_after(NOW + timedelta(days=1))
            .public_key(made.public_key())
            .sign(private(9), hashes.SHA256())
        )
        if good:
            reason = refused(jws(), key_of(issued, algorithm="RS256"))
            assert (reason.code, "EC P-256" in reason.seen) == ("signature.key_does_not_fit", True)
            continue
        with pytest.raises(Refused) as error:
            key_of(issued, algorithm="RS256")
        assert error.value.code == "signature.key_kind_wrong"


def test_a_key_of_an_unknown_kind_is_refused() -> None:
    """Another OID in the place of rsaEncryption (RFC 8017 appendix A.1): the certificate is read, its key is not."""
    der = certificate().public_bytes(Encoding.DER)
    odd = der.replace(bytes.fromhex("06092a864886f70d010101"), bytes.fromhex("06092a864886f70d01017f"))
    assert odd != der
    with pytest.raises(Refused) as error:
        key_of(x509.load_der_x509_certificate(odd), algorithm="RS256")
    assert (error.value.code, "not known" in error.value.reasons[0].seen) == ("signature.key_kind_wrong", True)


def test_a_small_key_is_refused_although_older_samples_have_one() -> None:
    """RFC 7518 asks for 2048 bits; the signature itself would be good."""
    small = key_of(certificate(bits=1024), algorithm="RS256")
    reason = refused(jws(), small)
    assert reason.code == "signature.key_does_not_fit"
    assert "RSA 1024" in reason.seen and KID in reason.seen
    assert "2048 to 8192 bits" in reason.expected and "older samples" in reason.expected
    assert "CSR" in reason.next


HEX = ["1f23f36a87", "1F23F36A87", "0x1f23f36a87", "1F:23:F3:6A:87", "001F23F36A87", " 1f 23 f3 6a 87 "]


@pytest.mark.parametrize("kid", HEX)
def test_a_kid_in_hexadecimal_is_told_so(kid: str) -> None:
    """As openssl, Windows and browsers print it. The decimal one is there to be copied."""
    keys = (key(1, serial=OTHER_SERIAL), key(), key(2, serial=7))
    reason = refused(jws(header(kid=kid)), *keys)
    assert reason.code == "signature.kid_hex"
    assert f'kid: "{KID}"' in reason.expected
    assert "1F23F36A87" in reason.next
    assert opened(jws(), *keys).payload == BODY


def test_hexadecimal_may_look_like_decimal() -> None:
    """0x1234 has no letter in it; and a decimal one that is known comes first."""
    kid = str(0x1234)
    assert refused(jws(header(kid="1234")), key(kid=kid)).code == "signature.kid_hex"
    both = (key(kid=kid), key(1, kid="1234"))
    assert opened(jws(header(kid="1234"), which=1), *both).key.kid == "1234"


@pytest.mark.parametrize("kid", ["133747141256", "1f23f36a88", "", "0x", "key", "1f23f36a87" * 20, "-1f23f36a87"])
def test_any_other_kid_is_unknown(kid: str) -> None:
    """The next step is where the right one stands."""
    reason = refused(jws(header(kid=kid)))
    assert reason.code == "signature.kid_unknown"
    assert KID in reason.expected and reason.next


def test_a_kid_is_a_text() -> None:
    """The serial number as a number is the likeliest slip."""
    assert refused(jws(header(kid=SERIAL))).code == "signature.header_value_wrong"


def test_only_certificates_have_serial_numbers() -> None:
    """A registered key named 26 is not the certificate 1a."""
    assert refused(jws(header(kid="1a")), key(kid="26")).code == "signature.kid_hex"
    assert refused(jws(header(kid="1a")), key(kid="26", name=None)).code == "signature.kid_unknown"
    assert refused(jws(header(kid="1a")), key(kid="a name")).code == "signature.kid_unknown"
