"""Opening what a client has signed: one verification if all is well, and otherwise the one cause that fits best.

The HTTP headers around it, and what the payload means, are left to the provider.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.jose.choosing import choose
from sandbox.jose.claims import judge_issued_at, judge_issuer
from sandbox.jose.compact import read_compact
from sandbox.jose.critical import judge_critical
from sandbox.jose.detached import read_detached
from sandbox.jose.header import Header, algorithm_of, judge_names, text_of
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.parts import Jws
from sandbox.jose.refusing import no
from sandbox.jose.scheme import Scheme
from sandbox.jose.url import judge_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a client said, as its signature vouches for it."""

    header: Header
    payload: bytes = field(repr=False)
    """The very bytes that were signed."""
    key: VerifyingKey


def open_compact(body: bytes, *, scheme: Scheme, keys: Sequence[VerifyingKey], path: str, now: datetime) -> Said:
    """What was said in the compact JWS *body* (RFC 7515 section 5.2).

    *keys* are all of the client's, also those expired and deleted, so that a refusal can say so. *path* is that of
    the call as it was requested, percent-encoding and all, without the query. Raises Refused with one cause
    ``signature.…``.
    """
    if scheme.unencoded:
        raise RuntimeError("a scheme whose JWS is detached")
    return _open(read_compact(body), scheme=scheme, keys=keys, path=path, now=now)


def open_detached(
    signature: str, *, payload: bytes, scheme: Scheme, keys: Sequence[VerifyingKey], now: datetime
) -> Said:
    """What was said in *payload*, byte for byte, as the detached JWS *signature* vouches for it (RFC 7797).

    *keys* and refusals are as with ``open_compact``. The payload may be empty.
    """
    if not scheme.unencoded:
        raise RuntimeError("a scheme whose JWS has its payload within it")
    return _open(read_detached(signature, payload), scheme=scheme, keys=keys, path="", now=now)


def _open(jws: Jws, *, scheme: Scheme, keys: Sequence[VerifyingKey], path: str, now: datetime) -> Said:
    algorithm = algorithm_of(jws.header, scheme)
    judge_critical(jws.header, scheme)
    kid = text_of(jws.header, "kid")
    key = choose(keys, kid=kid, algorithm=algorithm, now=now, certified=scheme.issuer)
    if jws.encoded and not jws.payload:
        raise no("signature.payload_empty", seen="nothing between the two dots", expected="a payload in base64url")
    if not algorithm.verifies(key.public_key, jws.signing_input, jws.signature):
        # Only now: nobody whose signature is good pays for the search.
        from sandbox.jose.explaining import Suspect, explain

        raise explain(Suspect(jws=jws, scheme=scheme, algorithm=algorithm, key=key, keys=keys, path=path, now=now))
    # What the header says of the call is asked last: a signature that does not hold vouches for no url.
    judge_names(jws.header, scheme)
    if scheme.url:
        judge_url(jws.header, path)
    if scheme.issuer:
        judge_issuer(jws.header, key)
    if scheme.issued_at:
        judge_issued_at(jws.header, now)
    return Said(header=jws.header, payload=jws.payload, key=key)
