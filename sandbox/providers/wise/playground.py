"""The two playgrounds: ``GET /v1/authenticated/playground`` and ``POST /v1/auth/jose/playground/jws``.

Sources: https://docs.wise.com/guides/developer/auth-and-security/mtls, which ends with the first and does not show its
answer: that body is the sandbox's own, and tells the caller who it was taken for. The second is in Wise's OpenAPI.
"""

from sandbox.providers.desk import Ask, Desk, Reply
from sandbox.providers.wise.times import milliseconds
from sandbox.providers.wise.validation import invalid, read_object

MAX_MESSAGE = 100
"""Characters; what Wise answers to more is not published."""


def playground(ask: Ask, desk: Desk) -> Reply:
    if ask.client is None or ask.certificate is None or ask.token is None:
        raise RuntimeError("the playground is declared with peer='required' and a bearer login")
    return Reply(
        status=200,
        json={
            "client": {"id": ask.client.id, "name": ask.client.name},
            "certificate": {
                "serial": ask.certificate.serial,
                "fingerprint_sha256": ask.certificate.fingerprint_sha256,
                "subject": ask.certificate.subject,
                "not_after": milliseconds(ask.certificate.not_after),
            },
            "token": {
                "kind": ask.token.kind,
                "scope": ask.token.scope,
                "expires_at": milliseconds(ask.token.expires_at),
            },
        },
    )


def jws_playground(ask: Ask, desk: Desk) -> Reply:
    """Says the message back, signed; a call that is not a JWS never comes here."""
    said = read_object(ask.said)
    if isinstance(said, Reply):
        return said
    message = said.get("message")
    if not isinstance(message, str):
        return invalid("message", "must be a text", seen=f"message {message!r:.40}")
    if len(message) > MAX_MESSAGE:
        length = f"size must be between 0 and {MAX_MESSAGE}"
        return invalid("message", length, code="Size", seen=f"{len(message)} characters")
    return Reply(status=200, json={"message": f"jose-playground-response-{message}", "method": ask.method})
