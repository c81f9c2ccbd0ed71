"""The rows that a seed file gives a client: those that its provider completes, and its redirect URIs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from ca.errors import visible
from sandbox.errands.resources import completed
from sandbox.errands.seed_table import Table
from sandbox.errors import Misuse
from sandbox.providers.declare import Provider
from sandbox.providers.desk import Body

REDIRECT_URI = "redirect_uri"
"""The kind of rows in which a client's redirect URIs are kept; no provider completes them."""
MAX_URI = 2_000
"""Characters of a redirect URI: as much as every browser takes in its address bar."""
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""On which rows are completed to see whether they can be."""


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
        return f"is not a URL of at most {MAX_URI} ASCII characters without blanks"
    try:
        parts = urlsplit(uri)
        absolute = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or True)
    except ValueError:  # half an IPv6 address, or a port that is none
        absolute = False
    if not absolute:
        return "is not an absolute URL such as https://partner.example/callback"
    return "has a fragment, which a redirect URI may not have" if "#" in uri else ""


def rows(table: Table, provider: Provider) -> Sequence[SeedRow]:
    """Of each kind that can be put, under the kind's name and an s: ``[[….balances]]``."""
    found = []
    for kind in provider.chapters().kinds:
        for each in table.tables(f"{kind}s"):
            each.need("id")
            number_or_text = each.identifier("id")
            given = each.rest()
            if number_or_text is not None:
                for problem in _row_problems(provider, kind, number_or_text, given):
                    each.wrong("", problem)
                found.append(SeedRow(kind=kind, id=number_or_text, given=given))
    return found


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
