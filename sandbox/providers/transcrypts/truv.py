"""Truv, whose pages Transcrypts' are a copy of: what a relative costs. Its hosts, names, doors and one path of its own.

Source: https://docs.truv.com/reference/advanced-security-and-mtls and "Orders"; that a refresh is ``POST
/orders/ID/refresh/`` is from Truv's own demonstration apps. Organisation and shape of a secret are own."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from sandbox.providers.context import ReadRows
from sandbox.providers.declare import Chapters, Source
from sandbox.providers.doors import Door
from sandbox.providers.transcrypts.provider import TRANSCRYPTS, offer

if TYPE_CHECKING:
    from ca.issuance.profile import Offer, Upload
    from sandbox.webhooks.sending import Sending

HOST = "api-sandbox-mtls.truv.com"
MTLS_PAGE = "https://docs.truv.com/reference/advanced-security-and-mtls"


def _certificates(rows: ReadRows) -> "Sequence[Offer | Upload]":
    return (offer("truv", MTLS_PAGE, "Truv Inc", "truv.com"),)


@cache
def _chapters() -> Chapters:
    from sandbox.providers.transcrypts.chapters import made
    from sandbox.providers.transcrypts.orders import ONE

    return made(refresh=f"{ONE}refresh/", instant=False)


@cache
def _sends() -> "Sending":
    from sandbox.providers.transcrypts.notifications import sending

    return sending(f"webhooks.{HOST}", prefix="v1=", user_agent="Truv-Webhook-Service/2.0")


TRUV = replace(
    TRANSCRYPTS,
    name="truv",
    title="Truv",
    domains=(HOST,),
    doors=(
        Door(name="mtls", offset=11, client_certificate="handshake", hosts=(HOST,)),
        Door(name="api", offset=12, client_certificate="none", hosts=()),
    ),
    certificates=_certificates,
    chapters=_chapters,
    ca_file_name="truv.ca-certificate.sandbox.pem",
    first_calls=(TRANSCRYPTS.first_calls[0].replace("TRANSCRYPTS", "TRUV"),),
    sends=_sends,
    sources=(Source(title="Advanced security and mTLS", url=MTLS_PAGE, read="2026-11"),),
)
