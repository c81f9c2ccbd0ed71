"""Why a signature did not verify: the harmless explanations one after the other, each with a bounded number of tries.

Done only after the plain verification has failed; nothing that is found here makes a signature good.
"""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.errors import Refused
from sandbox.jose.changed import by_another_key, header_changed
from sandbox.jose.pss import encodings
from sandbox.jose.refusing import no
from sandbox.jose.rewritten import another_input, header_written_anew, payload_written_anew
from sandbox.jose.signature_forms import another_hash, in_der, other_pss, pkcs1_padding, short_halves
from sandbox.jose.suspect import Suspect

__all__ = ["Suspect", "explain"]

# Each try hashes the whole. Calls of the imitated providers are far smaller.
MAX_SEARCHED_BYTES = 65_536

Explanation = Callable[[Suspect], Refused | None]
_FORMS: tuple[Explanation, ...] = (in_der, short_halves, pkcs1_padding, other_pss, another_hash, by_another_key)
_SEARCHES: tuple[Explanation, ...] = (payload_written_anew, another_input, header_written_anew, header_changed)


def explain(suspect: Suspect) -> Refused:
    """The one cause that fits best."""
    searched = suspect.has_right_length() and len(suspect.compact.signing_input) <= MAX_SEARCHED_BYTES
    for explanation in (*_FORMS, *(_SEARCHES if searched else ())):
        if refused := explanation(suspect):
            return refused
    return _unexplained(suspect)


def _unexplained(suspect: Suspect) -> Refused:
    signature = suspect.compact.signature
    if not suspect.has_right_length():
        expected = f"{suspect.algorithm.length(suspect.key.public_key)} bytes for {suspect.algorithm.name}"
        return no("signature.length_wrong", seen=_length(len(signature)), expected=f"{expected} with {suspect.key}")
    return no(
        "signature.does_not_verify",
        seen=_maker(suspect),
        expected=f"a signature by {suspect.key} over the two parts as they came",
    )


def _length(size: int) -> str:
    # The sample of a well-known guide ends so, and so does every JWS made with HS256.
    return f"{size} bytes, as HMAC with SHA-256 gives" if size == 32 else f"{size} bytes"


def _maker(suspect: Suspect) -> str:
    """What an RSA signature tells of itself; ECDSA tells nothing."""
    key = suspect.key.public_key
    if not isinstance(key, rsa.RSAPublicKey):
        return "a signature that holds neither for these bytes nor for any variant that was tried"
    if any(way.telling for way in encodings(key, suspect.compact.signature)):
        return "a signature made with the right private key, over other bytes: header or payload has been changed"
    return "a signature made with another private key, or damaged on its way"
