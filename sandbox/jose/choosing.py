"""Which of a client's keys a signature is to be judged by; where keys are kept and parsed is left to others."""

import difflib
from collections.abc import Sequence
from datetime import datetime

from ca.clock import write_time
from ca.keys import describe
from sandbox.errors import Refused
from sandbox.jose.algorithms import Algorithm
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.refusing import no, shown

# Names listed to a person who mistyped one.
LISTED_KIDS = 5
# Names that a mistyped one is compared with, which is slow; nobody has more keys in rotation.
COMPARED_KIDS = 20
# A kid is a UUID, or a short name. Longer ones are not worth comparing.
COMPARED_CHARACTERS = 100


def choose(keys: Sequence[VerifyingKey], *, kid: str | None, algorithm: Algorithm, now: datetime) -> VerifyingKey:
    """The one active key that *kid* names, or that is the only one; and it is for the algorithm."""
    if not keys:
        raise no("signature.no_key", seen="no public key of this client", expected="one key at least")
    named = keys if kid is None else [key for key in keys if key.kid == kid]
    if not named:
        raise _unknown(kid, keys)
    active = [key for key in named if key.status(now) == "active"]
    if not active:
        raise _not_active(named[-1], now)
    if kid is None and len(active) > 1:
        raise no(
            "signature.kid_missing",
            seen=f"no kid in the header, and {len(active)} active keys",
            expected=f"kid: {_listed(active)}",
        )
    key = active[-1]
    if key.algorithm != algorithm.name or not algorithm.fits(key.public_key):
        raise no(
            "signature.alg_does_not_fit",
            seen=f"alg: {shown(algorithm.name)}",
            expected=f"alg: {shown(key.algorithm)}, as {key} is registered ({describe(key.public_key)})",
        )
    return key


def _unknown(kid: str | None, keys: Sequence[VerifyingKey]) -> Refused:
    known = [key.kid for key in keys if key.kid is not None]
    near = difflib.get_close_matches((kid or "")[:COMPARED_CHARACTERS], known[-COMPARED_KIDS:], n=1, cutoff=0.8)
    meant = f"did you mean {shown(near[0])}? A kid is compared character for character" if near else ""
    return no("signature.kid_unknown", seen=f"kid: {shown(kid)}", expected=f"kid: {_listed(keys)}", next_step=meant)


def _not_active(key: VerifyingKey, now: datetime) -> Refused:
    at = f"a key that is active at {write_time(now)}"
    match key.status(now):
        case "deleted" if key.deleted_at:
            return no("signature.key_deleted", seen=f"{key}, deleted at {write_time(key.deleted_at)}", expected=at)
        case "expired" if key.expires_at:
            return no("signature.key_expired", seen=f"{key}, expired at {write_time(key.expires_at)}", expected=at)
    since = write_time(key.active_from or now)
    return no("signature.key_not_yet_active", seen=f"{key}, active from {since}", expected=at)


def _listed(keys: Sequence[VerifyingKey]) -> str:
    names = [shown(key.kid) if key.kid is not None else "none (a key without a kid)" for key in keys[-LISTED_KIDS:]]
    return " or ".join(names) + (f" and {len(keys) - LISTED_KIDS} more" if len(keys) > LISTED_KIDS else "")
