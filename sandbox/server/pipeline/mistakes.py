"""Why credentials were refused that look right: good but for their wrapping, in another place, or somebody else's.

Loaded only after a refusal. Nothing here lets anybody in: each answer is a refusal with a more exact cause."""

from collections.abc import Sequence

from sandbox.errors import Refused, refuse
from sandbox.oauth import credentials
from sandbox.oauth.clients import digest
from sandbox.oauth.wrapping import Peeled, peel, placeholder, spaces
from sandbox.providers import PROVIDERS
from sandbox.providers.declare import Provider
from sandbox.server.cache import ReadCache
from sandbox.server.pipeline import misplaced
from sandbox.server.pipeline.message import RequestHead
from sandbox.server.secrets import SecretVerifier

_BEARER = "Authorization: Bearer TOKEN"
_KEY = "Authorization: Basic base64(API_KEY:)"
_USER = "send it as the user, with an empty password: curl -u API_KEY:"


async def explained(
    refused: Refused,
    call: RequestHead,
    body: bytes,
    ways: Sequence[credentials.Way],
    provider: Provider,
    register: ReadCache,
    proofs: SecretVerifier,
) -> Refused:
    """The refusal with its true cause where one is found; else the same. *ways* are those in which the endpoint lets a
    call say who it is."""
    way = credentials.way_of(ways, call.headers)
    authorization = call.headers.get("authorization") or ""
    better: Refused | None = None
    match refused.code:
        case "token.unknown":
            better = _token(credentials.bearer(authorization), ways, provider, register)
        case "token.scheme_wrong":
            better = _bare(authorization.strip(), provider, register)
        case "token.missing":
            better = misplaced.token(call, ways)
        case "token.credentials_missing":
            better = misplaced.credentials(call, body, way)
        case "token.client_unknown":
            better = _client(*_sent(way, call, body), way, provider, register)
        case "token.secret_wrong":
            better = await _secret(*_sent(way, call, body), way, provider, register, proofs)
        case "token.key_unknown" | "token.credentials_malformed":
            better = await _key(call, authorization, "key" in ways, provider, register, proofs)
    return better or refused


def _sent(way: credentials.Way, call: RequestHead, body: bytes) -> tuple[str, str]:
    """The id and the secret, from where this way has them."""
    if isinstance(way, credentials.InBody):
        return credentials.in_body(call.headers.get("content-type", ""), body, way)
    if isinstance(way, credentials.InHeaders):
        return credentials.in_headers(call.headers, way)
    if way == "query":
        return misplaced.fields(call.query).get("client_id", ""), ""
    return credentials.basic(call.headers.get("authorization"))


def _mend(peeled: Peeled, way: credentials.Way) -> str:
    """What takes the wrapping off. In Basic credentials it is within base64, which the table's step makes."""
    return "" if way == "basic" and "printf" in peeled.mend else peeled.mend


def _token(sent: str, ways: Sequence[credentials.Way], provider: Provider, register: ReadCache) -> Refused | None:
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
        if "key" in ways:
            return refuse("login.not_a_token", seen="an API key that is good", expected=_KEY, next_step=_USER)
        return refuse("login.not_a_token", seen="the secret of a client", expected="a token that was given to it")
    return None


def _bare(authorization: str, provider: Provider, register: ReadCache) -> Refused | None:
    for text in (authorization, *(peeled.text for peeled in peel(authorization))):
        if (token := register.token(digest(text))) and token.provider == provider.name:
            seen = "a token that is good, without the word Bearer before it"
            return refuse("login.token_wrapped", seen=seen, expected=_BEARER, next_step=f"send '{_BEARER}'")
    return None


def _client(
    client_id: str, secret: str, way: credentials.Way, provider: Provider, register: ReadCache
) -> Refused | None:
    for peeled in peel(client_id):
        if register.client(provider.name, peeled.text):
            seen, wanted = f"the id of a client, {peeled.around}", misplaced.wanted(way)
            return refuse("login.id_wrapped", seen=seen, expected=wanted, next_step=_mend(peeled, way))
    if register.client(provider.name, secret.strip()):
        seen, step = "a client's id where the secret belongs", misplaced.sending(way)
        return refuse("login.swapped", seen=seen, expected=misplaced.wanted(way), next_step=step)
    if named := _named(client_id, provider, register):
        return refuse("login.name_for_id", seen=f"the name of client {named}", expected="the id of that client")
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
            wanted = misplaced.wanted(way)
            return refuse("login.secret_wrapped", seen=seen, expected=wanted, next_step=_mend(peeled, way))
    if not secret or placeholder(secret):
        seen = f"the word {secret[:40]!r} in place of a secret" if secret else "an empty secret"
        return refuse("login.secret_placeholder", seen=seen, expected=f"the secret of client {client.name}")
    return None


async def _key(
    call: RequestHead,
    authorization: str,
    keyed: bool,
    provider: Provider,
    register: ReadCache,
    proofs: SecretVerifier,
) -> Refused | None:
    """An API key (the user of Basic credentials) with something around it, or in the place of the password."""
    try:
        key, password = credentials.basic(authorization)
    except Refused as refused:
        key = credentials.decoded(authorization.strip().partition(" ")[2]).strip()
        if keyed and key and await _is_key(call, key, provider, register, proofs):
            return refuse("login.key_wrapped", seen="an API key that is good, without a colon after it", expected=_KEY)
        return credentials.unencoded(authorization, refused)
    if not keyed:
        return None
    if password.strip():
        if not await _is_key(call, password, provider, register, proofs):
            return None
        seen = "an API key that is good, in the place of the password"
        return refuse("login.key_wrapped", seen=seen, expected=_KEY, next_step=_USER)
    after = f"with {spaces(password)} after the colon" if password else ""
    if after and await _is_key(call, key, provider, register, proofs):
        return refuse("login.key_wrapped", seen=f"an API key that is good, {after}", expected=_KEY)
    for peeled in list(peel(key))[:1] if _slow(provider, register) else peel(key):
        if await _is_key(call, peeled.text, provider, register, proofs):
            seen = f"an API key that is good, {peeled.around}"
            return refuse("login.key_wrapped", seen=seen, expected=_KEY, next_step=peeled.mend)
    return None


async def _is_key(
    call: RequestHead, sent: str, provider: Provider, register: ReadCache, proofs: SecretVerifier
) -> bool:
    owners = register.clients_by_secret(provider.name)
    return await proofs.owner(owners, sent, line=(provider.name, None, call.caller)) is not None


def _slow(provider: Provider, register: ReadCache) -> bool:
    return any(way.slow for way, _ in register.clients_by_secret(provider.name))


def _named(sent: str, provider: Provider, register: ReadCache) -> str:
    """The client of that name; "" if there is none."""
    known = (client for _, owners in register.clients_by_secret(provider.name) for client in owners.values())
    return next((client.name for client in known if client.name == sent), "")


def _owner_at_once(sent: str, provider: Provider, register: ReadCache) -> bool:
    """Whether it is somebody's secret, as far as that is told without a long computation."""
    known = register.clients_by_secret(provider.name)
    return any(way.digest(sent) in owners for way, owners in known if not way.slow)


def _title(name: str) -> str:
    return next((provider.title for provider in PROVIDERS if provider.name == name), "")
