"""The clock's page: what it shows, how it is moved, and what ends by it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from ca.records import CertificateRecord
from sandbox.errors import Misuse
from sandbox.hub.page import (
    UNPROCESSABLE,
    Broken,
    HubPage,
    HubRoute,
    Redirect,
    Visit,
    base,
    broken_rules,
    certificate_page,
    delivery_page,
)
from sandbox.oauth.clients import Token
from sandbox.providers import PROVIDERS, named
from sandbox.services.certificates import certificate_pages
from sandbox.services.clients import client_names, list_clients, tokens_around
from sandbox.services.clock import (
    freeze_clock,
    move_clock,
    move_clock_to,
    read_duration,
    read_instant,
    reset_clock,
    run_clock,
    show_clock,
)
from sandbox.services.keys import key_status, list_keys
from sandbox.services.state import State
from sandbox.services.webhooks import list_deliveries

MOST_CLIENTS = 100
"""Whose keys are looked at: a page that asks for each client's is no page for thousands."""
MOST_ENDINGS = 25
"""Of each half of the list: what has ended, and what ends next."""
MOST_LOOKED_AT = 5_000
"""Certificates of one provider; more are a load test's."""
STEPS = ("13months", "1day", "1hour", "-1day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Something whose time ends, or began, by the sandbox's clock."""

    at: datetime
    what: str
    provider: str
    name: str
    status: str
    href: str


def clock(state: State, visit: Visit, broken: tuple[Broken, ...] = ()) -> HubPage:
    """What it shows, and what ends by it."""
    try:
        shown = show_clock(state)
    except Misuse as error:
        shown, broken = None, broken_rules(error)
    now = shown.now if shown else visit.now
    found = sorted(_endings(state, now), key=lambda ending: ending.at)
    values = {
        "shown": shown,
        "now": now,
        "steps": STEPS,
        "ended": [ending for ending in found if ending.at < now][-MOST_ENDINGS:],
        "to_come": [ending for ending in found if ending.at >= now][:MOST_ENDINGS],
        "broken": broken,
        "form": visit.kept,
    }
    return HubPage(template="clock.html", values=values, status=UNPROCESSABLE if broken and visit.form else 200)


def change(state: State, visit: Visit) -> HubPage | Redirect:
    """Move it, let it stand, or bring it back."""
    action = visit.form.get("action", "")
    if action not in _CHANGES:
        return clock(state, visit)
    try:
        _CHANGES[action](state, visit)
    except Misuse as error:
        return clock(state, visit, broken_rules(error, about=lambda code: action))
    return Redirect(to="/hub/clock")


def _move(state: State, visit: Visit) -> None:
    duration = read_duration(visit.said("by"))
    move_clock(state, duration.delta, months=duration.months)


def _move_to(state: State, visit: Visit) -> None:
    move_clock_to(state, read_instant(visit.said("to")))


def _freeze(state: State, visit: Visit) -> None:
    at = visit.said("at")
    freeze_clock(state, read_instant(at) if at else None)


_CHANGES: Mapping[str, Callable[[State, Visit], object]] = {
    "move": _move,
    "to": _move_to,
    "freeze": _freeze,
    "run": lambda state, visit: run_clock(state),
    "reset": lambda state, visit: reset_clock(state),
}


def _endings(state: State, now: datetime) -> Iterator[Ending]:
    for provider in PROVIDERS:
        pages = certificate_pages(state, provider.name)
        for record in islice((record for page in pages for record in page), MOST_LOOKED_AT):
            yield _of_certificate(record, provider.title, now)
        for client in list_clients(state, provider.name)[:MOST_CLIENTS]:
            for key in list_keys(state, provider.name, client.id):
                if key.expires_at is not None:
                    yield Ending(
                        at=key.expires_at,
                        what="signing key",
                        provider=provider.title,
                        name=key.kid or key.id,
                        status=key_status(key, now),
                        href=f"{base(provider)}/keys?client={client.name}",
                    )
    for token in tokens_around(state, now, MOST_ENDINGS):
        yield _of_token(state, token, now)
    for one in list_deliveries(state, status="waiting", limit=MOST_ENDINGS):
        yield Ending(
            at=one.due_at,
            what="webhook, next attempt",
            provider=named(one.provider).title,
            name=one.event,
            status=one.status,
            href=delivery_page(one),
        )


def _of_token(state: State, token: Token, now: datetime) -> Ending:
    provider = named(token.provider)
    name = client_names(state, token.provider, (token.client,)).get(token.client, token.client)
    return Ending(
        at=token.expires_at,
        what=f"token, {token.kind.replace('_', ' ')}",
        provider=provider.title,
        name=name,
        status="active" if now < token.expires_at else "expired",
        href=f"{base(provider)}/clients/{token.client}",
    )


def _of_certificate(record: CertificateRecord, title: str, now: datetime) -> Ending:
    return Ending(
        at=record.not_after,
        what="certificate",
        provider=title,
        name=record.name,
        status=record.status(now),
        href=certificate_page(record),
    )


ROUTES = (
    HubRoute(path="/hub/clock", view=clock),
    HubRoute(path="/hub/clock", view=change, method="POST"),
)
