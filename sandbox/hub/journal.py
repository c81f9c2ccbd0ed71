"""The journal's pages: the list with its filters, the refusals by cause, one entry stage by stage."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from ca.records import CertificateRecord
from sandbox.errors import NotThere
from sandbox.hub.entries import OUTCOMES, SHOWN, Filters, by_cause, doors, lines, recent
from sandbox.hub.page import Broken, HubPage, HubRoute, MenuItem, Redirect, Visit, first_certificate, menu_of
from sandbox.journal.causes import CAUSES
from sandbox.journal.entry import KINDS, Entry
from sandbox.providers import named
from sandbox.services.certificates import read_facts, show_certificate
from sandbox.services.journal import find_entry
from sandbox.services.repeating import repeat, repeat_of
from sandbox.services.state import State

_SERIAL = re.compile(r"serial ([0-9A-F]{2,64})\b")


def journal(state: State, visit: Visit) -> HubPage:
    """What happened, the newest first."""
    filters = Filters.of(visit.query)
    before = visit.number("before")
    values = {"found": recent(state, filters, before=before, most=SHOWN), "before": before, **_choices(filters)}
    return HubPage(template="journal.html", values=values)


def causes(state: State, visit: Visit) -> HubPage:
    """What was refused, by cause."""
    filters = Filters.of(visit.query)
    values = {"counts": by_cause(state, filters), **_choices(filters)}
    return HubPage(template="causes.html", values=values)


def entry(state: State, visit: Visit) -> HubPage:
    """One entry, stage by stage."""
    found = find_entry(state, visit.params["id"])
    (line,) = lines(state, (found,))
    certificate = certificate_of(state, found)
    values = {
        "line": line,
        "entry": found,
        "steps": steps(found, line.broken),
        "certificate": certificate,
        "facts": read_facts(certificate) if certificate else None,
        "mends": mends(found),
        "delivery": delivery_of(found),
        "again": repeat_of(state, found) if found.refused else None,
        "now": visit.now,
    }
    return HubPage(template="entry.html", values=values)


def once_more(state: State, visit: Visit) -> Redirect:
    """A refused call is made again, and its new entry shown."""
    return Redirect(to=f"/hub/journal/{repeat(state, find_entry(state, visit.params['id'])).id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stage of an entry, with the reasons that broke it."""

    name: str
    ok: bool
    note: str
    broken: tuple[Broken, ...] = ()


def steps(found: Entry, broken: Sequence[Broken]) -> tuple[Step, ...]:
    """The stages in their order; the reasons stand at the last one that failed, or in a stage of their own."""
    failed = [index for index, stage in enumerate(found.stages) if not stage.ok]
    at = failed[-1] if failed else len(found.stages)
    made = [
        Step(name=stage.name, ok=stage.ok, note=stage.note, broken=tuple(broken) if index == at else ())
        for index, stage in enumerate(found.stages)
    ]
    if broken and not failed:
        made.append(Step(name="answer", ok=False, note=found.outcome, broken=tuple(broken)))
    return tuple(made)


def certificate_of(state: State, found: Entry) -> CertificateRecord | None:
    """The certificate that an entry speaks of, where it is one of this sandbox."""
    serial = _SERIAL.search(found.certificate)
    if serial is None or not found.provider:
        return None
    try:
        return show_certificate(state, found.provider, serial[1])
    except NotThere:
        return None


def delivery_of(found: Entry) -> str:
    """The page of the webhook that an entry is an attempt of; empty where it is none."""
    if found.kind != "webhook" or not found.provider:
        return ""
    return f"/hub/providers/{found.provider}/webhooks/deliveries/{quote(found.extra['delivery'], safe='')}"


def mends(found: Entry) -> MenuItem | None:
    """The page on which what was refused can be mended."""
    if not found.reasons or not found.provider:
        return None
    provider = named(found.provider)
    layer = found.reasons[0].code.partition(".")[0]
    if layer in ("tls", "certificate"):
        return first_certificate(provider)
    label = _PAGES.get(layer)
    return next((item for item in menu_of(provider) if item.label == label), None)


_PAGES = {
    "token": "Authentication",
    "login": "Authentication",
    "signature": "Signing keys",
    "encryption": "Signing keys",
}
"""The page of the menu on which refusals of a layer can be mended."""


def _choices(filters: Filters) -> dict[str, object]:
    return {"filters": filters, "doors": doors(), "kinds": KINDS, "outcomes": OUTCOMES, "causes": tuple(CAUSES)}


ROUTES = (
    HubRoute(path="/hub/journal", view=journal),
    HubRoute(path="/hub/journal/causes", view=causes),
    HubRoute(path="/hub/journal/{id}", view=entry),
    HubRoute(path="/hub/journal/{id}/repeat", view=once_more, method="POST", apart=True),
)
