"""A JWS whose signature did not verify, and the forms of a good signature that RFC 7518 does not have.

Those are DER, short halves, another hash and a second encoding. Paddings and salts of RSA are left to ``rsa``.
"""

from binascii import Error, a2b_base64, unhexlify
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from sandbox.errors import Refused
from sandbox.jose import no
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.reading import Jws, to_standard
from sandbox.jose.scheme import HASH_BITS, Algorithm, Scheme

# Nobody has more keys in rotation, and each costs a verification (ES512: 0.4 ms).
MAX_OTHER_KEYS = 16
# The signature of an RSA key of 8192 bits in hexadecimal.
MAX_TEXT = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """What came, by which key it was to be verified, and what it was to be verified for."""

    jws: Jws
    scheme: Scheme
    algorithm: Algorithm
    key: VerifyingKey
    keys: Sequence[VerifyingKey]
    path: str
    now: datetime

    @property
    def compare(self) -> str:
        """The command that shows whether a private key is the right one; "" where the table of causes has it."""
        if self.key.name is None:
            return ""
        return "openssl pkey -in KEY -pubout and openssl x509 -in CERTIFICATE.pem -noout -pubkey must print the same"

    def holds(self, message: bytes, *, key: VerifyingKey | None = None, algorithm: Algorithm | None = None) -> bool:
        """Whether the signature would be good over *message*."""
        return (key or self.key).verifies(message, self.jws.signature, algorithm=algorithm or self.algorithm)

    def has_right_length(self) -> bool:
        return len(self.jws.signature) == self.algorithm.length(self.key.public_key)

    def other_keys(self) -> Iterator[VerifyingKey]:
        """The client's other keys that could have made a signature of this algorithm, the newest first."""
        others = (key for key in reversed(self.keys) if key is not self.key and self.algorithm.fits(key.public_key))
        return islice(others, MAX_OTHER_KEYS)


def in_der(suspect: Suspect) -> Refused | None:
    """ECDSA as most crypto libraries write it: a DER SEQUENCE of r and s."""
    if not suspect.algorithm.curve:
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
    if not algorithm.curve or not 0 < half < algorithm.width or len(signature) % 2:
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
    if not algorithm.curve:
        return None
    for bits in HASH_BITS:
        other = replace(algorithm, bits=bits)
        if bits != algorithm.bits and suspect.holds(suspect.jws.signing_input, algorithm=other):
            seen = f"{other.hash.name}, with which it verifies"
            return no("signature.hash_wrong", seen=seen, expected=hash_for(algorithm))
    return None


def twice_encoded(suspect: Suspect) -> Refused | None:
    """The text that a tool printed, in hexadecimal or base64, encoded once more."""
    for words, signature in _decoded(suspect.jws.signature):
        if suspect.key.verifies(suspect.jws.signing_input, signature, algorithm=suspect.algorithm):
            return no(
                "signature.length_wrong",
                seen=f"{len(suspect.jws.signature)} bytes: the signature as text {words}; decoded, it verifies",
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
    if not algorithm.curve or max(r, s).bit_length() > 8 * algorithm.width or min(r, s) < 0:
        return False
    raw = r.to_bytes(algorithm.width, "big") + s.to_bytes(algorithm.width, "big")
    return suspect.key.verifies(suspect.jws.signing_input, raw, algorithm=algorithm)


def _side_by_side(algorithm: Algorithm) -> str:
    return f"{2 * algorithm.width} bytes: r and s of {algorithm.width} each, big-endian (RFC 7518 section 3.4)"


def hash_for(algorithm: Algorithm) -> str:
    """The hash that an algorithm has, with both names."""
    return f"{algorithm.hash.name} for {algorithm.name}"
