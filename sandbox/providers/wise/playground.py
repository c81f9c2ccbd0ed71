"""``GET /v1/authenticated/playground``: the call that the mutual-TLS guide ends with.

Source: https://docs.wise.com/guides/developer/auth-and-security/mtls. The guide does not show the answer: this body is
the sandbox's own, and tells the caller who it was taken for.
"""

from sandbox.providers.declare import Ask, Desk, Reply
from sandbox.providers.wise.times import milliseconds


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
