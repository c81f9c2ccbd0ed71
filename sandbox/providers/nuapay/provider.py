"""Nuapay's contents page: doors, names, certificates, endpoints and sources; each chapter is a file beside this one."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from sandbox.providers.context import ReadRows, Response
from sandbox.providers.declare import Chapters, Provider, Registration, Source, Trouble
from sandbox.providers.doors import Door

if TYPE_CHECKING:
    from ca.issuance.profile import Offer, Upload
    from sandbox.webhooks.sending import Sending

HOST, PRODUCTION_HOST = "sandbox.nuapay.com", "api.nuapay.com"
ID_LENGTH = 10
"""As in all of Nuapay's examples."""
KEY_DIGITS = 64
"""Hexadecimal digits of an API key, as in the published example."""


@cache
def _chapters() -> Chapters:
    from sandbox.providers.nuapay.chapters import CHAPTERS  # twenty modules, which a start need not wait for

    return CHAPTERS


def _envelope(trouble: Trouble) -> Response:
    from sandbox.providers.nuapay.errors import envelope  # with the first refusal

    return envelope(trouble)


def _certificates(rows: ReadRows) -> "Sequence[Offer | Upload]":
    from sandbox.providers.nuapay.certificate_rules import certificates  # few commands are about this provider's

    return certificates(rows)


# --- what a client does about a refusal, where it is something else than with most providers ---

_KEY_OR_TOKEN = (
    "send the API key as the user of Basic credentials with an empty password (curl -u API_KEY: , with the colon), or "
    "'Authorization: Bearer TOKEN'; sandbank client env demo prints the key, or says how to get a new one"
)
_NEW_TOKEN = (
    "ask for a new one with the scopes of the call: curl -u API_KEY: -H 'Content-Type: application/json' "
    '-d \'{"scopes":["accounts_read"],"expiresIn":3600}\' URL/tokens; a token lives for 10 seconds unless told'
)
_UPLOAD = (
    "make one (openssl req -x509 -newkey rsa:2048 -nodes -keyout client-new.key -out client-new.pem -days 365 "
    "-subj /CN=me) and hand it in: sandbank certificate upload client-new.pem --name mine --client demo, or POST "
    "/certificates with mtlsCert on the api door; then pass it to curl with --cert and --key"
)
_SIGN = (
    "sign the bytes of the body with the key of a certificate for signing, and send the JWS-Signature header; such a "
    "certificate is made by: sandbank certificate new --client demo --purpose signature"
)

ADVICE: Mapping[str, str] = {
    **dict.fromkeys(["token.missing", "token.scheme_wrong"], _KEY_OR_TOKEN),
    **dict.fromkeys(["token.credentials_missing", "token.credentials_malformed"], _KEY_OR_TOKEN),
    **dict.fromkeys(["token.unknown", "token.expired", "token.revoked", "token.scope_missing"], _NEW_TOKEN),
    **dict.fromkeys(["certificate.missing", "certificate.unknown", "certificate.wrong_purpose"], _UPLOAD),
    **dict.fromkeys(["certificate.expired", "certificate.revoked"], _UPLOAD),
    "signature.required": _SIGN,
}


@cache
def _sends() -> "Sending":
    from sandbox.providers.nuapay.notifications import SENDING  # with the first that is sent

    return SENDING


NUAPAY = Provider(
    name="nuapay",
    title="Nuapay",
    domains=(HOST,),
    doors=(
        # "MTLS-enabled clients should call Nuapay APIs on Port 8443"; a certificate that does not match "will return a
        # 403 HTTP Response" (an older page), so that the handshake must have let it through.
        Door(
            name="mtls", offset=7, client_certificate="call", hosts=(HOST,), front=8443, production=(PRODUCTION_HOST,)
        ),
        Door(name="api", offset=8, client_certificate="none", hosts=(HOST,), production=(PRODUCTION_HOST,)),
    ),
    registration=Registration(
        id=lambda ids: ids.base36(ID_LENGTH),
        secret=lambda ids: ids.hex(KEY_DIGITS),
        id_name="organisation_id",
        secret_name="api_key",
        secret_alone=True,
        demo=("demo", "other"),
    ),
    certificates=_certificates,
    certificate_is_client=True,
    chapters=_chapters,
    envelope=_envelope,
    headers=lambda asked, trace: {},  # none are published
    ca_file_name="nuapay.ca-certificate.sandbox.pem",
    first_calls=('{curl} -u "$NUAPAY_API_KEY:" "$NUAPAY_MTLS_URL/certificates"',),
    guide=None,
    advice=ADVICE,
    sends=_sends,
    sources=(
        Source(title="Mutual TLS", url="https://docs.nuapay.com/np_secmtls.html", read="2026-11"),
        Source(title="Mutual TLS by REST", url="https://docs.nuapay.com/np_secmtlsrest.html", read="2026-11"),
        Source(title="JWS sample", url="https://docs.nuapay.com/np_secjwssample.html", read="2026-11"),
        Source(title="API keys", url="https://docs.nuapay.com/np_secapikeyauth.html", read="2026-11"),
        Source(title="Idempotency", url="https://docs.nuapay.com/idempotency.html", read="2026-11"),
        Source(title="HTTP codes", url="https://docs.nuapay.com/http-codes.html", read="2026-11"),
        Source(
            title="Certificates and tokens, official description 3.3.0",
            url="https://github.com/sentenial/gatekeeper-swagger",
            read="2026-11",
        ),
        Source(
            title="Core, official description 1.18.0", url="https://github.com/sentenial/nuapay-swagger", read="2026-11"
        ),
        Source(title="Credit transfers", url="https://github.com/sentenial/credit-transfers", read="2026-11"),
        Source(title="Webhooks 1.0", url="https://github.com/sentenial/webhooks-swagger", read="2026-11"),
    ),
)
