"""Transcrypts' contents page: doors, names, certificates, login and sources; each chapter is a file beside it."""

import re
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from sandbox.oauth.clients import RateLimit
from sandbox.providers.context import ReadRows, Response
from sandbox.providers.declare import Chapters, Provider, Registration, Source, Trouble
from sandbox.providers.doors import Door
from sandbox.providers.transcrypts import ADVICE, ENVIRONMENTS

if TYPE_CHECKING:
    from ca.issuance.profile import Offer, Upload
    from sandbox.webhooks.sending import Sending

PAGES = "https://sdk.transcrypts.com/"
MTLS_PAGE = f"{PAGES}platform-management/advanced-security-and-mtls"
NAME_DIGITS, SECRET_DIGITS = 32, 40
"""Hexadecimal digits of a client id, and of a secret behind its ``dev-`` or ``prod-``."""
LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
"""A label of a host name (RFC 1123 section 2.1)."""


def offer(name: str, page: str, organisation: str, host: str) -> "Offer":
    """What is signed: the provider's own names in the subject, and the client's in the host. Which name that is, is
    agreed with its support: any label is taken.

    Source: the page of each, "Advanced security and mTLS"."""
    from ca.issuance.profile import Offer, Profile  # with the first CSR
    from ca.policy.requests import CsrPolicy, KeyRule

    fixed = (("O", organisation), ("L", "Miami"), ("ST", "Florida"), ("C", "US"))
    policy = CsrPolicy(
        name=name,
        page=page,
        # "RSA/ECDSA keys, SHA256"; sizes and curves are own.
        keys=(
            KeyRule(kind="RSA", sizes=(2048, 3072, 4096)),
            KeyRule(kind="EC", curves=("P-256", "P-384")),
        ),
        hashes=("sha256",),
        fixed=fixed,
        allowed=(*dict(fixed), "CN"),
        common_name=rf"api-mtls\.{LABEL}\.{re.escape(host)}",
        common_name_example=f"api-mtls.name.{host}",
    )
    return Offer(policy=policy, profile=Profile(name=f"{name} client", subject="as_is", years=1))


def _certificates(rows: ReadRows) -> "Sequence[Offer | Upload]":
    return (offer("transcrypts", MTLS_PAGE, "Transcrypts Inc", "transcrypts.com"),)


@cache
def _chapters() -> Chapters:
    from sandbox.providers.transcrypts.chapters import CHAPTERS  # ten modules, which a start need not wait for

    return CHAPTERS


HOST = "api-sandbox-mtls.transcrypts.com"


def _envelope(trouble: Trouble) -> Response:
    from sandbox.providers.transcrypts.errors import envelope  # with the first refusal

    return envelope(trouble)


@cache
def _sends() -> "Sending":
    from sandbox.providers.transcrypts.notifications import sending  # with the first that is sent

    return sending(f"webhooks.{HOST}", user_agent="Transcrypts-Webhook-Service/2.0")


TRANSCRYPTS = Provider(
    name="transcrypts",
    title="Transcrypts",
    domains=(HOST,),
    doors=(
        # The page has a production host only; the other stood there until February 2026. How a bad certificate is
        # refused is not published: by an alert, which is the stricter.
        Door(
            name="mtls",
            offset=9,
            client_certificate="handshake",
            hosts=(HOST,),
            production=("api-mtls.transcrypts.com",),
        ),
        # All environments are at one host, which is a production name.
        Door(name="api", offset=10, client_certificate="none", hosts=(), production=("prod.transcrypts.com",)),
    ),
    registration=Registration(
        id=lambda ids: ids.hex(NAME_DIGITS),
        secret=lambda ids: f"{ENVIRONMENTS[0]}-{ids.hex(SECRET_DIGITS)}",
        id_name="access_client_id",
        secret_name="access_secret",
        secret_alone=False,
        demo=("demo",),
        demo_require_mtls=True,
        environments=ENVIRONMENTS,
    ),
    certificates=_certificates,
    certificate_is_client=True,
    chapters=_chapters,
    envelope=_envelope,
    headers=lambda asked, trace: {},
    ca_file_name="transcrypts.ca-certificate.sandbox.pem",
    first_calls=(
        (
            '{curl} -H "X-Access-Client-Id: $TRANSCRYPTS_ACCESS_CLIENT_ID" '
            '-H "X-Access-Secret: $TRANSCRYPTS_ACCESS_SECRET" "$TRANSCRYPTS_MTLS_URL/v1/users/"'
        ),
    ),
    guide=None,
    advice=ADVICE,
    sources=(
        Source(title="mTLS", url=MTLS_PAGE, read="2026-11"),
        Source(title="Introduction", url=f"{PAGES}overview/introduction", read="2026-11"),
        Source(title="API keys", url=f"{PAGES}overview/api-keys-rotation", read="2026-11"),
        Source(title="Calls, by their pages", url=f"{PAGES}user-flow-endpoints/users-create", read="2026-11"),
        Source(title="Webhooks", url=f"{PAGES}platform-management/webhooks", read="2026-11"),
        Source(title="Source text of all pages", url="https://github.com/Transcrypts/docs", read="2026-11"),
    ),
    slashes="either",
    rate=RateLimit(calls=300, per=timedelta(minutes=1)),
    sends=_sends,
)
