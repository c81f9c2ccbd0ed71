"""A delivery and its attempts as lines for a person; the commands are `webhook`'s."""

from typing import TYPE_CHECKING, Any

from sandbox.cli.guide import command
from sandbox.cli.output import note, printable, put, put_json, table

if TYPE_CHECKING:
    from sandbox.webhooks.event import Attempt, Delivery


def last_words(delivery: "Delivery") -> str:
    """How the last attempt went, in a word or two."""
    if not delivery.attempts:
        return "not tried"
    outcome = delivery.attempts[-1].outcome
    code = outcome.reasons[0].code if outcome.reasons else ""
    return " ".join(filter(None, (str(outcome.status or ""), code))) or "no answer"


def show_attempts(found: "Delivery", *, as_json: bool) -> None:
    if as_json:
        put_json(found.as_json())
        return
    rows = [
        ("delivery", found.id),
        ("event", f"{found.event} of {found.provider}'s client {found.client}"),
        ("to", found.url),
        ("queued", f"{found.queued_at:%Y-%m-%d %H:%M:%S}Z"),
        ("status", f"{found.status}, due {found.due_at:%H:%M:%S}Z" if found.status == "waiting" else found.status),
    ]
    put(*map(printable, table(rows)))
    for attempt in found.attempts:
        put(*map(printable, _attempt(attempt, found.client)))
    if not found.attempts:
        note(f"not tried yet; a running server sends it ({command('serve')})")


def _attempt(attempt: "Attempt", client: str) -> list[str]:
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
    return [*lines, *(paragraph(reason, client) for reason in outcome.reasons)]
