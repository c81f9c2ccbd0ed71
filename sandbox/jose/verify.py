"""Opening what a client has signed: one verification if all is well, and otherwise the one cause that fits best.

The HTTP headers around it, and what the payload means, are left to the provider.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.jose import no
from sandbox.jose.claims import judge_issued_at, judge_issuer, judge_url
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.reading import (
    Header,
    Jws,
    algorithm_of,
    judge_critical,
    judge_names,
    read_compact,
    read_detached,
    text_of,
)
from sandbox.jose.scheme import Algorithm, Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a client said, as its signature vouches for it."""

    header: Header
    payload: bytes = field(repr=False)
    """The very bytes that were signed."""
    key: VerifyingKey


def open_compact(body: bytes, *, scheme: Scheme, keys: Sequence[VerifyingKey], path: str, now: datetime) -> Verified:
    """What the compact JWS *body* says (RFC 7515 section 5.2).

    *keys* are all of the client's, also those expired and deleted, so that a refusal can say so. *path* is that of
    the call as it was requested, percent-encoding and all, without the query. Raises Refused with one cause
    ``signature.…``.
    """
    if scheme.unencoded:
        raise RuntimeError("a scheme whose JWS is detached")
    return _open(read_compact(body), scheme=scheme, keys=keys, path=path, now=now)


def open_detached(
    signature: str, *, payload: bytes, scheme: Scheme, keys: Sequence[VerifyingKey], now: datetime
) -> Verified:
    """What *payload* says, byte for byte, as the detached JWS *signature* vouches for it (RFC 7797).

    *keys* and refusals are as with ``open_compact``. The payload may be empty.
    """
    if not scheme.unencoded:
        raise RuntimeError("a scheme whose JWS has its payload within it")
    return _open(read_detached(signature, payload), scheme=scheme, keys=keys, path="", now=now)


def choose(
    keys: Sequence[VerifyingKey], *, kid: str | None, algorithm: Algorithm, now: datetime, certified: bool = False
) -> VerifyingKey:
    """The one active key that *kid* names, or that is the only one; and it is for the algorithm.

    *certified* says that keys come from certificates, also where there is none yet.
    """
    named = keys if kid is None else [key for key in keys if key.kid == kid]
    active = [key for key in named if key.status(now) == "active"]
    if active and (kid is not None or len(active) == 1):
        chosen = active[-1]
        if chosen.algorithm == algorithm.name and algorithm.fits(chosen.public_key):
            return chosen
    from sandbox.jose.explain.keys import not_chosen

    raise not_chosen(keys, named, active, kid=kid, algorithm=algorithm, now=now, certified=certified)


def _open(jws: Jws, *, scheme: Scheme, keys: Sequence[VerifyingKey], path: str, now: datetime) -> Verified:
    algorithm = algorithm_of(jws.header, scheme)
    # The library takes a crit that names too little, so it is judged before the library is asked.
    judge_critical(jws.header, scheme)
    kid = text_of(jws.header, "kid")
    key = choose(keys, kid=kid, algorithm=algorithm, now=now, certified=scheme.issuer)
    if jws.encoded and not jws.payload:
        raise no("signature.payload_empty", seen="nothing between the two dots", expected="a payload in base64url")
    if not key.verifies(jws.signing_input, jws.signature, algorithm=algorithm):
        # Only now: nobody whose signature is good pays for the search.
        from sandbox.jose.explain.search import Suspect, explain

        raise explain(Suspect(jws=jws, scheme=scheme, algorithm=algorithm, key=key, keys=keys, path=path, now=now))
    # What the header says of the call is asked last: a signature that does not hold vouches for no url.
    judge_names(jws.header, scheme)
    if scheme.url:
        judge_url(jws.header, path)
    if scheme.issuer:
        judge_issuer(jws.header, key)
    if scheme.issued_at:
        judge_issued_at(jws.header, now)
    return Verified(header=jws.header, payload=jws.payload, key=key)
