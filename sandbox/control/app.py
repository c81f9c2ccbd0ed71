"""The control door as one ASGI application: routes from the table, handlers in the writing thread, errors in one shape.

What each operation does is ``operations/``'; who may come in is the guard's.
"""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.body import read_body
from sandbox.control.guard import Guard, House, is_page
from sandbox.control.operation import (
    ControlRequest,
    ControlResponse,
    Handler,
    Operation,
    Sharer,
    failed,
    refused,
    response,
    trouble,
)
from sandbox.control.operations import OPERATIONS
from sandbox.control.reading import read_query
from sandbox.errors import NotThere, Refused
from sandbox.services import journal
from sandbox.services.clock import follower
from sandbox.services.state import State
from sandbox.settings import Settings

LONGEST_PATH = 200
"""Characters of a path that a reply repeats, and that the search for the nearest one looks at."""
_ALL_CALLS = "GET /openapi.json describes every call"


T = TypeVar("T")


class WritingThread(Protocol):
    """The writing thread, as the server has it."""

    async def alone(self, work: Callable[[], T]) -> T:
        """The result of *work*, done there."""

    async def together(self, prepare: Callable[[], Callable[[Any], ControlResponse]]) -> ControlResponse:
        """The result of the work that *prepare* gives back, done there in a transaction that others share."""


def control_app(
    settings: Settings, pages: Callable[[], ASGIApp] | None = None
) -> Callable[[State, WritingThread, int], ASGIApp]:
    """What makes the application, once the state is open, the writing thread is there and the port is known.

    *pages* gives, the same each time, what answers at `/` and below `/hub/`, behind the same guard."""

    def build(state: State, writer: WritingThread, port: int) -> ASGIApp:
        counter = Counter(state=state, writer=writer, follow=follower(state), body_seconds=settings.handshake_seconds)
        app = Starlette(
            routes=[counter.route(path, operations) for path, operations in _by_path(OPERATIONS).items()],
            exception_handlers={404: _unknown_path, 405: _wrong_method},
        )
        app.router.redirect_slashes = False
        open_paths = [operation.path for operation in OPERATIONS if operation.open]
        inner = _Undecoded(app) if pages is None else _WithPages(_Undecoded(app), pages, writer)
        return Guard(inner, state, House.of(settings, port, open_paths=open_paths))

    return build


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Where calls are handed in: each becomes a call to a handler in the writing thread, and its reply HTTP again."""

    state: State
    writer: WritingThread
    follow: Callable[[], None]
    """Asked in the writing thread: another process may have moved the clock, and nobody called since."""
    body_seconds: float

    def route(self, path: str, operations: Mapping[str, Operation]) -> Route:
        async def endpoint(request: Request) -> Response:
            operation = operations["GET" if request.method == "HEAD" else request.method]
            return response(await self._answer(operation, request))

        return Route(path, endpoint, methods=list(operations))

    async def _answer(self, operation: Operation, request: Request) -> ControlResponse:
        try:
            call = await self._read(operation, request)
        except Refused as error:
            return refused(error)
        if operation.handler:
            return await self.writer.alone(partial(self._work, operation, operation.handler, call))
        assert operation.sharer, "an operation has the one or the other"
        try:
            reply = await self.writer.together(partial(self._prepare, operation.sharer, call))
        except Exception as error:  # noqa: BLE001 - see _trouble
            return self._trouble(operation, error)
        if reply.entry is not None:
            self.state.journal.append(reply.entry)
        return reply

    async def _read(self, operation: Operation, request: Request) -> ControlRequest:
        body = b""
        if operation.body:
            body = await read_body(request.headers, request.receive, seconds=self.body_seconds)
        return ControlRequest(
            params={name: unquote(value) for name, value in request.path_params.items()},
            query=read_query(request.scope["query_string"], operation.query),
            body=body,
        )

    def _work(self, operation: Operation, handler: Handler, call: ControlRequest) -> ControlResponse:
        try:
            self.follow()
            return handler(self.state, call)
        except Exception as error:  # noqa: BLE001 - see _trouble
            return self._trouble(operation, error)

    def _prepare(self, sharer: Sharer, call: ControlRequest) -> Callable[[Any], ControlResponse]:
        self.follow()
        return sharer(self.state, call)

    def _trouble(self, operation: Operation, error: Exception) -> ControlResponse:
        """The reply to any error: no traceback may reach a caller; it is kept in the state's folder."""
        doing = f"{operation.method} {operation.path}"
        return trouble(error) or refused(journal.as_refusal(error, state=self.state.folder.path, doing=doing))


class _Undecoded:
    """Routes by the path as it was requested, so that the name of a certificate may have a slash in it (as %2F)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "path": scope["raw_path"].decode("latin-1")}, receive, send)


class _WithPages:
    """Calls of the API go to the one application, those of pages to the other."""

    def __init__(self, api: ASGIApp, make: Callable[[], ASGIApp], writer: WritingThread) -> None:
        self._api = api
        self._make = make
        self._writer = writer
        self._pages: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_page(scope["raw_path"]):
            await self._api(scope, receive, send)
            return
        if self._pages is None:  # a tenth of a second, for which no call of a provider should have to wait
            self._pages = await self._writer.alone(self._make)
        await self._pages(scope, receive, send)


def _by_path(operations: Sequence[Operation]) -> Mapping[str, Mapping[str, Operation]]:
    paths: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method] = operation
    return paths


def _unknown_path(request: Request, error: Exception) -> Response:
    wanted = request.scope["path"][:LONGEST_PATH]
    nearest = max(_by_path(OPERATIONS), key=lambda known: difflib.SequenceMatcher(None, known, wanted).ratio())
    detail = f"the control door has no path {wanted!r}; the nearest is {nearest}"
    return response(
        failed(404, NotThere.code, detail, f"{_ALL_CALLS}; a provider's calls go to its doors: sandbank status")
    )


def _wrong_method(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    allowed = (error.headers or {})["Allow"]
    detail = f"this path does not take {request.method[:20]!r}; it takes {allowed}"
    return response(failed(405, "route.method_not_allowed", detail, _ALL_CALLS, allow=allowed))
