"""The ``Idempotency-Key`` header: a call that succeeded is not done again for 24 hours, its reply is given again.

Source: https://docs.nuapay.com, "Idempotency": at most 50 characters, 24 hours, "only against successful requests".
What becomes of a key that comes back with another call is not published: the sandbox refuses it.
"""

import functools
import hashlib
from datetime import datetime, timedelta
from typing import Any

from sandbox.providers.context import Body, Context, Handler, Request, Response
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
    def once(request: Request, context: Context) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return handler(request, context)
        if not 0 < len(key) <= LONGEST_KEY:
            problem = Problem(
                code="7131",
                field="Idempotency-Key",
                seen=f"{len(key)} characters",
                expected=f"1 to {LONGEST_KEY} characters",
            )
            return fields_refused((problem,), ACCOUNTS)
        return _once(key, handler, request, context)

    return once


def _once(key: str, handler: Handler, request: Request, context: Context) -> Response:
    digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
    drawer = _fresh(context.resources.get(KIND, digest[:_DRAWER_DIGITS]) or {}, context.now)
    call = _call(request)
    if earlier := drawer.get(digest):
        return _again(earlier) if earlier["call"] == call else _other_call(earlier)
    reply = handler(request, context)
    if reply.status < 300:
        drawer[digest] = {"at": context.now.isoformat(), "call": call, **_kept(reply)}
        context.resources.put(KIND, digest[:_DRAWER_DIGITS], drawer)
    return reply


def _fresh(drawer: Body, now: datetime) -> dict[str, Any]:
    """Without what is too old: a drawer is cleared out whenever it is opened, and holds what a day brought at most."""
    return {digest: kept for digest, kept in drawer.items() if now - datetime.fromisoformat(kept["at"]) < KEPT}


def _call(request: Request) -> str:
    """What a call is, for telling it from another: method, path and body, to the byte."""
    said = hashlib.sha256(request.payload).hexdigest()
    return f"{request.method} {request.path} {said}"


def _kept(reply: Response) -> Body:
    return {"status": reply.status, "json": reply.json, "headers": dict(reply.headers)}


def _again(kept: Body) -> Response:
    return Response(status=kept["status"], json=kept["json"], headers=kept["headers"])


def _other_call(earlier: Body) -> Response:
    problem = Problem(
        code="7131",
        field="Idempotency-Key",
        seen="a key that another call of the last 24 hours had",
        expected=f"the call it had then: {' '.join(earlier['call'].split()[:2])}, the same body",
        cause="provider.key_reused",
    )
    return rules_refused((problem,), ACCOUNTS)
