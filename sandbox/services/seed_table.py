"""A table of a seed file while it is read: its fields, its rows, and every mistake with its place."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

from ca.errors import visible
from sandbox.errors import Misuse
from sandbox.providers.context import Body
from sandbox.providers.declare import Provider
from sandbox.services.clock import INSTANT_FORM, in_utc, read_instant
from sandbox.services.resources import row_faults

LONGEST_NAME = 40
"""Characters of a name that are repeated, or looked up among those that there are; ours have fewer."""
_KINDS = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}


class Table:
    """Asked for each field that may be in it; what was not asked for when it is closed is unknown."""

    def __init__(self, said: Mapping[str, Any], place: str, problems: list[str]) -> None:
        self._said = said
        self._problems = problems
        self._asked: list[str] = []
        self.place = place

    def at(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name

    def wrong(self, name: str, detail: str) -> None:
        """Note a problem of a field; of the table itself where *name* is empty."""
        self._problems.append(f"{self.at(name) if name else self.place}: {detail}")

    def has(self, name: str) -> bool:
        return name in self._said

    def need(self, *names: str) -> None:
        """Note those of the fields that are missing."""
        for name in names:
            if name not in self._said:
                self.wrong(name, "missing")

    def text(self, name: str) -> str | None:
        said: str | None = self._field(name, str)
        return said

    def flag(self, name: str) -> bool | None:
        said: bool | None = self._field(name, bool)
        return said

    def identifier(self, name: str) -> str | None:
        """A text or a whole number, as text."""
        said = self._ask(name)
        if said is None or isinstance(said, str):
            return said
        if isinstance(said, int) and not isinstance(said, bool) and said.bit_length() < 64:
            return str(said)
        self.wrong(name, "must be a text or a whole number of at most 64 bits")
        return None

    def instant(self, name: str) -> datetime | None:
        """An offset or local date-time, a date, or a text in ISO 8601; without a zone it is UTC."""
        said = self._ask(name)
        try:
            match said:
                case None:
                    return None
                case str():
                    return read_instant(said)
                case datetime():
                    return in_utc(said)
                case date():
                    return in_utc(datetime(said.year, said.month, said.day))  # noqa: DTZ001 - in_utc gives the zone
        except Misuse as misuse:
            self.wrong(name, misuse.detail)
            return None
        self.wrong(name, f"must be {INSTANT_FORM}, not {_kind(said)}")
        return None

    def texts(self, name: str) -> dict[str, str]:
        """A list of texts, each by its own name: ``name[0]``."""
        found = {}
        for number, said in enumerate(self._field(name, list) or ()):
            if isinstance(said, str):
                found[f"{name}[{number}]"] = said
            else:
                self.wrong(f"{name}[{number}]", f"must be a text, not {_kind(said)}")
        return found

    def table(self, name: str) -> "Table | None":
        said = self._field(name, dict)
        return None if said is None else Table(said, self.at(name), self._problems)

    def tables(self, name: str) -> tuple["Table", ...]:
        """An array of tables, ``[[…]]``."""
        said = self._ask(name)
        if said is None:
            return ()
        if not isinstance(said, list) or not all(isinstance(each, dict) for each in said):
            self.wrong(name, f"must be tables, each headed [[{self.at(name)}]], not {_kind(said)}")
            return ()
        return tuple(Table(each, f"{self.at(name)}[{n}]", self._problems) for n, each in enumerate(said))

    def rest(self) -> dict[str, str | int | float | bool]:
        """What was not asked for, where any name may stand: single values that fit into 64 bits."""
        found: dict[str, str | int | float | bool] = {}
        for name in [name for name in self._said if name not in self._asked]:
            value = self._ask(name)
            if not isinstance(value, str | int | float):
                self.wrong(visible(name, LONGEST_NAME), f"must be a text, a number, true or false, not {_kind(value)}")
            elif isinstance(value, int) and value.bit_length() >= 64:
                self.wrong(visible(name, LONGEST_NAME), "must be a number of at most 64 bits")
            else:
                found[name] = value
        return found

    def close(self) -> None:
        """Note every field that nobody asked for."""
        for name in self._said:
            if name not in self._asked:
                near = difflib.get_close_matches(name[:LONGEST_NAME], self._asked, n=1)
                hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(self._asked)}"
                self.wrong(visible(name, LONGEST_NAME), f"unknown; {hint}")

    def _field(self, name: str, kind: type[Any]) -> Any:
        said = self._ask(name)
        if said is None or isinstance(said, kind):
            return said
        self.wrong(name, f"must be {_KINDS[kind]}, not {_kind(said)}")
        return None

    def _ask(self, name: str) -> Any:
        self._asked.append(name)
        return self._said.get(name)


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a date or a time")


REDIRECT_URI = "redirect_uri"
"""The kind of rows in which a client's redirect URIs are kept; no provider completes them."""
MAX_URI = 2_000
"""Characters of a redirect URI: as much as every browser takes in its address bar."""
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""Rows are judged as of this day, before the day on which they will be made is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRow:
    """A row that a client is to start with; the provider can complete it."""

    kind: str
    id: str
    given: Body


def redirect_uris(table: Table) -> Sequence[SeedRow]:
    """RFC 6749 section 3.1.2: absolute, and without a fragment."""
    found = []
    for name, uri in table.texts("redirect_uris").items():
        if fault := _uri_fault(uri):
            table.wrong(name, f"{visible(uri)!r} {fault}")
        found.append(SeedRow(kind=REDIRECT_URI, id=uri, given={"uri": uri}))
    return found


def _uri_fault(uri: str) -> str:
    if len(uri) > MAX_URI or not uri.isascii() or not uri.isprintable() or " " in uri:
        return f"is not a URL of at most {MAX_URI} ASCII characters without spaces"
    try:
        parts = urlsplit(uri)
        absolute = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or True)
    except ValueError:  # half an IPv6 address, or a port that is none
        absolute = False
    if not absolute:
        return "is not an absolute URL such as https://partner.example/callback"
    return "has a fragment, which a redirect URI must not have" if "#" in uri else ""


def rows(table: Table, provider: Provider) -> Sequence[SeedRow]:
    """Of each kind that can be put, under the kind's name and an s: ``[[….balances]]``."""
    found = []
    for kind in provider.chapters().puttable:
        for each in table.tables(f"{kind}s"):
            each.need("id")
            number_or_text = each.identifier("id")
            given = each.rest()
            if number_or_text is not None:
                for fault in row_faults(provider.name, kind, number_or_text, given, _ANY_DAY):
                    each.wrong("", fault)
                found.append(SeedRow(kind=kind, id=number_or_text, given=given))
    return found
