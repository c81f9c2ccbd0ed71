"""Credentials that are right, in a wrapping or a place of any provider's way: named, with a mend for that very way."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from sandbox.errors import Refusal, Refused
from sandbox.oauth import secrets
from sandbox.oauth.clients import ClientRecord, Token, digest
from sandbox.oauth.credentials import InBody, InHeaders, Way
from sandbox.providers import named
from sandbox.server.cache import ReadCache
from sandbox.server.pipeline import identity
from sandbox.server.pipeline.message import Peer, RequestHead
from sandbox.server.secrets import SecretVerifier

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ID, SECRET, TOKEN = "0cd784fe-0146-4161", "dev-90efa4c61845d2ac33", "e57bfdcb-3fc0-437f-9a95"
CLIENT = ClientRecord(
    provider="wise", id=ID, name="harbour", secret=secrets.keep(SECRET, secrets.sha256(bytes(16))), created_at=NOW
)
HEADERS, BODY = InHeaders(id="x-id", secret="x-secret"), InBody(media_types=("application/json", "text/form"))


class Register:
    """One client and one token."""

    def client(self, provider: str, sent: str) -> ClientRecord | None:
        return CLIENT if (provider, sent) == ("wise", ID) else None

    client_spelled = client

    def clients_by_secret(self, provider: str) -> Any:
        return [(CLIENT.secret.way, {CLIENT.secret.digest: CLIENT})] if provider == "wise" else []

    def token(self, sent: str) -> Token | None:
        given = {"kind": "client_credentials", "scope": "", "issued_at": NOW, "expires_at": NOW + timedelta(hours=1)}
        return Token(digest=sent, provider="wise", client=ID, **given) if sent == digest(TOKEN) else None


class Endpoint:
    def __init__(self, *login: Way) -> None:
        self.login = login


def refusal(*login: Way, query: str = "", body: bytes = b"", **headers: str) -> Refusal:
    """Of a call with these headers, at an endpoint with these ways of logging in."""
    peer = Peer(id=1, door="api", address=("127.0.0.1", 1), handshake=None)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    call = RequestHead(method="POST", path="/", query=query.encode(), headers=sent, http_version="1.1", peer=peer)
    register, endpoint, proofs = cast(ReadCache, Register()), cast(Any, Endpoint(*login)), SecretVerifier()
    try:
        with pytest.raises(Refused) as refused:
            asyncio.run(identity.judge_login(call, body, endpoint, named("wise"), register, proofs, NOW))
    finally:
        proofs.close()
    (reason,) = refused.value.reasons
    assert SECRET not in str(reason) and TOKEN not in str(reason)
    return reason


def basic(text: str | bytes) -> str:
    return f"Basic {base64.b64encode(text.encode() if isinstance(text, str) else text).decode()}"


@pytest.mark.parametrize(
    ("wrapped", "seen"),
    [
        (f"{{{TOKEN}}}", "within { and }"),
        (f"[{TOKEN}]", "within [ and ]"),
        (f'["{TOKEN}"]', 'within [ and ] and within " and "'),
        (TOKEN.upper(), "in capital letters"),
        (f'{{"access_token":"{TOKEN}"}}', "whole answer"),
    ],
)
def test_a_token_in_a_wrapping(wrapped: str, seen: str) -> None:
    """What stands around it is told; another token is unknown."""
    reason = refusal("bearer", authorization=f"Bearer {wrapped}")
    assert (reason.code, seen in reason.seen) == ("login.token_wrapped", True), reason
    assert refusal("bearer", authorization=f"Bearer {wrapped.replace('-', '--')}").code == "token.unknown"


@pytest.mark.parametrize(
    ("login", "headers", "body"),
    [
        (HEADERS, {"x_id": ID, "x_secret": f'"{SECRET}"'}, b""),
        (BODY, {"content_type": "application/json"}, b'{"client_id":"%s","client_secret":"\'%s\'"}'),
        ("basic", {"authorization": basic(f"{ID}:'{SECRET}'")}, b""),
    ],
)
def test_the_mend_of_a_secret_is_that_of_its_wrapping(login: Way, headers: dict[str, str], body: bytes) -> None:
    """Whoever sends it in quotes is told of the quotes, and nobody of Basic credentials who sends none."""
    filled = body % (ID.encode(), SECRET.encode()) if body else body
    reason = refusal(login, body=filled, **headers)
    assert (reason.code, "quotes" in reason.next, "-u ID" in reason.next) == ("login.secret_wrapped", True, False)


def test_a_line_feed_within_basic_credentials() -> None:
    """There the table's step makes the whole header; elsewhere the value alone is mended."""
    assert refusal("basic", authorization=basic(f"{ID}:{SECRET}\n")).next == ""
    assert "printf %s" in refusal(HEADERS, x_id=ID, x_secret=f"{SECRET}\n").next


@pytest.mark.parametrize(
    ("login", "sent", "seen"),
    [
        (HEADERS, {"authorization": basic(f"{ID}:{SECRET}")}, "scheme Basic"),
        (HEADERS, {"authorization": f"Bearer {SECRET}"}, "scheme Bearer"),
        (HEADERS, {"client_id": ID, "client_secret": SECRET}, "a header client-id"),
        (HEADERS, {"query": f"client_id={ID}&secret={SECRET}"}, "client_id and secret in the query"),
        (BODY, {"authorization": basic(f"{ID}:{SECRET}")}, "scheme Basic"),
        (BODY, {"x_client_id": ID}, "a header x-client-id"),
        (BODY, {"query": f"client_id={ID}&client_secret={SECRET}"}, "in the query"),
        (BODY, {"body": f"client_id={ID}".encode(), "content_type": "text/plain"}, "text/plain"),
        (BODY, {"body": b'{"clientId":"x","secret":"y"}', "content_type": "application/json"}, "clientId and secret"),
        ("basic", {"x_client_id": ID}, "a header x-client-id"),
    ],
)
def test_id_and_secret_in_another_place(login: Way, sent: dict[str, Any], seen: str) -> None:
    """They are found where they stand; the step says how this endpoint wants them."""
    reason = refusal(login, **sent)
    assert (reason.code, seen in reason.seen) == ("login.credentials_elsewhere", True), reason
    step = {"basic": ""}.get(str(login), "as headers" if login is HEADERS else "fields of the body")
    assert step in reason.next


def test_one_of_two_in_its_place_leaves_the_other_missing() -> None:
    """That is told, and not that the one is elsewhere."""
    for login, sent in (
        (HEADERS, {"x_id": ID, "client_secret": SECRET}),
        (BODY, {"body": b'{"client_id":"x"}', "content_type": "application/json"}),
    ):
        assert refusal(login, **cast(Any, sent)).code == "token.credentials_missing"


@pytest.mark.parametrize(
    ("sent", "code", "seen"),
    [
        ({"authorization": basic(f":{SECRET}")}, "login.key_wrapped", "place of the password"),
        ({"authorization": basic(f"{ID}:{SECRET}")}, "login.key_wrapped", "place of the password"),
        ({"authorization": basic(SECRET)}, "login.key_wrapped", "without a colon"),
        ({"authorization": f"Bearer {SECRET}"}, "login.not_a_token", "an API key"),
        ({"x_api_key": SECRET}, "login.token_elsewhere", "x-api-key"),
        ({"authorization": basic(f"{ID}:other")}, "token.credentials_malformed", "a password of 5"),
    ],
)
def test_an_api_key_in_another_place(sent: dict[str, str], code: str, seen: str) -> None:
    """Each time the step says `curl -u API_KEY:`, and never asks for a token."""
    reason = refusal("key", "bearer", **sent)
    assert (reason.code, seen in reason.seen) == (code, True), reason
    assert "TOKEN" not in reason.expected


def test_a_name_in_place_of_an_id() -> None:
    """Not "a client id of seven characters"; a name that nobody has stays unknown."""
    reason = refusal("basic", authorization=basic(f"harbour:{SECRET}"))
    assert (reason.code, reason.seen) == ("login.name_for_id", "the name of client harbour")
    assert refusal("basic", authorization=basic(f"port:{SECRET}")).code == "token.client_unknown"
    wide = refusal("basic", authorization=basic(f"{ID}:{SECRET}".encode("utf-16-le")))
    assert (wide.code, "UTF-16" in wide.seen) == ("login.id_wrapped", True)


@pytest.mark.parametrize(
    ("authorization", "seen"),
    [
        (f"Basic {basic(f'{ID}:{SECRET}')}", "the word Basic twice"),
        (basic(basic(f"{ID}:{SECRET}")[6:]), "base64 of base64"),
        (basic(f"{ID}:{SECRET}").rstrip("="), "without the = at its end"),
        (basic("nothing of the kind"), "no colon"),
    ],
)
def test_what_came_in_place_of_base64(authorization: str, seen: str) -> None:
    """It is told as far as it can be seen without a look at id and secret."""
    reason = refusal("basic", authorization=authorization)
    assert (reason.code, seen in reason.seen) == ("token.credentials_malformed", True), reason
