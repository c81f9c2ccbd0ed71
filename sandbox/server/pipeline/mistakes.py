"""Why credentials were refused that look right: good but for their wrapping, in another place, or somebody else's.

Loaded only after a refusal. Nothing here lets anybody in: each answer is a refusal with a more exact cause."""

from urllib.parse import parse_qsl

from sandbox.errors import Refused, refuse
from sandbox.oauth import credentials
from sandbox.oauth.clients import digest
from sandbox.oauth.wrapping import peel, placeholder, spaces
from sandbox.providers import PROVIDERS
from sandbox.providers.declare import Provider
from sandbox.server.cache import ReadCache
from sandbox.server.pipeline.message import RequestHead
from sandbox.server.secrets import SecretVerifier

_HEADERS = (
    "x-authorization", "authentication", "proxy-authorization", "access-token", "x-access-token", "x-auth-token",
    "auth-token", "token", "x-token", "api-key", "x-api-key", "apikey",
)  # fmt: skip
_QUERY = ("access_token", "token", "bearer_token", "api_key", "apikey")
_BEARER = "Authorization: Bearer TOKEN"
_BASIC = "Authorization: Basic base64(ID:SECRET)"


async def explained(
    refused: Refused,
    call: RequestHead,
    body: bytes,
    way: credentials.Way,
    provider: Provider,
    register: ReadCache,
    proofs: SecretVerifier,
) -> Refused:
    """The refusal with its true cause where one is found; else the same. *way* is how the call says who it is."""
    authorization = call.headers.get("authorization") or ""
    better: Refused | None = None
    match refused.code:
        case "token.unknown":
            better = _token(credentials.bearer(authorization), provider, register)
        case "token.scheme_wrong":
            better = _bare(authorization.strip(), provider, register)
        case "token.missing":
            better = _elsewhere(call)
        case "token.credentials_missing":
            better = _in_body(call, body) if way == "basic" else None
        case "token.client_unknown":
            better = _client(*_sent(way, call, body), way, provider, register)
        case "token.secret_wrong":
            better = await _secret(*_sent(way, call, body), way, provider, register, proofs)
        case "token.key_unknown" | "token.credentials_malformed":
            better = await _key(call, authorization, provider, register, proofs)
    return better or refused


def _sent(way: credentials.Way, call: RequestHead, body: bytes) -> tuple[str, str]:
    """The id and the secret, from where this way has them."""
    if isinstance(way, credentials.InBody):
        return credentials.in_body(call.headers.get("content-type", ""), body, way)
    if isinstance(way, credentials.InHeaders):
        return credentials.in_headers(call.headers, way)
    if way == "query":
        return _fields(call.query).get("client_id", ""), ""
    return credentials.basic(call.headers.get("authorization"))


def _wanted(way: credentials.Way) -> str:
    if isinstance(way, credentials.InBody):
        return f"{way.id} and {way.secret} in the body"
    return f"the headers {way.id} and {way.secret}" if isinstance(way, credentials.InHeaders) else _BASIC


def _token(sent: str, provider: Provider, register: ReadCache) -> Refused | None:
    for peeled in peel(sent):
        if (token := register.token(digest(peeled.text))) and token.provider == provider.name:
            seen = f"a token that is good, {peeled.around}"
            return refuse("login.token_wrapped", seen=seen, expected=_BEARER, next_step=peeled.mend)
    if placeholder(sent):
        return refuse("login.placeholder", seen=f"the word {sent[:40]!r} in place of a token", expected=_BEARER)
    if (token := register.token(digest(sent))) and (other := _title(token.provider)):
        seen = f"a token that {other} gave to its client {token.client}"
        return refuse("login.token_of_other_provider", seen=seen, expected=f"a token of {provider.title}")
    if register.client(provider.name, sent):
        return refuse("login.not_a_token", seen="the id of a client", expected="a token that was given to it")
    if _owner_at_once(sent, provider, register):
        return refuse("login.not_a_token", seen="the secret of a client", expected="a token that was given to it")
    return None


def _bare(authorization: str, provider: Provider, register: ReadCache) -> Refused | None:
    for text in (authorization, *(peeled.text for peeled in peel(authorization))):
        if (token := register.token(digest(text))) and token.provider == provider.name:
            seen = "a token that is good, without the word Bearer before it"
            return refuse("login.token_wrapped", seen=seen, expected=_BEARER, next_step=f"send '{_BEARER}'")
    return None


def _elsewhere(call: RequestHead) -> Refused | None:
    """A header or a member of the query that has a name of a token; what is in it is not shown."""
    header = next((name for name in _HEADERS if call.headers.get(name)), "")
    member = next((name for name in _QUERY if name in _fields(call.query)), "")
    if not (header or member):
        return None
    seen = f"no Authorization header, but a header {header}" if header else f"no Authorization header, but ?{member}="
    return refuse("login.token_elsewhere", seen=seen, expected=_BEARER)


def _in_body(call: RequestHead, body: bytes) -> Refused | None:
    for where, found in credentials.places(call.headers.get("content-type", ""), body, call.query):
        if "client_secret" in found or "client_id" in found:
            seen = f"client_id and client_secret in {where}"
            return refuse("login.credentials_elsewhere", seen=seen, expected=_BASIC)
    return None


def _client(
    client_id: str, secret: str, way: credentials.Way, provider: Provider, register: ReadCache
) -> Refused | None:
    for peeled in peel(client_id):
        if register.client(provider.name, peeled.text):
            seen = f"the id of a client, {peeled.around}"
            return refuse("login.id_wrapped", seen=seen, expected=_wanted(way), next_step=peeled.mend)
    if register.client(provider.name, secret.strip()):
        return refuse("login.swapped", seen="a client's id where the secret belongs", expected=_wanted(way))
    for other in PROVIDERS:
        if other.name != provider.name and (client := register.client(other.name, client_id)):
            seen = f"the id of {other.title}'s client {client.name}"
            return refuse("login.client_of_other_provider", seen=seen, expected=f"a client of {provider.title}")
    return None


async def _secret(
    client_id: str, secret: str, way: credentials.Way, provider: Provider, register: ReadCache, proofs: SecretVerifier
) -> Refused | None:
    client = register.client_spelled(provider.name, client_id)
    if client is None:
        return None
    all_peeled = list(peel(secret))
    if client.secret.way.slow:
        # One guess more at most: a digest of it takes long, and the last layer is the likeliest to be the secret.
        all_peeled = all_peeled[:1]
    for peeled in all_peeled:
        if await proofs.is_of(client.secret, peeled.text, line=(provider.name, client.id)):
            seen = f"the secret of client {client.name}, {peeled.around}"
            return refuse("login.secret_wrapped", seen=seen, expected=_wanted(way))
    if not secret or placeholder(secret):
        seen = f"the word {secret[:40]!r} in place of a secret" if secret else "an empty secret"
        return refuse("login.secret_placeholder", seen=seen, expected=f"the secret of client {client.name}")
    return None


async def _key(
    call: RequestHead, authorization: str, provider: Provider, register: ReadCache, proofs: SecretVerifier
) -> Refused | None:
    """An API key (the user of Basic credentials) with something around it, or white space as its password."""
    try:
        key, password = credentials.basic(authorization)
    except Refused as refused:
        return credentials.unencoded(authorization, refused)
    expected = "Authorization: Basic base64(API_KEY:)"
    if password.strip():
        return None
    after = f"with {spaces(password)} after the colon" if password else ""
    if after and await _is_key(call, key, provider, register, proofs):
        return refuse("login.key_wrapped", seen=f"an API key that is good, {after}", expected=expected)
    for peeled in list(peel(key))[:1] if _slow(provider, register) else peel(key):
        if await _is_key(call, peeled.text, provider, register, proofs):
            seen = f"an API key that is good, {peeled.around}"
            return refuse("login.key_wrapped", seen=seen, expected=expected, next_step=peeled.mend)
    return None


async def _is_key(
    call: RequestHead, sent: str, provider: Provider, register: ReadCache, proofs: SecretVerifier
) -> bool:
    owners = register.clients_by_secret(provider.name)
    return await proofs.owner(owners, sent, line=(provider.name, None, call.caller)) is not None


def _slow(provider: Provider, register: ReadCache) -> bool:
    return any(way.slow for way, _ in register.clients_by_secret(provider.name))


def _owner_at_once(sent: str, provider: Provider, register: ReadCache) -> bool:
    """Whether it is somebody's secret, as far as that is told without a long computation."""
    known = register.clients_by_secret(provider.name)
    return any(way.digest(sent) in owners for way, owners in known if not way.slow)


def _title(name: str) -> str:
    return next((provider.title for provider in PROVIDERS if provider.name == name), "")


def _fields(query: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(query.decode("latin-1"), max_num_fields=credentials.MAX_FIELDS))
    except ValueError:
        return {}
