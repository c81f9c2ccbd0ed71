"""The journal as it happens: rows that were written here, for the one script that puts them on the page."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from sandbox.errors import SandbankError
from sandbox.hub.entries import Filters, newer
from sandbox.hub.render import Renderer
from sandbox.services.state import State

LOOK_SECONDS = 0.25
"""Between two looks at the journal, which is itself written every tenth of a second: a row is there within half one."""
STILL_HERE_SECONDS = 15.0
"""Something is sent at least so often: a proxy, or a peer that is gone, is noticed."""
MOST_STREAMS = 32
"""Each looks four times a second; a browser has six connections to one host."""
_LARGEST = 2**63 - 1


class Live:
    """The streams of one server."""

    def __init__(self, state: State, renderer: Renderer) -> None:
        self._state = state
        self._renderer = renderer
        self._open = 0
        # One thread for all streams: each thread has a connection to the store of its own, and keeps it.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbank-hub")

    async def endpoint(self, request: Request) -> Response:
        if self._open >= MOST_STREAMS:
            return PlainTextResponse("too many pages follow the journal", status_code=503)
        after = request.headers.get("last-event-id") or request.query_params.get("after", "")
        number = int(after) if after.isascii() and after.isdecimal() and len(after) < len(str(_LARGEST)) else None
        follower = _Follower(self._state, self._renderer, Filters.of(request.query_params), number)
        return StreamingResponse(self._stream(follower), media_type="text/event-stream")

    async def _stream(self, follower: "_Follower") -> AsyncIterator[str]:
        self._open += 1
        try:
            yield "retry: 1000\n\n"
            quiet = 0.0
            while True:
                event = await asyncio.get_running_loop().run_in_executor(self._thread, follower.look)
                quiet = 0.0 if event else quiet + LOOK_SECONDS
                if quiet >= STILL_HERE_SECONDS:
                    event, quiet = ": still here\n\n", 0.0
                if event:
                    yield event
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._open -= 1


@dataclass(slots=True)
class _Follower:
    """Where one stream stands. Looked at in a thread, one look at a time."""

    state: State
    renderer: Renderer
    filters: Filters
    after: int | None

    def look(self) -> str:
        """The event with what happened since the last look; empty when nothing did, or nobody could say."""
        try:
            return self._event()
        except SandbankError:
            return ""  # the store is held, or the client of the filters was removed: the next look may know more

    def _event(self) -> str:
        if self.after is None:
            self.after = self.state.journal.newest()
        found = newer(self.state, self.filters, self.after)
        self.after = found.newest
        if not found.rows:
            return ""
        values = {"rows": found.rows, "left_out": found.left_out, "live": True}
        text = self.renderer.page("rows.html", values, now=self.state.clock.now(), path="")
        lines = "".join(f"data: {line}\n" for line in text.splitlines() if line.strip())
        return f"id: {found.newest}\nevent: rows\n{lines}\n"
