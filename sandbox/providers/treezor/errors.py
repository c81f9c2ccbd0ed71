"""What the doors refuse: the one table from causes to status and body.

Source: Treezor's official description 25.04.03, the object DefaultError and the examples beside it; docs.treezor.com,
"Response codes", for the statuses. Rows marked "own" are not published.
"""

from collections.abc import Mapping

from sandbox.providers.context import Body, Response
from sandbox.providers.declare import STATE_REMOVED, Trouble

DOC_URL = "https://docs.treezor.com/guide/api-basics/response-codes.html"
MISSING, WRONG = "missing_parameter", "invalid_parameter_in_request"


def error(type_: str, code: str, message: str) -> Body:
    """One error in the newer of the two shapes with a list."""
    return {"type": type_, "code": code, "message": message, "docUrl": DOC_URL}


_LOGIN = (401, "invalid_client", "authorization_error", "")
_DENIED = (403, "invalid_client", "authorization_error", "The client certificate is not accepted")  # own
_MTLS = (403, "invalid_client", "authorization_error", "A client certificate is required")  # own
_FAULT = (500, "unexpected_internal_server_error", "unexpected_error", "")

TABLE: Mapping[str, tuple[int, str, str, str]] = {
    "token.missing": (*_LOGIN[:3], "The access token is missing"),
    "token.scheme_wrong": (*_LOGIN[:3], "The access token is missing"),
    "token.unknown": (*_LOGIN[:3], "The access token is invalid"),
    "token.revoked": (*_LOGIN[:3], "The access token is invalid"),
    "token.expired": (*_LOGIN[:3], "The access token has expired"),
    "token.scope_missing": (403, "invalid_client", "authorization_error", "The access token lacks a scope"),  # own
    "token.credentials_missing": (
        400,
        "invalid_request",
        MISSING,
        "The client_id and client_secret fields are required",
    ),
    "token.client_unknown": (*_LOGIN[:3], "Client authentication failed"),
    "token.secret_wrong": (*_LOGIN[:3], "Client authentication failed"),
    "token.too_many_guesses": (503, "invalid_client", "authorization_error", "Try again"),  # own
    "token.form_malformed": (400, "invalid_request", WRONG, "The body cannot be read"),  # own
    "token.grant_missing": (400, "invalid_request", MISSING, "The grant_type field is required"),
    "token.grant_unknown": (400, "invalid_request", WRONG, "The grant_type field is invalid"),
    "binding.certificate_missing": _MTLS,
    "binding.mtls_required": _MTLS,
    "binding.other_client": (
        403,
        "invalid_client",
        "authorization_error",
        "The host or certificate is another client's",
    ),  # own
    "certificate.missing": _DENIED,
    "certificate.unknown": _DENIED,
    "certificate.expired": _DENIED,
    "certificate.not_yet_valid": _DENIED,
    "certificate.revoked": _DENIED,
    "certificate.wrong_purpose": _DENIED,
    "route.not_imitated": (404, "not_found", "resource_not_found_error", "There is no such endpoint"),
    "route.other_door": (404, "not_found", "resource_not_found_error", "There is no such endpoint"),
    "route.method_not_allowed": (405, "invalid_request", "invalid_method", "The method is not allowed"),  # own
    "body.media_type": (400, "invalid_request", WRONG, "The body must be application/json"),  # own
    "body.too_large": (413, "invalid_request", WRONG, "The body is too large"),
    "body.slow": (504, *_FAULT[1:]),  # own
    "body.incomplete": (400, "invalid_request", WRONG, "The body is incomplete"),  # own
    "provider.too_many_calls": (429, "invalid_request", "too_many_requests", "Too many requests"),  # own
    "provider.busy": (502, *_FAULT[1:]),  # own
    "provider.state_removed": (503, *_FAULT[1:3], STATE_REMOVED),  # own
    "provider.uncertain": _FAULT,
    "provider.fault": _FAULT,
}


def envelope(trouble: Trouble) -> Response:
    """Treezor's answer to a refusal, by the first of its causes."""
    status, type_, code, message = TABLE[trouble.refused.code]
    headers = {"allow": trouble.refused.reasons[0].expected} if status == 405 else {}
    if trouble.refused.wait:
        headers = {"retry-after": str(trouble.refused.wait)}  # own
    return Response(status=status, json={"errors": [error(type_, code, message)]}, headers=headers)
