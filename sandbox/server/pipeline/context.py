"""The desk as the edge hands it to a handler: it reads the store, and writes inside the transaction of its call."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ca.authority import Authority
from ca.clock import SystemClock
from ca.records import CertificateRecord
from ca.store.store import CESSATION
from ca.store.vault import Vault
from sandbox.errands.postbox import Postbox, WatchedRows
from sandbox.ids import Ids
from sandbox.jose.signing import seal_compact
from sandbox.oauth.clients import ClientRecord, RegisteredClient, Token
from sandbox.providers import named
from sandbox.providers.context import Body, NewKey, ReplyKey
from sandbox.services import keys
from sandbox.services.issuing import Registrar
from sandbox.services.resources import ClientRows
from sandbox.storage import clients, facts
from sandbox.storage.work import Work
from sandbox.webhooks.event import Change, Subscription

ENDED_TOKENS_KEPT = timedelta(days=30)
"""Long enough to answer "expired" rather than "unknown" to whoever comes back after a holiday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallKeys:
    """Signature keys: those of the call's client, and its provider's own."""

    work: Work
    vault: Vault
    client: ClientRecord
    ids: Ids
    now: datetime

    def register(self, key: NewKey) -> None:
        keys.register(self.work, self.client, key, ids=self.ids, now=self.now)

    def of_replies(self, algorithm: str, version: int | None) -> ReplyKey | None:
        return keys.public_reply_key(
            self.work, self.vault, self.client.provider, algorithm, version, ids=self.ids, now=self.now
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCertificates:
    """The certificates of the call's client."""

    registrar: Registrar

    def sign(self, purpose: str, csr: bytes, *, name: str, id: str) -> CertificateRecord:
        return self.registrar.sign(csr, name=name, purpose=purpose, id=id).record

    def upload(self, purpose: str, pem: bytes, *, name: str, id: str) -> CertificateRecord:
        return self.registrar.upload(pem, name=name, purpose=purpose, id=id)

    def revoke(self, id: str) -> CertificateRecord:
        return self.registrar.revoke(id, CESSATION)

    def all(self) -> Sequence[CertificateRecord]:
        return self.registrar.all()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTokens:
    """Tokens of the clients of one provider."""

    work: Work
    vault: Vault
    provider: str
    ids: Ids
    now: datetime

    def give(self, token: Token) -> None:
        # By real time too: a clock that was moved years ahead must find its tokens when it comes back.
        clients.remove_tokens_before(self.work, min(self.now, SystemClock().now()) - ENDED_TOKENS_KEPT)
        clients.add_token(self.work, token)

    def of(self, client: str) -> Sequence[Token]:
        return clients.tokens_of(self.work, self.provider, client)

    def revoke(self, token: Token) -> Token:
        clients.revoke_token(self.work, token, self.now)
        facts.move_generation(self.work)
        return replace(token, revoked_at=self.now)

    def signed(self, claims: Body, algorithm: str) -> str:
        _, key = keys.reply_key(self.work, self.vault, self.provider, algorithm, ids=self.ids, now=self.now)
        payload = json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode()
        return seal_compact(payload, key=key, header={"alg": algorithm, "typ": "JWT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWebhooks:
    """What the call's client is told of."""

    postbox: Postbox
    queued: list[str]

    def send(self, event: str, payload: Callable[[Subscription], Body]) -> None:
        self.queued.extend(one.id for one in self.postbox.send(event, payload))


@dataclass(frozen=True, slots=True, kw_only=True)
class CallContext:
    """What a handler may touch. What it does is done when the call's transaction is committed, or not at all."""

    now: datetime
    ids: Ids
    work: Work
    authority: Authority
    vault: Vault
    caller: ClientRecord | None
    """None at an endpoint that asks for no login."""
    queued: list[str] = field(default_factory=list)
    """The ids of the webhooks that this call has queued."""
    changes: dict[tuple[str, str], Change] = field(default_factory=dict)
    """Of rows of which the provider tells."""

    @property
    def resources(self) -> ClientRows:
        client = self._client()
        sends = named(client.provider).sends
        if sends is None or not sends.watched:
            return ClientRows(work=self.work, client=client)
        return WatchedRows(work=self.work, client=client, kinds=sends.watched, changes=self.changes, now=self.now)

    def tell(self) -> None:
        """Queue what the provider tells of the rows that the call has changed."""
        if self.changes:
            self.queued.extend(one.id for one in self._postbox().tell(self.changes.values()))

    def _postbox(self) -> Postbox:
        return Postbox(work=self.work, vault=self.vault, client=self._client(), ids=self.ids, now=self.now)

    @property
    def keys(self) -> CallKeys:
        return CallKeys(work=self.work, vault=self.vault, client=self._client(), ids=self.ids, now=self.now)

    @property
    def certificates(self) -> CallCertificates:
        registrar = Registrar(authority=self.authority, work=self.work, owner=self._client(), now=self.now)
        return CallCertificates(registrar=registrar)

    @property
    def tokens(self) -> CallTokens:
        provider = self._client().provider
        return CallTokens(work=self.work, vault=self.vault, provider=provider, ids=self.ids, now=self.now)

    @property
    def webhooks(self) -> CallWebhooks:
        return CallWebhooks(postbox=self._postbox(), queued=self.queued)

    def client(self, id: str) -> RegisteredClient | None:
        found = clients.by_id(self.work, self._client().provider, id)
        return found.seen if found else None

    def _client(self) -> ClientRecord:
        if self.caller is None:
            raise RuntimeError("an endpoint without a login has no client whose rows or keys it could ask for")
        return self.caller
