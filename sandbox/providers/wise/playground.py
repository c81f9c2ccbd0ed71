"""The two playgrounds: ``GET /v1/authenticated/playground`` and ``POST /v1/auth/jose/playground/jws``.

Sources: https://docs.wise.com/guides/developer/auth-and-security/mtls, which ends with the first and does not show its
answer: that body is the sandbox's own, and tells the caller who it was taken for. The second is in Wise's OpenAPI.
"""

from sandbox.providers.context import Context, ReadContext, Request, Response
from sandbox.providers.kit.fields import parse
from sandbox.providers.kit.problems import refuse_fields
from sandbox.providers.wise.style import invalid
from sandbox.providers.wise.times import milliseconds

MAX_MESSAGE = 100
"""Characters; what Wise answers to more is not published."""


def playground(request: Request, context: ReadContext) -> Response:
    if request.client is None or request.certificate is None or request.token is None:
        raise RuntimeError("the playground is declared with peer='required' and a bearer login")
    return Response(
        status=200,
        json={
            "client": {"id": request.client.id, "name": request.client.name},
            "certificate": {
                "serial": request.certificate.serial,
                "fingerprint_sha256": request.certificate.fingerprint_sha256,
                "subject": request.certificate.subject,
                "not_after": milliseconds(request.certificate.not_after),
            },
            "token": {
                "kind": request.token.kind,
                "scope": request.token.scope,
                "expires_at": milliseconds(request.token.expires_at),
            },
        },
    )


def jws_playground(request: Request, context: Context) -> Response:
    """Says the message back, signed; a call that is not a JWS never comes here."""
    message = parse(request.payload).get("message")
    if not isinstance(message, str):
        refuse_fields(invalid("message", "must be a text", seen=f"{message!r:.40}"))
    if len(message) > MAX_MESSAGE:
        length = f"size must be between 0 and {MAX_MESSAGE}"
        refuse_fields(invalid("message", length, code="Size", seen=f"{len(message)} characters"))
    return Response(status=200, json={"message": f"jose-playground-response-{message}", "method": request.method})
