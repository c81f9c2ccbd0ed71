"""How Wise has calls signed: a compact JWS in place of the JSON body, both ways.

Source: https://docs.wise.com/guides/developer/auth-and-security/jose/jose-jws.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.errors import refuse
from sandbox.jose.scheme import Scheme
from sandbox.providers.context import Request
from sandbox.providers.declare import ReplySeal, Signing

if TYPE_CHECKING:
    from sandbox.jose.jws import Verified
    from sandbox.jose.keys import VerifyingKey

JOSE_JSON = "application/jose+json"
ALGORITHMS = ("ES256", "ES384", "ES512", "PS256", "PS384", "PS512")
METHOD = "jws"
# The page names alg, typ, kid and url; kid may be left out by whoever has one key, and typ vouches for nothing.
SCHEME = Scheme(algorithms=ALGORITHMS, url=True)


def open_call(request: Request, keys: "Sequence[VerifyingKey]", now: datetime) -> "Verified | None":
    """What the JWS says that stands in place of the body."""
    if not signed(request):
        return None
    from sandbox.jose.jws import open_compact  # with the first signed call

    return open_compact(request.payload, scheme=SCHEME, keys=keys, path=request.path, now=now)


def signed(request: Request) -> bool:
    """By its Content-Type. The two other headers are required beside it; without them the call is signed by halves."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    method = request.headers.get("x-tw-jose-method", "").strip()
    if content_type != JOSE_JSON:
        if method:
            seen = f"Content-Type {content_type[:80] or '(none)'} with X-TW-JOSE-Method: {method[:20]}"
            raise refuse("body.media_type", seen=seen, expected=JOSE_JSON)
        return False
    if not method:
        raise refuse("signature.method_missing", seen="no X-TW-JOSE-Method header", expected=METHOD)
    if method.lower() != METHOD:
        raise refuse("signature.method_wrong", seen=f"X-TW-JOSE-Method: {method[:20]}", expected=METHOD)
    if JOSE_JSON not in request.headers.get("accept", "").lower():
        seen = f"Accept: {request.headers.get('accept', '(none)')[:80]}"
        raise refuse("signature.accept_missing", seen=seen, expected=JOSE_JSON)
    return True


def reply_header(algorithm: str, version: int) -> Mapping[str, object]:
    """Wise's replies name no key: the client picks it by algorithm and version."""
    return {"version": version, "alg": algorithm}


SIGNING = Signing(
    scheme=SCHEME,
    keys="registered",
    where=JOSE_JSON,
    open=open_call,
    reply=ReplySeal(media_type=JOSE_JSON, header=reply_header),
)
