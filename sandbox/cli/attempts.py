"""What became of webhooks, told to a person: each attempt, and waiting for those that are due."""

import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.cli.guide import command, reader
from sandbox.cli.output import columns, note, printable, put, put_json, table

if TYPE_CHECKING:
    from sandbox.services.state import State
    from sandbox.webhooks.event import Attempt, Delivery

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


def last_words(delivery: "Delivery") -> str:
    """How the last attempt went, in a word or two."""
    if not delivery.attempts:
        return "not tried"
    outcome = delivery.attempts[-1].outcome
    code = outcome.reasons[0].code if outcome.reasons else ""
    return " ".join(filter(None, (str(outcome.status or ""), code))) or "no answer"


def show_attempts(found: "Delivery", *, state: "State", path: Path, as_json: bool) -> None:
    """A delivery with each of its attempts; *path* is where the state is, as it was named."""
    from sandbox.services.clients import client_names

    name = client_names(state, found.provider, [found.client]).get(found.client, found.client)
    if as_json:
        put_json({**found.as_json(), "client_name": name})
        return
    rows = [
        ("delivery", found.id),
        ("event", f"{found.event} of {found.provider}'s client {name}"),
        ("to", found.url),
        ("queued", f"{found.queued_at:%Y-%m-%d %H:%M:%S}Z"),
        ("status", f"{found.status}, due {found.due_at:%H:%M:%S}Z" if found.status == "waiting" else found.status),
    ]
    put(*map(printable, table(rows)))
    for attempt in found.attempts:
        put(*map(printable, _attempt(attempt, found.client, name, path)))
    if not found.attempts:
        note(f"not tried yet; a running server sends it: {command('serve', state=path)}")


def _attempt(attempt: "Attempt", client: str, name: str, path: Path) -> list[str]:
    """One attempt, for a person."""
    from sandbox.journal.causes import paragraph

    outcome = attempt.outcome
    facts: list[tuple[str, Any]] = [
        ("address", outcome.address),
        ("tls", " ".join(filter(None, (outcome.tls, outcome.server)))),
        ("asked", {True: "for a certificate", False: "for no certificate", None: ""}[outcome.asked]),
        ("listed", "; ".join(outcome.listed) or ("no particular CA" if outcome.asked else "")),
        ("shown", outcome.shown or ("no certificate" if outcome.asked else "")),
        ("alert", outcome.alert),
        ("answer", f"{outcome.status} {outcome.answer[:200]}".strip() if outcome.status else ""),
        (
            "took",
            f"{outcome.milliseconds} ms" if outcome.waited else "not waited for: it timed out earlier in this move",
        ),
        ("next", f"{attempt.next_at:%Y-%m-%d %H:%M:%S}Z" if attempt.next_at else ""),
    ]
    head = f"attempt {attempt.number} at {attempt.at:%Y-%m-%d %H:%M:%S}Z"
    lines = [head, *table([(name, value) for name, value in facts if value], indent="  ")]
    reasons = (replace(one, next=one.next.replace(client, name)) for one in outcome.reasons)
    return [*lines, *(paragraph(one, name, reader(path), columns()) for one in reasons)]
