"""How Transcrypts refuses: the one table from causes to status and body, and what a client does about them.

Source: the error answers on each call's page of sdk.transcrypts.com; the whole body of a 400 from docs.truv.com.
Headers that are missing are 403 ``not_authenticated``, wrong ones 401 ``authentication_failed``. Rows marked "own" are
the sandbox's choice: what is answered to a certificate that is wrong or missing is not published.
"""

from collections.abc import Mapping, Sequence

from sandbox.providers.context import Body, Response
from sandbox.providers.declare import STATE_REMOVED, Trouble
from sandbox.providers.kit.problems import ErrorStyle, Problem, Stage

WAIT_SECONDS = 60
"""Where no time is known: wrong secrets wait to be checked. It is the span of the published limit."""
REQUIRED, WRONG_TOKEN, EXPIRED_TOKEN = "required", "incorrect_token", "expired_token"
SENTENCES = {
    WRONG_TOKEN: "Incorrect token",
    EXPIRED_TOKEN: "Expired token",
}
NOT_FOUND: Body = {"detail": "Not Found."}


def told(code: str, message: str) -> Body:
    return {"error": {"code": code, "message": message}}


def _body(stage: Stage, problems: Sequence[Problem]) -> Body:
    """Every field that is wrong, in one answer. A token that is wrong has a code of its own."""
    if stage == "absent":
        return NOT_FOUND
    if problems[0].code in SENTENCES:
        return told(problems[0].code, problems[0].message)
    params = [{"field": problem.field, "message": _sentence(problem)} for problem in problems]
    return {"error": {**told("validation_error", "Validation error")["error"], "extra": {"invalid-params": params}}}


def _sentence(problem: Problem) -> str:
    """ "First name is required", as the one published example has it; the other sentences are own."""
    if problem.code == REQUIRED:
        return f"{problem.field.rpartition('.')[2].replace('_', ' ').capitalize()} is required"
    return problem.message


ERRORS = ErrorStyle(
    body=_body, sentences=SENTENCES, statuses={"malformed": 400, "fields": 400, "rules": 400, "absent": 404}
)

_MISSING = Response(status=403, json=told("not_authenticated", "Authentication credentials were not provided."))
_WRONG = Response(status=401, json=told("authentication_failed", "No such token"))
_FAULT = Response(status=500, json=told("error", "A server error occurred."))  # own

THROTTLED = frozenset({"token.too_many_guesses", "provider.too_many_calls"})
TABLE: Mapping[str, Response] = {
    "token.credentials_missing": _MISSING,
    "token.client_unknown": _WRONG,
    "token.secret_wrong": _WRONG,
    "certificate.missing": _MISSING,  # own
    "binding.certificate_missing": _MISSING,  # own
    "binding.mtls_required": _MISSING,  # own
    "binding.other_client": _WRONG,  # own
    "route.not_imitated": Response(status=404, json=NOT_FOUND),
    "route.other_door": Response(status=404, json=NOT_FOUND),
    "body.media_type": Response(status=415, json={"detail": "Unsupported media type in request."}),  # own body
    "body.too_large": Response(status=413, json={"detail": "Request body too large."}),  # own
    "body.slow": Response(status=408, json={"detail": "Request body not received in time."}),  # own
    "body.incomplete": Response(status=400, json={"detail": "Request body incomplete."}),  # own
    "provider.busy": Response(status=503, json=told("unavailable", "Service temporarily unavailable.")),  # own
    "provider.state_removed": Response(status=503, json=told("unavailable", STATE_REMOVED)),  # own
    "provider.uncertain": _FAULT,
    "provider.fault": _FAULT,
}


def envelope(trouble: Trouble) -> Response:
    """The answer to a refusal, by the first of its causes."""
    code = trouble.refused.code
    if code == "route.method_not_allowed":
        allowed = trouble.refused.reasons[0].expected
        return Response(status=405, json={"detail": "Method not allowed."}, headers={"allow": allowed})  # own body
    if code in THROTTLED:
        wait = trouble.refused.wait or WAIT_SECONDS
        throttled = told("throttled", "Request was throttled.")
        return Response(status=429, json=throttled, headers={"retry-after": str(wait)})
    if code.startswith("certificate.") and code not in TABLE:
        return _WRONG  # own; only where a certificate was revoked or ended while its connection stayed open
    return TABLE[code]
