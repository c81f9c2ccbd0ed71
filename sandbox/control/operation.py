"""One row of the control door's table, the values that go in and out, and how a reply becomes HTTP."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from starlette.responses import Response

from sandbox.errors import Misuse, NotThere, Refusal, Refused, SandbankError, Taken
from sandbox.journal.causes import CAUSES
from sandbox.journal.entry import Entry
from sandbox.services.state import State

Value = str | int | bool
"""What a query parameter or a field of a body is once it has been read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A query parameter. The reader of calls goes by the same schema as the readers of the document."""

    name: str
    description: str
    schema: Mapping[str, Any]
    """JSON Schema of type string, integer or boolean; with a default, so that a handler always finds a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRequest:
    """A call that was read: what its handler may go by."""

    params: Mapping[str, str]
    """The parts of the path in braces, percent-decoded."""
    query: Mapping[str, Any]
    """Every declared parameter, by its schema."""
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlResponse:
    """What goes back: JSON, or bytes of some media type."""

    status: int = 200
    json: object = None
    data: bytes | None = field(default=None, repr=False)
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    entry: Entry | None = None
    """What the journal is told before the reply leaves, where only the shared commit makes it true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One documented reply of an operation: the name of its JSON schema, or the media types of its bytes."""

    description: str
    schema: str = ""
    media_types: tuple[str, ...] = ()


Handler = Callable[[State, ControlRequest], ControlResponse]
Sharer = Callable[[State, ControlRequest], Callable[[Any], ControlResponse]]
"""Does what needs no transaction, and gives back what is left to do in one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that can be asked of the control door. Routes and the OpenAPI document are both made from it."""

    method: str
    path: str
    name: str
    """OpenAPI's operationId."""
    summary: str
    answers: Mapping[int, Answer]
    """What it answers by itself. What any call may be answered (401, 403, 5xx, ...) is added from what it takes."""
    query: tuple[Parameter, ...] = ()
    body: str = ""
    """Name of the schema of its JSON body; empty for operations that take none."""
    pem: bool = False
    """Whether the body may also be the bare PEM of a CSR or a key."""
    handler: Handler | None = None
    """A plain function; it runs in the server's writing thread, so it may wait for the disk."""
    sharer: Sharer | None = None
    """In its place where it works in a transaction that it shares with others that wait, and opens none of its own."""
    open: bool = False
    """Answered without the control token too, because it tells nothing."""

    def __post_init__(self) -> None:
        if (self.handler is None) is (self.sharer is None):
            raise ValueError(f"{self.name} needs a handler or a sharer, and not both")


HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
"""On every reply: some hold a secret, and none is anything but what its content type says."""

STATUS_OF_CODE: Mapping[str, int] = {
    "http.call_malformed": 400,
    "http.host_not_allowed": 403,
    "http.origin_not_allowed": 403,
    "http.control_token": 401,
    "body.too_large": 413,
    "body.slow": 408,
    "body.incomplete": 400,
    "route.method_not_allowed": 405,
    "provider.busy": 503,
    "provider.state_removed": 503,
    "provider.uncertain": 500,
    "provider.fault": 500,
}
"""What the call itself suffers from, answered as ``{"error": …}``. Every other code is a broken rule of the authority
or of a provider, answered as ``{"refusals": […]}``."""
STATUS_OF_CLASS: tuple[tuple[type[SandbankError], int], ...] = ((NotThere, 404), (Taken, 409), (Misuse, 400))
"""The first that fits. What is not here is no answer to a call but a fault of ours."""
REFUSED = 422
_HEADERS_OF_STATUS = {401: {"www-authenticate": 'Bearer realm="sandbank control"'}}  # RFC 9110 section 11.6.1


def trouble(error: Exception) -> ControlResponse | None:
    """The reply to whoever caused *error*; None when it is nothing that a caller could cause or mend."""
    if isinstance(error, Refused):
        return refused(error)
    for kind, status in STATUS_OF_CLASS:
        if isinstance(error, kind):
            return failed(status, error.code, error.detail, error.advice())
    return None


def refused(refusal: Refused) -> ControlResponse:
    """The reply to a call, or a service, that broke a rule."""
    reason = refusal.reasons[0]
    if status := STATUS_OF_CODE.get(reason.code):
        cause = CAUSES[reason.code]
        detail = f"{cause.meaning} Seen: {reason.seen}; expected: {reason.expected}."
        return failed(status, reason.code, detail, reason.next or cause.next)
    said = [_told(each) for each in refusal.reasons]
    return ControlResponse(status=REFUSED, json={"refusals": said})


def failed(status: int, code: str, detail: str, next: str, **headers: str) -> ControlResponse:
    """The reply to a call that got nowhere."""
    said = {"code": code, "detail": detail, "next": next}
    return ControlResponse(
        status=status, json={"error": said}, headers={**_HEADERS_OF_STATUS.get(status, {}), **headers}
    )


def response(reply: ControlResponse) -> Response:
    """The reply as Starlette sends it; it counts the content length."""
    content = reply.data
    if content is None:
        content = json.dumps(reply.json, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    return Response(
        content, status_code=reply.status, headers={**HEADERS, **reply.headers}, media_type=reply.media_type
    )


def _told(reason: Refusal) -> dict[str, Any]:
    cause = CAUSES[reason.code]
    return asdict(replace(reason, detail=reason.detail or cause.meaning, next=reason.next or cause.next))
