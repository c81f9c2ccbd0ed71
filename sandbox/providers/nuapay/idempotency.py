"""The ``Idempotency-Key`` header: a call that succeeded is not done again for 24 hours, its reply is given again.

Source: https://docs.nuapay.com, "Idempotency": at most 50 characters, 24 hours, "only against successful requests".
What becomes of a key that comes back with another call is not published: the sandbox refuses it.
"""

import functools
import hashlib
from datetime import datetime, timedelta
from typing import Any

from sandbox.providers.desk import Ask, Body, Desk, Handler, Reply
from sandbox.providers.nuapay.problems import ACCOUNTS, Problem, fields_refused, rules_refused

HEADER = "idempotency-key"
LONGEST_KEY = 50
KEPT = timedelta(hours=24)
KIND = "idempotency"
"""Rows of that kind are drawers: each holds the replies whose keys' digests begin alike."""
_DRAWER_DIGITS = 2
"""256 drawers: with ten thousand keys a day each has forty replies to look through."""


def idempotent(handler: Handler) -> Handler:
    """The handler as it answers when calls have keys; under its own name, which the journal shows."""

    @functools.wraps(handler)
    def once(ask: Ask, desk: Desk) -> Reply:
        key = ask.headers.get(HEADER)
        if key is None:
            return handler(ask, desk)
        if not 0 < len(key) <= LONGEST_KEY:
            problem = Problem(
                code="7131",
                field="Idempotency-Key",
                seen=f"{len(key)} characters",
                expected=f"1 to {LONGEST_KEY} characters",
            )
            return fields_refused((problem,), ACCOUNTS)
        return _once(key, handler, ask, desk)

    return once


def _once(key: str, handler: Handler, ask: Ask, desk: Desk) -> Reply:
    digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
    drawer = _fresh(desk.resources.get(KIND, digest[:_DRAWER_DIGITS]) or {}, desk.now)
    call = _call(ask)
    if earlier := drawer.get(digest):
        return _again(earlier) if earlier["call"] == call else _other_call(earlier)
    reply = handler(ask, desk)
    if reply.status < 300:
        drawer[digest] = {"at": desk.now.isoformat(), "call": call, **_kept(reply)}
        desk.resources.put(KIND, digest[:_DRAWER_DIGITS], drawer)
    return reply


def _fresh(drawer: Body, now: datetime) -> dict[str, Any]:
    """Without what is too old: a drawer is cleared out whenever it is opened, and holds what a day brought at most."""
    return {digest: kept for digest, kept in drawer.items() if now - datetime.fromisoformat(kept["at"]) < KEPT}


def _call(ask: Ask) -> str:
    """What a call is, for telling it from another: method, path and body, to the byte."""
    said = hashlib.sha256(ask.said).hexdigest()
    return f"{ask.method} {ask.path} {said}"


def _kept(reply: Reply) -> Body:
    return {"status": reply.status, "json": reply.json, "headers": dict(reply.headers)}


def _again(kept: Body) -> Reply:
    return Reply(status=kept["status"], json=kept["json"], headers=kept["headers"])


def _other_call(earlier: Body) -> Reply:
    problem = Problem(
        code="7131",
        field="Idempotency-Key",
        seen="a key that another call of the last 24 hours had",
        expected=f"the call it had then: {' '.join(earlier['call'].split()[:2])}, the same body",
        cause="provider.key_reused",
    )
    return rules_refused((problem,), ACCOUNTS)
