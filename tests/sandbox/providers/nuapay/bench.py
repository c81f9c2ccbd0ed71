"""An organisation at Nuapay without doors: its rows in memory, its calls by path, and what tests ask of the replies."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox.ids import Ids
from sandbox.journal.causes import CAUSES
from sandbox.oauth.clients import RegisteredClient
from sandbox.providers.context import Body, Found, Request, Response, Row, Where
from sandbox.providers.declare import Endpoint
from sandbox.providers.kit.lists import found_in
from sandbox.providers.nuapay.chapters import CHAPTERS
from sandbox.server.pipeline.message import Routes

KINDS = CHAPTERS.kinds
ENDPOINTS: tuple[Endpoint, ...] = tuple(
    endpoint
    for endpoint in CHAPTERS.endpoints
    if not re.match(r"(/organisations/\{\w+\})?(/applications)?/(certificates|tokens)", endpoint.path)
)
"""Without certificates and tokens, which need more than rows."""
_ROUTES = Routes(ENDPOINTS)

NOW = datetime(2026, 11, 24, 10, 27, 38, 148999, UTC)
"""A Tuesday."""
TODAY = "2026-11-24"
GB35, GB20, GBP25 = "GB35SELN00999903769154", "GB20SELN00999923882374", "GB25SELN00999988796624"
"""The accounts that an organisation starts with, of which the last holds pounds."""


class Rows:
    """Rows as the store keeps them: each a JSON text, so that nobody shares what is in one."""

    def __init__(self) -> None:
        self.texts: dict[tuple[str, str], str] = {}
        self.read_only = False

    def get(self, kind: str, id: str) -> Body | None:
        text = self.texts.get((kind, id))
        return None if text is None else json.loads(text)

    def put(self, kind: str, id: str, body: Body) -> None:
        assert not self.read_only, "an endpoint that reads writes"
        text = json.dumps(body, ensure_ascii=False, allow_nan=False)
        text.encode()
        self.texts[kind, id] = text

    def remove(self, kind: str, id: str) -> None:
        assert not self.read_only, "an endpoint that reads writes"
        self.texts.pop((kind, id), None)

    def remove_where(self, kind: str, where: Where) -> None:
        for row in self.find(kind, (where,)).rows:
            self.remove(kind, row.id)

    def find(
        self,
        kind: str,
        where: Sequence[Where] = (),
        *,
        start: int = 0,
        size: int | None = None,
        oldest_first: bool = False,
    ) -> Found:
        of = KINDS[kind]
        rows = sorted(self.all_of(kind), key=lambda row: (of.position(row.body), row.id), reverse=not oldest_first)
        return found_in(rows, of.keys, where, start=start, size=size)

    def all_of(self, kind: str) -> tuple[Row, ...]:
        found = sorted((key, text) for (of, key), text in self.texts.items() if of == kind)
        return tuple(Row(kind=kind, id=key, body=json.loads(text)) for key, text in found)


@dataclass
class Desk:
    """What a handler may touch, of which these chapters touch rows, ids and the time."""

    resources: Rows
    ids: Ids
    now: datetime
    keys: Any = None
    tokens: Any = None

    def client(self, id: str) -> RegisteredClient | None:
        return None


@dataclass
class Organisation:
    """One that has what a new one has."""

    now: datetime = NOW
    ids: Ids = field(default_factory=lambda: Ids(7))
    rows: Rows = field(default_factory=Rows)

    def __post_init__(self) -> None:
        for row in CHAPTERS.starts_with(self.now):
            self.rows.put(row.kind, row.id, row.body)

    def put(self, kind: str, id: str, **given: object) -> None:
        """As ``sandbank resource put`` does."""
        self.rows.put(kind, id, KINDS[kind].complete(id, given, self.now))

    def call(
        self, method: str, path: str, body: object = None, *, query: str = "", headers: Mapping[str, str] | None = None
    ) -> Response:
        """The reply to a call; *body* is JSON, or the bytes themselves."""
        endpoint, params = _ROUTES.find(method, path)
        said = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        client = RegisteredClient(provider="nuapay", id="o", name="Originator")
        request = Request(
            method=method,
            path=path,
            query=query.encode(),
            headers=headers or {},
            payload=said,
            signed_with="",
            params=params,
            client=client,
            token=None,
            certificate=None,
        )
        self.rows.read_only = endpoint.work == "read"
        reply = endpoint.handler(request, Desk(self.rows, self.ids, self.now))
        self.rows.read_only = False
        _is_well_formed(reply)
        return reply

    def good(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        """The JSON of a call that is expected to succeed."""
        reply = self.call(method, path, body, **more)
        assert reply.status < 300, reply.json
        return reply.json

    def balance(self, account: str) -> Decimal:
        json = self.good("GET", f"/accounts/{account}/balances")
        return Decimal(str(json["data"][0]["balance"]["amount"]))

    def balances(self) -> dict[str, Decimal]:
        return {row.id: self.balance(row.id) for row in self.rows.all_of("account")}


def _is_well_formed(reply: Response) -> None:
    """What holds for every reply: a refusal has Nuapay's three members and a reason in the table; a success neither."""
    refused = reply.status >= 400
    assert bool(reply.reasons) is refused
    assert all(reason.code in CAUSES for reason in reply.reasons)
    if refused:
        assert isinstance(reply.json, dict)
        assert list(reply.json) == ["returnCode", "returnDescription", "details"]
    json.dumps(reply.json, allow_nan=False)


def codes(reply: Response) -> list[tuple[str, str]]:
    """Code and field of every detail."""
    assert isinstance(reply.json, dict)
    return [(detail["code"], detail["field"]) for detail in reply.json["details"]]


def refusal(reply: Response) -> tuple[int, str | None, object]:
    """Status, return code and details of a refusal."""
    assert isinstance(reply.json, dict)
    return reply.status, reply.json["returnCode"], reply.json["details"]


def causes(reply: Response) -> list[str]:
    return [reason.code for reason in reply.reasons]
