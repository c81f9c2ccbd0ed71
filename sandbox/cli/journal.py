"""``sandbank journal``: what happened, why something was refused, and what to do; and entries as a person sees them: a
line each, and the reasons below it."""

import json
import os
import shlex
import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.cli.commands import Verb, opened_state
from sandbox.cli.guide import command, reader
from sandbox.cli.options import DEFAULT_STATE, client_option, common, complete_entries, option, provider_option
from sandbox.cli.output import columns, line_columns, note, printable, put, say
from sandbox.errors import SandbankError
from sandbox.journal.causes import paragraph
from sandbox.journal.entry import KINDS, Entry
from sandbox.journal.reader import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.journal.entry import Kind, View
    from sandbox.services.clock import Duration
    from sandbox.services.state import State

FOLLOW_SECONDS = 0.2
"""Between two looks: the server writes ten times a second, and a person does not see the difference."""


def _since(ctx: click.Context, parameter: click.Parameter, value: str | None) -> "datetime | Duration | None":
    """An instant, or how long ago."""
    from sandbox.errors import Misuse
    from sandbox.services.clock import read_duration, read_instant

    if value is None:
        return None
    try:
        return read_duration(value)
    except Misuse:
        pass
    try:
        return read_instant(value)
    except Misuse as misuse:
        raise click.BadParameter(f"{misuse.detail}, or how long ago, such as 10m or 2h") from None


@click.command("journal", cls=Verb, short_help="What happened, and why.")
@click.argument("entry_id", required=False, metavar="[ENTRY_ID]", shell_complete=complete_entries)
@option("--last", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="How many entries.")
@option("--all", "everything", is_flag=True, help="All entries that are kept, some 100,000.")
@option(
    "--since",
    metavar="TIME",
    callback=_since,
    help="All entries from then on, by the sandbox's clock: ISO 8601, or how long ago: 10m, 2h, 3d.",
)
@client_option(help="Only entries of this client, and of no client.")
@provider_option(None)
@option("--kind", type=click.Choice(KINDS), help="Only entries of this kind.")
@option("--path", metavar="PATH", help="Only calls of this path.")
@option("--refused", is_flag=True, help="Only what was refused.")
@option("--follow", is_flag=True, help="Also show what happens from now on, until Ctrl-C.")
@option("--explain", is_flag=True, help="Show each entry with its stages and reasons.")
@common
@click.pass_context
def journal(
    ctx: click.Context,
    entry_id: str | None,
    last: int,
    everything: bool,
    since: "datetime | Duration | None",
    client: str | None,
    provider: str | None,
    kind: "Kind | None",
    path: str | None,
    refused: bool,
    follow: bool,
    explain: bool,
    state: Path,
    as_json: bool,
) -> None:
    """Show what happened at the doors and to certificates, newest last; ENTRY_ID shows one entry explained. The first
    characters of the id are enough.

    \b
    sandbank journal --refused --explain
    sandbank journal 3f1c09aa52e7b480          (the x-trace-id of a reply)
    sandbank journal --since 10m
    sandbank journal --follow --json           (an object per line)

    With --json, "older" says how many entries older than the object's the same filters find, whatever --since says.
    """
    from sandbox.journal.entry import View
    from sandbox.services.journal import find_entry

    if everything and ctx.get_parameter_source("last") is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("give either --all or --last N")
    with opened_state(state) as opened:
        if entry_id is not None:
            _Teller(opened, state, explain=True, as_json=as_json).tell(find_entry(opened, entry_id))
            return
        kept = {"--client": client, "--provider": provider, "--kind": kind, "--path": path}
        same = shlex.join(word for name, said in kept.items() if said for word in (name, said))
        same += "".join(word for word, on in ((" --refused", refused), (" --explain", explain)) if on)
        teller = _Teller(opened, state, explain=explain, as_json=as_json, same=same)
        view = View(
            client=client, provider=provider, kind=kind, path=path, refused=refused, since=_instant(opened, since)
        )
        whole_view = everything or (since is not None and ctx.get_parameter_source("last") is _DEFAULT)
        _show(opened, view, None if whole_view else last, teller, follow)


_DEFAULT = click.core.ParameterSource.DEFAULT


def _instant(state: "State", since: "datetime | Duration | None") -> datetime | None:
    """When that was, by the sandbox's clock."""
    from ca.clock import later

    if since is None or isinstance(since, datetime):
        return since
    return later(state.clock.now(), -abs(since.delta), months=-abs(since.months))


def _show(state: "State", view: "View", many: int | None, teller: "_Teller", follow: bool) -> None:
    from sandbox.services import journal

    last = 0
    for number, entry in _counted(state, view, many, teller):
        teller.tell(entry)
        last = number
    if not last and not follow:
        note("the journal has no such entry yet")
    while follow:
        time.sleep(FOLLOW_SECONDS)
        for number, entry in journal.read_journal(state, replace(view, after=last or -1, limit=journal.MAX_ENTRIES)):
            teller.tell(entry)
            last = number


def _counted(state: "State", view: "View", many: int | None, teller: "_Teller") -> "Iterator[tuple[int, Entry]]":
    """The entries that were asked for; before the first is shown, how many older ones there are is said."""
    from sandbox.services import journal

    for place, (number, entry) in enumerate(journal.newest(state, view, many)):
        if place == 0:
            teller.begin(journal.older(state, view, number))
        yield number, entry


class _Teller:
    """Shows entries as they were asked for."""

    def __init__(self, state: "State", where: Path, *, explain: bool, as_json: bool, same: str = "") -> None:
        """*same*: the options by which entries were chosen."""
        self._names = Names(state)
        self._where = where
        self._colour = coloured()
        self._explain = explain
        self._as_json = as_json
        self._all = " ".join(filter(None, ("journal --all", same.strip())))
        self._older: int | None = None

    def begin(self, older: int) -> None:
        """Said before the entries, for whoever looks for one that is not among them."""
        self._older = older
        if older and self._as_json:
            say(json.dumps({"older": older, "next": command(f"{self._all} --json", state=self._where)}))
        elif older:
            note(f"{older} older: {command(self._all, state=self._where)}")

    def tell(self, entry: "Entry") -> None:
        name = self._names.of(entry)
        if self._as_json:
            counted = {} if self._older is None else {"older": self._older}
            put(as_json(entry, name, state=self._where, **counted))
            self._older = None if self._older is None else self._older + 1
        elif self._explain:
            put(whole(entry, name, state=self._where))
        else:
            put(line(entry, name, colour=self._colour, with_id=True))


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
