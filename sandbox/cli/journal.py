"""``sandbank journal``: what happened, and why something was refused; the entries are the journal's."""

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.cli.commands import Verb, opened_state
from sandbox.cli.options import client_option, common, option, provider_option
from sandbox.cli.output import note, printable, put

if TYPE_CHECKING:
    from sandbox.errands.state import State
    from sandbox.journal.entry import Entry
    from sandbox.journal.view import View

MAX_LAST = 1_000
FOLLOW_SECONDS = 0.2
"""Between two looks: the server writes ten times a second, and a person does not see the difference."""


@click.command("journal", cls=Verb, short_help="What happened, and why.")
@click.argument("entry_id", required=False, metavar="[ENTRY_ID]")
@option(
    "--last", type=click.IntRange(1, MAX_LAST), default=20, show_default=True, metavar="N", help="How many entries."
)
@client_option(help="Keep to this client, and to what belongs to nobody.")
@provider_option(None)
@option("--path", metavar="PATH", help="Keep to calls of this path.")
@option("--refused", is_flag=True, help="Keep to what was refused.")
@option("--follow", is_flag=True, help="Go on with what happens from now on, until Ctrl-C.")
@option("--explain", is_flag=True, help="Each entry with its stages and reasons.")
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
    from sandbox.errands.journal import find_entry
    from sandbox.journal.view import View

    with opened_state(state, make_new=False) as opened:
        teller = _Teller(opened, explain=explain, as_json=as_json)
        if entry_id is not None:
            _Teller(opened, explain=True, as_json=as_json).tell(find_entry(opened, entry_id))
            return
        _show(opened, View(client=client, provider=provider, path=path, refused=refused, limit=last), teller, follow)


def _show(state: "State", view: "View", teller: "_Teller", follow: bool) -> None:
    from sandbox.errands.journal import read_journal

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
        from sandbox.cli.lines import Names, coloured

        self._names = Names(state)
        self._colour = coloured()
        self._explain = explain
        self._as_json = as_json

    def tell(self, entry: "Entry") -> None:
        from sandbox.cli.lines import as_json, line

        if self._as_json:
            put(as_json(entry))
        elif self._explain:
            put(printable(entry.explain()))
        else:
            put(line(entry, self._names.of(entry), colour=self._colour, with_id=True))
