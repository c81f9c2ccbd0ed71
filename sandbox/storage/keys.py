"""Public keys that clients registered, the provider's own signing keys, and the vault that seals private keys."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ca.clock import read_time, write_time
from ca.store.store import UnitOfWork, Vault, is_sealed
from sandbox.errors import PassphraseMissing, PassphraseWrong, StateUnusable, Taken
from sandbox.storage import facts
from sandbox.storage.work import Work, load

if TYPE_CHECKING:  # where there is a passphrase
    from ca.store.vault import Sealer


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
class StoredReplyKey:
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
        raise Taken(f"the client already has a key with the kid {key.kid!r}", next_step="choose another kid")


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


def add_reply_key(work: Work, vault: Vault, provider: str, algorithm: str, key: StoredReplyKey, now: datetime) -> None:
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


def reply_keys(work: Work, vault: Vault, provider: str, algorithm: str) -> tuple[StoredReplyKey, ...]:
    """The provider's keys of that algorithm, the newest last."""
    rows = load("queries", work.driver).reply_keys(work.connection, provider=provider, algorithm=algorithm)
    return tuple(
        StoredReplyKey(
            version=version, id=key_id, key=vault.open(work, _in_vault(provider, algorithm, version), bytes(key))
        )
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


SALT, CHECK = "vault.salt", "vault.check"
"""The facts of a sealed store: what the key is derived with, and something sealed by which the right one is known."""


def sealed(work: UnitOfWork) -> bool:
    """Whether this store's keys are sealed."""
    return bool(facts.get(work, SALT))


class StoreVault:
    """Seals where the store is sealed. The key is derived when first needed, and once: commands that need none are
    neither slowed down nor asked for the passphrase.

    The store is asked every time, for another process may have sealed it since.
    """

    def __init__(self, passphrase: str) -> None:
        self._passphrase = passphrase
        self._sealers: dict[str, Sealer] = {}

    @property
    def has_passphrase(self) -> bool:
        return bool(self._passphrase)

    def seal(self, work: UnitOfWork, name: str, key: bytes) -> bytes:
        """The key as this store keeps keys. Raises PassphraseMissing, PassphraseWrong."""
        return self._sealer(work).seal(name, key) if sealed(work) else key

    def open(self, work: UnitOfWork, name: str, kept: bytes) -> bytes:
        """Raises PassphraseMissing, PassphraseWrong, and StateUnusable for what was changed since it was sealed."""
        if not is_sealed(kept):
            return kept
        if (key := self._sealer(work).open(name, kept)) is None:
            raise StateUnusable(
                f"the private key {name} in the store was changed since it was sealed",
                next_step="restore the state from a copy, or start with another --state DIR",
            )
        return key

    def verify(self, work: UnitOfWork) -> None:
        """Nothing, where the passphrase is that of this sealed store. Raises PassphraseMissing, PassphraseWrong."""
        self._sealer(work)

    def begin(self, work: UnitOfWork) -> None:
        """From here on this store's keys are sealed, by the passphrase of this process. Raises PassphraseMissing."""
        from ca.store.vault import SALT_BYTES

        salt = os.urandom(SALT_BYTES).hex()
        sealer = self._derived(salt)
        facts.put(work, SALT, salt)
        facts.put(work, CHECK, sealer.seal(CHECK, b"").hex())
        self._sealers[salt] = sealer

    def end(self, work: UnitOfWork) -> None:
        """From here on they are not. Raises PassphraseMissing, PassphraseWrong."""
        self.verify(work)
        facts.put(work, SALT, "")
        facts.put(work, CHECK, "")

    def _sealer(self, work: UnitOfWork) -> "Sealer":
        salt, check = facts.get(work, SALT) or "", facts.get(work, CHECK) or ""
        if (known := self._sealers.get(salt)) is not None:
            return known
        sealer = self._derived(salt)
        # Before anything is sealed with it: a store half of whose keys have another passphrase opens for nobody.
        if sealer.open(CHECK, bytes.fromhex(check)) is None:
            raise PassphraseWrong(
                "the passphrase in SANDBANK_PASSPHRASE is not that of this state",
                next_step="set the one with which the state was made or encrypted; without it, sandbank state reset",
            )
        self._sealers[salt] = sealer
        return sealer

    def _derived(self, salt: str) -> "Sealer":
        if not self._passphrase:
            raise PassphraseMissing(
                "the private keys of this state are encrypted (or must be), and there is no passphrase",
                next_step="set it in the environment, as SANDBANK_PASSPHRASE",
            )
        from ca.store.vault import Sealer

        return Sealer.of(self._passphrase, bytes.fromhex(salt))
