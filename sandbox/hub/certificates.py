"""Certificates: from a CSR or an upload to the details, the files and the revocation."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ca.issuance.profile import Offer, Upload
from ca.records import CertificateRecord, days_left
from sandbox.errors import Misuse, NotThere, Refused, SandbankError
from sandbox.hub.clients import chosen
from sandbox.hub.page import Download, HubPage, HubRoute, Redirect, Visit, broken_rules, certificate_page, status_of
from sandbox.hub.start import filled_in
from sandbox.journal.entry import View
from sandbox.providers import named
from sandbox.providers.declare import Provider
from sandbox.services.authority import ca_certificate
from sandbox.services.bundling import bundle
from sandbox.services.certificates import REVOCATION_REASONS, page_certificates, read_facts, revoke, show_certificate
from sandbox.services.clients import client_names
from sandbox.services.environment import client_environment, first_calls
from sandbox.services.issuing import declared_for, sign, unnamed, upload
from sandbox.services.journal import MAX_ENTRIES, read_journal
from sandbox.services.making import GUIDE_FILES, openssl_line
from sandbox.services.state import State

DOWNLOADS = {
    "pem": "Certificate and issuer, PEM",
    "leaf": "Certificate alone, PEM",
    "chain": "Chain, PEM",
    "der": "Certificate alone, DER",
    "zip": "All of it, with a page of instructions",
}
"""Without PKCS#12: that holds the private key, which never comes here."""
_OF_ISSUED = ("pem", "chain")
"""Those with its issuer: of an uploaded certificate, only its owner knows that."""
_ENDINGS = {"pem": "pem", "leaf": "leaf.pem", "chain": "chain.pem", "der": "cer", "zip": "zip"}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_OF_NAME = ("certificate.name_missing", "certificate.name_too_long", "certificate.name_unprintable")
_ABOUT = {
    **dict.fromkeys((*_OF_NAME, "certificate.name_taken"), "name"),
    "certificate.limit_reached": "client",
    "certificate.holder_unfit": "client",
}
"""Which field a refusal is about; all others are about what was pasted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that differs between the CSR and its certificate."""

    field: str
    change: str
    why: str


def generate(state: State, visit: Visit, error: SandbankError | None = None) -> HubPage:
    """The form for a CSR."""
    return _form(state, visit, Offer, error)


def send_csr(state: State, visit: Visit) -> HubPage | Redirect:
    """Have a CSR signed."""
    return _sent(state, visit, lambda *words, **more: sign(*words, **more).record, generate)


def hand_in(state: State, visit: Visit, error: SandbankError | None = None) -> HubPage:
    """The form for a certificate of the client's own."""
    return _form(state, visit, Upload, error)


def send_certificate(state: State, visit: Visit) -> HubPage | Redirect:
    """Have it taken."""
    return _sent(state, visit, upload, hand_in)


def _sent(
    state: State,
    visit: Visit,
    take: Callable[..., CertificateRecord],
    again: Callable[[State, Visit, SandbankError], HubPage],
) -> HubPage | Redirect:
    """What a form brought, taken; or the form again, with everything that is wrong with it."""
    provider, client = visit.params["provider"], visit.said("client")
    try:
        name, purpose = visit.said("name") or unnamed(state), visit.said("purpose")
        record = take(state, provider, client, visit.text("pem"), name=name, purpose=purpose)
    except (Refused, Misuse) as error:
        return again(state, visit, error)
    return Redirect(to=certificate_page(record))


def _form(state: State, visit: Visit, kind: type[Offer | Upload], error: SandbankError | None) -> HubPage:
    provider, clients, client = chosen(state, visit)
    if client is None:
        return _nobody(provider)
    declared = [one for one in declared_for(state, provider.name, client.name) if isinstance(one, kind)]
    if not declared:
        what = "signs no CSR" if kind is Offer else "takes no certificate of a client's own"
        raise NotThere(f"{provider.title} {what}", next_step="the menu has the other way to a certificate")
    wanted = visit.said("purpose")
    shown = next((one for one in declared if one.purpose == wanted), declared[0])
    values = {
        "provider": provider,
        "clients": clients,
        "client": client,
        "declared": declared,
        "shown": shown,
        "takes_csr": kind is Offer,
        "line": openssl_line(shown, client),
        "files": GUIDE_FILES,
        "broken": broken_rules(error, provider=provider.name, client=client.name, about=_about) if error else (),
        "form": visit.kept,
    }
    return HubPage(template="issue.html", values=values, status=status_of(error) if error else 200)


def listed(state: State, visit: Visit) -> HubPage:
    """The certificates of all clients, or of one, the newest first."""
    provider = named(visit.params["provider"])
    wanted = visit.query.get("client", "").strip()
    page = page_certificates(state, provider.name, wanted or None, after=visit.query.get("after", ""))
    values = {
        "provider": provider,
        "client": wanted,
        "certificates": page.certificates[::-1],
        "later": page.next,
        "names": client_names(state, provider.name, {record.holder for record in page.certificates}),
        "now": visit.now,
    }
    return HubPage(template="certificates.html", values=values)


def details(state: State, visit: Visit, error: SandbankError | None = None) -> HubPage:
    """One certificate: what it is, its files, what was changed from its CSR, how long it is good for."""
    provider = named(visit.params["provider"])
    record = show_certificate(state, provider.name, visit.params["wanted"])
    names = client_names(state, provider.name, (record.holder,))
    owner, issued = names.get(record.holder, ""), record.origin == "issued"
    values = {
        "provider": provider,
        "record": record,
        "status": record.status(visit.now),
        "days": days_left(record, visit.now),
        "owner": owner,
        "facts": read_facts(record),
        "differences": differences(state, record),
        "downloads": {form: words for form, words in DOWNLOADS.items() if issued or form not in _OF_ISSUED},
        "reasons": REVOCATION_REASONS,
        "calls": calls_with(state, provider, owner, certificate=saved_as(record, "pem") if issued else "")
        if owner
        else (),
        "broken": broken_rules(error, provider=provider.name, client=owner) if error else (),
        "now": visit.now,
    }
    return HubPage(template="certificate.html", values=values, status=status_of(error) if error else 200)


def download(state: State, visit: Visit) -> Download:
    """A certificate as a file; never with a private key."""
    form = visit.params["form"]
    if form not in DOWNLOADS:
        raise NotThere(f"there is no file of the form {form[:20]!r}", next_step=f"there are: {', '.join(DOWNLOADS)}")
    record = show_certificate(state, visit.params["provider"], visit.params["wanted"])
    made = bundle(state, record.provider, record.id, format=form)
    return Download(data=made.data, media_type=made.media_type, name=saved_as(record, form))


def saved_as(record: CertificateRecord, form: str) -> str:
    """The name under which a browser saves the file."""
    name = _UNSAFE.sub("-", record.name).strip("-.") or "certificate"
    return f"{name}.{_ENDINGS[form]}"


def end(state: State, visit: Visit) -> HubPage | Redirect:
    """Revoke a certificate, for good."""
    try:
        record = revoke(state, visit.params["provider"], visit.params["wanted"], reason=visit.said("reason"))
    except (Refused, Misuse) as error:
        return details(state, visit, error)
    return Redirect(to=certificate_page(record))


def ca_page(state: State, visit: Visit) -> HubPage:
    """The CA certificate that a client has to trust."""
    provider = named(visit.params["provider"])
    values = {
        "provider": provider,
        "pem": ca_certificate(state).decode(),
        "file": str(state.folder.ca_file),
        "calls": calls_with(state, provider, next(iter(provider.registration.demo), "")),
    }
    return HubPage(template="ca.html", values=values)


def ca_download(state: State, visit: Visit) -> Download:
    """The same as a file, under the name that the provider gives it."""
    provider, form = named(visit.params["provider"]), visit.params["form"]
    media_types = {"pem": "application/x-pem-file", "der": "application/pkix-cert", "p12": "application/x-pkcs12"}
    if form not in media_types:
        raise NotThere(f"there is no file of the form {form[:20]!r}", next_step=f"there are: {', '.join(media_types)}")
    stem = provider.ca_file_name.removesuffix(".pem")
    return Download(data=ca_certificate(state, format=form), media_type=media_types[form], name=f"{stem}.{form}")


def calls_with(state: State, provider: Provider, client: str, *, certificate: str = "") -> Sequence[str]:
    """The provider's first calls with a certificate, filled in as far as it is known; without the name of its file,
    with that of the guides."""
    key, _, usual = GUIDE_FILES
    curl = f"curl --key {key} --cert {certificate or usual} --cacert {provider.ca_file_name}"
    try:
        variables = client_environment(state, provider.name, client).variables
    except NotThere:
        variables = {}
    return tuple(filled_in(call, variables) for call in first_calls(provider.name, curl=curl))


def differences(state: State, record: CertificateRecord) -> Sequence[Difference]:
    """What the journal has of the signing; nothing where its entry is gone, or the certificate was uploaded."""
    view = View(provider=record.provider, limit=MAX_ENTRIES)
    for _, entry in reversed(read_journal(state, view)):
        if entry.kind == "certificate" and entry.outcome == "signed" and record.serial in entry.certificate:
            notes = [stage.note.split(": ", 2) for stage in entry.stages if stage.name == "change"]
            return [Difference(field=note[0], change=note[1], why=note[2]) for note in notes if len(note) > 2]
    return ()


def _nobody(provider: Provider) -> HubPage:
    error = NotThere(f"{provider.title} has no client yet", next_step="add one on the page Authentication")
    return HubPage(template="error.html", values={"title": "No client yet", "broken": broken_rules(error)}, status=404)


def _about(code: str) -> str:
    return _ABOUT.get(code, "pem")


_AT = "/hub/providers/{provider}"
_ONE = f"{_AT}/certificates/{{wanted}}"

ROUTES = (
    HubRoute(path=f"{_AT}/generate", view=generate),
    HubRoute(path=f"{_AT}/generate", view=send_csr, method="POST"),
    HubRoute(path=f"{_AT}/upload", view=hand_in),
    HubRoute(path=f"{_AT}/upload", view=send_certificate, method="POST"),
    HubRoute(path=f"{_AT}/certificates", view=listed),
    HubRoute(path=_ONE, view=details),
    HubRoute(path=f"{_ONE}/revoke", view=end, method="POST"),
    HubRoute(path=f"{_ONE}/files/{{form}}", view=download),
    HubRoute(path=f"{_AT}/ca", view=ca_page),
    HubRoute(path=f"{_AT}/ca/{{form}}", view=ca_download),
)
