"""Opening what a client has signed: one verification if all is well, and otherwise the one cause that fits best.

The HTTP headers around it, and what the payload means, are left to the provider.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.jose.choosing import choose
from sandbox.jose.compact import read_compact
from sandbox.jose.header import Header, algorithm_of, judge_critical, judge_names, text_of
from sandbox.jose.keys import VerifyingKey
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
    compact = read_compact(body)
    algorithm = algorithm_of(compact.header, scheme)
    judge_critical(compact.header, scheme)
    key = choose(keys, kid=text_of(compact.header, "kid"), algorithm=algorithm, now=now)
    if not compact.payload:
        raise no("signature.payload_empty", seen="nothing between the two dots", expected="a payload in base64url")
    if not algorithm.verifies(key.public_key, compact.signing_input, compact.signature):
        # Only now: nobody whose signature is good pays for the search.
        from sandbox.jose.explaining import Suspect, explain

        raise explain(
            Suspect(compact=compact, scheme=scheme, algorithm=algorithm, key=key, keys=keys, path=path, now=now)
        )
    # What the header says of the call is asked last: a signature that does not hold vouches for no url.
    judge_names(compact.header, scheme)
    if scheme.url:
        judge_url(compact.header, path)
    return Said(header=compact.header, payload=compact.payload, key=key)
