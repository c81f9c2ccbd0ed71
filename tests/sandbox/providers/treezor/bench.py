"""A partner of Treezor's without doors: its rows in memory, its calls by path, and what tests ask of the replies."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.ids import Ids
from sandbox.journal.causes import CAUSES
from sandbox.oauth.clients import RegisteredClient, Token
from sandbox.providers.context import Body, Request, Response
from sandbox.providers.treezor.chapters import CHAPTERS
from sandbox.server.pipeline.message import Routes, write_json
from sandbox.webhooks.event import Subscription
from tests.sandbox.providers.memory import NOW, Desk, Rows

KINDS = CHAPTERS.kinds
_ROUTES = Routes(CHAPTERS.endpoints, door="api")
CLIENT = RegisteredClient(provider="treezor", id="12345", name="acme")
IBAN = "FR7630006000011234567890189"


@dataclass
class Tokens:
    """Tokens that calls give out; what stands in for the signature is a number."""

    given: list[Token] = field(default_factory=list)
    signed_so_far: int = 0

    def give(self, token: Token) -> None:
        self.given.append(token)

    def signed(self, claims: Body, algorithm: str) -> str:
        self.signed_so_far += 1
        return f"{json.dumps(claims)}.{self.signed_so_far}"


@dataclass
class Webhooks:
    """What a handler tells of by itself."""

    sent: list[tuple[str, Callable[[Subscription], Body]]] = field(default_factory=list)

    def send(self, event: str, payload: Callable[[Subscription], Body]) -> None:
        self.sent.append((event, payload))


@dataclass
class WritingDesk(Desk):
    webhooks: Any = None


@dataclass
class Partner:
    """One that has what a new client has."""

    now: datetime = NOW
    ids: Ids = field(default_factory=lambda: Ids(7))
    rows: Rows = field(default_factory=lambda: Rows(KINDS))
    tokens: Tokens = field(default_factory=Tokens)
    webhooks: Webhooks = field(default_factory=Webhooks)
    token: Token | None = None
    """The one with which it calls; None: one of its own, which no test looks at."""

    def __post_init__(self) -> None:
        for row in CHAPTERS.starts_with(self.now):
            self.rows.put(row.kind, row.id, row.body)

    def put(self, kind: str, id: str, **given: object) -> None:
        """As ``sandbank resource put`` does."""
        self.rows.put(kind, id, KINDS[kind].complete(id, given, self.now))

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The reply to a call; *body* is JSON, or the bytes themselves."""
        endpoint, params = _ROUTES.find(method, path)
        said = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        request = Request(
            method=method,
            path=path,
            query=query.encode(),
            headers=headers or {"content-type": "application/json"},
            payload=said,
            params=params,
            client=CLIENT,
            token=self.token,
            certificate=None,
        )
        self.rows.read_only = endpoint.work == "read"
        desk = WritingDesk(resources=self.rows, ids=self.ids, now=self.now, tokens=self.tokens, webhooks=self.webhooks)
        reply = endpoint.handler(request, desk)
        self.rows.read_only = False
        _is_well_formed(reply)
        return reply

    def good(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        """The JSON of a call that is expected to succeed, numbers with a point as decimals."""
        reply = self.call(method, path, body, **more)
        assert reply.status < 300, reply.json
        written = write_json(reply)
        return json.loads(written, parse_float=Decimal) if written else None

    def log_in(self, **fields: str) -> Any:
        """A user's token, with which all later calls are made."""
        asked = {"grant_type": "password", "username": "alex.oak@example.com", "password": "demo", **fields}
        said = self.good("POST", "/oauth/token", {key: value for key, value in asked.items() if value})
        self.token = self.tokens.given[-1]
        return said

    def proof(self, url: str, **body: object) -> str:
        said = self.good("POST", "/simulation/scaProof", {"scaWalletId": "w", "url": url, "body": body})
        return str(said["scaProof"])

    def balances(self) -> dict[int, tuple[Decimal, Decimal]]:
        """Of every wallet what is there and what is free."""
        shown = [one for user in self.rows.all_of("user") for one in self._balances_of(user.id)]
        return {one["walletId"]: (one["currentBalance"], one["authorizedBalance"]) for one in shown}

    def _balances_of(self, user: str) -> Any:
        return self.good("GET", "/v1/balances", query=f"userId={user}")["balances"]

    def later(self, by: timedelta) -> None:
        self.now += by


def _is_well_formed(reply: Response) -> None:
    """What holds for every reply: a refusal has one of the published shapes and a reason in the table."""
    refused = reply.status >= 400
    assert bool(reply.reasons) is refused
    assert all(reason.code in CAUSES for reason in reply.reasons)
    if refused:
        assert isinstance(reply.json, dict)
        assert list(reply.json) in (
            ["errors"],
            ["errorCode", "errorMessage", "additionalInformation"],
            ["reason", "details"],
        )
        for one in reply.json.get("errors", ()):
            assert list(one) in (["type", "code", "message", "docUrl"], ["errorCode", "errorMessage"])
            assert all(value != "" for value in one.values())


def causes(reply: Response) -> list[str]:
    return [reason.code for reason in reply.reasons]
