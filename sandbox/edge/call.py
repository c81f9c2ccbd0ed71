"""A call as it came over HTTP: method, path, headers, and a body within bounds.

What it asks for is the corridor's business.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import Receive, Scope

from sandbox.edge.peer import Peer
from sandbox.errors import refuse

MAX_BODY = 1024 * 1024
"""Bytes. The largest documented body of the imitated providers is some kilobytes; a megabyte is far above that and
small enough to hold for every connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The head of a call. The body is read by :func:`read_body`."""

    method: str
    path: str
    """As requested, percent-encoding and all, without the query."""
    query: bytes
    headers: Mapping[str, str]
    http_version: str
    peer: Peer

    @property
    def address(self) -> str:
        host, port = self.peer.address[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def read_head(scope: Scope) -> Call:
    """The call that an ASGI scope describes."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Call(
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=scope["query_string"],
        headers=headers,
        http_version=scope["http_version"],
        peer=scope["extensions"]["sandbank.peer"],
    )


async def read_body(call: Call, receive: Receive, *, seconds: float) -> bytes:
    """The whole body. Raises Refused with ``body.too_large``, ``body.slow`` or ``body.incomplete``."""
    announced = call.headers.get("content-length", "")
    if not announced and "transfer-encoding" not in call.headers and call.http_version < "2":
        return b""
    if announced.isdecimal() and int(announced) > MAX_BODY:
        raise _too_large(f"Content-Length {announced}")
    try:
        async with asyncio.timeout(seconds):
            return await _collect(receive)
    except TimeoutError:
        raise refuse(
            "body.slow", seen=f"no end after {seconds:g} seconds", expected=f"{announced or 'all'} bytes"
        ) from None


async def _collect(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise refuse("body.incomplete", seen=f"{size} bytes, then the end of the connection", expected="the rest")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_BODY:
            raise _too_large(f"over {MAX_BODY} bytes")
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large(seen: str) -> Exception:
    return refuse("body.too_large", seen=seen, expected=f"at most {MAX_BODY} bytes")
