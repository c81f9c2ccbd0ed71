"""How Wise has calls signed and encrypted: a compact JWS or JWE, or the one within the other, in place of the body.

Sources: https://docs.wise.com/guides/developer/auth-and-security/jose/jose-jws, …/jose-jwe, …/jose-jws-jwe; Wise's
description 2026Q3.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.errors import refuse
from sandbox.jose.scheme import OAEP, Scheme
from sandbox.providers.context import Request
from sandbox.providers.sealing import Encryption, Method, ReplySeal, Signing

if TYPE_CHECKING:
    from sandbox.jose.jws import Verified
    from sandbox.jose.keys import VerifyingKey

JOSE_JSON = "application/jose+json"
ALGORITHMS = ("ES256", "ES384", "ES512", "PS256", "PS384", "PS512")
PLAIN = Method(name="")
METHODS = (
    Method(name="jws", signed=True),
    Method(name="jwe", encrypted=True),
    Method(name="jws+jwe", signed=True, encrypted=True),
)
_BY_NAME = {method.name: method for method in METHODS}
ENCRYPTION_KID = "x-tw-jose-encryption-kid"
"""Which of the client's keys the reply is encrypted to. The older paths do not have it; there, and where it is left
out, the newest counts: that is our own reading, as Wise publishes nothing."""
# The page names alg, typ, kid and url; kid may be left out by whoever has one key, and typ vouches for nothing.
SCHEME = Scheme(algorithms=ALGORITHMS, url=True)


def open_call(request: Request, keys: "Sequence[VerifyingKey]", now: datetime) -> "Verified | None":
    """What the JWS says that stands in place of the body, or that was encrypted there."""
    if not method_of(request).signed:
        return None
    from sandbox.jose.jws import open_compact  # with the first signed call

    return open_compact(request.payload, scheme=SCHEME, keys=keys, path=request.path, now=now)


def method_of(request: Request) -> Method:
    """By its Content-Type. The two other headers are required beside it; without them the call is sealed by halves.

    A call without a body has no Content-Type, and can ask for an encrypted reply.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    said = request.headers.get("x-tw-jose-method", "").strip()
    method = _BY_NAME.get(said.lower())
    if content_type != JOSE_JSON and (content_type or request.payload or not (method and method.encrypted)):
        if said:
            seen = f"Content-Type {content_type[:80] or '(none)'} with X-TW-JOSE-Method: {said[:20]}"
            raise refuse("body.media_type", seen=seen, expected=JOSE_JSON)
        return PLAIN
    if method is None:
        expected = " or ".join(_BY_NAME)
        if not said:
            raise refuse("signature.method_missing", seen="no X-TW-JOSE-Method header", expected=expected)
        raise refuse("signature.method_wrong", seen=f"X-TW-JOSE-Method: {said[:20]}", expected=expected)
    if JOSE_JSON not in request.headers.get("accept", "").lower():
        seen = f"Accept: {request.headers.get('accept', '(none)')[:80]}"
        raise refuse("signature.accept_missing", seen=seen, expected=JOSE_JSON)
    return method


def reply_kid(request: Request) -> str | None:
    """The key that the call names for its reply."""
    return request.headers.get(ENCRYPTION_KID, "").strip() or None


def reply_header(algorithm: str, version: int) -> Mapping[str, object]:
    """Wise's replies name no key: the client picks it by algorithm and version."""
    return {"version": version, "alg": algorithm}


SIGNING = Signing(
    scheme=SCHEME,
    keys="registered",
    where=JOSE_JSON,
    open=open_call,
    reply=ReplySeal(media_type=JOSE_JSON, header=reply_header),
    encryption=Encryption(
        algorithm=OAEP.name, methods=METHODS, method=method_of, reply_kid=reply_kid, media_type=JOSE_JSON
    ),
)
