"""Applying a seed file to a state, all of it or nothing. What such a file may say is in ``seed_file``."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sandbox.errors import Misuse, NotThere, SandbankError, Surroundings, Taken
from sandbox.jose.keys import read_public_key, write_spki
from sandbox.oauth.clients import ClientRecord
from sandbox.oauth.secrets import Kept
from sandbox.providers import named
from sandbox.providers.context import Row
from sandbox.providers.known import in_command
from sandbox.services import keys as key_service
from sandbox.services.clients import keep_new, made, require_own
from sandbox.services.keys import MAX_KEY_BYTES, key_text
from sandbox.services.resources import completed
from sandbox.services.rows import keep
from sandbox.services.seed_file import SeedClient, SeedFile, SeedKey, kept_secrets, read_seed_text, refused
from sandbox.services.seed_table import REDIRECT_URI
from sandbox.services.state import State
from sandbox.storage import clients, facts, keys, resources
from sandbox.storage.keys import ClientKey
from sandbox.storage.work import Work

MAX_SEED_BYTES = 1024 * 1024
"""Some thousand clients. A program that makes more can call the control API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of one client of a seed file."""

    provider: str
    name: str
    id: str
    added: bool
    changes: tuple[str, ...]
    """What was set beside the client itself, in words: ``secret``, ``key signing-1``, ``balance 1``."""
    secret: str | None = field(default=None, repr=False)
    """The secret that was made because the file gives none. Only its hash is kept, so it is shown here or never."""


def read_seed(path: Path) -> SeedFile:
    """The seed file, checked as far as it can be without a state; files that it names are looked for beside it.

    Raises SeedRefused, NotThere, Surroundings.
    """
    data = _bytes(path, MAX_SEED_BYTES)
    if len(data) > MAX_SEED_BYTES:
        raise refused(str(path), [f"over {MAX_SEED_BYTES} bytes"])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refused(str(path), [f"not UTF-8 at byte {error.start}; TOML must be UTF-8"]) from None
    # TOML 1.0 ends lines with LF or CRLF.
    return read_seed_text(
        text, file=str(path), read_file=lambda name: key_text(_bytes(path.parent / name, MAX_KEY_BYTES))
    )


def apply_seed(state: State, seed: SeedFile) -> tuple[Applied, ...]:
    """Add the missing clients and change what differs. What the file does not name stays as it is.

    Raises SeedRefused with every problem; then nothing was changed.
    """
    kept = kept_secrets(state, seed.clients)
    now = state.clock.now()
    problems: list[str] = []
    with state.store.write() as work:
        each = (_Applying(state, work, one, kept.get(one.place), now, problems) for one in seed.clients)
        applied = tuple(filter(None, (applying.run() for applying in each)))
        if problems:
            raise refused(seed.file, problems)
        if any(one.added or one.changes for one in applied):
            facts.move_generation(work)
    return applied


class _Applying:
    """One client of the file on its way into the store. Problems are noted, and the rest goes on."""

    def __init__(
        self, state: State, work: Work, wanted: SeedClient, kept: Kept | None, now: datetime, problems: list[str]
    ) -> None:
        self._state = state
        self._work = work
        self._wanted = wanted
        self._kept = kept
        self._made: str | None = None
        self._now = now
        self._problems = problems
        self._changes: list[str] = []

    def run(self) -> Applied | None:
        wanted, found = self._wanted, clients.by_name(self._work, self._wanted.provider, self._wanted.name)
        try:
            client = self._new() if found is None else self._updated(found)
        except Taken as taken:
            self._problems.append(f"{wanted.place}: {taken.detail}")
            return None
        self._keys(client)
        self._rows(client)
        changes = tuple(self._changes)
        return Applied(
            provider=wanted.provider,
            name=client.name,
            id=client.id,
            added=found is None,
            changes=changes,
            secret=self._made,
        )

    def _new(self) -> ClientRecord:
        wanted, ids = self._wanted, self._state.ids
        kept = self._kept
        if kept is None:
            self._made, kept = made(self._work, wanted.provider, ids)
        client = ClientRecord(
            provider=wanted.provider,
            id=wanted.id or named(wanted.provider).registration.id(ids),
            name=wanted.name,
            secret=kept,
            created_at=self._now,
            require_jws=bool(wanted.require_jws),
            require_mtls=bool(wanted.require_mtls),
            token_format=wanted.token_format or "",
            rate_limit=wanted.rate_limit or "",
            sca=bool(wanted.sca),
            check_callbacks=bool(wanted.check_callbacks),
        )
        self._own_secret(client)
        keep_new(self._work, client)
        return client

    def _updated(self, found: ClientRecord) -> ClientRecord:
        wanted = self._wanted
        if wanted.id is not None and wanted.id != found.id:
            self._problems.append(
                f"{wanted.place}.id: the client {found.name} already has the id {found.id}, and an id cannot change; "
                f"remove it with `sandbank client remove {found.name}{in_command(found.provider)}`, or use another name"
            )
        client = replace(
            found,
            secret=self._kept or found.secret,
            require_jws=found.require_jws if wanted.require_jws is None else wanted.require_jws,
            require_mtls=found.require_mtls if wanted.require_mtls is None else wanted.require_mtls,
            token_format=found.token_format if wanted.token_format is None else wanted.token_format,
            rate_limit=found.rate_limit if wanted.rate_limit is None else wanted.rate_limit,
            sca=found.sca if wanted.sca is None else wanted.sca,
            check_callbacks=found.check_callbacks if wanted.check_callbacks is None else wanted.check_callbacks,
        )
        if client != found:
            self._own_secret(client)
            clients.update(self._work, client)
        settings = ("secret", "require_jws", "require_mtls", "token_format", "rate_limit", "sca", "check_callbacks")
        self._changes += [name for name in settings if getattr(client, name) != getattr(found, name)]
        return client

    def _own_secret(self, client: ClientRecord) -> None:
        if self._wanted.secret is not None:
            require_own(self._work, client, self._wanted.secret)

    def _keys(self, client: ClientRecord) -> None:
        there = keys.all_of(self._work, client.provider, client.id)
        for wanted in self._wanted.keys:
            known = next((key for key in there if _same_key(key, wanted)), None)
            if known is None:
                new = key_service.register(self._work, client, wanted.new, ids=self._state.ids, now=self._now)
                self._changes.append(f"key {new.kid or new.id}")
            elif difference := _difference(known, wanted, self._now):
                self._problems.append(
                    f"{wanted.place}: {client.name} already has this key with another {difference}; "
                    f"`sandbank client reset {client.name} --all` removes it, or use another kid"
                )

    def _rows(self, client: ClientRecord) -> None:
        there = resources.seeded_of(self._work, client.provider, client.id)
        for row in self._completed(client):
            if there.get((row.kind, row.id)) != row.body:
                resources.put_seeded(self._work, client.provider, client.id, row.kind, row.id, row.body)
                keep(self._work, client.provider, client.id, row)
                self._changes.append(f"{row.kind} {row.id}")

    def _completed(self, client: ClientRecord) -> list[Row]:
        """Rows get the day on which the client was made, so that the same file always makes the same rows."""
        return [
            Row(kind=row.kind, id=row.id, body=row.given)
            if row.kind == REDIRECT_URI
            else completed(client.provider, row.kind, row.id, row.given, client.created_at)
            for row in self._wanted.rows
        ]


def _same_key(key: ClientKey, wanted: SeedKey) -> bool:
    """A kid names a key. Without a kid, keys are the same if algorithm and public key are."""
    if key.kid is not None or wanted.new.kid is not None:
        return key.kid == wanted.new.kid
    return (key.algorithm, key.spki) == (wanted.new.algorithm, _spki(wanted))


def _difference(key: ClientKey, wanted: SeedKey, now: datetime) -> str:
    """What differs between a stored key and the file. A key that was removed by hand stays removed."""
    new = wanted.new
    differences: Mapping[str, bool] = {
        "public key": key.spki != _spki(wanted),
        "algorithm": key.algorithm != new.algorithm,
        "active_from": key.active_from != new.active_from,
        "expires_at": key.expires_at != new.expires_at,
        "delete_at": key.deleted_at != new.deleted_at and not (key.deleted_at and key.deleted_at <= now),
    }
    return " and ".join(name for name, differs in differences.items() if differs)


def _spki(wanted: SeedKey) -> str:
    return write_spki(read_public_key(wanted.new.material))


def _bytes(path: Path, limit: int) -> bytes:
    """At most *limit* bytes and one more, by which the judge sees that it was too long."""
    try:
        if path.is_dir():
            raise Misuse(f"{path} is a folder, not a file", next_step="name the file in it")
        with path.open("rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError:
        raise NotThere(f"there is no file {path}", next_step="check the path") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> SandbankError:
    return Surroundings(
        f"{path} cannot be read: {getattr(error, 'strerror', None) or error}",
        next_step="let this user read it, or name another file",
    )
