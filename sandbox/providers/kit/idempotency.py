"""A call that comes twice is done once: its first reply is kept under the key that the caller gave, and given again.

Only calls that succeed are kept. Each key has a row of its own with an expiry, and a new key clears out the old ones.
"""

import functools
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.providers.context import Body, Context, Handler, Request, Response, Where
from sandbox.providers.kit.fields import parse
from sandbox.providers.kit.lists import query_values
from sandbox.providers.kit.making import Identity
from sandbox.providers.kit.problems import ErrorStyle, Problem, Stop
from sandbox.providers.kit.resource import Resource
from sandbox.providers.kit.rules import Index
from sandbox.providers.kit.values import text

KIND = "idempotency"
_DECIMAL = "sandbox.decimal"
REPLIES = Resource(
    kind=KIND,
    id=Identity(new=lambda context, _: context.ids.hex(64), kind=text(longest=64)),
    index=(Index(name="until"),),
    ordered=False,
)
"""Belongs among the resources of every provider whose style has an `Idempotency`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Idempotency:
    """How a provider's callers name a call, and for how long."""

    key: Callable[[Request], str | None]
    """The key of a call; None where it has none, and then it is done each time."""
    name: str
    """What the key is called, for refusals."""
    longest: int
    kept: timedelta
    too_long: str = ""
    """The code for a key that is empty or too long."""
    reused: str | None = None
    """The code for a key that comes back with another call; None: the kept reply is given all the same."""
    per_path: bool = False
    """Whether a key counts for one method and path only, so that the same text may name other calls elsewhere."""
    errors: ErrorStyle

    def wrap(self, handler: Handler) -> Handler:
        """The handler as it answers when calls have keys; under its own name, which the journal shows."""

        @functools.wraps(handler)
        def once(request: Request, context: Context) -> Response:
            key = self.key(request)
            if key is None:
                return handler(request, context)
            try:
                earlier = self._earlier(key, request, context)
            except Stop as stop:
                return self.errors.reply(stop)
            return earlier or self._first(key, handler, request, context)

        return once

    def _earlier(self, key: str, request: Request, context: Context) -> Response | None:
        if not 0 < len(key) <= self.longest:
            seen, expected = f"{len(key)} characters", f"1 to {self.longest} characters"
            raise Stop("fields", (Problem(code=self.too_long, field=self.name, seen=seen, expected=expected),))
        kept = context.resources.get(KIND, self._digest(key, request))
        if kept is None or kept["until"] <= _moment(context.now):
            return None
        if self.reused is not None and kept["call"] != _call(request):
            raise Stop("rules", (self._other_call(kept, self.reused),))
        return _again(kept)

    def _first(self, key: str, handler: Handler, request: Request, context: Context) -> Response:
        reply = handler(request, context)
        if reply.status < 300:
            old = Where(key="until", how="until", values=(_moment(context.now),))
            context.resources.remove_where(KIND, old)
            kept = {"until": _moment(context.now + self.kept), "call": _call(request), **_kept(reply)}
            context.resources.put(KIND, self._digest(key, request), kept)
        return reply

    def _digest(self, key: str, request: Request) -> str:
        whole = f"{request.method} {request.path} {key}" if self.per_path else key
        return hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()

    def _other_call(self, kept: Body, code: str) -> Problem:
        return Problem(
            code=code,
            field=self.name,
            seen="a key that belongs to another call",
            expected=f"the call it had then: {' '.join(kept['call'].split()[:2])}, the same body",
            cause="provider.key_reused",
        )


def of_header(name: str) -> Callable[[Request], str | None]:
    """The key stands in a header."""
    return lambda request: request.headers.get(name.lower())


def of_member(name: str) -> Callable[[Request], str | None]:
    """The key stands in the query, or in the JSON object of the body."""

    def key(request: Request) -> str | None:
        if name in (query := query_values(request)):
            return query[name][-1]
        try:
            found = parse(request.payload).get(name)
        except Stop:  # the call itself tells what is wrong with its body
            return None
        return found if isinstance(found, str) else None

    return key


def _moment(at: datetime) -> str:
    """A text that sorts as the instants do."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _call(request: Request) -> str:
    """What a call is, to tell it from another: method, path and body, to the byte."""
    return f"{request.method} {request.path} {hashlib.sha256(request.payload).hexdigest()}"


def _kept(reply: Response) -> Body:
    """A reply as JSON that has no decimals: a Decimal is kept as its digits under a name that no provider uses."""
    body = None if reply.body is None else reply.body.decode("latin-1")
    kept = {"status": reply.status, "json": _digits(reply.json), "headers": dict(reply.headers)}
    return {**kept, "body": body, "media_type": reply.media_type}


def _again(kept: Body) -> Response:
    body = None if kept["body"] is None else kept["body"].encode("latin-1")
    return Response(
        status=kept["status"],
        json=_decimals(kept["json"]),
        headers=kept["headers"],
        body=body,
        media_type=kept["media_type"],
    )


def _digits(value: Any) -> Any:
    match value:
        case Decimal():
            return {_DECIMAL: str(value)}
        case Mapping():
            return {name: _digits(member) for name, member in value.items()}
        case list() | tuple():
            return [_digits(member) for member in value]
    return value


def _decimals(value: Any) -> Any:
    match value:
        case dict() if _DECIMAL in value:
            return Decimal(value[_DECIMAL])
        case dict():
            return {name: _decimals(member) for name, member in value.items()}
        case list():
            return [_decimals(member) for member in value]
    return value
