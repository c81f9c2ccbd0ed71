"""A seed file, read and checked: which clients there are to be, with which keys and rows, or everything wrong with it.

Pure: whoever applies it reads the files it names, and knows what is there already.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from ca.errors import visible
from sandbox.errands.clients import require_id, require_name, require_secret
from sandbox.errands.keys import judge
from sandbox.errands.resources import completed
from sandbox.errands.seed_table import Table
from sandbox.errors import Misuse, Refused, SandbankError, SeedRefused
from sandbox.journal.causes import CAUSES
from sandbox.providers import PROVIDERS
from sandbox.providers.declare import Body, NewKey, Provider

REDIRECT_URI = "redirect_uri"
"""The kind of rows in which a client's redirect URIs are kept; no provider completes them."""
MAX_URI = 2_000
"""Characters of a redirect URI: as much as every browser takes in its address bar."""
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""On which rows are completed to see whether they can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedKey:
    """A public key that a client is to have; it was judged."""

    place: str
    new: NewKey


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRow:
    """A row that a client is to start with; the provider can complete it."""

    kind: str
    id: str
    given: Body


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedClient:
    """A client that there is to be. What the file leaves open is None."""

    place: str
    provider: str
    name: str
    id: str | None
    secret: str | None = field(repr=False)
    require_jws: bool | None
    keys: tuple[SeedKey, ...]
    rows: tuple[SeedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """What a seed file asks for, without a mistake that can be seen in the file alone."""

    file: str
    clients: tuple[SeedClient, ...]


ReadFile = Callable[[str], str]
"""The text of a file that the seed file names. Raises SandbankError."""


def read_seed_text(text: str, *, file: str, read_file: ReadFile) -> Seed:
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
        raise SeedRefused(file, problems)
    return Seed(file=file, clients=tuple(clients))


def _toml(text: str, file: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:  # a number of more than 4300 digits is one too
        raise SeedRefused(file, [f"not TOML: {error}"]) from None
    except RecursionError:
        raise SeedRefused(file, ["not TOML: nested without end"]) from None


def _client(table: Table, provider: Provider, read_file: ReadFile) -> SeedClient:
    table.need("name")
    client = SeedClient(
        place=table.place,
        provider=provider.name,
        name=_judged(table, "name", require_name) or "",
        id=_judged(table, "id", require_id),
        secret=_judged(table, "secret", _require_given_secret),
        require_jws=table.flag("require_jws"),
        keys=tuple(filter(None, (_key(each, provider, read_file) for each in table.tables("keys")))),
        rows=(*_redirect_uris(table), *_rows(table, provider)),
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


def _require_given_secret(secret: str) -> None:
    if not secret:
        raise Misuse("empty; without this line one is made")
    require_secret(secret)


def _key(table: Table, provider: Provider, read_file: ReadFile) -> SeedKey | None:
    table.need("algorithm")
    kid, algorithm = table.text("kid"), table.text("algorithm")
    file, material = table.text("file"), table.text("material")
    times = {name: table.instant(name) for name in ("active_from", "expires_at", "delete_at")}
    table.close()
    if table.has("file") == table.has("material"):
        table.wrong("", "must have one of file and material")
        return None
    try:
        text = read_file(file) if file is not None else material
        if algorithm is None or text is None:
            return None  # missing or no text, which was noted
        new = NewKey(
            kid=kid,
            algorithm=algorithm,
            material=text,
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


def _redirect_uris(table: Table) -> Sequence[SeedRow]:
    """RFC 6749 section 3.1.2: absolute, and without a fragment."""
    rows = []
    for number, uri in enumerate(table.texts("redirect_uris")):
        if fault := _uri_fault(uri):
            table.wrong(f"redirect_uris[{number}]", f"{visible(uri)!r} {fault}")
        rows.append(SeedRow(kind=REDIRECT_URI, id=uri, given={"uri": uri}))
    return rows


def _uri_fault(uri: str) -> str:
    if len(uri) > MAX_URI or not uri.isascii() or not uri.isprintable() or " " in uri:
        return f"is not a URL of at most {MAX_URI} ASCII characters without blanks"
    try:
        parts = urlsplit(uri)
        absolute = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or True)
    except ValueError:  # half an IPv6 address, or a port that is none
        absolute = False
    if not absolute:
        return "is not an absolute URL such as https://partner.example/callback"
    return "has a fragment, which a redirect URI may not have" if "#" in uri else ""


def _rows(table: Table, provider: Provider) -> Sequence[SeedRow]:
    """Of each kind that can be put, under the kind's name and an s: ``[[….balances]]``."""
    rows = []
    for kind in provider.kinds:
        for each in table.tables(f"{kind}s"):
            each.need("id")
            number_or_text = each.identifier("id")
            given = each.rest()
            if number_or_text is not None:
                for problem in _row_problems(provider, kind, number_or_text, given):
                    each.wrong("", problem)
                rows.append(SeedRow(kind=kind, id=number_or_text, given=given))
    return rows


def _row_problems(provider: Provider, kind: str, id: str, given: Body) -> Sequence[str]:
    """The provider names the first thing that is wrong; asked for each field alone, it names them all."""

    def problem(fields: Body) -> str:
        try:
            completed(provider.name, kind, id, fields, _ANY_DAY)
        except Misuse as misuse:
            return misuse.detail
        return ""

    if not (first := problem(given)):
        return ()
    alone = problem({})
    each = [problem({name: value}) for name, value in given.items()]
    return list(dict.fromkeys([first, *(said for said in each if said and said != alone)]))


def _different(table: Table, what: str, names: Sequence[str]) -> None:
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        table.wrong("", f"the {what} {visible(name)} twice")


def _twice(clients: Sequence[SeedClient]) -> list[str]:
    """A name stands for one client, and so does an id; neither may be another's."""
    problems = []
    known: dict[tuple[str, str], str] = {}
    for client in clients:
        for word in {client.name, client.id or client.name}:
            if word and (first := known.setdefault((client.provider, word), client.place)) != client.place:
                problems.append(f"{client.place}: {visible(word)!r} is the name or the id of {first} already")
    return problems
