"""``sandbank journal`` and ``sandbank explain``: what happened, why something was refused, and what to do."""

import json
import os
import sys
import textwrap
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.cli.commands import WIDTH, Verb, opened_state
from sandbox.cli.options import client_option, common, complete_causes, option, provider_option
from sandbox.cli.output import note, printable, put, put_json, table
from sandbox.errors import SandbankError
from sandbox.journal.causes import paragraph
from sandbox.journal.entry import Entry

if TYPE_CHECKING:
    from sandbox.journal.entry import View
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
    """One line; the code of the first reason stands at its end. The id is what ``journal`` is asked about."""
    took = f"{entry.microseconds / 1000:.0f} ms" if entry.microseconds >= 1000 else ""
    code = entry.reasons[0].code if entry.reasons else ""
    title = entry.title if len(entry.title) <= TITLE_LIMIT else f"{entry.title[: TITLE_LIMIT - 1]}…"
    where = (f"{entry.kind:<11}", f"{_place(entry):<9}", f"{name or UNKNOWN:<{NAME_WIDTH}}")
    columns = (f"{entry.at:%H:%M:%S}Z", entry.id if with_id else "", *where, title, entry.outcome, code, took)
    shown = printable("  ".join(filter(None, columns)).replace("\n", " "))
    return click.style(shown, fg="red" if entry.refused else "green") if colour else shown


def _place(entry: Entry) -> str:
    """The door; for what came by none, a certificate or a webhook, the provider whose it is."""
    return entry.door if entry.kind in ("call", "handshake") else entry.provider or entry.door


def block(entry: Entry, name: str, *, colour: bool = False) -> str:
    """The line, and below it why it was refused: code, seen, expected, next."""
    return "\n".join([line(entry, name, colour=colour), *(printable(paragraph(reason)) for reason in entry.reasons)])


def as_json(entry: Entry) -> str:
    return json.dumps(entry.as_json(), ensure_ascii=False)


MAX_LAST = 1_000
FOLLOW_SECONDS = 0.2
"""Between two looks: the server writes ten times a second, and a person does not see the difference."""


@click.command("journal", cls=Verb, short_help="What happened, and why.")
@click.argument("entry_id", required=False, metavar="[ENTRY_ID]")
@option(
    "--last", type=click.IntRange(1, MAX_LAST), default=20, show_default=True, metavar="N", help="How many entries."
)
@client_option(help="Only entries of this client, and of no client.")
@provider_option(None)
@option("--path", metavar="PATH", help="Only calls of this path.")
@option("--refused", is_flag=True, help="Only what was refused.")
@option("--follow", is_flag=True, help="Also show what happens from now on, until Ctrl-C.")
@option("--explain", is_flag=True, help="Show each entry with its stages and reasons.")
@common
def journal(
    entry_id: str | None,
    last: int,
    client: str | None,
    provider: str | None,
    path: str | None,
    refused: bool,
    follow: bool,
    explain: bool,
    state: Path,
    as_json: bool,
) -> None:
    """Show what happened at the doors and to certificates, newest last; ENTRY_ID shows one entry explained.

    \b
    sandbank journal --refused --explain
    sandbank journal 3f1c09aa52e7b480          (the x-trace-id of a reply)
    sandbank journal --follow --json           (an object per line)
    """
    from sandbox.journal.entry import View
    from sandbox.services.journal import find_entry

    with opened_state(state) as opened:
        teller = _Teller(opened, explain=explain, as_json=as_json)
        if entry_id is not None:
            _Teller(opened, explain=True, as_json=as_json).tell(find_entry(opened, entry_id))
            return
        _show(opened, View(client=client, provider=provider, path=path, refused=refused, limit=last), teller, follow)


def _show(state: "State", view: "View", teller: "_Teller", follow: bool) -> None:
    from sandbox.services.journal import read_journal

    entries = read_journal(state, view)
    if not entries and not follow:
        note("the journal has no such entry yet")
    while True:
        for number, entry in entries:
            teller.tell(entry)
            view = replace(view, after=number)
        if not follow:
            return
        time.sleep(FOLLOW_SECONDS)
        entries = read_journal(state, replace(view, limit=MAX_LAST))


class _Teller:
    """Shows entries as they were asked for."""

    def __init__(self, state: "State", *, explain: bool, as_json: bool) -> None:

        self._names = Names(state)
        self._colour = coloured()
        self._explain = explain
        self._as_json = as_json

    def tell(self, entry: "Entry") -> None:

        if self._as_json:
            put(as_json(entry))
        elif self._explain:
            put(printable(entry.explain()))
        else:
            put(line(entry, self._names.of(entry), colour=self._colour, with_id=True))


@click.command("explain", cls=Verb, short_help="What the code of a refusal means.")
@click.argument("code", required=False, shell_complete=complete_causes)
@option("--list", "listed", is_flag=True, help="Every code and what it means.")
@common
def explain(code: str | None, listed: bool, state: Path, as_json: bool) -> None:
    """Explain the code of a refusal, and what to do about it.

    \b
    sandbank explain tls.certificate_missing
    sandbank explain --list

    You find codes in the server's output, in the journal and in the x-sandbank-cause header of a reply.
    """
    from sandbox.journal import causes

    if listed == (code is not None):
        raise click.UsageError("give either the CODE of a refusal or --list")
    if listed and as_json:
        put_json({"causes": [asdict(cause) for cause in causes.CAUSES.values()]})
    elif listed:
        put(*table([(cause.code, cause.meaning) for cause in causes.CAUSES.values()]))
    else:
        found = causes.explain(code or "")
        put_json(asdict(found)) if as_json else put(found.code, *_wrapped(found.meaning), f"next: {found.next}")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)
