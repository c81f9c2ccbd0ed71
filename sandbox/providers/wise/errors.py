"""Wise's envelopes, the one table from causes to status and body; and the headers of every reply.

Sources: https://docs.wise.com/guides/developer/errors, .../headers/correlation-id, Wise's description 2026Q3, recorded
answers (December 2024 to January 2025), and the old error page of the deprecated API documents. Rows marked "own" are
not published; the sandbox chose the nearest published shape.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus

from sandbox.providers.context import Response
from sandbox.providers.declare import STATE_REMOVED, Trouble

Envelope = Callable[[Trouble], Response]
MAX_CORRELATION_ID = 36
"""The page: a longer one is ignored."""
_ALWAYS = {
    "cache-control": "no-cache, no-store, max-age=0, must-revalidate",
    "pragma": "no-cache",
    "expires": "0",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-xss-protection": "0",
    "vary": "origin,access-control-request-method,access-control-request-headers,accept-encoding",
}


def headers(asked: Mapping[str, str], trace: str) -> Mapping[str, str]:
    """The fixed headers, ``x-trace-id``, and the caller's correlation id where it sent a short enough one."""
    said = {**_ALWAYS, "x-trace-id": trace}
    correlation = asked.get("x-external-correlation-id", "")
    if 0 < len(correlation) <= MAX_CORRELATION_ID:
        said["x-external-correlation-id"] = correlation
    return said


# A token's end and a certificate's are written with every reply of the playground, and stay the same.
@lru_cache(maxsize=1_000)
def milliseconds(at: datetime) -> str:
    """``2025-04-11T03:43:28.148Z``, as in the samples of the token page."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _oauth(status: int, error: str, description: str, **headers: str) -> Envelope:
    """``{"error", "error_description"}``, the shape of Spring Security's OAuth2 support."""
    reply = Response(status=status, json={"error": error, "error_description": description}, headers=headers)
    return lambda _trouble: reply


def _echo(trouble: Trouble) -> Response:
    """Two answers are published: the errors page, written for ``/v1`` to ``/v5``, sends the token back as the
    description; the description of 2026Q3 has a text. Each is given on its own paths."""
    older = trouble.path.startswith("/v")
    return Response(
        status=401,
        json={"error": "invalid_token", "error_description": trouble.token if older else "Invalid token"},
    )


def _spring(status: int, message: str = "") -> Envelope:
    """``{"timestamp", "status", "error", "message", "path"}``, the shape of a Spring application."""

    def envelope(trouble: Trouble) -> Response:
        body = {
            "timestamp": milliseconds(trouble.now),
            "status": status,
            "error": HTTPStatus(status).phrase,
            "message": message,
            "path": trouble.path,
        }
        allow = trouble.refused.reasons[0].expected if status == HTTPStatus.METHOD_NOT_ALLOWED else ""
        return Response(status=status, json=body, headers={"allow": allow} if allow else {})

    return envelope


def _unsupported(trouble: Trouble) -> Response:
    """The problem document of a recorded 415."""
    sent = trouble.refused.reasons[0].seen.partition("Content-Type ")[2].partition(" ")[0]
    body = {
        "type": "about:blank",
        "title": "Unsupported Media Type",
        "status": 415,
        "detail": f"Content-Type '{'null' if sent == '(none)' else sent}' is not supported.",
        "instance": f"/public{trouble.path}",  # as recorded: the path behind Wise's own gateway
    }
    return Response(
        status=415, json=body, headers={"accept": trouble.refused.reasons[0].expected.replace(" or ", ", ")}
    )


def _fault(trouble: Trouble) -> Response:
    """The 500 of the JOSE pages."""
    return Response(status=500, json={"message": "An unexpected error occurred", "request_id": trouble.trace})


_NO_TOKEN = _oauth(401, "missing_token", "Missing token")
"""The code was seen in a live answer of August 2026; the text is our own. The page of 2020 had another code."""
_FULL_AUTHENTICATION = _oauth(401, "unauthorized", "Full authentication is required to access this resource")
_BAD_CLIENT = _oauth(
    401, "invalid_client", "Client authentication failed", **{"www-authenticate": 'Basic realm="oauth"'}
)
_BAD_GRANT = _oauth(401, "invalid_grant", "Invalid user credentials.")
_NOT_IMITATED = "Not imitated by this sandbox: sandbank calls lists what is"
_BAD_CERTIFICATE = _oauth(403, "access_denied", "The client certificate is not accepted")  # own
_BAD_REQUEST = _oauth(400, "invalid_request", "The token request is not a well-formed form")  # own

_WAIT_SECONDS = 5
"""As in Wise's OpenAPI description, where no other time is known."""


def _too_many(trouble: Trouble) -> Response:
    """Status and headers as Wise's OpenAPI description has them."""
    wait = str(trouble.refused.wait or _WAIT_SECONDS)
    headers = {"retry-after": wait, "x-rate-limited-by": "wise-public-api"}
    # own, both texts: a JSON object is published, but not what is in it
    return _oauth(429, "too_many_requests", "Too many requests", **headers)(trouble)


_JWS = _oauth(400, "jws_error", "Unable to verify the request signature")
"""For everything that can be wrong with a signature: the one published, never signed itself."""

API: Mapping[str, Envelope] = {
    "token.missing": _NO_TOKEN,
    "token.scheme_wrong": _NO_TOKEN,
    "token.kind_wrong": _oauth(403, "access_denied", "The access token is not of a kind that this call takes"),  # own
    "token.client_unknown": _oauth(400, "invalid_request", "Unknown client"),  # own: of a page's query
    "token.unknown": _echo,
    "token.expired": _echo,
    "token.revoked": _echo,
    "binding.certificate_missing": _oauth(403, "access_denied", "A client certificate is required"),  # own
    "binding.mtls_required": _oauth(403, "access_denied", "A client certificate is required"),  # own
    "binding.other_client": _oauth(403, "access_denied", "The client certificate is not the access token's"),  # own
    "certificate.missing": _BAD_CERTIFICATE,
    "certificate.unknown": _BAD_CERTIFICATE,
    "certificate.expired": _BAD_CERTIFICATE,
    "certificate.not_yet_valid": _BAD_CERTIFICATE,
    "certificate.revoked": _BAD_CERTIFICATE,
    "route.not_imitated": _spring(404, _NOT_IMITATED),  # own
    "route.other_door": _spring(404),  # own
    "route.method_not_allowed": _spring(405, "Request method not supported"),  # own
    "body.too_large": _spring(413, "Request body too large"),  # own
    "body.slow": _spring(408, "Request body not received in time"),  # own
    "body.incomplete": _spring(400, "Request body incomplete"),  # own
    "body.media_type": _unsupported,
    "provider.too_many_calls": _too_many,
    "provider.busy": _spring(503, "Try again"),  # own
    "provider.state_removed": _spring(503, STATE_REMOVED),  # own
    "provider.uncertain": _fault,
    "provider.fault": _fault,
}
"""Every call but the token request."""

OAUTH: Mapping[str, Envelope] = {
    **API,
    "token.grant_missing": _oauth(400, "invalid_request", "Missing grant type"),
    "token.grant_unknown": _oauth(400, "unsupported_grant_type", "Unsupported grant type"),  # own
    "token.form_malformed": _BAD_REQUEST,
    "token.grant_refused": _BAD_GRANT,
    "token.scheme_wrong": _BAD_CLIENT,  # own
    "token.credentials_missing": _FULL_AUTHENTICATION,  # own
    "token.credentials_malformed": _BAD_CLIENT,  # own
    "token.client_unknown": _BAD_CLIENT,  # own
    "token.secret_wrong": _BAD_CLIENT,  # own
    "token.too_many_guesses": _too_many,
    "binding.other_client": _BAD_CLIENT,  # own
    "binding.mtls_required": _BAD_CLIENT,  # own
    "certificate.missing": _BAD_CLIENT,  # own
    "certificate.unknown": _BAD_CLIENT,  # own
    "certificate.expired": _BAD_CLIENT,  # own
    "certificate.not_yet_valid": _BAD_CLIENT,  # own
    "certificate.revoked": _BAD_CLIENT,  # own
}
"""The token request."""

_FAMILIES = {"api": API, "oauth": OAUTH}


def envelope(trouble: Trouble) -> Response:
    """Wise's answer to a refusal, by the first of its causes."""
    code = trouble.refused.code
    if code.startswith("signature."):
        return _JWS(trouble)
    if code.startswith("encryption."):
        # The description promises better messages: today it is a generic 500 for every decryption failure.
        return _fault(trouble)
    family = _FAMILIES[trouble.endpoint.errors if trouble.endpoint else "api"]
    return family[code](trouble)
