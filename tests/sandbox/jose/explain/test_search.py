"""When a signature does not hold, the reason is looked for; each case differs from a good JWS in one thing."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from joserfc.jwa import ESAlgorithm

from sandbox.jose.explain.rewritten import MAX_REWRITTEN_BYTES
from sandbox.jose.explain.search import MAX_SEARCHED_BYTES
from sandbox.jose.scheme import ALGORITHMS
from tests.sandbox.jose.making import (
    EVERY,
    KID,
    NOW,
    OTHER_KID,
    PATH,
    PAYLOAD,
    compact,
    exchanged,
    header,
    jws,
    only,
    opened,
    part,
    public,
    refused,
    shelf,
    sign,
    signed_otherwise,
    usual_input,
)

ES = ("ES256", "ES384", "ES512")
PS = ("PS256", "PS384", "PS512")
RSA = (*PS, "RS256")


def private(algorithm: str) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    return shelf(algorithm).private_key


# --- the form of the signature ---


@pytest.mark.parametrize("algorithm", ES)
def test_der_is_told_from_a_bad_signature(algorithm: str) -> None:
    """What crypto libraries write: good, but in another form. A bad one in DER is only too long."""
    hash_ = ALGORITHMS[algorithm].hash
    der = private(algorithm).sign(usual_input(algorithm), ec.ECDSA(hash_))
    reason = refused(signed_otherwise(der, algorithm), public(algorithm))
    assert reason.code == "signature.der"
    assert f"{len(der)} bytes of DER" in reason.seen
    other = private(algorithm).sign(b"something else", ec.ECDSA(hash_))
    for bad in (other, encode_dss_signature(1 << 2000, 1), b"\x30\x06\x02\x01\xff\x02\x01\xff"):
        assert refused(signed_otherwise(bad, algorithm), public(algorithm)).code == "signature.length_wrong"


def test_leading_zeros_that_were_dropped_are_found() -> None:
    """P-521 is 521 bits: the first byte of r and s is 0 or 1, and big integers are written without it."""
    while (signature := sign(usual_input("ES512"), "ES512"))[0] or signature[66]:
        pass
    short = signature[1:66] + signature[67:]
    reason = refused(signed_otherwise(short, "ES512"), public("ES512"))
    assert reason.code == "signature.length_wrong"
    assert "filled up with zeros" in reason.seen and "66 bytes" in reason.next


def with_a_zero(algorithm: str, *places: int) -> bytes:
    """A good signature with a zero byte at each of these places: one in 256 has one by chance."""
    signature = sign(usual_input(algorithm), algorithm)
    while any(signature[place] for place in places):
        signature = sign(usual_input(algorithm), algorithm)
    return signature


def test_every_layout_of_two_numbers_is_found() -> None:
    """One half without its leading zero, with one too many, filled up on the wrong side, swapped, little-endian; and
    DER with zeros that it needs or not. A signature over something else is in none of them."""
    r_short, s_short = with_a_zero("ES256", 0), with_a_zero("ES256", 32)
    whole = sign(usual_input("ES256"), "ES256")
    r, s = whole[:32], whole[32:]
    cases = {
        "r in 31": (r_short[1:], "signature.length_wrong"),
        "s in 31": (s_short[:32] + s_short[33:], "signature.length_wrong"),
        "r in 33": (b"\0" + whole, "signature.length_wrong"),
        "s in 33": (r + b"\0" + s, "signature.length_wrong"),
        "s before r": (s + r, "signature.layout"),
        "little-endian": (r[::-1] + s[::-1], "signature.layout"),
        "on the right of r": (r_short[1:32] + b"\0" + r_short[32:], "signature.layout"),
        "on the right of s": (s_short[:32] + s_short[33:] + b"\0", "signature.layout"),
    }
    for words, (signature, code) in cases.items():
        reason = refused(signed_otherwise(signature, "ES256"), public("ES256"))
        assert (reason.code, words in reason.seen) == (code, True), (words, reason)
    for filler in (b"", b"\0", b"\0\0\0"):  # the second is right where the first bit is set
        numbers = [b"\x02" + bytes([len(filler + half)]) + filler + half for half in (r, s)]
        der = b"\x30" + bytes([len(b"".join(numbers))]) + b"".join(numbers)
        assert refused(signed_otherwise(der, "ES256"), public("ES256")).code == "signature.der"
    bad = sign(b"something else", "ES256")
    for signature in (bad[32:] + bad[:32], b"\0" + bad, bad[::-1], bad[1:]):
        reason = refused(signed_otherwise(signature, "ES256"), public("ES256"))
        assert "they verify" not in reason.seen


def test_a_zero_of_its_own_stays_where_one_was_filled_up_beside_it() -> None:
    """P-521 again, whose numbers begin with a zero half of the time; and one in 256 ends with one."""
    signature = with_a_zero("ES512", 66, 131)
    reason = refused(signed_otherwise(signature[:66] + signature[67:] + b"\0", "ES512"), public("ES512"))
    assert reason.code == "signature.layout" and "on the right of s" in reason.seen


@EVERY
@pytest.mark.parametrize("size", [0, 1, 32, 131, 133, 384, 1000])
def test_a_signature_of_another_length_is_told_both(algorithm: str, size: int) -> None:
    """32 bytes are what HMAC gives, and what a sample of a guide has."""
    reason = refused(signed_otherwise(bytes([1]) * size, algorithm), public(algorithm))
    assert reason.code == "signature.length_wrong"
    assert f"{size} bytes" in reason.seen
    assert ("HMAC" in reason.seen) == (size == 32)
    assert f"{ALGORITHMS[algorithm].length(public(algorithm).public_key)} bytes" in reason.expected


@pytest.mark.parametrize("algorithm", PS)
@pytest.mark.parametrize("salt", [0, 20, PSS.MAX_LENGTH], ids=["0", "20", "the longest"])
def test_another_salt_is_found(algorithm: str, salt: int) -> None:
    """None, that of Java, and the longest, which is OpenSSL's habit."""
    hash_ = ALGORITHMS[algorithm].hash
    signature = private(algorithm).sign(usual_input(algorithm), PSS(MGF1(hash_), salt), hash_)
    reason = refused(signed_otherwise(signature, algorithm), public(algorithm))
    assert reason.code == "signature.salt_wrong"
    assert isinstance(salt, int) is (f" {salt} bytes of salt" in reason.seen)
    assert f"{hash_.digest_size} bytes of salt" in reason.expected


@pytest.mark.parametrize("mask", [hashes.SHA1(), hashes.SHA384()], ids=["SHA-1", "SHA-384"])
def test_another_mask_is_found(mask: hashes.HashAlgorithm) -> None:
    """Java masks with SHA-1 unless it is told otherwise."""
    signature = private("PS256").sign(usual_input("PS256"), PSS(MGF1(mask), 20), hashes.SHA256())
    reason = refused(signed_otherwise(signature, "PS256"), public("PS256"))
    assert reason.code == "signature.hash_wrong"
    assert f"MGF1 with {mask.name}" in reason.seen


@pytest.mark.parametrize("other", [hashes.SHA256(), hashes.SHA384()], ids=["SHA-256", "SHA-384"])
def test_another_hash_is_found(other: hashes.SHA256 | hashes.SHA384) -> None:
    """The curve does not choose the hash for whoever signs by hand."""
    signature = private("ES512").sign(usual_input("ES512"), ec.ECDSA(other))
    raw = b"".join(number.to_bytes(66, "big") for number in decode_dss_signature(signature))
    reason = refused(signed_otherwise(raw, "ES512"), public("ES512"))
    assert reason.code == "signature.hash_wrong"
    assert other.name in reason.seen and "sha512" in reason.expected
    assert refused(signed_otherwise(signature, "ES512"), public("ES512")).code == "signature.length_wrong"
    signature = private("PS512").sign(usual_input("PS512"), PSS(MGF1(other), other.digest_size), other)
    assert refused(signed_otherwise(signature, "PS512"), public("PS512")).code == "signature.hash_wrong"


@pytest.mark.parametrize("algorithm", PS)
def test_the_padding_of_rs256_is_found(algorithm: str) -> None:
    """Whatever hash it was made with."""
    for hash_ in (hashes.SHA256(), hashes.SHA512()):
        signature = private(algorithm).sign(usual_input(algorithm), PKCS1v15(), hash_)
        reason = refused(signed_otherwise(signature, algorithm), public(algorithm))
        assert reason.code == "signature.pkcs1_padding"
        assert hash_.name in reason.seen


@pytest.mark.parametrize("algorithm", ["ES256", "ES512", "PS256", "RS256"])
def test_a_signature_encoded_twice_is_found(algorithm: str) -> None:
    """In hexadecimal or in base64: the text was encoded, not the bytes. A bad one is only too long."""
    for encode, words in ((bytes.hex, "in hexadecimal"), (lambda data: b64encode(data).decode(), "in base64")):
        good = encode(sign(usual_input(algorithm), algorithm)).encode()
        reason = refused(signed_otherwise(good, algorithm), public(algorithm))
        assert (reason.code, words in reason.seen) == ("signature.length_wrong", True)
        bad = encode(sign(b"something else", algorithm)).encode()
        assert "once more" not in refused(signed_otherwise(bad, algorithm), public(algorithm)).seen


def test_the_padding_of_ps256_is_found_under_rs256() -> None:
    """The other way round; and RS256 is never tried for a header that says PS256, where nobody takes it."""
    signature = private("RS256").sign(usual_input("RS256"), PSS(MGF1(hashes.SHA256()), 32), hashes.SHA256())
    assert refused(signed_otherwise(signature, "RS256"), public("RS256")).code == "signature.pss_padding"
    message = part(compact(header("RS256"))) + b"." + part(PAYLOAD)
    changed = signed_otherwise(private("PS256").sign(message, PKCS1v15(), hashes.SHA256()), "PS256")
    assert refused(changed, public("PS256"), scheme=only(*PS)).code == "signature.does_not_verify"
    assert refused(changed, public("PS256"), scheme=only(*PS, "RS256")).code == "signature.header_tampered"


# --- whose it is ---


@EVERY
def test_a_signature_by_another_key_of_the_client_is_found(algorithm: str) -> None:
    """The reason names both keys, and how the other one stands."""
    keys = (public(algorithm, 1, kid=OTHER_KID, expires_at=NOW), public(algorithm))
    reason = refused(jws(algorithm=algorithm, which=1), *keys)
    assert reason.code == "signature.other_key"
    assert OTHER_KID in reason.seen and "(expired)" in reason.seen
    assert KID in reason.expected and "the header names" in reason.expected
    assert "only active one" in refused(jws(header(algorithm, kid=...), algorithm=algorithm, which=1), *keys).expected
    # The control: the same two keys, signed by the right one; and by a third.
    assert opened(jws(algorithm=algorithm), *keys).payload == PAYLOAD
    assert refused(jws(algorithm=algorithm, which=2), *keys).code == "signature.does_not_verify"


def test_an_rsa_key_of_another_size_is_found_too() -> None:
    """Its signature has another length, which is not the reason."""
    larger = rsa.generate_private_key(65537, 3072)
    signature = larger.sign(usual_input("PS256"), PSS(MGF1(hashes.SHA256()), 32), hashes.SHA256())
    from sandbox.jose.keys import VerifyingKey

    other = VerifyingKey(kid=OTHER_KID, algorithm="PS256", public_key=larger.public_key())
    assert refused(signed_otherwise(signature, "PS256"), public("PS256"), other).code == "signature.other_key"
    assert refused(signed_otherwise(signature, "PS256"), public("PS256")).code == "signature.length_wrong"


# --- what was signed ---

REWRITTEN = {
    "spaces": json.dumps,
    "spaces sorted": lambda value: json.dumps(value, sort_keys=True),
    "compact sorted": lambda value: json.dumps(value, sort_keys=True, separators=(",", ":")),
    "indent 2": lambda value: json.dumps(value, indent=2),
    "indent 2, raw characters": lambda value: json.dumps(value, indent=2, ensure_ascii=False),
    "indent 4, line feed": lambda value: json.dumps(value, indent=4) + "\n",
    "tabs": lambda value: json.dumps(value, indent="\t"),
    "lines": lambda value: json.dumps(value, indent=0),
    "CRLF": lambda value: json.dumps(value, indent=2).replace("\n", "\r\n"),
    "raw characters": lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False),
    "escaped slashes": lambda value: json.dumps(value, separators=(",", ":")).replace("/", "\\/"),
    "line feed": lambda value: json.dumps(value, separators=(",", ":")) + "\n",
    "CR LF": lambda value: json.dumps(value, separators=(",", ":")) + "\r\n",
}


@pytest.mark.parametrize("written", REWRITTEN.values(), ids=REWRITTEN)
def test_a_payload_written_anew_is_found(written: Callable[[object], str]) -> None:
    """Signed in one layout, sent compact: the same JSON, other bytes."""
    value = {"type": "BALANCE", "note": "für a/b", "amount": 10, "list": [1, {"b": None, "a": True}]}
    body = exchanged(jws(payload=written(value).encode()), payload=compact(value))
    assert refused(body).code == "signature.payload_reserialized"


def test_a_payload_that_lost_its_white_space_keeps_its_numbers() -> None:
    """10.00 is not 10.0, and a number of 5000 digits is only a text."""
    spaced = b'{"amount": 10.00, "big": %s, "e": 1E5}' % (b"9" * 1000)
    reason = refused(exchanged(jws(payload=spaced), payload=spaced.replace(b": ", b":").replace(b", ", b",")))
    assert reason.code == "signature.payload_reserialized"
    assert "with spaces" in reason.seen
    assert "999" not in reason.seen


def test_a_payload_sent_with_spaces_and_signed_compact_is_found() -> None:
    """The other way round."""
    reason = refused(exchanged(jws(), payload=b'{ "type" : "BALANCE" }\n'))
    assert reason.code == "signature.payload_reserialized"
    assert "as compact" in reason.seen


def test_a_text_that_looks_like_our_mark_for_numbers_does_no_harm() -> None:
    """It is a payload like any other."""
    value = {"a": "number@0@", "b": "number@7@", "n": 1}
    body = exchanged(jws(payload=json.dumps(value).encode()), payload=compact(value))
    assert refused(body).code in ("signature.payload_reserialized", "signature.does_not_verify")


def test_a_large_payload_is_not_searched() -> None:
    """The work is bounded: the search gives up, the refusal stays."""
    value = ["x" * MAX_REWRITTEN_BYTES, 1]
    body = exchanged(jws(payload=json.dumps(value).encode()), payload=compact(value))
    assert refused(body).code == "signature.does_not_verify"
    value = ["x" * MAX_SEARCHED_BYTES]
    assert (
        refused(exchanged(jws(payload=compact(value)), payload=compact([*value, 1]))).code
        == "signature.does_not_verify"
    )


def test_a_deeply_nested_payload_is_not_searched() -> None:
    """Each layout of it would be far larger than itself; one as deep as people write is found."""
    for depth, code in ((30, "signature.payload_reserialized"), (40, "signature.does_not_verify")):
        value = json.loads('["]", ' * depth + "1" + "]" * depth)
        assert refused(exchanged(jws(payload=json.dumps(value).encode()), payload=compact(value))).code == code


INPUTS = {
    "echo": usual_input() + b"\n",
    "echo on Windows": usual_input() + b"\r\n",
    "payload": PAYLOAD,
    "payload part": part(PAYLOAD),
    "not encoded": compact(header()) + b"." + PAYLOAD,
    "payload not encoded": part(compact(header())) + b"." + PAYLOAD,
    "plain base64": b64encode(compact(header())) + b"." + b64encode(PAYLOAD),
    "no dot": usual_input().replace(b".", b""),
    "hashed twice": hashlib.sha256(usual_input()).digest(),
}


@pytest.mark.parametrize("message", INPUTS.values(), ids=INPUTS)
def test_a_signature_over_something_near_is_found(message: bytes) -> None:
    """What goes wrong with a shell and openssl."""
    assert refused(signed_otherwise(sign(message))).code == "signature.input_wrong"


def test_hashed_twice_with_a_long_hash() -> None:
    """The hash is that of the algorithm."""
    digest = hashlib.sha512(usual_input("ES512")).digest()
    assert refused(signed_otherwise(sign(digest, "ES512"), "ES512"), public("ES512")).code == "signature.input_wrong"


@pytest.mark.parametrize("before", ["", " ", "\n", "\r\n"])
@pytest.mark.parametrize("after", ["", " ", "\n", "\r\n"])
def test_white_space_at_both_ends_of_the_payload_is_found(before: str, after: str) -> None:
    """What was signed had it, or what was sent has it: on either end, or on both."""
    value = PAYLOAD.strip()
    spaced = before.encode() + value + after.encode()
    for signed, sent in ((spaced, value), (value, spaced)):
        if signed != sent:
            reason = refused(exchanged(jws(payload=signed), payload=sent))
            assert reason.code == "signature.payload_reserialized", (signed, sent)


# --- the header ---


@pytest.mark.parametrize(
    "signed", [json.dumps(header()), json.dumps(header(), indent=2) + "\n"], ids=["spaces", "lines"]
)
def test_a_header_written_anew_is_found(signed: str) -> None:
    """Only its white space differs."""
    assert refused(exchanged(jws(signed.encode()), head=compact(header()))).code == "signature.header_reserialized"


CHANGED = {
    "url": (header(url="/v3/else"), "url"),
    "url to an absolute one": (header(url=f"https://example.com{PATH}"), "url"),
    "url cut out": (header(url=...), "url"),
    "kid cut out": (header(kid=...), "kid"),
    "kid of another key": (header(kid=OTHER_KID), "kid"),
    "typ": (header(typ="JOSE"), "typ"),
    "typ cut out": (header(typ=...), "typ"),
    "typ to a number": (header(typ=7), "typ"),
    "a member put in": (header(extra={"a": 1}), "extra"),
}
LAYOUTS: dict[str, Callable[[object], bytes]] = {
    "compact": compact,
    "spaces": lambda value: json.dumps(value).encode(),
    "the guide's": lambda value: (json.dumps(value, indent=2) + "\n").encode(),
    "tabs": lambda value: json.dumps(value, indent="\t").encode(),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize(("sent", "name"), CHANGED.values(), ids=CHANGED)
def test_a_header_changed_after_signing_is_found(
    sent: dict[str, object], name: str, layout: Callable[[object], bytes]
) -> None:
    """The member is named, with what it was and what it is."""
    keys = (public("ES256"), public("ES256", 1, kid=OTHER_KID, deleted_at=None))
    if name == "kid" and "kid" not in sent:
        keys = keys[:1]
    reason = refused(exchanged(jws(layout(header())), head=layout(sent)), *keys)
    assert reason.code == "signature.header_tampered"
    assert f"{name}: " in reason.seen or f"no {name}" in reason.seen
    assert "signed was" in reason.seen


def test_a_kid_put_in_after_signing_is_found() -> None:
    """Signed without kid, by another key than the one that was put in."""
    keys = (public("ES256"), public("ES256", 1, kid=OTHER_KID))
    reason = refused(exchanged(jws(header(kid=...)), head=compact(header())), *keys)
    assert (reason.code, "signed was no kid" in reason.seen) == ("signature.header_tampered", True)
    keys = (public("ES256", 1, kid=OTHER_KID), public("ES256", kid=None))
    reason = refused(exchanged(jws(header(kid=...)), head=compact(header(kid=OTHER_KID))), *keys)
    assert reason.code == "signature.header_tampered"


def test_an_alg_changed_to_that_of_the_key_is_found() -> None:
    """Signed as PS512, sent as PS256, for which the key is registered."""
    signed = jws(header("PS512"), algorithm="PS512")
    signature = private("PS256").sign(
        part(compact(header("PS512"))) + b"." + part(PAYLOAD), PSS(MGF1(hashes.SHA512()), 64), hashes.SHA512()
    )
    assert opened(signed, public("PS512")).payload == PAYLOAD
    reason = refused(signed_otherwise(signature, "PS256"), public("PS256"))
    assert reason.code == "signature.header_tampered"
    assert "PS512" in reason.seen


def test_a_large_header_is_not_searched() -> None:
    """The bound holds; the refusal stays."""
    assert (
        refused(exchanged(jws(header(x="x" * 2000)), head=compact(header(x="x" * 2000, url="/else")))).code
        == "signature.does_not_verify"
    )


# --- nothing found ---


@EVERY
@pytest.mark.parametrize("payload", [b'{"type":"BALANCF"}', b'{"type":"BALANCE","more":1}', b"not JSON", b"[" * 2000])
def test_a_changed_payload_is_refused(algorithm: str, payload: bytes) -> None:
    """The sentence says no more than is known: RSA shows whose signature it is, ECDSA does not."""
    reason = refused(exchanged(jws(algorithm=algorithm), payload=payload), public(algorithm))
    assert reason.code == "signature.does_not_verify"
    assert ("the right private key, over other bytes" in reason.seen) == (algorithm in RSA)
    assert "BALANCE" not in reason.seen


@EVERY
def test_another_private_key_is_refused(algorithm: str) -> None:
    """One that the client has not registered."""
    reason = refused(jws(algorithm=algorithm, which=1), public(algorithm))
    assert reason.code == "signature.does_not_verify"
    assert ("another private key" in reason.seen) == (algorithm in RSA)


@EVERY
def test_no_number_at_all_is_a_signature(algorithm: str) -> None:
    """Zeros (CVE-2022-21449), ones, and numbers beyond the group or the modulus."""
    size = ALGORITHMS[algorithm].length(public(algorithm).public_key)
    for filling in (b"\0", b"\1", b"\xff"):
        reason = refused(signed_otherwise(filling * size, algorithm), public(algorithm))
        assert reason.code == "signature.does_not_verify"


def test_a_good_signature_is_verified_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search costs only those whose signature is bad, and it is bounded for them too."""
    verified = []
    plain = ESAlgorithm.verify

    def counted(self: ESAlgorithm, *words: object) -> bool:
        verified.append(self.name)
        return plain(self, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(ESAlgorithm, "verify", counted)
    body = jws()
    opened(body)
    assert verified == ["ES256"]
    keys = [public("ES256", which, kid=f"key {which}") for which in range(1, 4)]
    value = {f"name {n} é/": n for n in range(50)}
    refused(exchanged(body, payload=compact(value)), *keys * 20, public("ES256"))
    assert 50 < len(verified) < 230
