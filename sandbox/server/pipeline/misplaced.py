"""Where a token, or an id and a secret, came instead of the place where the endpoint wants them.

Names of headers, fields and schemes are told, and never what is in them."""

from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl

from sandbox.errors import Refused, refuse
from sandbox.oauth.credentials import MAX_FIELDS, InBody, InHeaders, Way, places
from sandbox.server.pipeline.message import RequestHead

_TOKENS = (
    "x-authorization", "authentication", "proxy-authorization", "access-token", "x-access-token", "x-auth-token",
    "auth-token", "token", "x-token",
)  # fmt: skip
_KEYS = ("api-key", "x-api-key", "apikey", "x-apikey")
_QUERY = ("access_token", "token", "bearer_token", "api_key", "apikey")
_SECRETS = ("client_secret", "clientsecret", "secret", "access_secret", "access_token_secret")
_IDS = ("client_id", "clientid", "access_client_id")


def wanted(way: Way) -> str:
    """Where id and secret belong."""
    if isinstance(way, InBody):
        return f"{way.id} and {way.secret} in the body"
    return f"the headers {way.id} and {way.secret}" if isinstance(way, InHeaders) else _BASIC


def sending(way: Way) -> str:
    """How they are sent there; "" for Basic credentials, of which the table of causes tells."""
    if isinstance(way, InBody):
        return f"send them as fields of the body: curl -d {way.id}=ID -d {way.secret}=SECRET"
    if isinstance(way, InHeaders):
        return f"send both as headers: curl -H '{way.id}: ID' -H '{way.secret}: SECRET'"
    return ""


def token(call: RequestHead, ways: Sequence[Way]) -> Refused | None:
    """A header or a member of the query that has a name of a token or of an API key."""
    header = next((name for name in (*_TOKENS, *_KEYS) if call.headers.get(name)), "")
    member = next((name for name in _QUERY if name in fields(call.query)), "")
    if not (header or member):
        return None
    seen = f"no Authorization header, but a header {header}" if header else f"no Authorization header, but ?{member}="
    if "key" in ways and "key" in (header or member):
        step = "send the API key as the user of Basic credentials, with an empty password: curl -u API_KEY:"
        return refuse("login.token_elsewhere", seen=seen, expected=_KEY, next_step=step)
    return refuse("login.token_elsewhere", seen=seen, expected=_BEARER)


def credentials(call: RequestHead, body: bytes, way: Way) -> Refused | None:
    """Id and secret in the Authorization header, in other headers, in the body or in the query."""
    if way != "basic" and not isinstance(way, InBody | InHeaders):
        return None
    own = {way.id, way.secret} if isinstance(way, InHeaders) else set()
    if own & call.headers.keys():
        return None  # one of the two is where it belongs: the other is missing
    if seen := next(_found(call, body, way), ""):
        return refuse("login.credentials_elsewhere", seen=seen, expected=wanted(way), next_step=sending(way))
    return None


def _found(call: RequestHead, body: bytes, way: Way) -> Iterator[str]:
    scheme = call.headers.get("authorization", "").strip().partition(" ")[0].lower()
    if scheme in ("basic", "bearer") and way != "basic":
        yield f"an Authorization header of scheme {scheme.capitalize()}"
    for name in call.headers:
        if _plain(name) in (*_IDS, *_SECRETS):
            yield f"a header {name}"
    sent = call.headers.get("content-type", "")
    read = isinstance(way, InBody) and sent.partition(";")[0].strip().lower() in way.media_types
    for where, found in places(sent, body, call.query):
        right = {way.id, way.secret} if isinstance(way, InBody) and read and where != "the query" else set()
        if names := [name for name in found if name not in right and _plain(name) in (*_IDS, *_SECRETS)]:
            yield f"{' and '.join(names)} in {where}"


def _plain(name: str) -> str:
    """A name without what differs between spellings: "X-Client-Id", "client_id"."""
    return name.lower().replace("-", "_").removeprefix("x_")


def fields(query: bytes) -> dict[str, str]:
    """The members of a query; none where it is not one."""
    try:
        return dict(parse_qsl(query.decode("latin-1"), max_num_fields=MAX_FIELDS))
    except ValueError:
        return {}


_BEARER = "Authorization: Bearer TOKEN"
_BASIC = "Authorization: Basic base64(ID:SECRET)"
_KEY = "Authorization: Basic base64(API_KEY:)"
