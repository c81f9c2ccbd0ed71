"""Nuapay's answers to refusals: the one table from causes to status and body.

Sources: docs.nuapay.com, "Errors", "HTTP codes" and "JWS"; the official descriptions' examples. What stands in the body
of a 403 for a certificate is not published: the sandbox has the published "Access denied" there. Rows marked "own" are
the sandbox's choice.
"""

from collections.abc import Callable, Mapping

from sandbox.providers.context import Response
from sandbox.providers.declare import Trouble
from sandbox.providers.nuapay.codes import SENTENCES
from sandbox.providers.nuapay.envelope import error

Envelope = Callable[[Trouble], Response]


def _said(status: int, code: str | None = None, description: str | None = None) -> Envelope:
    reply = error(status, code, description)
    return lambda _trouble: reply


def _not_allowed(trouble: Trouble) -> Response:
    bare = error(405, None, None)
    return Response(status=405, json=bare.json, headers={"allow": trouble.refused.reasons[0].expected})


def _too_many(_trouble: Trouble) -> Response:
    """With "Number in seconds to wait before retrying request"; how many these are is own."""
    return Response(status=429, json=error(429, None, None).json, headers={"x-rate-limit-reset": "5"})


JWS_REQUIRED = ("7200", "JWS-Signature header is required.")
JWS_INVALID = ("7201", "JWS-Signature is invalid.")

_UNAUTHORIZED = _said(401)
_DENIED = _said(403, "10091", SENTENCES["10091"])

TABLE: Mapping[str, Envelope] = {
    "token.missing": _UNAUTHORIZED,
    "token.scheme_wrong": _UNAUTHORIZED,
    "token.unknown": _UNAUTHORIZED,
    "token.expired": _UNAUTHORIZED,
    "token.revoked": _UNAUTHORIZED,
    # "If you use an application token against the wrong resource, you will be presented with a 401".
    "token.other_resource": _UNAUTHORIZED,
    "token.credentials_missing": _UNAUTHORIZED,
    "token.credentials_malformed": _UNAUTHORIZED,
    "token.key_unknown": _UNAUTHORIZED,
    "token.too_many_guesses": _too_many,
    "token.scope_missing": _DENIED,
    "binding.other_client": _DENIED,
    "binding.certificate_missing": _DENIED,
    "certificate.missing": _DENIED,
    "certificate.unknown": _DENIED,
    "certificate.expired": _DENIED,
    "certificate.not_yet_valid": _DENIED,
    "certificate.revoked": _DENIED,
    "certificate.wrong_purpose": _DENIED,
    # 403 is published beside the second; beside the first no status is.
    "signature.required": _said(403, *JWS_REQUIRED),
    "route.not_imitated": _said(404),
    "route.method_not_allowed": _not_allowed,
    "body.media_type": _said(415),
    "body.too_large": _said(413),  # own
    "body.slow": _said(408),  # own
    "body.incomplete": _said(400),  # own
    "provider.busy": _said(503),
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
