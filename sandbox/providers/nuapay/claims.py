"""What a token says: the claims of the published example, in its order.

Source: the access token in the official description of certificates and tokens, decoded.
"""

from sandbox.oauth.clients import Token
from sandbox.providers.context import Body

ALGORITHM = "RS256"
AUDIENCE = ("gk", "webhooks", "pi", "rms", "instant")


def claims_of(token: Token) -> Body:
    """The same claims each time, so that the same token comes out of them (RFC 8017 section 8.2 signs without chance).

    The example has two hundred ``authorities``, names of Nuapay's own rights, which mean nothing here: none.
    """
    return {
        "ip_filtering": False,
        "aud": list(AUDIENCE),
        "originator_org_id": token.client,
        "user_id": token.requested_by,
        "user_name": "system",
        "org_id": "",
        "scope": token.scope.split(),
        "exp": int(token.expires_at.timestamp()),
        "authorities": [],
        "jti": token.id,
        "client_id": "origix_gk_user",
    }
