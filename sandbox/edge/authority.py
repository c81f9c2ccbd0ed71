"""The authority's own door, plain HTTP: CRLs, OCSP by GET and POST, and the certificates of the CAs.

Paths are `ca.pointers`'. The door leaves no entries in the journal: programs ask here behind everybody's back."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from urllib.parse import unquote

from cryptography.x509 import ocsp
from starlette.types import Receive, Scope, Send

from ca.errors import NotFounded
from ca.ocsp import (
    ANSWER_TYPE,
    MALFORMED_REQUEST,
    REQUEST_TYPE,
    UNAUTHORIZED,
    Malformed,
    Question,
    read_path,
    read_request,
)
from ca.pointers import CERTIFICATE_TYPE, CRL_TYPE
from ca.publishing import answers_for
from sandbox.body import read_body
from sandbox.edge.call import Call, read_head
from sandbox.edge.lists import Lists
from sandbox.edge.writer import Writer
from sandbox.errands import revocation
from sandbox.errands.state import State
from sandbox.errors import Refused, Surroundings

_CRL = re.compile(r"/crl/([^/]+)\.crl")
_CA = re.compile(r"/ca/([^/]+)\.crt")
_OCSP = re.compile(r"/ocsp/([^/]+)(?:/(.*))?")
_HELP = "there are: GET /crl/NAME.crl, GET /ca/NAME.crt, POST /ocsp/NAME, GET /ocsp/NAME/REQUEST"
_STATUS = {"body.too_large": 413, "body.slow": 408}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What goes back."""

    status: int
    type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class AuthorityDoor:
    """The ASGI application behind the door."""

    def __init__(self, state: State, writer: Writer, lists: Lists, *, body_seconds: float) -> None:
        self._state = state
        self._writer = writer
        self._lists = lists
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        call = read_head(scope)
        try:
            told = await self._told(call, receive)
        except NotFounded:
            told = _text(404, "there is no CA of this name here")
        except Refused as refused:
            told = _text(_STATUS.get(refused.code, 400), f"{refused.reasons[0].seen}; {refused.reasons[0].expected}")
        except Surroundings as error:
            told = _text(503, str(error))
        head = (("content-type", told.type), ("content-length", str(len(told.body))), *told.headers)
        headers = [(name.encode(), value.encode()) for name, value in head]
        await send({"type": "http.response.start", "status": told.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if call.method == "HEAD" else told.body})

    async def _told(self, call: Call, receive: Receive) -> Told:
        if found := _OCSP.fullmatch(call.path):
            return await self._ocsp(call, unquote(found[1]), found[2], receive)
        crl, ca = _CRL.fullmatch(call.path), _CA.fullmatch(call.path)
        if not (crl or ca):
            return _text(404, _HELP)
        if call.method not in ("GET", "HEAD"):
            return _text(405, "this is only to be read", allow="GET, HEAD")
        if ca:
            return Told(status=200, type=CERTIFICATE_TYPE, body=revocation.ca_der(self._state, unquote(ca[1])))
        assert crl is not None
        made = await self._lists.current(unquote(crl[1]))
        return Told(status=200, type=CRL_TYPE, body=made.der, headers=self._caching(made.der, made.begin, made.end))

    async def _ocsp(self, call: Call, issuer: str, path: str | None, receive: Receive) -> Told:
        if not answers_for(issuer):
            raise NotFounded(issuer)
        allowed = ("POST",) if path is None else ("GET", "HEAD")
        if call.method not in allowed and not (call.method == "POST" and path == ""):
            return _text(405, _HELP, allow=", ".join(allowed))
        if call.method == "POST":
            sent = call.headers.get("content-type", "").partition(";")[0].strip().lower()
            if sent != REQUEST_TYPE:
                return _text(415, f"Content-Type {sent[:80] or '(none)'}; {REQUEST_TYPE}")
            asked = read_request(await read_body(call.headers, receive, seconds=self._body_seconds))
        else:
            asked = read_path(path or "")
        if isinstance(asked, Malformed):
            return Told(status=200, type=ANSWER_TYPE, body=MALFORMED_REQUEST)
        answer = await self._writer.alone(partial(revocation.answer_ocsp, self._state, issuer, asked))
        return Told(status=200, type=ANSWER_TYPE, body=answer, headers=self._ocsp_caching(call, asked, answer))

    def _ocsp_caching(self, call: Call, asked: Question, answer: bytes) -> tuple[tuple[str, str], ...]:
        # RFC 5019 section 6: what is fetched by GET may be kept. Not an answer to one nonce, nor one without a time.
        if call.method == "POST" or asked.nonce is not None or answer == UNAUTHORIZED:
            return (("cache-control", "no-store"),)
        read = ocsp.load_der_ocsp_response(answer)
        assert read.next_update_utc is not None
        return self._caching(answer, read.this_update_utc, read.next_update_utc)

    def _caching(self, body: bytes, begin: datetime, end: datetime) -> tuple[tuple[str, str], ...]:
        """RFC 5019 section 6.2, with an age of half the life, when it would be signed anew. Where the clock was moved
        nothing is kept: caches go by the computer's clock, and ours may be moved again."""
        if not self._state.clock.real:
            return (("cache-control", "no-store"),)
        age = max(timedelta(), begin + (end - begin) / 2 - self._state.clock.now())
        return (
            ("last-modified", format_datetime(begin, usegmt=True)),
            ("expires", format_datetime(end, usegmt=True)),
            ("etag", f'"{hashlib.sha256(body).hexdigest()}"'),
            ("cache-control", f"max-age={int(age.total_seconds())}, public, no-transform, must-revalidate"),
        )


def _text(status: int, said: str, **headers: str) -> Told:
    return Told(
        status=status, type="text/plain; charset=utf-8", body=f"{said}\n".encode(), headers=tuple(headers.items())
    )
