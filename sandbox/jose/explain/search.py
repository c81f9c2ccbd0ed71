"""Why a signature did not verify: one explanation after the other is tried, each a bounded number of times.

This runs only after the verification has failed. Nothing that is found here makes a signature good.
"""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.errors import Refused
from sandbox.jose import no
from sandbox.jose.explain.changed import by_another_key, header_changed
from sandbox.jose.explain.rewritten import another_input, header_reserialized, payload_encoded, payload_reserialized
from sandbox.jose.explain.rsa import (
    HASHES,
    Block,
    digest_of,
    encodings,
    other_digest,
    other_pss,
    pkcs1_padding,
    pss_padding,
    read_block,
)
from sandbox.jose.explain.signatures import (
    Suspect,
    another_hash,
    hash_for,
    in_der,
    other_halves,
    short_halves,
    twice_encoded,
)

__all__ = ["Suspect", "explain"]

# Each try hashes the whole. Calls of the imitated providers are far smaller.
MAX_SEARCHED_BYTES = 65_536

Explanation = Callable[[Suspect], Refused | None]
_FORMS: tuple[Explanation, ...] = (
    in_der,
    short_halves,
    other_halves,
    twice_encoded,
    pkcs1_padding,
    pss_padding,
    other_pss,
    other_digest,
    another_hash,
    by_another_key,
)
_SEARCHES: tuple[Explanation, ...] = (
    payload_encoded,
    payload_reserialized,
    another_input,
    header_reserialized,
    header_changed,
)


def explain(suspect: Suspect) -> Refused:
    """The one cause that fits best."""
    searched = suspect.has_right_length() and len(suspect.jws.signing_input) <= MAX_SEARCHED_BYTES
    for explanation in (*_FORMS, *(_SEARCHES if searched else ())):
        if refused := explanation(suspect):
            return refused
    return _unexplained(suspect)


def _unexplained(suspect: Suspect) -> Refused:
    signature = suspect.jws.signature
    if not suspect.has_right_length():
        expected = f"{suspect.algorithm.length(suspect.key.public_key)} bytes for {suspect.algorithm.name}"
        return no("signature.length_wrong", seen=_length(len(signature)), expected=f"{expected} with {suspect.key}")
    if block := _signed_block(suspect):
        return _other_bytes(suspect, block)
    return no(
        "signature.does_not_verify",
        seen=_maker(suspect),
        expected=f"a signature by {suspect.key} over {_over(suspect)}",
        next_step=suspect.compare,
    )


def _signed_block(suspect: Suspect) -> Block | None:
    """The hash of what was signed instead, where the signature shows it."""
    key = suspect.key.public_key
    if suspect.algorithm.family != "PKCS1" or not isinstance(key, rsa.RSAPublicKey):
        return None
    block = read_block(key, suspect.jws.signature)
    return block if block and block.hash_name else None


def _other_bytes(suspect: Suspect, block: Block) -> Refused:
    name, right = block.hash_name, suspect.algorithm.hash.name
    came = next(digest_of(suspect.jws.signing_input, each) for each in HASHES if each.name == name)
    also = f"; and {hash_for(suspect.algorithm)}" if name != right else ""
    return no(
        "signature.does_not_verify",
        seen=f"a signature made with the right private key, over other bytes, whose {name} is {block.digest.hex()}",
        expected=f"{name} {came.hex()}, of {_over(suspect)}{also}",
        next_step=f"print the {name} of the bytes that you sign, and look where they differ from those that came",
    )


def _over(suspect: Suspect) -> str:
    return "the two parts as they came" if suspect.jws.encoded else "the header's part, a dot and the body as they came"


def _length(size: int) -> str:
    # The sample of a well-known guide ends so, and so does every JWS made with HS256.
    return f"{size} bytes, as HMAC with SHA-256 gives" if size == 32 else f"{size} bytes"


def _maker(suspect: Suspect) -> str:
    """What an RSA signature shows about its maker. An ECDSA signature shows nothing."""
    key = suspect.key.public_key
    if not isinstance(key, rsa.RSAPublicKey):
        return "a signature that holds neither for these bytes nor for any variant that was tried"
    if any(way.telling for way in encodings(key, suspect.jws.signature)):
        return "a signature made with the right private key, over other bytes: header or payload has been changed"
    return "a signature made with another private key, or damaged on its way"
