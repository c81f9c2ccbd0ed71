"""After a command that has queued webhooks, or moved the clock past their due times: waiting until they were tried.

A command does not send: a running server does. It waits on the store, for half a minute at most."""

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.cli.guide import command
from sandbox.cli.output import note

if TYPE_CHECKING:
    from sandbox.services.state import State

WAIT_SECONDS = 30.0
"""Three of the longest attempts; what takes longer goes on without being watched."""
POLL_SECONDS = 0.05


def wait_for_deliveries(state: "State", path: Path, at: datetime) -> int:
    """Until what is due by *at* was tried; how many are open then, which is said."""
    from sandbox.services.webhooks import anybody_sends, open_deliveries

    waiting = open_deliveries(state, at)
    if not waiting:
        return 0
    if not anybody_sends(state):
        note(f"{_webhooks(waiting)} due, but no server runs; start one: {command('serve', state=path)}")
        return waiting
    ends = time.monotonic() + WAIT_SECONDS
    left = waiting
    while left and time.monotonic() < ends:
        time.sleep(POLL_SECONDS)
        left = open_deliveries(state, at)
    if left:
        note(f"{_webhooks(left)} still due after {WAIT_SECONDS:g} seconds: {command('webhook list', state=path)}")
    else:
        note(f"webhooks that were due: {waiting}, all tried: {command('webhook list', state=path)}")
    return left


def _webhooks(count: int) -> str:
    return "1 webhook is" if count == 1 else f"{count} webhooks are"
