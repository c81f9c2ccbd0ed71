"""What a page of the hub is asked, and what it gives back; the addresses of pages, and the menu. Plain values:
how they become HTTP is `app`'s."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from ca.errors import has_private_key
from ca.issuance.profile import Offer, Upload
from ca.records import CertificateRecord
from sandbox.errors import Misuse, NotThere, Refusal, Refused, SandbankError
from sandbox.journal.causes import CAUSES, advice, at_provider
from sandbox.providers import hinted, named
from sandbox.providers.context import NoRows
from sandbox.providers.declare import Provider
from sandbox.services.state import State
from sandbox.webhooks.event import Delivery

MOST_DIGITS = 15
"""Of a number in an address: as many as every reader of numbers has exactly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A call of a page that was read: what the page may go by."""

    params: Mapping[str, str]
    """The parts of the path in braces, percent-decoded."""
    query: Mapping[str, str]
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The fields of the form; empty where the page was asked for, and not sent."""
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """What was chosen as a file, by the name of the field."""
    now: datetime

    def said(self, name: str) -> str:
        """A field of the form without the blanks around it, or else of the query; empty where there is none."""
        return self.form.get(name, self.query.get(name, "")).strip()

    def number(self, name: str) -> int:
        """A number of the query; 0 where there is none that could be ours."""
        said = self.query.get(name, "")
        return int(said) if said.isascii() and said.isdecimal() and len(said) <= MOST_DIGITS else 0

    def text(self, name: str) -> bytes:
        """What was chosen as a file for *name*, or else pasted there: a form that is shown again still has the text of
        the first try, but never a file."""
        return self.files.get(f"{name}_file", b"") or self.form.get(name, "").strip().encode()

    @property
    def kept(self) -> Mapping[str, str]:
        """The form as it may be shown again, a file as if it had been pasted: a browser forgets which it was. Never a
        private key that was sent by mistake, nor what is no PEM."""
        chosen = {name.removesuffix("_file"): data.decode("ascii", "replace") for name, data in self.files.items()}
        pasted = {name: said for name, said in chosen.items() if said.lstrip().startswith("-----BEGIN ")}
        return {name: "" if has_private_key(said) else said for name, said in {**self.form, **pasted}.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class HubPage:
    """A page to be written: the name of its template, and what stands in it."""

    template: str
    values: Mapping[str, object] = field(repr=False)
    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """A form was done: the browser asks for this page next, so that a reload does nothing twice."""

    to: str
    done: str = ""
    """Which of `DONE` the next page says; empty where it shows by itself what was done."""

    @property
    def address(self) -> str:
        return f"{self.to}{'&' if '?' in self.to else '?'}done={self.done}" if self.done else self.to


DONE = {
    "settings": "The settings are saved.",
    "sending": "Saved: the next webhook is sent so.",
    "key": "The key is registered.",
    "key_deleted": "The key is deleted: signatures by it are refused from now on.",
    "row": "The row is put.",
    "reset": "The rows are as they were at the start.",
    "reset_all": "The rows are as they were at the start; certificates, tokens and keys are gone.",
    "removed": "The client is removed.",
}
"""What a page says of the form that led to it, by the word in its address: no text comes from an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file to be saved."""

    data: bytes = field(repr=False)
    media_type: str
    name: str


PageView = Callable[[State, Visit], HubPage | Redirect | Download]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRoute:
    """One row of the table of pages."""

    path: str
    view: PageView
    method: str = "GET"
    apart: bool = False
    """Not in the writing thread: it waits for a door, whose answer may need that thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A broken rule as a page shows it, beside the field that it is about."""

    code: str
    meaning: str
    seen: str = ""
    expected: str = ""
    next: str = ""
    rule: str = ""
    """Where the rule stands."""
    about: str = ""
    """The name of the field; empty: the whole form."""


UNPROCESSABLE = 422
_STATUS: tuple[tuple[type[SandbankError], int], ...] = (
    (NotThere, 404),
    (Misuse, UNPROCESSABLE),
    (Refused, UNPROCESSABLE),
)


_STATUS_OF_CODE = {
    "http.call_malformed": 400,
    "body.slow": 408,
    "body.incomplete": 400,
    "body.too_large": 413,
    "provider.busy": 503,
    "provider.state_removed": 503,
    "provider.uncertain": 500,
    "provider.fault": 500,
}
"""What the call itself suffers from; all other codes are broken rules."""


def status_of(error: SandbankError) -> int:
    """The HTTP status of a page that tells of *error*."""
    if status := _STATUS_OF_CODE.get(error.code):
        return status
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 503)


def broken_rules(
    error: SandbankError, *, provider: str = "", client: str = "", about: Callable[[str], str] = lambda code: ""
) -> tuple[Broken, ...]:
    """Everything that *error* tells, each with what to do next; *about* names the field that a code is about."""
    if not isinstance(error, Refused):
        return (Broken(code=error.code, meaning=_sentence(error.detail), next=error.advice(), about=about(error.code)),)
    return tuple(
        Broken(
            code=reason.code,
            meaning=_sentence(reason.detail) or CAUSES[reason.code].meaning,
            seen=reason.seen,
            expected=reason.expected,
            next=advice(reason, client or None),
            rule=reason.rule,
            about=about(reason.code),
        )
        for reason in (told_at(each, provider) for each in error.reasons)
    )


def told_at(reason: Refusal, provider: str) -> Refusal:
    """The reason with the next step as it is for the clients of *provider*."""
    if not provider:
        return reason
    return at_provider(reason, name=hinted(provider), advice=named(provider).advice)


def _sentence(detail: str) -> str:
    return f"{detail[:1].upper()}{detail[1:]}{'' if detail.endswith('.') else '.'}" if detail else ""


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
