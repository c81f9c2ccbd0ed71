"""The hub as one ASGI application: routes from the table of pages, forms read, pages written, errors told.

What is on a page is said by the module that has it; who may come in, by the control door's guard and `visiting`.
"""

import asyncio
import hmac
import shlex
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol
from urllib.parse import quote, unquote

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.body import read_body
from sandbox.errors import Misuse, NotThere, Refused, SandbankError, refuse
from sandbox.hub import belongings, certificates, clients, clock, guide, journal, subscriptions, webhooks
from sandbox.hub.entrance import Entrance
from sandbox.hub.live import Live
from sandbox.hub.page import DONE, Broken, Download, HubPage, HubRoute, Redirect, Visit, broken_rules, status_of
from sandbox.hub.render import FORM_TOKEN, Renderer, StaticFile, static_files
from sandbox.hub.start import start
from sandbox.journal.reader import Audience
from sandbox.services.clock import Shown, follower, show_clock
from sandbox.services.journal import as_refusal
from sandbox.services.state import State
from sandbox.services.visiting import Sessions, form_token
from sandbox.settings import Settings

MOST_FIELDS = 64
"""Fields of a form; the longest of ours has a dozen."""
USUAL_FOLDER = ".sandbank"
"""The state that commands mean by themselves, where they are typed beside it."""
KEEP_SECONDS = 86_400
"""How long a browser keeps a style sheet: its address changes with its content."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    # Not "no-referrer": with that a browser sends a form of ours with `Origin: null`, which the guard refuses.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_FORM_REFUSED = Broken(
    code="http.call_malformed",
    meaning="The form does not come from a page of this sandbox, or the sandbox was made anew since.",
    next="go back, load the page again and send the form once more",
)


PAGES: tuple[HubRoute, ...] = (
    HubRoute(path="/", view=start),
    *journal.ROUTES,
    *clock.ROUTES,
    *clients.ROUTES,
    *certificates.ROUTES,
    *belongings.ROUTES,
    *webhooks.ROUTES,
    *subscriptions.ROUTES,
    *guide.ROUTES,
)
"""Every page of the hub, a module for each noun."""


class PageWriter(Protocol):
    """The writing thread, as the server has it."""

    async def alone(self, work: Callable[[], Any]) -> Any:
        """The result of *work*, done there."""


def hub_app(settings: Settings) -> Callable[[State, PageWriter, int], ASGIApp]:
    """What makes the application, once somebody asks for its first page."""

    def build(state: State, writer: PageWriter, port: int) -> ASGIApp:
        files, token = static_files(), form_token(state)
        renderer = Renderer(files, token, _reader(state))
        hub = Hub(
            state=state,
            writer=writer,
            follow=follower(state),
            renderer=renderer,
            token=token,
            body_seconds=settings.handshake_seconds,
            apart=ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbank-hub-apart"),
        )
        live = Live(state, renderer)
        app = Starlette(
            routes=[
                *(hub.route(path, rows) for path, rows in _by_path(PAGES).items()),
                Route("/hub/live", live.endpoint, methods=["GET"]),
                *(Route(f"/hub/static/{name}", partial(_static, file)) for name, file in files.items()),
            ],
            exception_handlers={404: hub.unknown, 405: hub.unknown},
        )
        app.router.redirect_slashes = False
        if not settings.control_token:
            return _Framed(app)
        sessions = Sessions(state, settings.control_token)
        return _Framed(
            Entrance(
                app,
                state,
                renderer,
                sessions,
                port=port,
                spend=writer.alone,
                body_seconds=settings.handshake_seconds,
            )
        )

    return build


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """Where pages are asked for: each becomes a call of a view in the writing thread, and its answer HTTP again."""

    state: State
    writer: PageWriter
    follow: Callable[[], None]
    """Asked in the writing thread: another process may have moved the clock."""
    renderer: Renderer
    token: str
    body_seconds: float
    apart: ThreadPoolExecutor
    """One thread: each has a connection to the store of its own, and keeps it."""

    def route(self, path: str, rows: Mapping[str, HubRoute]) -> Route:
        async def endpoint(request: Request) -> Response:
            return await self._answer(rows["GET" if request.method == "HEAD" else request.method], request)

        return Route(path, endpoint, methods=list(rows))

    async def unknown(self, request: Request, error: Exception) -> Response:
        missing = NotThere("there is no such page", next_step="the menu leads to all of them")
        return await self._respond(_told(missing), request)

    async def _answer(self, row: HubRoute, request: Request) -> Response:
        try:
            form, files = await self._form(request) if row.method == "POST" else ({}, {})
        except Refused as error:
            return await self._respond(_told(error), request)
        if row.method == "POST" and not hmac.compare_digest(form.pop(FORM_TOKEN, "").encode(), self.token.encode()):
            page = HubPage(template="error.html", values={"title": "Not sent", "broken": (_FORM_REFUSED,)}, status=403)
            return await self._respond(page, request)
        work = partial(self._work, row, request, form, files)
        loop = asyncio.get_running_loop()
        answer = await (loop.run_in_executor(self.apart, work) if row.apart else self.writer.alone(work))
        return await self._respond(answer, request)

    async def _form(self, request: Request) -> tuple[dict[str, str], dict[str, bytes]]:
        body = await read_body(request.headers, request.receive, seconds=self.body_seconds)
        try:
            async with Request(request.scope, _once(body)).form(max_files=1, max_fields=MOST_FIELDS) as sent:
                fields = {name: value for name, value in sent.items() if isinstance(value, str)}
                files = {name: await value.read() for name, value in sent.items() if isinstance(value, UploadFile)}
        except HTTPException as error:  # what Starlette makes of its parser's complaint
            seen = f"a form that cannot be read: {error.detail[:80]}"
            raise refuse("http.call_malformed", seen=seen, expected="a form of the hub") from None
        return fields, files

    def _work(
        self, row: HubRoute, request: Request, form: Mapping[str, str], files: Mapping[str, bytes]
    ) -> HubPage | Redirect | Download:
        try:
            if not row.apart:
                self.follow()
            visit = Visit(
                params={name: unquote(value) for name, value in request.path_params.items()},
                query=dict(request.query_params),
                form=form,
                files=files,
                now=self.state.clock.now(),
            )
            answer = row.view(self.state, visit)
            done = "" if visit.form else DONE.get(visit.said("done"), "")
            return (
                replace(answer, values={"clock": self._clock(), "done": done, **answer.values})
                if isinstance(answer, HubPage)
                else answer
            )
        except (NotThere, Misuse, Refused) as error:
            # A filter that names nobody must not lead away from the list.
            told = _told(error)
            return replace(told, values={"filtered": bool(request.url.query) and row.method == "GET", **told.values})
        except Exception as error:  # noqa: BLE001 - see _trouble
            return _told(self._trouble(error, f"{row.method} {row.path}"))

    def _trouble(self, error: Exception, doing: str) -> Refused:
        """What a page says of any other error: no traceback may reach it; that is kept in the state's folder."""
        return as_refusal(error, state=self.state.folder.path, doing=doing)

    def _clock(self) -> Shown | None:
        """How the clock goes, where it does not go with real time: every page says so then."""
        try:
            shown = show_clock(self.state)
        except Misuse:
            return None  # the clock is that of the program around us
        return None if shown.real else shown

    async def _respond(self, answer: HubPage | Redirect | Download, request: Request) -> Response:
        if isinstance(answer, Redirect):
            return RedirectResponse(answer.address, status_code=303)
        if isinstance(answer, Download):
            named = f"attachment; filename*=UTF-8''{quote(answer.name, safe='')}"
            return Response(answer.data, media_type=answer.media_type, headers={"content-disposition": named})
        path, now = request.scope["path"], self.state.clock.now()
        write = partial(self.renderer.page, answer.template, answer.values, now=now, path=path)
        # Not on the loop: a page of a hundred rows takes some milliseconds, for which no call should have to wait.
        try:
            return HTMLResponse(await asyncio.to_thread(write), status_code=answer.status)
        except Exception as error:  # noqa: BLE001 - see _trouble
            return PlainTextResponse(self._trouble(error, f"writing {answer.template}").detail, status_code=500)


def _reader(state: State) -> Audience:
    """Whoever types what a page says: beside the state, where its folder has the usual name."""
    folder = state.folder.path
    return Audience(state="" if folder.name == USUAL_FOLDER else shlex.quote(str(folder)))


def _told(error: SandbankError) -> HubPage:
    title = "Not here" if isinstance(error, NotThere) else "That did not work"
    return HubPage(
        template="error.html", values={"title": title, "broken": broken_rules(error)}, status=status_of(error)
    )


def _by_path(routes: Sequence[HubRoute]) -> Mapping[str, Mapping[str, HubRoute]]:
    paths: dict[str, dict[str, HubRoute]] = {}
    for row in routes:
        paths.setdefault(row.path, {})[row.method] = row
    return paths


def _once(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _static(file: StaticFile, request: Request) -> Response:
    return Response(file.data, media_type=file.media_type, headers={"cache-control": f"max-age={KEEP_SECONDS}"})


class _Framed:
    """Routes by the path as it was requested (a name may have a slash in it, as %2F), and puts the headers on all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name for name, _ in message["headers"]}
                given = {"cache-control": "no-store", **HEADERS}
                more = [(name.encode(), said.encode()) for name, said in given.items() if name.encode() not in there]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        await self._app({**scope, "path": scope["raw_path"].decode("latin-1")}, receive, framed)
