"""joserfc makes and checks the signatures: that it is asked, what it is not asked, and when it is loaded."""

import json
import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jws as library
from joserfc.jwa import ESAlgorithm, JWSAlgModel, RSAAlgorithm, RSAPSSAlgorithm
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from sandbox.jose.jws import seal_compact, seal_detached
from sandbox.jose.keys import imported
from sandbox.jose.scheme import ALGORITHMS
from tests.sandbox.jose import detaching
from tests.sandbox.jose.making import (
    EVERY,
    KID,
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
)

ROOT = Path(__file__).parents[3]
CLASSES: dict[str, type[Any]] = {"ECDSA": ESAlgorithm, "PSS": RSAPSSAlgorithm, "PKCS1": RSAAlgorithm}
DETACHED = {"b64": False, "crit": ["b64"]}


# --- that it is asked ---


@EVERY
def test_the_library_verifies(algorithm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A good signature is good because joserfc says so, over the bytes as they came; it is bad when joserfc says no."""
    body = jws(algorithm=algorithm)
    asked = []
    kind = CLASSES[ALGORITHMS[algorithm].family]
    verify = kind.verify

    def watched(self: JWSAlgModel, message: bytes, signature: bytes, key: object) -> bool:
        asked.append((self.name, message))
        return bool(verify(self, message, signature, key))

    monkeypatch.setattr(kind, "verify", watched)
    assert opened(body, public(algorithm)).payload == PAYLOAD
    assert asked == [(algorithm, body.rpartition(b".")[0])]
    monkeypatch.setattr(kind, "verify", lambda *_: False)
    assert refused(body, public(algorithm)).code.startswith("signature.")


@EVERY
def test_the_library_signs(algorithm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both forms carry the signature that joserfc gave, and no other."""
    monkeypatch.setattr(CLASSES[ALGORITHMS[algorithm].family], "sign", lambda *_: b"made by the library")
    made = part(b"made by the library").decode()
    assert seal_compact(PAYLOAD, key=shelf(algorithm), header={"alg": algorithm}).endswith(f".{made}")
    assert seal_detached(PAYLOAD, key=shelf(algorithm), header={"alg": algorithm, **DETACHED}).endswith(f"..{made}")


@EVERY
def test_a_json_web_token_goes_both_ways(algorithm: str) -> None:
    """A JWT (RFC 7519) is a compact JWS: PyJWT's is read, and PyJWT reads ours; a flipped byte is refused by both."""
    claims = {"iss": "joe", "http://example.com/is_root": True}
    token = jwt.encode(claims, shelf(algorithm).private_key, algorithm=algorithm, headers={"kid": KID, "url": PATH})
    assert json.loads(opened(token.encode(), public(algorithm)).payload) == claims
    flipped = json.dumps(claims).replace("joe", "jof").encode()
    assert refused(exchanged(token.encode(), payload=flipped), public(algorithm)).code == "signature.does_not_verify"

    ours = seal_compact(compact(claims), key=shelf(algorithm), header={"alg": algorithm, "typ": "JWT"})
    key = shelf(algorithm).public_key
    assert jwt.decode(ours, key, algorithms=[algorithm]) == claims
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(exchanged(ours.encode(), payload=flipped), key, algorithms=[algorithm])


@EVERY
@pytest.mark.parametrize("payload", [b"letters", b'{"a": 1}\r\n', b"\xff\x00.", b""], ids=repr)
def test_pyjwt_reads_what_is_sealed_detached(algorithm: str, payload: bytes) -> None:
    """Whatever the payload is, it stays beside the JWS (RFC 7797); PyJWT takes it, and not with a byte flipped."""
    sealed = seal_detached(payload, key=shelf(algorithm), header={"alg": algorithm, "kid": KID, **DETACHED})
    assert sealed.split(".")[1] == ""
    key = shelf(algorithm).public_key
    assert jwt.PyJWS().decode(sealed, key, algorithms=[algorithm], detached_payload=payload) == payload
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.PyJWS().decode(sealed, key, algorithms=[algorithm], detached_payload=payload + b"\0")
    scheme = only(algorithm, url=False, unencoded=True, critical_exactly=frozenset({"b64"}))
    assert detaching.opened(sealed, public(algorithm), payload=payload, scheme=scheme).payload == payload


@pytest.mark.parametrize("members", [{}, {"b64": False}, {"b64": True, "crit": ["b64"]}, {"b64": False, "crit": []}])
def test_a_detached_jws_says_so(members: dict[str, Any]) -> None:
    """Without b64: false in crit a reader would encode the payload first: a fault of ours."""
    with pytest.raises(RuntimeError, match="b64"):
        seal_detached(PAYLOAD, key=shelf("ES256"), header={"alg": "ES256", **members})
    with pytest.raises(RuntimeError, match="alg"):
        seal_detached(PAYLOAD, key=shelf("ES256"), header={"alg": "ES512", **DETACHED})


# --- what it is not asked, since it is too lenient, too strict or too coarse ---


def test_a_long_header_is_no_fault() -> None:
    """The library limits headers to 512 bytes; a certificate chain in one is longer. Read in both forms, and sealed."""
    chain = [b64encode(bytes(900)).decode()]
    body = jws(header(x5c=chain))
    with pytest.raises(Exception, match="Header size exceeds 512"):
        library.deserialize_compact(body, imported(shelf("ES256").public_key), algorithms=["ES256"])
    assert opened(body).header["x5c"] == chain
    assert refused(exchanged(body, head=compact(header(x5c=[*chain, ""])))).code == "signature.does_not_verify"
    detached = detaching.jws(detaching.header(x5c=chain))
    assert detaching.opened(detached).header["x5c"] == chain
    sealed = seal_compact(PAYLOAD, key=shelf("ES256"), header={"alg": "ES256", "x5c": chain})
    assert jwt.PyJWS().decode(sealed, shelf("ES256").public_key, algorithms=["ES256"]) == PAYLOAD


def test_members_that_no_rfc_registers_are_no_fault() -> None:
    """The library refuses url, iat and iss; here they are judged by what a provider asks for. Replies have others."""
    body = jws()
    with pytest.raises(Exception, match="Unsupported"):
        library.deserialize_compact(body, imported(shelf("ES256").public_key), algorithms=["ES256"])
    assert opened(body).header["url"] == PATH
    sealed = seal_compact(PAYLOAD, key=shelf("ES256"), header={"version": 1, "alg": "ES256"})
    assert jwt.get_unverified_header(sealed) == {"version": 1, "alg": "ES256"}


def test_a_crit_that_names_too_little_is_refused() -> None:
    """The library takes it."""
    head = detaching.header(crit=["b64"])
    value = detaching.jws(head)
    registry = JWSRegistry(algorithms=["RS256"], strict_check_header=False)
    key = imported(detaching.private().public_key())
    assert library.deserialize_compact(value, key, registry=registry, payload=detaching.BODY).payload == detaching.BODY
    assert detaching.refused(value).code == "signature.crit_incomplete"


def test_a_short_rsa_key_never_reaches_the_library() -> None:
    """It would warn the host program, whose warnings may be errors, as they are here; with us it is a refusal."""
    short = rsa.generate_private_key(65537, 1024)  # as older samples have it
    with pytest.raises(Warning, match="2048"):
        imported(short.public_key())
    key = public("RS256")
    object.__setattr__(key, "public_key", short.public_key())
    assert not key.verifies(b"", bytes(128), algorithm=ALGORITHMS["RS256"])


def test_the_table_of_the_process_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host program may register another ES256 with the library; ours verifies and signs as before."""

    class Nothing(ESAlgorithm):
        def verify(self, *_: object) -> bool:
            return True

        def sign(self, *_: object) -> bytes:
            return b""

    monkeypatch.setitem(JWSRegistry.algorithms, "ES256", Nothing("ES256", "P-256", 256))
    assert refused(exchanged(jws(), payload=b"{}")).code == "signature.does_not_verify"
    sealed = seal_compact(PAYLOAD, key=shelf("ES256"), header={"alg": "ES256"})
    assert jwt.PyJWS().decode(sealed, shelf("ES256").public_key, algorithms=["ES256"]) == PAYLOAD


def test_what_we_use_of_the_library_is_as_it_was() -> None:
    """The bound in pyproject.toml rests on this: algorithms with these constructors, and keys taken as they are."""
    known = {algorithm.name: algorithm for algorithm in JWSRegistry.algorithms.values()}
    for name, ours in ALGORITHMS.items():
        assert type(ours.joserfc) is type(known[name]) is CLASSES[ours.family]
        assert vars(ours.joserfc).keys() == vars(known[name]).keys()
        assert (ours.joserfc.name, ours.joserfc.hash_alg) == (name, known[name].hash_alg)  # type: ignore[attr-defined]
    for algorithm, kind in (("ES512", ECKey), ("PS256", RSAKey)):
        private = shelf(algorithm).private_key
        key = imported(private)
        assert isinstance(key, kind) and key.private_key is private
        assert imported(private.public_key()).thumbprint() == key.thumbprint()


# --- when it is loaded ---

SERVES = """
import sys
from sandbank import Sandbox

with Sandbox() as sandbox:
    sandbox.wise.new_client("partner")
    print(*sorted(name for name in sys.modules if name.startswith(("joserfc", "sandbox.jose"))))
"""
VERIFIES = """
import sys
from tests.sandbox.jose.making import jws, opened
opened(jws())
print(*sorted(name for name in sys.modules if name.startswith(("joserfc", "sandbox.jose"))))
"""


def loaded_after(program: str) -> set[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_a_server_starts_without_the_library() -> None:
    """Its import costs 15 ms. A good signature loads it, and no explanation."""
    started = loaded_after(SERVES)
    assert "sandbox.jose.jws" in started
    assert not {name for name in started if name.startswith(("joserfc", "sandbox.jose.explain"))}
    verified = loaded_after(VERIFIES)
    assert "joserfc.jwa" in verified
    assert not {name for name in verified if name.startswith("sandbox.jose.explain")}
