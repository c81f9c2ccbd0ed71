"""Reads the body of a call within bounds of size and time, at every door; what is in it is others' business."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.errors import Refused, refuse

if TYPE_CHECKING:
    from starlette.types import Receive

MAX_BODY = 1024 * 1024
"""Bytes. The largest documented body of the imitated providers is some kilobytes, and so is a CSR; a megabyte is far
above that, small enough to hold for every connection, and the bound of all doors: there is one number to know."""

_DIGITS = 19
"""Of a Content-Length that is worth reading as a number; Python refuses to read one of thousands."""


async def read_body(headers: Mapping[str, str], receive: "Receive", *, seconds: float | None) -> bytes:
    """The whole body, for which it waits so many *seconds*; None where it has come already. Raises Refused with
    ``body.too_large``, ``body.slow`` or ``body.incomplete``."""
    announced = headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > _DIGITS or int(announced) > MAX_BODY):
        raise _too_large(f"Content-Length {announced[:_DIGITS]}")
    if seconds is None:
        return await _collect(receive)
    try:
        async with asyncio.timeout(seconds):
            return await _collect(receive)
    except TimeoutError:
        raise refuse(
            "body.slow", seen=f"no end after {seconds:g} seconds", expected=f"{announced or 'all'} bytes"
        ) from None


async def _collect(receive: "Receive") -> bytes:
    body = bytearray()
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            seen = f"{len(body)} bytes, then the end of the connection"
            raise refuse("body.incomplete", seen=seen, expected="the rest")
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            raise _too_large(f"over {MAX_BODY} bytes")
        if not message.get("more_body"):
            return bytes(body)


def _too_large(seen: str) -> Refused:
    return refuse("body.too_large", seen=seen, expected=f"at most {MAX_BODY} bytes")
