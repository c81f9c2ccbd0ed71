"""``sandbank clock``: show and move the time in the sandbox. The service says what follows the clock."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.cli.attempts import wait_for_deliveries
from sandbox.cli.commands import Noun, Verb, opened_state
from sandbox.cli.guide import command
from sandbox.cli.options import common, instant, option
from sandbox.cli.output import note, put, put_json, table

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.services.clock import Duration, Shown

EXAMPLES = ("+13months", "+1y", "+30d", "+12h")
_BACKWARD = re.compile(r"-[0-9]")


class _Mover(Verb):
    """A verb whose argument may begin with a minus and a digit, which Click alone would take for an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        backward = [] if "--" in args else [word for word in args if _BACKWARD.match(word)]
        if backward:
            args = [*(word for word in args if word not in backward), "--", *backward]
        return super().parse_args(ctx, args)


def _duration(ctx: click.Context, parameter: click.Parameter, value: str | None) -> "Duration | None":
    from sandbox.errors import Misuse
    from sandbox.services.clock import read_duration

    try:
        return None if value is None else read_duration(value)
    except Misuse as misuse:
        raise click.BadParameter(misuse.detail) from None


def _complete_durations(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    return [example for example in EXAMPLES if example.startswith(incomplete)]


@click.group(cls=Noun, short_help="What time it is in the sandbox.")
def clock() -> None:
    """The sandbox's clock. Client certificates, tokens and keys expire by it, and the journal uses its times. A running
    server follows at its next handshake or call. Server certificates go by real time, as your programs do."""


@clock.command("show", short_help="What it shows.")
@common
def show(state: Path, as_json: bool) -> None:
    """Show the time in the sandbox, and how far that is from real time."""
    from sandbox.services.clock import show_clock

    with opened_state(state) as opened:
        _tell(show_clock(opened), as_json=as_json)


@clock.command("move", cls=_Mover, short_help="Later, earlier, or to an instant.")
@click.argument(
    "duration", required=False, metavar="[DURATION]", callback=_duration, shell_complete=_complete_durations
)
@option("--to", metavar="TIME", callback=instant, help="Run on from this time instead. ISO 8601; UTC without a zone.")
@common
def move(duration: "Duration | None", to: "datetime | None", state: Path, as_json: bool) -> None:
    """Move the clock by a DURATION of years, months, weeks, days, hours, minutes and seconds, or to an instant.

    A month later is the same day of the next month, or its last day. A frozen clock stays frozen at the new time. A
    running server sends the webhooks that fall due, in order: this command waits for them, half a minute at most,
    and says how many are still open.

    \b
    sandbank clock move +13months          (certificates of a year have expired)
    sandbank clock move 1y2mo3d            (y, mo, w, d, h, m, s; m are minutes)
    sandbank clock move -2h30m             (earlier)
    sandbank clock move --to 2027-12-24T10:00:00Z
    """
    from sandbox.services.clock import move_clock, move_clock_to

    if (duration is None) == (to is None):
        raise click.UsageError("give either a DURATION, such as +13months, or --to TIME")
    with opened_state(state) as opened:
        if duration is not None:
            shown = move_clock(opened, duration.delta, months=duration.months)
        else:
            assert to is not None, "one of the two is there"
            shown = move_clock_to(opened, to)
        left = wait_for_deliveries(opened, state, shown.now)
    _told(shown, state, as_json, webhooks_open=left)


@clock.command("freeze", short_help="Freeze it.")
@click.argument("at", required=False, metavar="[TIME]", callback=instant)
@common
def freeze(at: "datetime | None", state: Path, as_json: bool) -> None:
    """Freeze the clock: at TIME (ISO 8601; UTC without a zone), or at the time that it shows now.

    \b
    sandbank clock freeze 2027-12-24T10:00:00Z
    """
    from sandbox.services.clock import freeze_clock

    with opened_state(state) as opened:
        shown = freeze_clock(opened, at)
    _told(shown, state, as_json)


@clock.command("run", short_help="Let it run on.")
@common
def run(state: Path, as_json: bool) -> None:
    """Let a frozen clock run on from the time that it shows."""
    from sandbox.services.clock import run_clock

    with opened_state(state) as opened:
        shown = run_clock(opened)
    _told(shown, state, as_json)


@clock.command("reset", short_help="Back to real time.")
@common
def reset(state: Path, as_json: bool) -> None:
    """Go by real time again."""
    from sandbox.services.clock import reset_clock

    with opened_state(state) as opened:
        shown = reset_clock(opened)
    _told(shown, state, as_json)


def _told(shown: "Shown", state: Path, as_json: bool, *, webhooks_open: int = 0) -> None:
    _tell(shown, as_json=as_json, **({"webhooks_open": webhooks_open} if webhooks_open else {}))
    if not shown.real:
        note(f"back to real time: {command('clock reset', state=state)}")


def _tell(shown: "Shown", *, as_json: bool, **more: int) -> None:
    if as_json:
        put_json({**shown.as_json(), **more})
        return
    facts = shown.as_json()
    put(*table([("now", f"{facts['now'][:19]}Z"), ("clock", shown.words())]))
