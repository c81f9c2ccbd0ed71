"""Entries of the journal as a person sees them: a line each, and the reasons below it."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.cli.guide import reader
from sandbox.cli.options import DEFAULT_STATE
from sandbox.cli.output import columns, line_columns, printable
from sandbox.errors import SandbankError
from sandbox.journal.causes import paragraph
from sandbox.journal.entry import Entry
from sandbox.journal.reader import fold

if TYPE_CHECKING:
    from sandbox.services.state import State

NAME_WIDTH = 10
"""Of a client's name: demo, acme and their like stand in one column, longer ones push the rest."""
TITLE_LIMIT = 120
"""Paths can be kilobytes; the whole of it is in the journal."""
UNKNOWN = "-"


class Names:
    """Names of clients by the ids that entries have, asked of the state once each."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._known: dict[tuple[str, str], str] = {}

    def of(self, entry: Entry) -> str:
        """The name, the id of a client that is gone, or nothing when it never became clear who it was."""
        from sandbox.services.clients import show_client

        if not entry.client or not entry.provider:
            return ""
        key = (entry.provider, entry.client)
        if key not in self._known:
            try:
                self._known[key] = show_client(self._state, *key).name
            except SandbankError:
                return entry.client
        return self._known[key]


def coloured() -> bool:
    """Whether a person looks who can see colours. https://no-color.org; Windows consoles may show the codes as such."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and os.name != "nt"
    return wanted and sys.stdout is not None and sys.stdout.isatty()


def line(entry: Entry, name: str, *, colour: bool = False, with_id: bool = False) -> str:
    """One line, folded on a narrow terminal; the code of the first reason stands at its end.

    The id is what ``journal`` is asked about."""
    took = f"{entry.microseconds / 1000:.0f} ms" if entry.microseconds >= 1000 else ""
    code = entry.reasons[0].code if entry.reasons else ""
    title = entry.title if len(entry.title) <= TITLE_LIMIT else f"{entry.title[: TITLE_LIMIT - 1]}…"
    where = (f"{entry.kind:<11}", f"{_place(entry):<9}", f"{name or UNKNOWN:<{NAME_WIDTH}}")
    cells = (f"{entry.at:%H:%M:%S}Z", entry.id if with_id else "", *where, title, entry.outcome, code, took)
    shown = fold(printable("  ".join(filter(None, cells)).replace("\n", " ")), line_columns(), hang="    ")
    painted = (click.style(one, fg="red" if entry.refused else "green") if colour else one for one in shown)
    return "\n".join(painted)


def _place(entry: Entry) -> str:
    """The door; for what came by none, a certificate or a webhook, the provider whose it is."""
    return entry.door if entry.kind in ("call", "handshake") else entry.provider or entry.door


def block(entry: Entry, name: str, *, colour: bool = False, state: Path = DEFAULT_STATE) -> str:
    """The line, and below it why it was refused: code, seen, expected, next."""
    reasons = [paragraph(reason, name, reader(state), line_columns()) for reason in entry.reasons]
    return "\n".join([line(entry, name, colour=colour), *map(printable, reasons)])


def whole(entry: Entry, name: str, *, state: Path = DEFAULT_STATE) -> str:
    """The entry with its stages and reasons."""
    return printable(entry.explain(name, reader(state), columns()))


def as_json(entry: Entry, name: str, *, state: Path = DEFAULT_STATE, **more: int) -> str:
    """The entry for a program: an object on one line, with the client's name beside its id."""
    return json.dumps({**entry.as_json(name, reader(state)), "client_name": name or None, **more}, ensure_ascii=False)
