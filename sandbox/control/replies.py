"""Replies as HTTP, and the one table from what went wrong to status and body.

What the codes mean is the table of causes' business.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from starlette.responses import Response

from sandbox.control.operation import Reply
from sandbox.errors import Misuse, NotThere, Reason, Refused, SandbankError, Taken
from sandbox.journal.causes import CAUSES

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
    "provider.uncertain": 500,
    "provider.fault": 500,
}
"""What the call itself suffers from, answered as ``{"error": …}``. Every other code is a broken rule of the authority
or of a provider, answered as ``{"refusals": […]}``."""
STATUS_OF_CLASS: tuple[tuple[type[SandbankError], int], ...] = ((NotThere, 404), (Taken, 409), (Misuse, 400))
"""The first that fits. What is not here is no answer to a call but a fault of ours."""
REFUSED = 422
_HEADERS_OF_STATUS = {401: {"www-authenticate": 'Bearer realm="sandbank control"'}}  # RFC 9110 section 11.6.1


def trouble(error: Exception) -> Reply | None:
    """The reply to whoever caused *error*; None when it is nothing that a caller could cause or mend."""
    if isinstance(error, Refused):
        return refused(error)
    for kind, status in STATUS_OF_CLASS:
        if isinstance(error, kind):
            return failed(status, error.code, error.detail, error.advice())
    return None


def refused(refusal: Refused) -> Reply:
    """The reply to a call, or an errand, that broke a rule."""
    reason = refusal.reasons[0]
    if status := STATUS_OF_CODE.get(reason.code):
        cause = CAUSES[reason.code]
        detail = f"{cause.meaning} Seen: {reason.seen}; expected: {reason.expected}."
        return failed(status, reason.code, detail, reason.next or cause.next)
    said = [asdict(each) for each in refusal.refusals] or [_reason(each) for each in refusal.reasons]
    return Reply(status=REFUSED, json={"refusals": said})


def failed(status: int, code: str, detail: str, next: str, **headers: str) -> Reply:
    """The reply to a call that got nowhere."""
    said = {"code": code, "detail": detail, "next": next}
    return Reply(status=status, json={"error": said}, headers={**_HEADERS_OF_STATUS.get(status, {}), **headers})


def response(reply: Reply) -> Response:
    """The reply as Starlette sends it; it counts the content length."""
    content = reply.data
    if content is None:
        content = json.dumps(reply.json, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    return Response(
        content, status_code=reply.status, headers={**HEADERS, **reply.headers}, media_type=reply.media_type
    )


def _reason(reason: Reason) -> dict[str, Any]:
    cause = CAUSES[reason.code]
    return {
        "code": reason.code,
        "detail": cause.meaning,
        "seen": reason.seen,
        "expected": reason.expected,
        "rule": "",
        "next": reason.next or cause.next,
    }
