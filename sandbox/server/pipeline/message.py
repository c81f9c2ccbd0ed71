"""A call's head with its peer, the endpoint it is for, and the reply on its way out."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.x509.der import UNREADABLE, subject_of
from ca.x509.names import rfc4514
from sandbox.errors import Refusal, refuse
from sandbox.providers.context import Response
from sandbox.providers.declare import Endpoint
from sandbox.tls.contexts import CIPHER_SUITES
from sandbox.tls.verdict import Handshake

if TYPE_CHECKING:
    from starlette.types import Scope, Send

DESCRIBED = 1_000
"""Certificates whose PEM and name are kept: more than a test run has, a few megabytes at most."""
_VERSIONS = {"TLSv1.2": 0x0303, "TLSv1.3": 0x0304}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """What is known of one connection before its first call. In every scope: `scope["extensions"]["sandbank.peer"]`."""

    id: int
    """Counts the connections of one listener, from 1."""
    door: str
    address: tuple[str, int]
    handshake: Handshake | None
    """None on a plain door."""


def extensions_of(peer: Peer, server_cert: str) -> dict[str, Any]:
    """What a scope says of the peer: ours, and the ASGI TLS extension
    (https://asgi.readthedocs.io/en/latest/specs/tls.html)."""
    extensions: dict[str, Any] = {"sandbank.peer": peer}
    handshake = peer.handshake
    if handshake is not None:
        chain = (handshake.certificate, *handshake.chain_sent) if handshake.certificate else ()
        extensions["tls"] = {
            "server_cert": server_cert,
            "client_cert_chain": [_pem(one) for one in chain],
            "client_cert_name": _subject(handshake.certificate) if handshake.certificate else None,
            "client_cert_error": None,  # a certificate that is refused makes no connection
            "tls_version": _VERSIONS.get(handshake.version),
            "cipher_suite": CIPHER_SUITES.get(handshake.cipher),
        }
    return extensions


# A client comes back with the same certificate again and again: what is written of it is written once.
@lru_cache(maxsize=DESCRIBED)
def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


@lru_cache(maxsize=DESCRIBED)
def _subject(certificate: x509.Certificate) -> str | None:
    try:
        return rfc4514(subject_of(certificate))
    except UNREADABLE:  # OpenSSL accepts names that cryptography does not read
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestHead:
    """The head of a call."""

    method: str
    path: str
    """As requested, percent-encoding and all, without the query."""
    query: bytes
    headers: Mapping[str, str]
    http_version: str
    peer: Peer
    whole: bool = False
    """Whether its body, if it has one, has come: then it is not waited for."""

    @property
    def address(self) -> str:
        host, port = self.peer.address[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def caller(self) -> str | int:
        """Who calls, before anything is known of it: the fingerprint of its certificate, or the connection's number.
        Whoever guesses secrets as one caller keeps no other out."""
        handshake = self.peer.handshake
        return (handshake.fingerprint_sha256 if handshake else "") or self.peer.id


def read_head(scope: "Scope") -> RequestHead:
    """The call that an ASGI scope describes."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return RequestHead(
        method=scope["method"],
        path=_origin_form(scope["raw_path"].decode("latin-1")),
        query=scope["query_string"],
        headers=headers,
        http_version=scope["http_version"],
        peer=scope["extensions"]["sandbank.peer"],
        whole="sandbank.whole" in scope["extensions"],
    )


def has_body(call: RequestHead) -> bool:
    """Whether a body may follow: in HTTP/1.1 it is announced (RFC 9112 section 6.3), in HTTP/2 it need not be."""
    return "content-length" in call.headers or "transfer-encoding" in call.headers or call.http_version >= "2"


def _origin_form(target: str) -> str:
    """The path of a target that may be written with scheme and authority (RFC 9112 section 3.2.2), as proxies do."""
    if not target.startswith(("http://", "https://")):
        return target
    _, slash, path = target.partition("://")[2].partition("/")
    return slash + path or "/"


LONGEST_PATH = 200
"""Characters of a path that a refusal repeats, and that the search for the nearest one looks at."""


LIKENESS = 0.6
"""Of two paths, from 0 to 1, from which on one may be a slip of the other: difflib's own measure and bound."""


class Routes:
    """The endpoints of one provider, ready to be looked up at one of its doors."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        *,
        door: str = "",
        either_slash: bool = False,
        known: Sequence[tuple[str, str]] = (),
    ) -> None:
        """With *either_slash* a path is the same with and without a slash at its end. *known* are the calls that the
        provider has, by method and path, imitated or not."""
        self._door = door
        self._either_slash = either_slash
        self._paths = tuple(dict.fromkeys(path for one in endpoints for path in (one.path, *one.also)))
        self._usual = tuple(dict.fromkeys(one.path for one in endpoints))
        self._by_path: dict[str, dict[str, Endpoint]] = {path: {} for path in self._paths}
        for endpoint in endpoints:
            for path in (endpoint.path, *endpoint.also):
                self._by_path[path][endpoint.method] = endpoint
        self._patterns = _Patterns(path for path in self._paths if "{" in path)
        methods = dict.fromkeys(method for method, _ in known)
        self._known = {one: _Patterns(path for method, path in known if method == one) for one in methods}

    def find(self, method: str, path: str) -> tuple[Endpoint, Mapping[str, str]]:
        """The endpoint and its path parameters.

        Raises Refused with ``route.not_imitated``, ``route.method_not_allowed`` or ``route.other_door``.
        """
        methods: set[str] = set()
        for there, params in self._matches(path):
            if method in there:
                return self._at_this_door(there[method]), params
            methods.update(there)
        seen = f"{method[:20]} {path[:LONGEST_PATH]}"
        if method in self._known and any(self._known[method].fitting(path)):
            expected = "a call that is imitated: the provider has this one, and the sandbox does not imitate it yet"
            raise refuse("route.not_imitated", seen=seen, expected=expected)
        if not methods:
            raise refuse("route.not_imitated", seen=seen, expected=self.nearest(path))
        raise refuse("route.method_not_allowed", seen=method[:20], expected=", ".join(sorted(methods)))

    def _at_this_door(self, endpoint: Endpoint) -> Endpoint:
        if endpoint.doors and self._door not in endpoint.doors:
            seen, expected = f"a call on the {self._door} door", f"the {' or the '.join(endpoint.doors)} door"
            raise refuse("route.other_door", seen=seen, expected=expected)
        return endpoint

    def nearest(self, path: str) -> str:
        """The imitated path that looks most like *path*; where none does, that there is none."""
        import difflib  # costs time at every start, and only a wrong path needs it

        near = difflib.get_close_matches(path[:LONGEST_PATH], self._usual, n=1, cutoff=LIKENESS)
        return near[0] if near else "a path that the provider's README lists; none of them is like this one"

    def _matches(self, path: str) -> Iterator[tuple[dict[str, Endpoint], Mapping[str, str]]]:
        """Every path that fits; one that is spelled out first: /profiles/personal-profile is no profile's id."""
        yield from self._exactly(path)
        if self._either_slash and not path.endswith("//"):
            yield from self._exactly(path.removesuffix("/") if path.endswith("/") else f"{path}/")

    def _exactly(self, path: str) -> Iterator[tuple[dict[str, Endpoint], Mapping[str, str]]]:
        if (methods := self._by_path.get(path)) is not None:
            yield methods, {}
        for template, params in self._patterns.fitting(path):
            yield self._by_path[template], params


class _Patterns:
    """Paths with parameters, by how many segments they have and how they begin: few are tried for a call, and none is
    made ready before a call of its kind comes."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._alike: dict[tuple[int, str], list[str]] = {}
        self._ready: dict[tuple[int, str], tuple[tuple[re.Pattern[str], str], ...]] = {}
        for path in paths:
            first = path.split("/", 2)[1]
            self._alike.setdefault((path.count("/"), "" if "{" in first else first), []).append(path)

    def fitting(self, path: str) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Each that fits, with the parameters, in the order in which they are declared."""
        slashes, first = path.count("/"), path.split("/", 2)[1] if "/" in path else ""
        for kind in dict.fromkeys(((slashes, first), (slashes, ""))):
            for pattern, template in self._made(kind):
                if found := pattern.fullmatch(path):
                    yield template, {name: unquote(value) for name, value in found.groupdict().items()}

    def _made(self, kind: tuple[int, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
        if kind not in self._alike:
            return ()
        if (made := self._ready.get(kind)) is None:
            made = tuple((_pattern(path), path) for path in self._alike[kind])
            self._ready[kind] = made
        return made


_PARAMETER = re.compile(r"\\\{(\w+)\\\}")


def _pattern(path: str) -> re.Pattern[str]:
    """A parameter is one whole segment, or a part of one."""
    return re.compile(_PARAMETER.sub(r"(?P<\1>[^/]+)", re.escape(path)))


JSON = "application/json"
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What is sent, and why it is a refusal where it is one."""

    status: int
    body: bytes
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[Refusal, ...] = ()


def write_json(reply: Response) -> bytes:
    """The reply's body; nothing for a reply without one."""
    if reply.body is not None:
        return reply.body
    if reply.json is None:
        return b""
    try:
        text = _json(reply.json)
    except TypeError:  # a Decimal: the fast encoder writes floats only
        text = _exact(reply.json)
    # Half a surrogate pair, which JSON can spell and UTF-8 cannot, goes back as it came: escaped.
    return text.encode("utf-8", "backslashreplace")


def _exact(value: object) -> str:
    """JSON in which a Decimal keeps its digits. Slower, so only for replies that have one."""
    match value:
        case Decimal():
            return format(value, "f")
        case Mapping():
            return "{" + ",".join(f"{_json(name)}:{_exact(member)}" for name, member in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(map(_exact, value)) + "]"
        case _:
            return _json(value)


def outgoing(reply: Response, body: bytes | None = None, media_type: str = "") -> Outgoing:
    """The reply as it is, or with another *body* in its place."""
    return Outgoing(
        status=reply.status,
        body=write_json(reply) if body is None else body,
        media_type=media_type or reply.media_type or JSON,
        headers=reply.headers,
        reasons=reply.reasons,
    )


PIECE_BYTES = 256 * 1024
"""Of a body that is longer, the next piece is sent when the peer has taken the one before: TLS and the transport copy
what they are given, which took six times the memory of a long statement. Most bodies have some KiB."""


async def send_out(send: "Send", out: Outgoing, headers: Mapping[str, str]) -> None:
    """Send it with the provider's *headers*."""
    said = {**headers, **out.headers, "content-length": str(len(out.body))}
    if out.body:
        said["content-type"] = out.media_type
    if out.reasons:
        # The sandbox's own header: the code to ask `sandbank explain` about.
        said["x-sandbank-cause"] = out.reasons[0].code
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in said.items()]
    await send({"type": "http.response.start", "status": out.status, "headers": raw})
    for start in range(0, len(out.body) - PIECE_BYTES, PIECE_BYTES):
        await send({"type": "http.response.body", "body": out.body[start : start + PIECE_BYTES], "more_body": True})
    last = max(0, len(out.body) - 1) // PIECE_BYTES * PIECE_BYTES
    await send({"type": "http.response.body", "body": out.body[last:]})
