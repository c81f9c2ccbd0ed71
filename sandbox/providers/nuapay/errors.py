"""Nuapay's answers to refusals: the one table from causes to status and body, and what a client does about them.

Sources: docs.nuapay.com, "Errors", "HTTP codes" and "JWS"; the official descriptions' examples. What stands in the body
of a 403 for a certificate is not published: the sandbox has the published "Access denied" there. Rows marked "own" are
the sandbox's choice.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from sandbox.providers.context import Body, Response
from sandbox.providers.declare import STATE_REMOVED, Trouble
from sandbox.providers.nuapay.codes import SENTENCES

Envelope = Callable[[Trouble], Response]
T = TypeVar("T")
_WAIT_SECONDS = 5
"""Where no time is known: wrong keys wait to be checked."""


def told(code: str | None, description: str | None, details: Sequence[Body] | None = None) -> Body:
    """The three members of every refusal. All are null where the descriptions publish a refusal that says nothing."""
    return {"returnCode": code, "returnDescription": description, "details": None if details is None else [*details]}


def detail(code: str, field: str, description: str, resource_uri: object = None) -> Body:
    """One thing that is wrong. Details are an array also where an example has an object: the schema has an array."""
    return {"code": code, "field": field, "description": description, "resourceUri": resource_uri}


def _said(status: int, code: str | None = None, description: str | None = None) -> Envelope:
    reply = Response(status=status, json=told(code, description))
    return lambda _trouble: reply


def _not_allowed(trouble: Trouble) -> Response:
    return Response(status=405, json=told(None, None), headers={"allow": trouble.refused.reasons[0].expected})


def _too_many(trouble: Trouble) -> Response:
    """With "Number in seconds to wait before retrying request"; after wrong keys how many these are is own."""
    wait = trouble.refused.wait or _WAIT_SECONDS
    return Response(status=429, json=told(None, None), headers={"x-rate-limit-reset": str(wait)})


JWS_REQUIRED = ("7200", "JWS-Signature header is required.")
JWS_INVALID = ("7201", "JWS-Signature is invalid.")

_UNAUTHORIZED = _said(401)
_DENIED = _said(403, "10091", SENTENCES["10091"])


def _each(codes: str, answer: T) -> dict[str, T]:
    return dict.fromkeys(codes.split(), answer)


TABLE: Mapping[str, Envelope] = {
    **_each("token.missing token.scheme_wrong token.unknown token.expired token.revoked", _UNAUTHORIZED),
    **_each("token.credentials_missing token.credentials_malformed token.key_unknown", _UNAUTHORIZED),
    # "If you use an application token against the wrong resource, you will be presented with a 401".
    "token.other_resource": _UNAUTHORIZED,
    **_each("token.too_many_guesses provider.too_many_calls", _too_many),
    "token.scope_missing": _DENIED,
    **_each("binding.other_client binding.certificate_missing binding.mtls_required", _DENIED),
    **_each("certificate.missing certificate.unknown certificate.wrong_purpose", _DENIED),
    **_each("certificate.expired certificate.not_yet_valid certificate.revoked", _DENIED),
    # 403 is published beside the second; beside the first no status is.
    "signature.required": _said(403, *JWS_REQUIRED),
    "route.not_imitated": _said(404),
    "route.other_door": _said(404),  # own
    "route.method_not_allowed": _not_allowed,
    "body.media_type": _said(415),
    "body.too_large": _said(413),  # own
    "body.slow": _said(408),  # own
    "body.incomplete": _said(400),  # own
    "provider.busy": _said(503),
    "provider.state_removed": _said(503, None, STATE_REMOVED),  # own
    "provider.uncertain": _said(500),
    "provider.fault": _said(500),
}
_INVALID_SIGNATURE = _said(403, *JWS_INVALID)


def envelope(trouble: Trouble) -> Response:
    """Nuapay's answer to a refusal, by the first of its causes."""
    code = trouble.refused.code
    if code.startswith("signature.") and code not in TABLE:
        return _INVALID_SIGNATURE(trouble)
    return TABLE[code](trouble)
