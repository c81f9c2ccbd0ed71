"""The desk as the edge hands it to a handler: it reads the store, and writes inside the transaction of its call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.errands import keys
from sandbox.ids import Ids
from sandbox.oauth.clients import ClientRecord
from sandbox.oauth.tokens import Token
from sandbox.providers.declare import Body, NewKey, ReplyKey, Row
from sandbox.storage import resources, tokens
from sandbox.storage.work import Work

ENDED_TOKENS_KEPT = timedelta(days=30)
"""Long enough to answer "expired" rather than "unknown" to whoever comes back after a holiday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResources:
    """The rows of the call's client."""

    work: Work
    client: ClientRecord

    def get(self, kind: str, id: str) -> Body | None:
        return resources.get(self.work, self.client.provider, self.client.id, kind, id)

    def put(self, kind: str, id: str, body: Body) -> None:
        resources.put(self.work, self.client.provider, self.client.id, kind, id, body)

    def all_of(self, kind: str) -> Sequence[Row]:
        found = resources.all_of(self.work, self.client.provider, self.client.id, kind)
        return tuple(Row(kind=kind, id=key, body=body) for key, body in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallKeys:
    """Signature keys: those of the call's client, and its provider's own."""

    work: Work
    client: ClientRecord
    ids: Ids
    now: datetime

    def register(self, key: NewKey) -> None:
        keys.register(self.work, self.client, key, ids=self.ids, now=self.now)

    def of_replies(self, algorithm: str, version: int | None) -> ReplyKey | None:
        return keys.public_reply_key(self.work, self.client.provider, algorithm, version, ids=self.ids, now=self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDesk:
    """What a handler may touch. What it does is done when the call's transaction is committed, or not at all."""

    now: datetime
    ids: Ids
    work: Work
    client: ClientRecord | None
    """None at an endpoint that asks for no login."""

    @property
    def resources(self) -> CallResources:
        return CallResources(work=self.work, client=self._client())

    @property
    def keys(self) -> CallKeys:
        return CallKeys(work=self.work, client=self._client(), ids=self.ids, now=self.now)

    def give_token(self, token: Token) -> None:
        tokens.remove_before(self.work, self.now - ENDED_TOKENS_KEPT)
        tokens.add(self.work, token)

    def _client(self) -> ClientRecord:
        if self.client is None:
            raise RuntimeError("an endpoint without a login has no client whose rows or keys it could ask for")
        return self.client
