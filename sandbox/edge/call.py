"""The head of a call as it came over HTTP; what it asks for is the corridor's business."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import Scope

from sandbox.edge.peer import Peer


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The head of a call."""

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
        path=_origin_form(scope["raw_path"].decode("latin-1")),
        query=scope["query_string"],
        headers=headers,
        http_version=scope["http_version"],
        peer=scope["extensions"]["sandbank.peer"],
    )


def has_body(call: Call) -> bool:
    """Whether a body may follow: in HTTP/1.1 it is announced (RFC 9112 section 6.3), in HTTP/2 it need not be."""
    return "content-length" in call.headers or "transfer-encoding" in call.headers or call.http_version >= "2"


def _origin_form(target: str) -> str:
    """The path of a target that may be written with scheme and authority (RFC 9112 section 3.2.2), as proxies do."""
    if not target.startswith(("http://", "https://")):
        return target
    _, slash, path = target.partition("://")[2].partition("/")
    return slash + path or "/"
