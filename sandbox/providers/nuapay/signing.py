"""How Nuapay has calls signed: a detached JWS over the bytes of the body, in the header ``JWS-Signature``.

Sources: docs.nuapay.com, "JWS" (np_secjws, np_secjwsrest, np_secjwssample), and the official Java sample. Replies are
not signed.
"""

from collections.abc import Sequence
from datetime import datetime

from sandbox.jose.jws import Verified, open_detached
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.scheme import Scheme
from sandbox.providers.context import Request
from sandbox.providers.declare import Signing

HEADER = "JWS-Signature"
SCHEME = Scheme(
    algorithms=("RS256",),
    url=False,
    unencoded=True,
    critical_exactly=frozenset({"b64", "iat", "iss"}),
    # kid is the certificate's serial number in decimal, iss its subject.
    required=("kid", "iat", "iss"),
    issuer=True,
    issued_at=True,
)


def open_call(request: Request, keys: Sequence[VerifyingKey], now: datetime) -> Verified | None:
    """What the body says, as the header vouches for it."""
    signature = request.headers.get(HEADER.lower())
    if signature is None:
        return None
    return open_detached(signature, payload=request.payload, scheme=SCHEME, keys=keys, now=now)


SIGNING = Signing(scheme=SCHEME, keys="certificates", where=f"a {HEADER} header", open=open_call, reply=None)
