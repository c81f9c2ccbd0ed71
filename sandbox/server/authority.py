"""The authority's own door, plain HTTP: CRLs, OCSP by GET and POST, and the certificates of the CAs.

Paths are `ca.pointers`'. Every call leaves one entry in the journal, however it ends, as at the providers' doors; it is
nobody's, for whoever asks here does not say who they are."""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from urllib.parse import unquote

from cryptography.x509 import ocsp
from starlette.types import Receive, Scope, Send

from ca.errors import NotFounded
from ca.publishing import answers_for, provider_of
from ca.records import write_serial
from ca.status.ocsp import (
    ANSWER_TYPE,
    MALFORMED_REQUEST,
    REQUEST_TYPE,
    UNAUTHORIZED,
    Malformed,
    Question,
    read_path,
    read_request,
)
from ca.x509.extensions import CERTIFICATE_TYPE, CRL_TYPE
from sandbox.body import read_body
from sandbox.errors import Refusal, Refused, refuse
from sandbox.server.cache import ReadCache
from sandbox.server.crls import CrlCache
from sandbox.server.pipeline.message import RequestHead, read_head
from sandbox.server.pipeline.trace import Trace
from sandbox.server.writer import Writer
from sandbox.services import authority, journal
from sandbox.services.state import State
from sandbox.storage.facts import AUTHORITY

_CRL = re.compile(r"/crl/([^/]+)\.crl")
_CA = re.compile(r"/ca/([^/]+)\.crt")
_OCSP = re.compile(r"/ocsp/([^/]+)(?:/(.*))?")
_PATHS = "GET /crl/NAME.crl, GET /ca/NAME.crt, POST /ocsp/NAME, GET /ocsp/NAME/REQUEST"
_STATUS = {
    "http.not_published": 404,
    "http.no_such_authority": 404,
    "route.method_not_allowed": 405,
    "body.slow": 408,
    "body.too_large": 413,
    "body.media_type": 415,
    "provider.fault": 500,
    "provider.busy": 503,
    "provider.state_removed": 503,
}
LONGEST = 200
"""Characters of what came that an entry repeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What goes back, and whose clients it is about."""

    status: int = 200
    type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    provider: str = ""


class AuthorityDoor:
    """The ASGI application behind the door."""

    def __init__(
        self, state: State, register: ReadCache, writer: Writer, lists: CrlCache, *, body_seconds: float
    ) -> None:
        self._state = state
        self._register = register
        self._writer = writer
        self._lists = lists
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        call = read_head(scope)
        trace = Trace(now=self._state.clock.now(), id=self._state.ids.trace(), advised=_advised)
        told = await self._answer(call, trace, receive)
        entry = trace.entry(call, provider=told.provider or None, door=AUTHORITY, status=told.status)
        self._state.journal.append(entry)
        head = (("content-type", told.type), ("content-length", str(len(told.body))), *told.headers)
        headers = [(name.encode(), value.encode()) for name, value in head]
        await send({"type": "http.response.start", "status": told.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if call.method == "HEAD" else told.body})

    async def _answer(self, call: RequestHead, trace: Trace, receive: Receive) -> Told:
        try:
            self._register.refresh()  # another process may have moved the clock
            trace.now = self._state.clock.now()
            return await self._told(call, trace, receive)
        except Refused as refused:
            return _refused(trace, refused)
        except Exception as error:  # noqa: BLE001 - no traceback may reach a caller; it is kept in the state's folder
            doing = f"{call.method[:20]} at the authority's door"
            return _refused(trace, journal.as_refusal(error, state=self._state.folder.path, doing=doing))

    async def _told(self, call: RequestHead, trace: Trace, receive: Receive) -> Told:
        crl, ca, asked = (form.fullmatch(call.path) for form in (_CRL, _CA, _OCSP))
        found = crl or ca or asked
        if found is None:
            raise refuse("http.not_published", seen=f"{call.method[:20]} {call.path[:LONGEST]}", expected=_PATHS)
        name = unquote(found[1])
        try:
            certificate = authority.ca_der(self._state, name)
            if asked:
                return await self._ocsp(call, trace, name, asked[2], receive)
            _allow(call, "GET", "HEAD")
            trace.passed("route", f"{'CRL' if crl else 'certificate'} of {name}")
            if crl:
                return await self._crl(trace, name)
        except NotFounded:
            expected = "a name as certificates point to it"
            raise refuse("http.no_such_authority", seen=name[:LONGEST], expected=expected) from None
        trace.passed("work", f"{len(certificate)} octets")
        return Told(type=CERTIFICATE_TYPE, body=certificate, provider=provider_of(name))

    async def _crl(self, trace: Trace, name: str) -> Told:
        made = await self._lists.current(name)
        trace.passed("work", f"number {made.number}, {len(made.der)} octets")
        headers = self._caching(made.der, made.begin, made.end)
        return Told(type=CRL_TYPE, body=made.der, headers=headers, provider=provider_of(name))

    async def _ocsp(self, call: RequestHead, trace: Trace, name: str, path: str | None, receive: Receive) -> Told:
        if not answers_for(name):
            raise NotFounded(name)
        # Some clients post to the URL with a slash at its end.
        _allow(call, *(("POST",) if not path else ()), *(("GET", "HEAD") if path is not None else ()))
        trace.passed("route", f"OCSP of {name}")
        asked = await self._question(call, path, receive)
        if isinstance(asked, Malformed):
            reason = asked.refusal
            trace.failed("certificate", (replace(reason, seen=reason.seen[:LONGEST]),))
            return Told(type=ANSWER_TYPE, body=MALFORMED_REQUEST)
        answer = await self._writer.alone(partial(authority.answer_ocsp, self._state, name, asked))
        _note(trace, name, asked, answer)
        headers = self._ocsp_caching(call, asked, answer)
        return Told(type=ANSWER_TYPE, body=answer, headers=headers, provider=provider_of(name))

    async def _question(self, call: RequestHead, path: str | None, receive: Receive) -> Question | Malformed:
        if call.method != "POST":
            return read_path(path or "")
        sent = call.headers.get("content-type", "").partition(";")[0].strip().lower()
        if sent != REQUEST_TYPE:
            raise refuse("body.media_type", seen=f"Content-Type {sent[:80] or '(none)'}", expected=REQUEST_TYPE)
        return read_request(await read_body(call.headers, receive, seconds=self._body_seconds))

    def _ocsp_caching(self, call: RequestHead, asked: Question, answer: bytes) -> tuple[tuple[str, str], ...]:
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


def _allow(call: RequestHead, *methods: str) -> None:
    if call.method not in methods:
        raise refuse("route.method_not_allowed", seen=call.method[:20], expected=", ".join(methods))


def _note(trace: Trace, name: str, asked: Question, answer: bytes) -> None:
    serial = f"serial {write_serial(asked.serial)[:LONGEST]}"
    if answer == UNAUTHORIZED:
        expected = f"a certificate that {name} issued"
        reason = Refusal(code="certificate.ocsp_other_issuer", seen=f"{serial} of another issuer", expected=expected)
        trace.failed("certificate", (reason,))
    else:
        trace.passed("work", f"{serial}: {ocsp.load_der_ocsp_response(answer).certificate_status.name.lower()}")


def _refused(trace: Trace, refused: Refused) -> Told:
    """The refusal is recorded and explained in the answer, because people call this door by hand."""
    from sandbox.journal.causes import paragraph

    trace.failed(refused.code.partition(".")[0], refused.reasons)
    allow = (("allow", refused.reasons[0].expected),) if refused.code == "route.method_not_allowed" else ()
    return Told(
        status=_STATUS.get(refused.code, 400),
        type="text/plain; charset=utf-8",
        body=f"{paragraph(trace.reasons[0])}\n".encode(),
        headers=allow,
    )


def _advised(reason: Refusal) -> Refusal:
    from sandbox.journal.causes import at_provider  # a long table, with the first refusal

    return at_provider(reason, name="", advice={})
