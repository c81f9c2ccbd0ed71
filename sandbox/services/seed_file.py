"""A seed file, read and checked: its clients, keys and rows, or everything wrong with it. Its secrets are hashed."""

import os
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ca.errors import visible
from sandbox.errors import Misuse, Refused, SandbankError, SeedRefused
from sandbox.journal.causes import CAUSES
from sandbox.oauth import secrets
from sandbox.oauth.secrets import Kept, Way
from sandbox.providers import PROVIDERS, named
from sandbox.providers.context import NewKey
from sandbox.providers.declare import Provider
from sandbox.services.clients import (
    require_callbacks,
    require_id,
    require_name,
    require_rate_limit,
    require_secret,
    require_signing,
    require_step_up,
    require_token_format,
    way_of_chosen,
)
from sandbox.services.keys import judge, new_key
from sandbox.services.seed_table import SeedRow, Table, redirect_uris, rows
from sandbox.services.state import State
from sandbox.storage import clients
from sandbox.storage.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedKey:
    """A public key for a client; it was judged."""

    place: str
    new: NewKey


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedClient:
    """A client as the file describes it. None: the file does not say."""

    place: str
    provider: str
    name: str
    id: str | None
    secret: str | None = field(repr=False)
    require_jws: bool | None
    require_mtls: bool | None
    token_format: str | None
    rate_limit: str | None
    sca: bool | None
    check_callbacks: bool | None
    keys: tuple[SeedKey, ...]
    rows: tuple[SeedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedFile:
    """What a seed file asks for, without a mistake that can be seen in the file alone."""

    file: str
    clients: tuple[SeedClient, ...]


ReadFile = Callable[[str], str]
"""The text of a file that the seed file names. Raises SandbankError."""


def read_seed_text(text: str, *, file: str, read_file: ReadFile) -> SeedFile:
    """Raises SeedRefused with every problem that the text has."""
    problems: list[str] = []
    top = Table(_toml(text, file), "", problems)
    clients: list[SeedClient] = []
    for provider in PROVIDERS:
        if table := top.table(provider.name):
            clients += [_client(each, provider, read_file) for each in table.tables("clients")]
            table.close()
    top.close()
    problems += _twice(clients)
    if problems:
        raise refused(file, problems)
    return SeedFile(file=file, clients=tuple(clients))


def refused(file: str, problems: Sequence[str]) -> SeedRefused:
    """What is raised of a file with these problems."""
    return SeedRefused(
        f"{file}: {'; '.join(problems)}",
        next_step="fix the file and apply it again; nothing of it was applied",
        file=file,
        problems=problems,
    )


def _toml(text: str, file: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:  # a number of more than 4300 digits is one too
        raise refused(file, [f"not TOML: {error}"]) from None
    except RecursionError:
        raise refused(file, ["not TOML: nested too deeply"]) from None


def _client(table: Table, provider: Provider, read_file: ReadFile) -> SeedClient:
    table.need("name")
    client = SeedClient(
        place=table.place,
        provider=provider.name,
        name=_judged(table, "name", require_name) or "",
        id=_judged(table, "id", require_id),
        secret=_judged(table, "secret", _require_given_secret),
        require_jws=_flag(table, "require_jws", partial(require_signing, provider.name)),
        require_mtls=table.flag("require_mtls"),
        token_format=_judged(table, "token_format", partial(require_token_format, provider.name)),
        rate_limit=_judged(table, "rate_limit", partial(require_rate_limit, provider.name)),
        sca=_flag(table, "sca", partial(require_step_up, provider.name)),
        check_callbacks=_flag(table, "check_callbacks", partial(require_callbacks, provider.name)),
        keys=tuple(filter(None, (_key(each, provider, read_file) for each in table.tables("keys")))),
        rows=(*redirect_uris(table), *rows(table, provider)),
    )
    table.close()
    _different(table, "kid", [key.new.kid for key in client.keys if key.new.kid is not None])
    _different(table, "row", [f"{row.kind} {row.id}" for row in client.rows])
    return client


def _judged(table: Table, name: str, require: Callable[[str], None]) -> str | None:
    said = table.text(name)
    try:
        if said is not None:
            require(said)
    except Misuse as misuse:
        table.wrong(name, misuse.detail)
    return said


def _flag(table: Table, name: str, require: Callable[[bool], None]) -> bool | None:
    said = table.flag(name)
    try:
        require(bool(said))
    except Misuse as misuse:
        table.wrong(name, misuse.detail)
    return said


def _require_given_secret(secret: str) -> None:
    if not secret:
        raise Misuse("empty; leave this line out to have one made")
    require_secret(secret)


def _key(table: Table, provider: Provider, read_file: ReadFile) -> SeedKey | None:
    table.need("algorithm")
    kid, algorithm = table.text("kid"), table.text("algorithm")
    file, material = table.text("file"), table.text("material")
    times = {name: table.instant(name) for name in ("active_from", "expires_at", "delete_at")}
    table.close()
    if table.has("file") == table.has("material"):
        table.wrong("", "must have either file or material")
        return None
    try:
        text = read_file(file) if file is not None else material
        if algorithm is None or text is None:
            return None  # missing or no text, which was noted
        new = new_key(
            algorithm,
            text,
            kid=kid,
            active_from=times["active_from"],
            expires_at=times["expires_at"],
            deleted_at=times["delete_at"],
        )
        judge(provider.name, new)
        return SeedKey(place=table.place, new=new)
    except SandbankError as error:
        table.wrong("", _in_words(error))
        return None


def _in_words(error: SandbankError) -> str:
    """A refusal with what it means, for the file's author sees no journal."""
    if not isinstance(error, Refused):
        return error.detail
    reason = error.reasons[0]
    return f"{reason.code}: {CAUSES[reason.code].meaning} Seen: {reason.seen}; expected: {reason.expected}."


def _different(table: Table, what: str, names: Sequence[str]) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            table.wrong("", f"has the {what} {visible(name)} twice")


def _twice(clients: Sequence[SeedClient]) -> list[str]:
    """A name stands for one client, and so does an id; neither may be another's."""
    problems = []
    known: dict[tuple[str, str], str] = {}
    for client in clients:
        for word in dict.fromkeys((client.name, client.id or client.name)):
            if word and (first := known.setdefault((client.provider, word), client.place)) != client.place:
                problems.append(f"{client.place}: {visible(word)!r} is already the name or the id of {first}")
    return problems


def kept_secrets(state: State, wanted: Sequence[SeedClient]) -> Mapping[str, Kept]:
    """Of each client whose secret the file gives, by its place there: as it is kept, if it is that one, or anew.

    Each takes some 40 ms of CPU time, so all processors share the work.
    """
    tasks: dict[str, Callable[[], Kept]] = {}
    shared: dict[str, Way] = {}
    with state.store.read() as work:
        for one in wanted:
            if one.secret is not None:
                found = clients.by_name(work, one.provider, one.name)
                way = _new_way(work, one.provider, shared)
                tasks[one.place] = partial(_keep, one.secret, found.secret if found else None, way)
    return dict(zip(tasks, _all(list(tasks.values())), strict=True))


def _new_way(work: Work, provider: str, shared: dict[str, Way]) -> Way:
    way = way_of_chosen(work, provider)
    return shared.setdefault(provider, way) if named(provider).registration.secret_alone else way


def _keep(secret: str, there: Kept | None, way: Way) -> Kept:
    return there if there is not None and there == secrets.keep(secret, there.way) else secrets.keep(secret, way)


def _all(tasks: Sequence[Callable[[], Kept]]) -> Sequence[Kept]:
    if len(tasks) < 2:
        return [task() for task in tasks]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda task: task(), tasks))
