"""What the menu leads to: for each provider the pages that its declaration gives a reason for."""

from dataclasses import dataclass
from urllib.parse import quote

from ca.issuance.profile import Offer, Upload
from ca.records import CertificateRecord
from sandbox.providers.context import NoRows
from sandbox.providers.declare import Provider
from sandbox.webhooks.event import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """A line of the menu."""

    href: str
    label: str


def base(provider: Provider) -> str:
    """The address below which a provider's pages are."""
    return f"/hub/providers/{provider.name}"


def certificate_page(record: CertificateRecord) -> str:
    """The address of its details; an id may have any characters, a slash among them."""
    return f"/hub/providers/{record.provider}/certificates/{quote(record.id, safe='')}"


def delivery_page(one: Delivery) -> str:
    """The address of a delivery."""
    return f"/hub/providers/{one.provider}/webhooks/deliveries/{quote(one.id, safe='')}"


def first_certificate(provider: Provider) -> MenuItem:
    """Where a client gets the certificate by which it shows itself at a door."""
    usual = next(iter(provider.certificates(NoRows())), None)
    if isinstance(usual, Offer):
        return MenuItem(href=f"{base(provider)}/generate", label="Generate certificate")
    if isinstance(usual, Upload):
        return MenuItem(href=f"{base(provider)}/upload", label="Upload certificate")
    return MenuItem(href=base(provider), label="Authentication")


def menu_of(provider: Provider) -> tuple[MenuItem, ...]:
    """The pages of a provider, in the order of a developer's first day: who one is, the certificate, the rest."""
    at, declared = base(provider), provider.certificates(NoRows())
    signs, takes = (any(isinstance(one, kind) for one in declared) for kind in (Offer, Upload))
    registers_keys = provider.signing is not None and provider.signing.keys == "registered"
    items = (
        (True, "", "Authentication"),
        (signs, "/generate", "Generate certificate"),
        (takes, "/upload", "Upload certificate"),
        (True, "/certificates", "Certificates"),
        (True, "/ca", f"Get {provider.title} certificate"),
        (registers_keys, "/keys", "Signing keys"),
        (True, "/rows", "Rows"),
        (bool(provider.sends), "/webhooks", "Webhooks"),
        (bool(provider.tours()), "/guide", "Guide, step by step"),
    )
    return tuple(MenuItem(href=f"{at}{path}", label=label) for there, path, label in items if there)
