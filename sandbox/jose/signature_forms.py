"""Good signatures in a form that RFC 7518 does not have: DER, short halves, another hash, a second encoding.

What only RSA has, salts and paddings, is left to ``rsa_forms``.
"""

from binascii import Error, a2b_base64, unhexlify
from collections.abc import Iterator
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from sandbox.errors import Refused
from sandbox.jose.algorithms import Algorithm, Ecdsa
from sandbox.jose.parts import to_standard
from sandbox.jose.pss import DIGESTS
from sandbox.jose.refusing import no
from sandbox.jose.suspect import Suspect

# The signature of an RSA key of 8192 bits in hexadecimal.
MAX_TEXT = 2048


def in_der(suspect: Suspect) -> Refused | None:
    """ECDSA as most crypto libraries write it: a DER SEQUENCE of r and s."""
    if not isinstance(suspect.algorithm, Ecdsa):
        return None
    try:
        r, s = decode_dss_signature(suspect.jws.signature)
    except ValueError:
        return None
    if not _holds_with(suspect, r, s):
        return None
    return no(
        "signature.der",
        seen=f"{len(suspect.jws.signature)} bytes of DER; as r and s side by side they verify",
        expected=_side_by_side(suspect.algorithm),
    )


def short_halves(suspect: Suspect) -> Refused | None:
    """r and s side by side, but without their leading zeros."""
    signature, algorithm = suspect.jws.signature, suspect.algorithm
    half = len(signature) // 2
    if not isinstance(algorithm, Ecdsa) or not 0 < half < algorithm.width or len(signature) % 2:
        return None
    if not _holds_with(suspect, int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")):
        return None
    return no(
        "signature.length_wrong",
        seen=f"{len(signature)} bytes; with each half filled up with zeros on the left they verify",
        expected=_side_by_side(algorithm),
        next_step=f"write r and s with {algorithm.width} bytes each, leading zeros included",
    )


def another_hash(suspect: Suspect) -> Refused | None:
    """ECDSA on the right curve with the hash of another algorithm."""
    algorithm = suspect.algorithm
    if not isinstance(algorithm, Ecdsa):
        return None
    for digest in DIGESTS:
        other = replace(algorithm, hash=digest)
        if digest.name != algorithm.hash.name and suspect.holds(suspect.jws.signing_input, algorithm=other):
            seen = f"{digest.name}, with which it verifies"
            return no("signature.hash_wrong", seen=seen, expected=hash_for(algorithm))
    return None


def twice_encoded(suspect: Suspect) -> Refused | None:
    """The text that a tool printed, in hexadecimal or base64, encoded once more."""
    for words, signature in _decoded(suspect.jws.signature):
        if suspect.algorithm.verifies(suspect.key.public_key, suspect.jws.signing_input, signature):
            return no(
                "signature.length_wrong",
                seen=f"{len(suspect.jws.signature)} bytes, {words} once more: out of it they verify",
                expected=f"the {len(signature)} bytes of the signature, encoded once, in base64url",
                next_step="encode the signature's bytes, not the text that a tool has printed for them",
            )
    return None


def _decoded(signature: bytes) -> Iterator[tuple[str, bytes]]:
    if len(signature) > MAX_TEXT:
        return
    text = b"".join(signature.split())
    for words, decode in (("in hexadecimal", unhexlify), ("in base64", _any_base64)):
        try:
            yield words, decode(text)
        except (Error, ValueError):
            continue  # it is no such text


def _any_base64(text: bytes) -> bytes:
    bare = to_standard(text).rstrip(b"=")
    return a2b_base64(bare + b"=" * (-len(bare) % 4), strict_mode=True)


def _holds_with(suspect: Suspect, r: int, s: int) -> bool:
    algorithm = suspect.algorithm
    if not isinstance(algorithm, Ecdsa) or max(r, s).bit_length() > 8 * algorithm.width or min(r, s) < 0:
        return False
    raw = r.to_bytes(algorithm.width, "big") + s.to_bytes(algorithm.width, "big")
    return algorithm.verifies(suspect.key.public_key, suspect.jws.signing_input, raw)


def _side_by_side(algorithm: Ecdsa) -> str:
    return f"{2 * algorithm.width} bytes: r and s of {algorithm.width} each, big-endian (RFC 7518 section 3.4)"


def hash_for(algorithm: Algorithm) -> str:
    """The hash that an algorithm has, with both names."""
    return f"{algorithm.hash.name} for {algorithm.name}"
