"""Wise's contents page: doors, names, certificates, endpoints and sources; each chapter is a file beside this one."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from sandbox.oauth.clients import RateLimit
from sandbox.providers.context import ReadRows, Response
from sandbox.providers.declare import Chapters, Endpoint, Guide, Provider, Registration, Source, Tour, Trouble
from sandbox.providers.doors import Door

if TYPE_CHECKING:
    from ca.issuance.profile import Offer, Upload
    from sandbox.webhooks.sending import Sending


@cache
def _chapters() -> Chapters:
    from sandbox.providers.wise.chapters import CHAPTERS  # a dozen modules, which a start need not wait for

    return CHAPTERS


def _early() -> tuple[Endpoint, ...]:
    from sandbox.providers.wise import login  # a token, and the call with which the guide ends

    return (*login.ENDPOINTS, *login.PLAYGROUND)


ECHOED = frozenset({"token.unknown", "token.expired", "token.revoked"})
"""Causes whose answer repeats the token."""


def _envelope(trouble: Trouble) -> Response:
    from sandbox.providers.wise.errors import envelope  # with the first refusal

    return envelope(trouble)


def _headers(asked: Mapping[str, str], trace: str) -> Mapping[str, str]:
    from sandbox.providers.wise.errors import headers  # with the first answer

    return headers(asked, trace)


def _certificates(rows: ReadRows) -> "Sequence[Offer | Upload]":
    from sandbox.providers.wise.certificates import OFFER  # with the first CSR

    return (OFFER,)


def _tours() -> tuple[Tour, ...]:
    from sandbox.providers.wise.tours import TOURS  # a server that only answers calls has no use for them

    return TOURS


@cache
def _sends() -> "Sending":
    from sandbox.providers.wise.notifications import SENDING  # with the first that is sent

    return SENDING


WISE = Provider(
    name="wise",
    title="Wise",
    domains=("wise-sandbox.com", "sandbox.transferwise.tech"),
    doors=(
        Door(
            name="mtls",
            offset=3,
            client_certificate="handshake",
            hosts=("api-mtls.wise-sandbox.com",),
            production=("api-mtls.transferwise.com",),
        ),
        # The second name is that of the older sandbox, which older guides and clients still use.
        Door(
            name="api",
            offset=4,
            client_certificate="none",
            hosts=("api.wise-sandbox.com", "api.sandbox.transferwise.tech"),
            production=("api.wise.com", "api.transferwise.com"),
        ),
    ),
    registration=Registration(
        id=lambda ids: ids.uuid(),
        secret=lambda ids: ids.uuid(),
        id_name="client_id",
        secret_name="client_secret",
        secret_alone=False,
        token_formats=("uuid", "jwe"),
        personal_tokens=True,
        demo=("demo",),
    ),
    certificates=_certificates,
    certificate_is_client=True,
    chapters=_chapters,
    early=_early,
    envelope=_envelope,
    echoed=ECHOED,
    sends=_sends,
    slashes="either",
    headers=_headers,
    ca_file_name="wise.ca-certificate.sandbox.pem",
    first_calls=(
        '{curl} -u "$WISE_CLIENT_ID:$WISE_CLIENT_SECRET" -d grant_type=client_credentials "$WISE_MTLS_URL/oauth/token"',
        "{curl} \"$WISE_MTLS_URL/v1/authenticated/playground\" -H 'Authorization: Bearer <access_token>'",
    ),
    guide=Guide(
        title='Wise\'s guide "Mutual TLS"',
        calls=(
            "{curl}\n-u {login}\n-d grant_type=client_credentials {mtls}/oauth/token",
            "{curl}\n{mtls}/v1/authenticated/playground -H 'Authorization: Bearer <access_token>'",
        ),
    ),
    advice={
        # What a subscription says of it comes before what is set for the client.
        "webhook.certificate_wanted": (
            'make the subscription with "mtls_enabled": true; only where it says neither true nor false: '
            "sandbank webhook configure --client demo --mtls"
        ),
    },
    tours=_tours,
    sources=(
        Source(
            title="Mutual TLS",
            url="https://docs.wise.com/guides/developer/auth-and-security/mtls",
            read="2026-11",
        ),
        Source(
            title="Client credentials token",
            url="https://docs.wise.com/guides/developer/auth-and-security/client-credentials-token",
            read="2025-12",
        ),
        Source(
            title="JSON Web Signature (JWS)",
            url="https://docs.wise.com/guides/developer/auth-and-security/jose/jose-jws",
            read="2026-11",
        ),
        Source(
            title="JSON Web Encryption (JWE)",
            url="https://docs.wise.com/guides/developer/auth-and-security/jose/jose-jwe",
            read="2026-11",
        ),
        Source(
            title="Funding errors",
            url="https://docs.wise.com/guides/developer/errors/funding",
            read="2025-12",
        ),
        Source(title="Errors", url="https://docs.wise.com/guides/developer/errors", read="2025-12"),
        Source(
            title="Correlation id",
            url="https://docs.wise.com/guides/developer/headers/correlation-id",
            read="2026-11",
        ),
    ),
    # "1000 req/min per client by default", and 100 in a second, of the service as a whole and not of its sandbox.
    rate=RateLimit(calls=1000, per=timedelta(minutes=1)),
    rate_counts=False,
)
