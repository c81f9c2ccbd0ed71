"""An entry of the journal as a line for a person, with the reason of a refusal below it; where it goes is others'."""

import json
import os
import sys
from typing import TYPE_CHECKING

import click

from sandbox.cli.output import printable
from sandbox.errors import SandbankError
from sandbox.journal.causes import paragraph
from sandbox.journal.entry import Entry

if TYPE_CHECKING:
    from sandbox.errands.state import State

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
        from sandbox.errands.clients import show_client

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
    """One line; the code of the first reason stands at its end. The id is what ``journal`` is asked about."""
    took = f"{entry.microseconds / 1000:.0f} ms" if entry.microseconds >= 1000 else ""
    code = entry.reasons[0].code if entry.reasons else ""
    title = entry.title if len(entry.title) <= TITLE_LIMIT else f"{entry.title[: TITLE_LIMIT - 1]}…"
    where = (f"{entry.kind:<11}", f"{entry.door:<9}", f"{name or UNKNOWN:<{NAME_WIDTH}}")
    columns = (f"{entry.at:%H:%M:%S}Z", entry.id if with_id else "", *where, title, entry.outcome, code, took)
    shown = printable("  ".join(filter(None, columns)).replace("\n", " "))
    return click.style(shown, fg="red" if entry.refused else "green") if colour else shown


def block(entry: Entry, name: str, *, colour: bool = False) -> str:
    """The line, and below it why it was refused: code, seen, expected, next."""
    return "\n".join([line(entry, name, colour=colour), *(printable(paragraph(reason)) for reason in entry.reasons)])


def as_json(entry: Entry) -> str:
    return json.dumps(entry.as_json(), ensure_ascii=False)
