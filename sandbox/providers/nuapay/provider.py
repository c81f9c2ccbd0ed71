"""Nuapay's contents page: doors, names, certificates, endpoints and sources; each chapter is a file beside this one."""

from sandbox.providers.declare import Chapters, Door, Provider, Registration, Source
from sandbox.providers.nuapay import certificate_rules as rules
from sandbox.providers.nuapay.errors import ADVICE, envelope
from sandbox.providers.nuapay.signing import SIGNING

HOST = "sandbox.nuapay.com"
ID_LENGTH = 10
"""As in all of Nuapay's examples."""
KEY_DIGITS = 64
"""Hexadecimal digits of an API key, as in the published example."""


def _chapters() -> Chapters:
    from sandbox.providers.nuapay.chapters import CHAPTERS  # twenty modules, which a start need not wait for

    return CHAPTERS


NUAPAY = Provider(
    name="nuapay",
    title="Nuapay",
    domains=(HOST,),
    doors=(
        # "MTLS-enabled clients should call Nuapay APIs on Port 8443"; a certificate that does not match "will return a
        # 403 HTTP Response" (an older page), so that the handshake must have let it through.
        Door(name="mtls", offset=7, client_certificate="call", hosts=(HOST,)),
        Door(name="api", offset=8, client_certificate="none", hosts=(HOST,)),
    ),
    registration=Registration(
        id=lambda ids: ids.base36(ID_LENGTH),
        secret=lambda ids: ids.hex(KEY_DIGITS),
        id_name="organisation_id",
        secret_name="api_key",
        secret_alone=True,
        demo=("demo", "other"),
    ),
    certificates=rules.certificates,
    certificate_is_client=True,
    chapters=_chapters,
    signing=SIGNING,
    envelope=envelope,
    headers=lambda asked, trace: {},  # none are published
    ca_file_name="nuapay.ca-certificate.sandbox.pem",
    first_calls=('{curl} -u "$NUAPAY_API_KEY:" "$NUAPAY_MTLS_URL/certificates"',),
    guide=None,
    advice=ADVICE,
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
