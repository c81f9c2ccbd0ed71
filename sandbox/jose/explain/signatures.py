"""A JWS whose signature did not verify, and the forms of a good signature that RFC 7518 does not have.

Those are DER, short halves, another hash and a second encoding. Paddings and salts of RSA are left to ``rsa``.
"""

from binascii import Error, a2b_base64, unhexlify
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, product

from ca.x509.der import INTEGER, SEQUENCE, elements, outer_length
from sandbox.errors import Refused
from sandbox.jose import no
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.reading import Jws, to_standard
from sandbox.jose.scheme import HASH_BITS, Algorithm, Scheme

# Nobody has more keys in rotation, and each costs a verification (ES512: 0.4 ms).
MAX_OTHER_KEYS = 16
# Leading zero bytes that a number may have lost: with more than eight of them it would not be random.
MAX_ZEROS = 8
# Zeros that were filled up on the wrong side of one: more in one of 4 billion, and each costs a verification.
MAX_FILLED = 3
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
    """ECDSA as most crypto libraries write it: a DER SEQUENCE of r and s; some fill the numbers up with zeros."""
    pair = _integers(suspect.jws.signature) if suspect.algorithm.curve else None
    if pair is None or not _holds_with(suspect, *pair):
        return None
    return no(
        "signature.der",
        seen=f"{len(suspect.jws.signature)} bytes of DER; as r and s side by side they verify",
        expected=_side_by_side(suspect.algorithm),
    )


def _integers(der: bytes) -> tuple[int, int] | None:
    """The two numbers of a SEQUENCE of INTEGERs, also where these have needless zeros or lack the one that they need,
    and where bytes follow: what DER forbids, and hand-written encoders do."""
    outer = next(iter(elements(der)), None) or next(iter(elements(der[: outer_length(der) or 0])), None)
    parts = list(elements(outer[1])) if outer and outer[0] == SEQUENCE else []
    if [tag for tag, _ in parts] != [INTEGER, INTEGER]:
        return None
    r, s = (int.from_bytes(content, "big") for _, content in parts)
    return r, s


def short_halves(suspect: Suspect) -> Refused | None:
    """r and s side by side, but one or both without their leading zeros, or with one more, as big integers have it."""
    if not suspect.algorithm.curve:
        return None
    signature, width = suspect.jws.signature, suspect.algorithm.width
    length = len(signature)
    if not 0 < abs(length - 2 * width) <= MAX_ZEROS:
        return None
    # Where r ends is not told: it has at most as many bytes too few, or one too many.
    for cut in range(max(1, length - width - 1), min(width + 1, length - 1) + 1):
        r, s = (int.from_bytes(half, "big") for half in (signature[:cut], signature[cut:]))
        if _holds_with(suspect, r, s):
            seen = f"{length} bytes: r in {cut} and s in {length - cut}; filled up with zeros to {width} they verify"
            return _halves(suspect, seen)
    return None


def other_halves(suspect: Suspect) -> Refused | None:
    """Halves of the right length in another order of their bytes, or filled up on the wrong side."""
    if not suspect.algorithm.curve or not suspect.has_right_length():
        return None
    signature, width = suspect.jws.signature, suspect.algorithm.width
    first, second = signature[:width], signature[width:]
    lefts, rights = _unfilled(first), _unfilled(second)
    for words, pairs in (
        ("s before r", ((second, first),)),
        ("little-endian", ((first[::-1], second[::-1]),)),
        ("zeros filled up on the right of r", product(lefts, (second,))),
        ("zeros filled up on the right of s", product((first,), rights)),
        ("zeros filled up on the right of both", product(lefts, rights)),
    ):
        if any(_holds_with(suspect, int.from_bytes(r, "big"), int.from_bytes(s, "big")) for r, s in pairs):
            return _halves(suspect, f"r and s with {words}; put right, they verify")
    return None


def _unfilled(half: bytes) -> Sequence[bytes]:
    """The half without a zero at its end, without two and so on: the last ones may be the number's own."""
    zeros = len(half) - len(half.rstrip(b"\0"))
    return tuple(half[:-dropped] for dropped in range(1, min(zeros, MAX_FILLED) + 1))


def _halves(suspect: Suspect, seen: str) -> Refused:
    return no(
        "signature.layout" if suspect.has_right_length() else "signature.length_wrong",
        seen=seen,
        expected=_side_by_side(suspect.algorithm),
        next_step=f"write r and s with {suspect.algorithm.width} bytes each, leading zeros included",
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
