"""Who may speak to the control door: no web page of another origin, no rebound name, from afar none without the token.

It stands before everything else. Its refusals leave an entry in the journal, for nobody else would tell.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.control.operation import refused, response
from sandbox.errors import Refusal, Refused
from sandbox.journal.entry import Entry, Stage
from sandbox.services.state import State
from sandbox.settings import LOOPBACK, Settings

DOOR = "control"
LONGEST = 200
"""Characters of a path, a host or an origin that are repeated."""
_HTTP_PORT = 80


def is_page(path: bytes) -> bool:
    """Whether a path, as it was requested, is one of the hub's."""
    return path == b"/" or path.startswith(b"/hub/")


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What the guard goes by: the names that this door has, and the token that it wants."""

    names: frozenset[str] | None
    """``host:port`` in lower case, as a Host header has it; None beyond loopback, where the token does the guarding."""
    token: bytes = field(default=b"", repr=False)
    open_paths: frozenset[bytes] = frozenset()
    """Where no token is wanted."""

    @classmethod
    def of(cls, settings: Settings, port: int, *, open_paths: Iterable[str]) -> "House":
        hosts = ("localhost", *map(_bracketed, LOOPBACK), *map(_bracketed, settings.control_bind))
        names = {f"{host}:{port}" for host in hosts} | (set(hosts) if port == _HTTP_PORT else set())
        return cls(
            names=frozenset(names) if settings.control_is_loopback else None,
            # Also on loopback, when one was given: nobody gives a token in order not to be asked for it.
            token=settings.control_token.encode(),
            open_paths=frozenset(path.encode() for path in open_paths),
        )

    def judge(self, path: bytes, headers: Mapping[bytes, Sequence[bytes]]) -> Refusal | None:
        """Why this call may not come in; None when it may."""
        hosts = [host.decode("latin-1").lower() for host in headers.get(b"host", ())]
        origins = [origin.decode("latin-1").lower() for origin in headers.get(b"origin", ())]
        return self._host(hosts) or self._origin(hosts, origins) or self._token(path, headers)

    def _host(self, hosts: Sequence[str]) -> Refusal | None:
        if len(hosts) == 1 and hosts[0] and (self.names is None or hosts[0] in self.names):
            return None
        seen = f"Host: {', '.join(hosts)[:LONGEST]}" if any(hosts) else "no Host header"
        return Refusal(code="http.host_not_allowed", seen=seen, expected=self._expected())

    def _origin(self, hosts: Sequence[str], origins: Sequence[str]) -> Refusal | None:
        allowed = hosts if self.names is None else self.names
        if all(origin.startswith("http://") and origin.removeprefix("http://") in allowed for origin in origins):
            return None
        seen = f"Origin: {', '.join(origins)[:LONGEST]}"
        return Refusal(code="http.origin_not_allowed", seen=seen, expected=f"none, or http:// and {self._expected()}")

    def _token(self, path: bytes, headers: Mapping[bytes, Sequence[bytes]]) -> Refusal | None:
        if not self.token or path in self.open_paths or is_page(path):
            return None  # a browser has no way to send the token: the hub asks for a session of its own
        sent = headers.get(b"authorization", ())
        scheme, _, token = (sent[0] if len(sent) == 1 else b"").partition(b" ")
        if scheme.lower() == b"bearer" and hmac.compare_digest(token.strip(), self.token):
            return None
        seen = "another token" if token else "no bearer token"
        return Refusal(code="http.control_token", seen=seen, expected="Authorization: Bearer and the control token")

    def _expected(self) -> str:
        return "the host of the call" if self.names is None else f"one of {', '.join(sorted(self.names))}"


class Guard:
    """The outermost ASGI application of the control door."""

    def __init__(self, app: ASGIApp, state: State, house: House) -> None:
        self._app = app
        self._state = state
        self._house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        if scope["type"] != "http":
            return
        reason = self._house.judge(scope["raw_path"], _by_name(scope))
        if reason is None:
            await self._app(scope, receive, send)
            return
        reply = refused(Refused(reason))
        self._state.journal.append(self._entry(scope, reason, reply.status))
        await response(reply)(scope, receive, send)

    def _entry(self, scope: Scope, reason: Refusal, status: int) -> Entry:
        path = scope["raw_path"].decode("latin-1")[:LONGEST]
        host, port = (scope["client"] or ("", 0))[:2]
        return Entry(
            id=self._state.ids.trace(),
            at=self._state.clock.now(),
            kind="call",
            provider=None,
            door=DOOR,
            peer=f"{_bracketed(host)}:{port}",
            title=f"{scope['method'][:20]} {path}",
            status=status,
            outcome=str(status),
            stages=(Stage(name="guard", ok=False, note=reason.code),),
            reasons=(reason,),
            extra={"path": path, "http": scope["http_version"]},
        )


def _by_name(scope: Scope) -> Mapping[bytes, Sequence[bytes]]:
    """A header that came twice stays two: which of them others would believe is not ours to guess."""
    headers: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.lower(), []).append(value)
    return headers


def _bracketed(address: str) -> str:
    """An IPv6 address as it stands before a port (RFC 3986 section 3.2.2)."""
    return f"[{address.lower()}]" if ":" in address else address
