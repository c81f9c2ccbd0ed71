"""A detached JWS vouches for the body beside it, byte for byte."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from cryptography import x509

from sandbox.errors import Refused
from sandbox.jose.jws import open_compact, open_detached
from sandbox.jose.keys import key_of
from sandbox.jose.reading import read_detached
from sandbox.jose.scheme import Scheme
from tests.sandbox.jose.detached_vectors import BODY as PUBLISHED_BODY
from tests.sandbox.jose.detached_vectors import CERTIFICATE, OLD, SIGNATURES
from tests.sandbox.jose.detaching import (
    BODY,
    CRIT,
    KID,
    NOW,
    SCHEME,
    beside,
    header,
    jws,
    key,
    opened,
    part,
    pretty,
    refused,
    scheme,
    sign,
)

BODIES = {
    "nothing": b"",
    "an empty object": b"{}",
    "dots": b"..a.b.",
    "a lone dot": b".",
    "a JWS": b"eyJh.bGci.OiJS",
    "CRLF": b'{\r\n  "a": 1\r\n}\r\n',
    "LF at the end": b"{}\n",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "no UTF-8": b"\xff\xfe\0\0",
    "NUL": b"\0",
    "not ASCII": "für 銀行".encode(),
    "100 kB": b"x" * 100_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_any_body_is_signed_as_it_is(body: bytes) -> None:
    """Each byte of it counts, the first and the last as well."""
    value = jws(payload=body)
    said = opened(value, payload=body)
    assert (said.payload, said.header["kid"], said.key.kid) == (body, KID, KID)
    for other in (body + b" ", b" " + body, body[:-1] + b"?"):
        assert refused(value, payload=other).code.startswith("signature.")


LAYOUTS = {
    "as samples print it": pretty(header()),
    "compact": json.dumps(header(), separators=(",", ":")).encode(),
    "sorted": json.dumps(header(), sort_keys=True).encode(),
    "CRLF": pretty(header()).replace(b"\n", b"\r\n") + b"\r\n",
    "escapes": json.dumps(header()).replace("=", "\\u003d").encode(),
}


@pytest.mark.parametrize("head", LAYOUTS.values(), ids=LAYOUTS)
def test_the_header_is_never_written_anew(head: bytes) -> None:
    """It is verified as it came, in whatever layout."""
    assert opened(jws(head)).header == header()


@pytest.mark.parametrize("signature", SIGNATURES, ids=["iat 0", "iat 10"])
def test_the_published_example_verifies(signature: str) -> None:
    """Certificate, header and signature as the provider prints them; not over another body, nor with another key."""
    published = key_of(x509.load_pem_x509_certificate(CERTIFICATE), algorithm="RS256")
    said = opened(signature, published, payload=PUBLISHED_BODY)
    assert said.key.kid == "133747141255"
    assert said.header["iss"] == "C=GB, L=London, OU=Nuapay API, O=Nuapay, CN=yboqyay92q"
    assert list(said.header) == ["alg", "kid", "iat", "iss", "b64", "crit"]
    for other in (b"", b"{} ", b"e30"):
        assert refused(signature, published, payload=other).code.startswith("signature.")
    assert refused(signature, key(), payload=PUBLISHED_BODY).code == "signature.does_not_verify"


def test_the_older_published_example_is_read() -> None:
    """Its key had 1024 bits and is not published; compact, in another order, with = as an escape."""
    read = read_detached(OLD, b"{}")
    assert read.header["iss"] == "OU=Nuapay API,L=London,O=Nuapay,C=GB,CN=omgd36dpmk"
    assert (len(read.signature), read.encoded, read.payload) == (128, False, b"{}")
    assert refused(OLD).code == "signature.kid_unknown"
    reason = refused(OLD, key(kid="1796455025"))
    assert (reason.code, reason.seen) == ("signature.length_wrong", "128 bytes")


def test_the_input_is_that_of_rfc_7797() -> None:
    """Section 4.2, whose HS256 no scheme takes: the input is built as there, and its HMAC is the published one."""
    read = read_detached(
        "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY",
        b"$.02",
    )
    assert read.header == {"alg": "HS256", "b64": False, "crit": ["b64"]}
    assert read.signing_input == b"eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19.$.02"
    # The key of RFC 7515 appendix A.1, in hexadecimal.
    secret = bytes.fromhex(
        "0323354b2b0fa5bc837e0665777ba68f5ab328e6f054c928a90f84b2d2502ebf"
        "d3fb5a92d20647ef968ab4c377623d223d2e2172052e4f08c0cd9af567d080a3"
    )
    assert hmac.digest(secret, read.signing_input, "sha256") == read.signature
    assert hmac.digest(secret, read.signing_input + b"0", "sha256") != read.signature


def test_a_detached_jws_of_another_algorithm_is_opened_as_well() -> None:
    """The form knows no algorithm; which are taken, the scheme says."""
    from tests.sandbox.jose.making import KID as EC_KID
    from tests.sandbox.jose.making import public
    from tests.sandbox.jose.making import sign as ec_sign

    head = pretty({"alg": "ES512", "kid": EC_KID, "b64": False, "crit": ["b64"]})
    taken = Scheme(algorithms=("ES512",), critical_exactly=frozenset({"b64"}), url=False, unencoded=True)
    value = beside(head, ec_sign(part(head) + b"." + BODY, "ES512"))
    assert opened(value, public("ES512"), scheme=taken).payload == BODY
    assert refused(value, public("ES512"), scheme=taken, payload=b"{}").code == "signature.does_not_verify"
    assert refused(value, public("ES512"), scheme=SCHEME).code == "signature.alg_unsupported"


def test_a_scheme_is_opened_in_its_own_form_only() -> None:
    """A fault of ours, so it is no refusal: b64 would be read in one way and verified in the other."""
    with pytest.raises(RuntimeError, match="detached"):
        open_compact(b"a.b.c", scheme=SCHEME, keys=(), path="/", now=NOW)
    with pytest.raises(RuntimeError, match="within"):
        open_detached("a..c", payload=b"", scheme=Scheme(algorithms=("RS256",)), keys=(), now=NOW)
    with pytest.raises(RuntimeError, match="url=False"):
        Scheme(algorithms=("RS256",), unencoded=True)


def test_without_a_certificate_nothing_can_be_verified() -> None:
    """And what is to be had is a certificate, not a registered key."""
    with pytest.raises(Refused) as error:
        open_detached(jws(), payload=BODY, scheme=SCHEME, keys=(), now=NOW)
    (reason,) = error.value.reasons
    assert reason.code == "signature.no_key"
    assert "certificate" in reason.seen and "CSR" in reason.next


def test_a_scheme_may_ask_for_less() -> None:
    """The fields are each for themselves."""
    bare = header(iss=..., iat=..., crit=["b64"])
    assert refused(jws(bare)).code == "signature.crit_incomplete"
    less = scheme(critical_exactly=frozenset({"b64"}), issuer=False, issued_at=False)
    assert opened(jws(bare), scheme=less).payload == BODY
    assert opened(jws(header(crit=...)), scheme=scheme(critical_exactly=None)).payload == BODY
    assert refused(jws(header(crit=CRIT)), scheme=scheme(critical_exactly=None)).code == "signature.crit_unknown"
    understood = scheme(critical_exactly=None, critical=frozenset(CRIT))
    assert opened(jws(header(crit=["iss", "b64"])), scheme=understood).payload == BODY
    with_kid = jws(header(kid=...))
    assert refused(with_kid).code == "signature.header_missing"
    assert opened(with_kid, scheme=scheme(required=())).payload == BODY


def test_the_body_is_not_kept_in_a_repr() -> None:
    """Nor is the signature: what is logged by accident stays short."""
    read = read_detached(jws(), BODY)
    assert "amount" not in repr(read) and "DE00" not in repr(opened(jws()))


def test_signed_twice_is_twice_the_same() -> None:
    """RS256 has no randomness: whoever compares two calls compares the bodies."""
    assert jws() == jws()
    assert hashlib.sha256(sign(b"a")).digest() != hashlib.sha256(sign(b"b")).digest()


def test_a_certificate_out_of_its_time_does_not_sign() -> None:
    """Before its beginning, from its end on, and once it is revoked; the next step is another certificate."""
    last = key().expires_at
    first = key().active_from
    assert last and first
    tick = timedelta(microseconds=1)
    assert opened(jws(), now=first).payload == opened(jws(), now=last - tick).payload == BODY
    for reason, code in (
        (refused(jws(), now=first - tick), "signature.key_not_yet_active"),
        (refused(jws(), now=last), "signature.key_expired"),
        (refused(jws(), key(deleted_at=NOW)), "signature.key_deleted"),
    ):
        assert reason.code == code
        assert KID in reason.seen and "certificate" in reason.next
    assert "revoked" in refused(jws(), key(deleted_at=NOW)).seen
