"""The first page: where the doors are, a line that works at once, two examples, and what happened last."""

import shlex
from dataclasses import dataclass, replace
from datetime import timedelta

from sandbox.errors import Refusal
from sandbox.hub.entries import Filters, Line, broken_of, recent
from sandbox.hub.page import HubPage, Visit
from sandbox.journal.entry import Entry, Stage
from sandbox.providers import PROVIDERS
from sandbox.providers.declare import Provider
from sandbox.providers.doors import Door
from sandbox.services.clients import list_clients
from sandbox.services.doors import control_url
from sandbox.services.environment import client_environment, first_calls, urls_of
from sandbox.services.state import State

NEWEST = 8
"""Rows of the journal on the first page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorShown:
    """A door as the first page lists it."""

    door: Door
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A provider as the first page shows it."""

    provider: Provider
    doors: tuple[DoorShown, ...]
    client: str
    """The client for a first try."""
    line: str
    """A call that works without a certificate; empty where there is none."""


def start(state: State, visit: Visit) -> HubPage:
    """The page at `/`."""
    found = recent(state, Filters(), most=NEWEST)
    values = {
        "offered": tuple(_offered(state, provider) for provider in PROVIDERS),
        "found": found,
        "filters": Filters(),
        "examples": () if found.rows else examples(visit),
        "control": control_url(state),
        "ca_file": str(state.folder.ca_file),
    }
    return HubPage(template="start.html", values=values)


def _offered(state: State, provider: Provider) -> Offered:
    clients = [client.name for client in list_clients(state, provider.name)]
    tried = next((name for name in (*provider.registration.demo, *clients) if name in clients), "")
    urls = urls_of(state, provider.name)
    return Offered(
        provider=provider,
        doors=tuple(DoorShown(door=door, url=urls[door.name]) for door in provider.doors),
        client=tried,
        line=open_call(state, provider, tried) if tried else "",
    )


def _variable(provider: Provider, door: Door) -> str:
    return f"{provider.name.upper()}_{door.name.upper()}_URL"


def open_call(state: State, provider: Provider, client: str) -> str:
    """The provider's first call at a door that asks for no certificate, filled in: whoever pastes it gets an answer.

    Empty where each door asks for one, or where only the client's owner knows its secret."""
    asks_none = next((door for door in provider.doors if door.client_certificate == "none"), None)
    environment = client_environment(state, provider.name, client)
    calls = first_calls(provider.name, curl=f"curl --cacert {shlex.quote(str(state.folder.ca_file))}")
    if asks_none is None or environment.secret_missing or not calls:
        return ""
    here = urls_of(state, provider.name)[asks_none.name]
    doors = {_variable(provider, door): here for door in provider.doors}
    return filled_in(calls[0], {**environment.variables, **doors})


def filled_in(call: str, variables: dict[str, str]) -> str:
    """The call with the values of the variables that it names."""
    for name in sorted(variables, key=len, reverse=True):
        call = call.replace(f"${name}", variables[name])
    return call


def examples(visit: Visit) -> tuple[Line, ...]:
    """What an accepted and a refused call look like, before there is one."""
    provider = next(provider for provider in PROVIDERS if any(d.client_certificate != "none" for d in provider.doors))
    door = next(door for door in provider.doors if door.client_certificate != "none")
    endpoint = min(provider.endpoints, key=lambda each: (each.peer != "required", each.method != "GET"))
    client, address = next(iter(provider.registration.demo), "demo"), "127.0.0.1:50432"
    accepted = Entry(
        id="",
        at=visit.now - timedelta(seconds=40),
        kind="call",
        provider=provider.name,
        door=f"{provider.name}.{door.name}",
        client=client,
        peer=address,
        certificate="O=Acme, CN=the client's id",
        title=f"{endpoint.method} {endpoint.path}",
        status=200,
        outcome="200",
        microseconds=1_900,
        stages=(Stage(name="route", ok=True), Stage(name="certificate", ok=True), Stage(name="token", ok=True)),
    )
    refused = replace(
        accepted,
        at=visit.now - timedelta(seconds=75),
        kind="handshake",
        client=None,
        title="TLSv1.3",
        status=0,
        outcome="alert certificate_required",
        stages=(Stage(name="hello", ok=True, note="TLSv1.3"), Stage(name="certificate", ok=False, note="none came")),
        reasons=(
            Refusal(
                code="tls.certificate_missing",
                seen="the client sent no certificate",
                expected="a certificate that was issued here for this client",
            ),
        ),
    )
    return (
        Line(entry=accepted, client=client, broken=()),
        Line(entry=refused, client="", broken=broken_of(refused)),
    )
