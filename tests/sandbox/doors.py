"""The control door, driven as a server would and without one: a scope and a body in, an answer out."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sandbox.control.app import control_app
from sandbox.server.writer import Writer
from sandbox.services.state import State
from sandbox.settings import Settings

PORT = 8440
HOST = f"127.0.0.1:{PORT}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the application sent back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["error"]["code"]

    @property
    def codes(self) -> list[str]:
        return [refusal["code"] for refusal in self.json["refusals"]]


class Door:
    """Drives a control application as a server would, without one: a scope and a body in, an answer out."""

    def __init__(self, state, writer, settings):
        self.state = state
        self._app = control_app(settings)(state, writer, PORT)

    def get(self, target, **more):
        return self.call("GET", target, **more)

    def post(self, target, body=b"", **more):
        return self.call("POST", target, body, **more)

    def call(self, method, target, body=b"", *, headers=(("host", HOST),), pieces=None, version="1.1"):
        """*pieces* are ASGI messages in place of the body; after the last, the client sends nothing more."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "http_version": version,
            "method": method,
            "path": path,
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
            "client": ("127.0.0.1", 50_000),
            "extensions": {},
        }
        return asyncio.run(self._drive(scope, pieces or [{"type": "http.request", "body": body}]))

    async def _drive(self, scope, pieces):
        waiting, sent = list(pieces), []

        async def receive():
            if not waiting:
                await asyncio.Event().wait()
            return waiting.pop(0)

        async def send(message):
            sent.append(message)

        await self._app(scope, receive, send)
        start = sent[0]
        return Answer(
            status=start["status"],
            headers={name.decode(): value.decode() for name, value in start["headers"]},
            body=b"".join(message.get("body", b"") for message in sent[1:]),
        )


@contextmanager
def doors_of(state: State, kind: type[Door] = Door) -> Iterator[Callable[..., Door]]:
    """Makes doors of that kind with settings other than the usual."""
    writer = Writer(state.store)
    writer.start()
    yield lambda **settings: kind(state, writer, Settings(state=state.folder.path, **settings))
    writer.close()
