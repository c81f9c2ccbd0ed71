"""Public keys that clients registered, and the provider's own keys, which sign its replies."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ca.clock import read_time, write_time
from ca.vault import Vault
from sandbox.errors import Taken
from sandbox.storage.queries import load
from sandbox.storage.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientKey:
    """A client's public key as it is stored. It stays when it is deleted, so that a refusal can say so."""

    id: str
    provider: str
    client: str
    kid: str | None
    algorithm: str
    spki: str
    """Base64 of the DER SubjectPublicKeyInfo."""
    active_from: datetime | None = None
    expires_at: datetime | None = None
    deleted_at: datetime | None = None
    """From when on it counts as deleted; may lie ahead."""
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyKey:
    """One of the provider's own keys: PKCS#8 DER, found by algorithm and version."""

    version: int
    id: str
    key: bytes = field(repr=False)


def add(work: Work, key: ClientKey) -> None:
    """Raises Taken when the client has a key with that kid, a deleted one included: a kid names one key for ever."""
    row = {
        "id": key.id,
        "provider": key.provider,
        "client": key.client,
        "kid": key.kid,
        "algorithm": key.algorithm,
        "spki": key.spki,
        "active_from": _text(key.active_from),
        "expires_at": _text(key.expires_at),
        "deleted_at": _text(key.deleted_at),
        "added_at": write_time(key.added_at),
    }
    if not load("queries", work.driver).add_client_key(work.connection, **row):
        raise Taken(f"the client has a key with the kid {key.kid!r} already", next_step="choose another kid")


def all_of(work: Work, provider: str, client: str) -> tuple[ClientKey, ...]:
    rows = load("queries", work.driver).client_keys(work.connection, provider=provider, client=client)
    return tuple(map(_client_key, rows))


def delete(work: Work, key: ClientKey, at: datetime) -> None:
    """From *at* on the key counts as deleted."""
    load("queries", work.driver).delete_client_key(work.connection, id=key.id, deleted_at=write_time(at))


def remove_of(work: Work, provider: str, client: str) -> None:
    load("queries", work.driver).remove_client_keys(work.connection, provider=provider, client=client)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReplyKey:
    """The same as it lies in the store: by its provider too, and sealed where the store is."""

    provider: str
    algorithm: str
    version: int
    kept: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """What the vault calls it."""
        return _in_vault(self.provider, self.algorithm, self.version)


def add_reply_key(work: Work, vault: Vault, provider: str, algorithm: str, key: ReplyKey, now: datetime) -> None:
    """Keep the key, unless there is one of that version already."""
    load("queries", work.driver).add_reply_key(
        work.connection,
        provider=provider,
        algorithm=algorithm,
        version=key.version,
        id=key.id,
        key=vault.seal(work, _in_vault(provider, algorithm, key.version), key.key),
        made_at=write_time(now),
    )


def reply_keys(work: Work, vault: Vault, provider: str, algorithm: str) -> tuple[ReplyKey, ...]:
    """The provider's keys of that algorithm, the newest last."""
    rows = load("queries", work.driver).reply_keys(work.connection, provider=provider, algorithm=algorithm)
    return tuple(
        ReplyKey(version=version, id=key_id, key=vault.open(work, _in_vault(provider, algorithm, version), bytes(key)))
        for version, key_id, key in rows
    )


def all_reply_keys(work: Work) -> tuple[KeptReplyKey, ...]:
    """Every provider's, of every algorithm and version."""
    rows = load("queries", work.driver).all_reply_keys(work.connection)
    return tuple(
        KeptReplyKey(provider=provider, algorithm=algorithm, version=version, kept=bytes(kept))
        for provider, algorithm, version, kept in rows
    )


def write_reply_key(work: Work, key: KeptReplyKey) -> None:
    """Keep a key that is there in another way."""
    load("queries", work.driver).write_reply_key(
        work.connection, provider=key.provider, algorithm=key.algorithm, version=key.version, key=key.kept
    )


def _in_vault(provider: str, algorithm: str, version: int) -> str:
    return f"reply-key:{provider}:{algorithm}:{version}"


def _client_key(row: Sequence[Any]) -> ClientKey:
    key_id, provider, client, kid, algorithm, spki, active_from, expires_at, deleted_at, added_at = row
    return ClientKey(
        id=key_id,
        provider=provider,
        client=client,
        kid=kid,
        algorithm=algorithm,
        spki=spki,
        active_from=_time(active_from),
        expires_at=_time(expires_at),
        deleted_at=_time(deleted_at),
        added_at=read_time(added_at),
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else write_time(at)


def _time(text: str | None) -> datetime | None:
    return None if text is None else read_time(text)
