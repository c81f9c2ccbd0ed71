"""Encryption both ways: what jwcrypto encrypts is read, and jwcrypto reads ours; each refusal has its cause."""

import json
import random
from base64 import urlsafe_b64decode, urlsafe_b64encode
from codecs import BOM_UTF8
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwa import GCMEncModel
from jwcrypto import jwe as stranger
from jwcrypto import jwk

from sandbox.errors import Refused
from sandbox.jose.jwe import choose_recipient, open_jwe, read_jwe, seal_direct, seal_to
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.reading import MAX_HEADER_BYTES
from tests.sandbox.jose import making
from tests.sandbox.jose.encrypting import HEADER, PAYLOAD, by_hand, by_jwcrypto, opened, own, refused, to_own
from tests.sandbox.jose.making import compact, part, public

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def client_key(kid: str | None = "k-1", version: int = 9, **times: datetime) -> VerifyingKey:
    return VerifyingKey(kid=kid, algorithm="RSA-OAEP-256", public_key=to_own(version), **times)


def read_by_jwcrypto(token: str, key: jwk.JWK) -> bytes:
    read = stranger.JWE()
    read.allowed_algs = ["RSA-OAEP-256", "A256GCM", "dir"]
    read.deserialize(token, key=key)
    return read.payload


def header_of(token: str) -> dict[str, object]:
    return json.loads(urlsafe_b64decode(token.partition(".")[0] + "=="))


# --- both ways ---


@pytest.mark.parametrize("payload", [PAYLOAD, b"", bytes(range(256)) * 400], ids=["json", "empty", "100 kB"])
def test_a_strangers_jwe_is_read(payload):
    """To the byte, with the version of the key; with one byte of any part changed it is refused."""
    body = by_jwcrypto(payload)
    found = opened(body)
    assert (found.payload, found.version, len(found.content_key)) == (payload, 1, 32)
    for number in range(5):
        parts = body.split(b".")
        raw = bytearray(urlsafe_b64decode(parts[number] + b"=="))
        if raw:
            raw[len(raw) // 2] ^= 1
            parts[number] = part(bytes(raw))
            assert refused(b".".join(parts)).code.startswith("encryption.")


def test_the_header_is_authenticated_as_it_was_sent():
    """With spaces, another order and unknown members: joserfc's own function would write it anew, and fail."""
    text = '{ "url" : "/v1/cases",  "enc":"A256GCM", "alg" :"RSA-OAEP-256" }'
    made = stranger.JWE(PAYLOAD, text)
    body = by_hand(text.encode())
    assert opened(body).payload == PAYLOAD
    made.deserialize(body.decode(), key=jwk.JWK.from_pyca(own().private_key))
    assert made.payload == PAYLOAD


def test_a_stranger_reads_ours():
    """The header has the client's kid; each JWE has a content key of its own; another key does not open it."""
    first, second = (seal_to(client_key(), PAYLOAD) for _ in range(2))
    assert header_of(first) == {"kid": "k-1", "enc": "A256GCM", "alg": "RSA-OAEP-256"}
    assert list(header_of(first)) == ["kid", "enc", "alg"]
    assert first.split(".")[1:] != second.split(".")[1:]
    assert read_by_jwcrypto(first, jwk.JWK.from_pyca(own(9).private_key)) == PAYLOAD
    with pytest.raises(stranger.InvalidJWEData):
        read_by_jwcrypto(first, jwk.JWK.from_pyca(own().private_key))
    assert "kid" not in header_of(seal_to(client_key(None), PAYLOAD))


def test_a_direct_reply_is_read_by_the_content_key_of_the_call():
    """No part for a key; a content key that differs in one bit does not open it."""
    content_key = opened(by_jwcrypto()).content_key
    reply = seal_direct(content_key, PAYLOAD)
    assert header_of(reply) == {"enc": "A256GCM", "alg": "dir"} and reply.split(".")[1] == ""

    def key(data: bytes) -> jwk.JWK:
        return jwk.JWK(kty="oct", k=urlsafe_b64encode(data).rstrip(b"=").decode())

    assert read_by_jwcrypto(reply, key(content_key)) == PAYLOAD
    with pytest.raises(stranger.InvalidJWEData):
        read_by_jwcrypto(reply, key(bytes([content_key[0] ^ 1]) + content_key[1:]))


def test_the_library_encrypts_and_decrypts(monkeypatch):
    """What joserfc says is what counts."""
    body = by_jwcrypto()
    monkeypatch.setattr(GCMEncModel, "encrypt", lambda *_: (b"made by the library", bytes(16)))
    assert seal_direct(bytes(32), PAYLOAD).split(".")[3] == part(b"made by the library").decode()
    monkeypatch.setattr(GCMEncModel, "decrypt", lambda *_: b"read by the library")
    assert opened(body).payload == b"read by the library"


# The sample of RFC 7516 appendix A.1, and the request and the reply of Wise's description 2026Q3.
RFC = (
    b"eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGeip"
    b"sEdY3mx_etLbbWSrFr05kLzcSr4qKAq7YN7e9jwQRb23nfa6c9d-StnImGyFDbSv04uVuxIp5Zms1gNxKKK2Da14B8S4rzVRltdYwam_lDp5XnZAYp"
    b"Qdb76FdIKLaVmqgfwX7XWRxv2322i-vDxRfqNzo_tETKzpVLzfiwQyeyPGLBIO56YJ7eObdv0je81860ppamavo35UgoRdbYaBcoh9QcfylQr66oc6"
    b"vFWXRcZ_ZT2LawVCWTIy3brGPi6UklfCpIMfIjf7iGdXKHzg.48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9"
    b"tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A.XFBoMYUZodetZdvTiFvSkQ"
)
WISE = (
    b"eyJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiUlNBLU9BRVAtMjU2In0.W_WPBDXclMryaywqAB-_yC1hUYukKmZxByhE9d1G8hClc2HpewkryILGJW4uVT"
    b"UeRdo1oVWd68TPIqi7bqMGUsrT-3MI4ggVSjC1rf8Lf1xTZ8-GHjSPso8tFBXnydOKzggi6fnfk98BIW76Rnxkn6sW79LH5NgN1spTOoh8-tI3i_wb"
    b"HdqJOxTReaUNMYZobm7wxedZcRxhsaSrVqx2qdELeqkfwgvB1DRbHTF_PTe4W0ibMbcJivHjiDf6oAV9vXgVhYb66rhB43pgdFDv4nY1mkQC45R5T6"
    b"CBdzv80EdAVOj1G4bktHyJWaJzHVsGozpxsNj3bt1AopyvDO8tsw.WLOO5WH4ZpBPi-8B.0g3eUpQPvRIaTbgUi6sH0WejsJ1nLWDGnDKTktZrkquL"
    b"QlCMmIguj0I5UCyqXEo.URtTniRvfGxrKRLK63trug"
)


def test_published_samples():
    """Wise's has the form that is asked for, and is to a key of theirs; the RFC's is told to be OAEP with SHA-1."""
    read = read_jwe(WISE)
    assert read.header == HEADER and read.ciphertext
    assert refused(WISE).code == "encryption.does_not_decrypt"
    assert "SHA-1" in refused(RFC).next and refused(RFC).code == "encryption.alg_wrong"


# --- what is no JWE, or says what is not taken ---

JWS = b"eyJhbGciOiJFUzI1NiJ9.eyJhIjoxfQ.c2ln"
FORMS = {
    "nothing": (b"", "parts_wrong"),
    "JSON": (b'{"message":"x"}', "plain_json"),
    "a JWS": (JWS, "signed_only"),
    "a JWE within a JWS": (b"eyJhbGciOiJFUzI1NiJ9." + part(WISE) + b".c2ln", "order_wrong"),
    "the JSON serialization": (b'{"protected":"eyJ","iv":"a","ciphertext":"b","tag":"c"}', "json_serialization"),
    "in JSON": (b'{"body":"' + WISE + b'"}', "not_alone"),
    "in quotes": (b'"' + WISE + b'"', "not_alone"),
    "in a form": (b"jwe=" + WISE, "not_alone"),
    "a line end": (WISE + b"\n", "not_alone"),
    "folded": (WISE[:76] + b"\r\n" + WISE[76:], "not_alone"),
    "four parts": (WISE.rpartition(b".")[0], "parts_wrong"),
    "six parts": (WISE + b".AAAA", "parts_wrong"),
    "no header": (b".a.b.c.d", "parts_wrong"),
    "padding": (WISE + b"==", "base64_malformed"),
    "plain base64": (WISE.replace(b"-", b"+", 1), "base64_malformed"),
    "a foreign character": (WISE.replace(b"W_WP", b"W_$P"), "base64_malformed"),
    "bits that no byte has": (WISE[:-1] + b"h", "base64_malformed"),
}


@pytest.mark.parametrize("name", FORMS)
def test_what_is_no_jwe(name):
    """Each kind of it is told apart, without a word of what came."""
    body, cause = FORMS[name]
    reason = refused(body)
    assert reason.code == f"encryption.{cause}" and reason.seen and reason.expected
    assert "W_WP" not in f"{reason.seen} {reason.expected} {reason.next}"


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (b".a.b.c.d", "5 parts, of which the first is empty"),
        (b" ", "white space and nothing else"),
        (BOM_UTF8 + WISE, "a byte order mark before the JWE"),
        (WISE[:9] + b"$" + WISE[10:], "the byte 0x24 at 9"),
    ],
)
def test_what_was_seen_is_not_what_was_expected(body, seen):
    """Five parts are not told from five parts, and another character is told by its place."""
    assert refused(body).seen == seen


def test_what_is_expected_in_place_of_a_jwe_within_a_jws():
    """A signed one within, where both are announced; else no signature at all, and the next step is to take it off."""
    body = b"eyJhbGciOiJFUzI1NiJ9." + part(WISE) + b".c2ln"
    assert refused(body, signed=True).expected.startswith("a JWE with a JWS within")
    alone = refused(body)
    assert alone.expected == "a JWE alone, not signed" and "without signing" in alone.next


HEADERS = {
    "no JSON": (b"{alg}", "header_malformed"),
    "no object": (b"[1]", "header_malformed"),
    "alg twice": (b'{"alg":"RSA-OAEP-256","alg":"dir","enc":"A256GCM"}', "header_malformed"),
    "a number": (b'{"alg":1,"enc":"A256GCM"}', "header_malformed"),
    "too large": (compact({**HEADER, "x5c": "A" * MAX_HEADER_BYTES}), "header_malformed"),
    "no alg": (b'{"enc":"A256GCM"}', "alg_wrong"),
    "another alg": (compact({**HEADER, "alg": "RSA-OAEP"}), "alg_wrong"),
    "lower case": (compact({**HEADER, "alg": "rsa-oaep-256"}), "alg_wrong"),
    "dir": (compact({**HEADER, "alg": "dir"}), "alg_wrong"),
    "none": (compact({**HEADER, "alg": "none"}), "alg_wrong"),
    "no enc": (b'{"alg":"RSA-OAEP-256"}', "enc_wrong"),
    "a smaller enc": (compact({**HEADER, "enc": "A128GCM"}), "enc_wrong"),
    "a CBC": (compact({**HEADER, "enc": "A256CBC-HS512"}), "enc_wrong"),
    "zip": (compact({**HEADER, "zip": "DEF"}), "compressed"),
    "crit": (compact({**HEADER, "crit": ["exp"], "exp": 1}), "crit_unknown"),
    "an empty crit": (compact({**HEADER, "crit": []}), "crit_unknown"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_that_is_not_taken(name, monkeypatch):
    """It is judged before any key is used: no decryption is tried."""
    head, cause = HEADERS[name]
    body = by_hand(head)
    monkeypatch.setattr(GCMEncModel, "decrypt", None)
    assert refused(body).code == f"encryption.{cause}"


@pytest.mark.parametrize(
    ("number", "data", "cause"),
    [
        (1, bytes(255), "key_length_wrong"),
        (1, bytes(512), "key_length_wrong"),
        (1, b"", "key_length_wrong"),
        (2, bytes(16), "part_length_wrong"),
        (4, bytes(12), "part_length_wrong"),
        (4, b"", "part_length_wrong"),
    ],
)
def test_a_part_that_is_too_short_or_too_long(number, data, cause, monkeypatch):
    """A short tag would be guessed; a long key costs time. Both are refused before any key is used."""
    parts = by_hand().split(b".")
    parts[number] = part(data)
    monkeypatch.setattr(GCMEncModel, "decrypt", None)
    assert refused(b".".join(parts)).code == f"encryption.{cause}"


def test_a_provider_without_a_key():
    """Nobody can have encrypted to it."""
    with pytest.raises(Refused) as caught:
        open_jwe(by_hand(), keys=())
    assert caught.value.code == "encryption.no_key"


def test_a_signature_within():
    """Where it was announced it is handed on; otherwise it is told, and so is a JWS without a JWE around it."""
    body = by_hand(payload=JWS)
    assert opened(body, signed=True).payload == JWS
    assert refused(body).code == "encryption.signed_within"
    assert "a JWS within it" in refused(JWS, signed=True).expected


def test_no_bytes_do_anything_but_be_refused():
    """Cut, doubled, exchanged or random: one cause each."""
    chance, good = random.Random(7), by_jwcrypto()
    for _ in range(150):
        at = chance.randrange(len(good))
        kinds = (good[:at], good[at:], good[:at] + chance.randbytes(3) + good[at:], chance.randbytes(at % 90), good * 2)
        assert refused(chance.choice(kinds)).code.startswith("encryption.")


# --- to whom a reply is encrypted ---


def test_the_key_for_a_reply():
    """The one that is named, else the newest that is active; never one for signatures."""
    first, second, signing = client_key("a"), client_key("b"), public("ES256", kid="c")
    keys = (first, second, client_key("d", expires_at=NOW), signing)
    assert choose_recipient(keys, kid=None, now=NOW) == second
    assert choose_recipient(keys, kid="a", now=NOW) == first


@pytest.mark.parametrize(
    ("kid", "cause"),
    [
        ("gone", "client_key_ended"),
        ("late", "client_key_ended"),
        ("deleted", "client_key_ended"),
        ("x", "client_key_unknown"),
        ("signing", "client_key_unknown"),
    ],
)
def test_a_key_for_a_reply_that_is_none(kid, cause):
    """Not there, for signatures, or not active: said before anything is done."""
    keys = (
        client_key("gone", expires_at=NOW),
        client_key("late", active_from=NOW + DAY),
        client_key("deleted", deleted_at=NOW - DAY),
        public("ES256", kid="signing"),
    )
    with pytest.raises(Refused) as caught:
        choose_recipient(keys, kid=kid, now=NOW)
    assert caught.value.code == f"encryption.{cause}"
    with pytest.raises(Refused) as caught:
        choose_recipient(keys[-1:], kid=kid, now=NOW)
    assert caught.value.code == "encryption.client_key_missing"


def test_a_key_for_encryption_verifies_nothing():
    """Named, it is told; unnamed, it does not stand beside the one key for signatures."""
    keys = (client_key("k-1"), public("ES256", kid="c"))
    assert making.refused(making.jws(making.header(kid="k-1")), *keys).code == "signature.key_for_encryption"
    assert making.opened(making.jws(making.header(kid=...)), *keys).key == keys[1]
    assert making.refused(making.jws(making.header(kid=...)), keys[0]).code == "signature.no_key"


def test_a_key_by_which_users_approve_verifies_no_call():
    """Named, it is told, also where its signature is good; unnamed, it does not stand beside the one key for calls."""
    scheme = making.only("ES256", "PS256")
    keys = (public("RS256", kid="phone"), public("ES256", kid="c"))
    signed = making.jws(making.header("PS256", kid="phone"), algorithm="PS256")
    assert making.refused(signed, *keys, scheme=scheme).code == "signature.key_for_approval"
    assert making.opened(making.jws(making.header(kid=...)), *keys, scheme=scheme).key == keys[1]
    assert making.refused(making.jws(making.header(kid=...)), keys[0], scheme=scheme).code == "signature.no_key"


def test_a_key_of_ours_is_rsa_of_2048_bits():
    """As Wise's samples are; kept as PKCS #8."""
    assert isinstance(own().private_key, rsa.RSAPrivateKey) and own().private_key.key_size == 2048
