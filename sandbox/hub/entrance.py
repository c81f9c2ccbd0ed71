"""Beyond loopback: who may see the pages. A one-time link opens a page, its button spends the code and sets a cookie.

The code is spent by a POST, so that a program that looks at links before a person does burns none.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.body import read_body
from sandbox.errors import Refused
from sandbox.hub.render import Renderer
from sandbox.services.state import State
from sandbox.services.visiting import SESSION_LIFE, Sessions, spend_code

ENTER = "/hub/enter"
_OPEN = (ENTER, "/hub/static/")
_UNAUTHORIZED = 401


class Entrance:
    """Stands before the pages where a control token is set; without one, everybody who comes so far may see them."""

    def __init__(
        self,
        app: ASGIApp,
        state: State,
        renderer: Renderer,
        sessions: Sessions,
        *,
        port: int,
        spend: Callable[[Callable[[], bool]], Awaitable[bool]],
        body_seconds: float,
    ) -> None:
        """*spend* does its work in the writing thread."""
        self._app = app
        self._state = state
        self._renderer = renderer
        self._sessions = sessions
        # A cookie knows no ports: two sandboxes on one host must not take each other's.
        self._cookie = f"sandbank_hub_{port}"
        self._spend = spend
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if scope["path"].partition("?")[0] == ENTER:
            response = await (self._spent(request) if request.method == "POST" else self._asked(request))
        elif scope["path"].startswith(_OPEN) or self._known(request):
            await self._app(scope, receive, send)
            return
        else:
            response = await self._page("closed.html", 0, status=_UNAUTHORIZED)
        await response(scope, receive, send)

    def _known(self, request: Request) -> bool:
        return self._sessions.good(request.cookies.get(self._cookie, ""))

    async def _asked(self, request: Request) -> Response:
        return await self._page("enter.html", request.query_params.get("code", ""))

    async def _spent(self, request: Request) -> Response:
        try:
            body = await read_body(request.headers, request.receive, seconds=self._body_seconds)
        except Refused:
            body = b""
        code = body.decode("latin-1").removeprefix("code=")
        if not await self._spend(partial(spend_code, self._state, code)):
            return await self._page("closed.html", 1, status=_UNAUTHORIZED)
        response = RedirectResponse("/", status_code=303)
        response.set_cookie(
            self._cookie,
            self._sessions.begin(),
            max_age=int(SESSION_LIFE.total_seconds()),
            httponly=True,
            samesite="strict",
        )
        return response

    async def _page(self, template: str, said: object, *, status: int = 200) -> Response:
        now = self._state.clock.now()
        values = {"bare": True, "said": said}
        write = partial(self._renderer.page, template, values, now=now, path="")
        return HTMLResponse(await asyncio.to_thread(write), status_code=status)
