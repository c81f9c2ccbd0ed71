"""Good signatures in a form that RFC 7518 does not have: DER, short halves, other hashes, salts and paddings."""

from dataclasses import replace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from sandbox.errors import Refused
from sandbox.jose.algorithms import Ecdsa, Pss
from sandbox.jose.pss import DIGESTS, encodings
from sandbox.jose.refusing import no
from sandbox.jose.suspect import Suspect


def in_der(suspect: Suspect) -> Refused | None:
    """ECDSA as most crypto libraries write it: a DER SEQUENCE of r and s."""
    if not isinstance(suspect.algorithm, Ecdsa):
        return None
    try:
        r, s = decode_dss_signature(suspect.compact.signature)
    except ValueError:
        return None
    if not _holds_with(suspect, r, s):
        return None
    return no(
        "signature.der",
        seen=f"{len(suspect.compact.signature)} bytes of DER; as r and s side by side they verify",
        expected=_side_by_side(suspect.algorithm),
    )


def short_halves(suspect: Suspect) -> Refused | None:
    """r and s side by side, but without their leading zeros."""
    signature, algorithm = suspect.compact.signature, suspect.algorithm
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
        if digest.name != algorithm.hash.name and suspect.holds(suspect.compact.signing_input, algorithm=other):
            return no("signature.hash_wrong", seen=f"{digest.name}, with which it verifies", expected=_hash(algorithm))
    return None


def pkcs1_padding(suspect: Suspect) -> Refused | None:
    """What RS256 signs, under the name of PS256."""
    key = suspect.key.public_key
    if not isinstance(key, rsa.RSAPublicKey):
        return None
    for digest in DIGESTS:
        try:
            key.verify(suspect.compact.signature, suspect.compact.signing_input, PKCS1v15(), digest)
        except InvalidSignature:
            continue
        seen = f"RSASSA-PKCS1-v1_5 with {digest.name}, with which it verifies"
        return no("signature.pkcs1_padding", seen=seen, expected=f"RSASSA-PSS for {suspect.algorithm.name}")
    return None


def other_pss(suspect: Suspect) -> Refused | None:
    """PSS with a salt of another length, or with another hash or mask."""
    key, algorithm = suspect.key.public_key, suspect.algorithm
    if not isinstance(key, rsa.RSAPublicKey) or not isinstance(algorithm, Pss):
        return None
    for way in encodings(key, suspect.compact.signature):
        if not way.verifies(key, suspect.compact.signing_input, suspect.compact.signature):
            continue
        seen = f"{way.digest.name}, MGF1 with {way.mask.name}, {way.salt} bytes of salt; so it verifies"
        size = algorithm.hash.digest_size
        expected = f"{_hash(algorithm)}, MGF1 with {algorithm.hash.name}, {size} bytes of salt"
        if way.digest.name == way.mask.name == algorithm.hash.name:
            return no("signature.salt_wrong", seen=seen, expected=expected)
        return no("signature.hash_wrong", seen=seen, expected=expected)
    return None


def _holds_with(suspect: Suspect, r: int, s: int) -> bool:
    algorithm = suspect.algorithm
    if not isinstance(algorithm, Ecdsa) or max(r, s).bit_length() > 8 * algorithm.width or min(r, s) < 0:
        return False
    raw = r.to_bytes(algorithm.width, "big") + s.to_bytes(algorithm.width, "big")
    return algorithm.verifies(suspect.key.public_key, suspect.compact.signing_input, raw)


def _side_by_side(algorithm: Ecdsa) -> str:
    return f"{2 * algorithm.width} bytes: r and s of {algorithm.width} each, big-endian (RFC 7518 section 3.4)"


def _hash(algorithm: Ecdsa | Pss) -> str:
    return f"{algorithm.hash.name} for {algorithm.name}"
