"""A provider's calls without doors and without a store: rows in memory, calls by path, and what a handler may touch."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.ids import Ids
from sandbox.oauth.clients import RegisteredClient
from sandbox.providers.context import Body, Found, Request, Response, Row, Where
from sandbox.providers.declare import Chapters, RowKind
from sandbox.providers.kit.lists import found_in
from sandbox.server.pipeline.message import Routes
from sandbox.services.rows import require_index

NOW = datetime(2026, 11, 24, 10, 27, 38, 148999, UTC)
"""A Tuesday."""


class Rows:
    """Rows as the store keeps them: each a JSON text, so that nobody shares what is in one."""

    def __init__(self, kinds: Mapping[str, RowKind]) -> None:
        self.kinds = kinds
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

    def add(self, kind: str, id: str, body: Body) -> None:
        assert (kind, id) not in self.texts, "a row that is there is added"
        self.put(kind, id, body)

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
        of = self.kinds[kind]
        require_index(of, kind, where)
        rows = sorted(self.all_of(kind), key=lambda row: (of.position(row.body) or 0, row.id), reverse=not oldest_first)
        return found_in(rows, of.keys, where, start=start, size=size)

    def stream(self, kind: str, where: Sequence[Where] = ()) -> Iterator[Row]:
        return iter(self.find(kind, where).rows)

    def all_of(self, kind: str) -> tuple[Row, ...]:
        found = sorted((key, text) for (of, key), text in self.texts.items() if of == kind)
        return tuple(Row(kind=kind, id=key, body=json.loads(text)) for key, text in found)


@dataclass
class Told:
    """The names of the events that calls send."""

    events: list[str] = field(default_factory=list)

    def send(self, event: str, payload: Any, about: str = "") -> None:
        self.events.append(event)

    def called(self, to: Any) -> None:
        """No client is set to that."""


@dataclass
class Desk:
    """What a handler may touch: of that rows, ids and the time."""

    resources: Rows
    ids: Ids
    now: datetime
    keys: Any = None
    tokens: Any = None
    webhooks: Told = field(default_factory=Told)

    def client(self, id: str) -> RegisteredClient | None:
        return None


@dataclass
class Caller:
    """A client of a provider with these chapters, that has what a new one has."""

    chapters: Chapters
    provider: str = "example"
    now: datetime = NOW
    ids: Ids = field(default_factory=lambda: Ids(7))

    def __post_init__(self) -> None:
        self.rows = Rows(self.chapters.kinds)
        self._routes = Routes(self.chapters.endpoints)
        for row in self.chapters.starts_with(self.now):
            self.rows.put(row.kind, row.id, row.body)

    def put(self, kind: str, id: str, **given: object) -> None:
        """As ``sandbank resource put`` does."""
        self.rows.put(kind, id, self.chapters.kinds[kind].complete(id, given, self.now))

    def call(
        self, method: str, path: str, body: object = None, *, query: str = "", headers: Mapping[str, str] | None = None
    ) -> Response:
        """The reply to a call; *body* is JSON, or the bytes themselves."""
        endpoint, params = self._routes.find(method, path)
        said = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        request = Request(
            method=method,
            path=path,
            query=query.encode(),
            headers=headers or {},
            payload=said,
            params=params,
            client=RegisteredClient(provider=self.provider, id="o", name="Originator"),
            token=None,
            certificate=None,
        )
        self.rows.read_only = endpoint.work == "read"
        reply = endpoint.handler(request, Desk(self.rows, self.ids, self.now))
        self.rows.read_only = False
        return reply
