"""A reply on its way out: the bytes of its body, sealed or not, and its headers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.types import Send

from sandbox.errors import Reason
from sandbox.providers.desk import Reply

JSON = "application/json"
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What is sent, and why it is a refusal where it is one."""

    status: int
    body: bytes
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()


def write_json(reply: Reply) -> bytes:
    """The reply's body, compact; nothing for a reply without one."""
    if reply.json is None:
        return b""
    # Half a surrogate pair, which JSON can spell and UTF-8 cannot, goes back as it came: escaped.
    return _json(reply.json).encode("utf-8", "backslashreplace")


def outgoing(reply: Reply, body: bytes | None = None, media_type: str = JSON) -> Outgoing:
    """The reply with its JSON, or with another *body* in its place."""
    return Outgoing(
        status=reply.status,
        body=write_json(reply) if body is None else body,
        media_type=media_type,
        headers=reply.headers,
        reasons=reply.reasons,
    )


async def send_out(send: Send, out: Outgoing, headers: Mapping[str, str]) -> None:
    """Send it with the provider's *headers*."""
    said = {**headers, **out.headers, "content-length": str(len(out.body))}
    if out.body:
        said["content-type"] = out.media_type
    if out.reasons:
        # The sandbox's own header: the code to ask `sandbank explain` about.
        said["x-sandbank-cause"] = out.reasons[0].code
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in said.items()]
    await send({"type": "http.response.start", "status": out.status, "headers": raw})
    await send({"type": "http.response.body", "body": out.body})
