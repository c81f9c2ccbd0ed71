"""Treezor's contents page: doors, names, certificates, sources; each chapter is a file beside this one."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from sandbox.providers.context import ReadRows, Response
from sandbox.providers.declare import Chapters, Provider, Registration, Source, Trouble
from sandbox.providers.doors import CLIENT, Door
from sandbox.providers.treezor import ADVICE, PCI

if TYPE_CHECKING:
    from ca.issuance.profile import Offer, Upload
    from sandbox.webhooks.sending import Sending

DOMAIN, PCI_DOMAIN = "sandbox.treezor.co", "preprod.secure.treezor.co"
HOST, WEBHOOKS_HOST, PCI_HOST = f"{{client}}.{DOMAIN}", f"webhook.{DOMAIN}", f"{{client}}.{PCI_DOMAIN}"
ID_BITS, SECRET_DIGITS = 29, 64
"""A client id is an integer, of a few digits in the examples; how long a secret is, is not published."""


def _headers(asked: Mapping[str, str], trace: str) -> Mapping[str, str]:
    """None are published."""
    return {}


def _certificates(rows: ReadRows) -> "Sequence[Offer | Upload]":
    from sandbox.providers.treezor.certificates import OFFERS  # with the first CSR

    return OFFERS


@cache
def _chapters() -> Chapters:
    from sandbox.providers.treezor.chapters import CHAPTERS  # a dozen modules, which a start need not wait for

    return CHAPTERS


def _envelope(trouble: Trouble) -> Response:
    from sandbox.providers.treezor.errors import envelope  # with the first refusal

    return envelope(trouble)


@cache
def _sends() -> "Sending":
    from sandbox.providers.treezor.notifications import SENDING  # with the first that is sent

    return SENDING


TREEZOR = Provider(
    name="treezor",
    title="Treezor",
    domains=(DOMAIN, PCI_DOMAIN),
    doors=(
        # A host for mutual TLS without PCI DSS is not published: the usual one leads here and to the next door. Where a
        # bad certificate is refused is not published either: in the handshake, our own choice.
        Door(
            name="mtls",
            offset=5,
            client_certificate="handshake",
            hosts=(HOST, WEBHOOKS_HOST),
            production=(f"{CLIENT}.api.treezor.com", "webhook.api.treezor.co"),
        ),
        # "This protocol applies to all endpoints": at the real name the door with certificates answers.
        Door(name="api", offset=6, client_certificate="none", hosts=(HOST, WEBHOOKS_HOST), front=None),
        Door(
            name="pci",
            offset=2,
            client_certificate="handshake",
            hosts=(PCI_HOST,),
            purpose=PCI,
            production=(f"{CLIENT}.secure.treezor.co",),
        ),
    ),
    registration=Registration(
        id=lambda ids: str(10_000 + ids.bits(ID_BITS)),
        secret=lambda ids: ids.hex(SECRET_DIGITS),
        id_name="client_id",
        secret_name="client_secret",
        secret_alone=False,
        demo=("demo",),
    ),
    certificates=_certificates,
    certificate_is_client=True,
    chapters=_chapters,
    envelope=_envelope,
    headers=_headers,
    ca_file_name="treezor.ca-certificate.sandbox.pem",
    first_calls=(
        (
            '{curl} --form grant_type=client_credentials --form "client_id=$TREEZOR_CLIENT_ID" '
            '--form "client_secret=$TREEZOR_CLIENT_SECRET" --form scope=read_write "$TREEZOR_MTLS_URL/oauth/token"'
        ),
        "{curl} \"$TREEZOR_MTLS_URL/v1/wallets?userId=101\" -H 'Authorization: Bearer <access_token>'",
    ),
    guide=None,
    advice=ADVICE,
    sends=_sends,
    sources=(
        Source(
            title="Mutual Transport Layer Security",
            url="https://docs.treezor.com/guide/api-basics/mutual-tls",
            read="2026-11",
        ),
        Source(
            title="PCI DSS integration, two states of the page",
            url="https://docs.treezor.com/guide/cards/pci-dss.html",
            read="2026-11",
        ),
        Source(
            title="Authentication",
            url="https://docs.treezor.com/guide/api-basics/authentication.html",
            read="2026-11",
        ),
        Source(
            title="Response codes",
            url="https://docs.treezor.com/guide/api-basics/response-codes.html",
            read="2026-11",
        ),
        Source(
            title="Idempotency",
            url="https://docs.treezor.com/guide/api-basics/idempotency.html",
            read="2026-11",
        ),
        Source(
            title="Strong customer authentication, simulated",
            url="https://docs.treezor.com/guide/strong-customer-authentication/faking-operations.html",
            read="2026-11",
        ),
        Source(
            title="Official description 25.04.03, as published with a generated client",
            url="https://github.com/firefly-oss/lib-sdk-treezor",
            read="2025-09",
        ),
    ),
)
