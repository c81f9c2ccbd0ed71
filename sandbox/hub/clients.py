"""Clients of a provider: the list, a new one, its secret shown once, and what a program needs to act as one."""

import shlex
from urllib.parse import urlencode

from sandbox.errors import Misuse, SandbankError
from sandbox.hub.page import HubPage, HubRoute, Redirect, Visit, base, broken_rules, status_of
from sandbox.oauth.clients import ClientRecord
from sandbox.providers import named
from sandbox.providers.declare import Provider
from sandbox.services.certificates import list_certificates
from sandbox.services.clients import (
    add_client,
    list_clients,
    new_personal_token,
    new_secret,
    remove_client,
    reset_client,
    set_client,
    show_client,
)
from sandbox.services.environment import client_environment
from sandbox.services.keys import list_keys
from sandbox.services.state import State

_SWITCHES, _WORDS = ("require_jws", "require_mtls", "sca", "check_callbacks"), ("token_format", "rate_limit")
MOST_LISTED = 200
"""Clients on one page; to find others, search for a name."""


def authentication(state: State, visit: Visit, error: SandbankError | None = None) -> HubPage:
    """The registered clients, and a form for another."""
    provider = named(visit.params["provider"])
    looked_for = visit.query.get("q", "").strip()
    every = list_clients(state, provider.name)
    found = [client for client in every if looked_for in client.name or looked_for == client.id]
    values = {
        "provider": provider,
        "clients": found[:MOST_LISTED],
        "count": len(found),
        "every": len(every),
        "looked_for": looked_for,
        "broken": broken_rules(error, about=_about) if error else (),
        "form": visit.kept,
    }
    return HubPage(template="clients.html", values=values, status=status_of(error) if error else 200)


def add(state: State, visit: Visit) -> HubPage:
    """A new client. Its secret is in the answer to this form and nowhere else."""
    provider = named(visit.params["provider"])
    try:
        made = add_client(
            state,
            provider.name,
            visit.said("name"),
            id=visit.said("id"),
            require_jws="require_jws" in visit.form,
            require_mtls="require_mtls" in visit.form,
        )
    except SandbankError as error:
        return authentication(state, visit, error)
    return _secret_shown(provider, made.client, "is registered", made.secret)


def renew_secret(state: State, visit: Visit) -> HubPage:
    """A new secret for a client, shown in the same way."""
    provider = named(visit.params["provider"])
    made = new_secret(state, provider.name, visit.params["client"])
    return _secret_shown(provider, made.client, "has a new secret", made.secret)


def make_personal_token(state: State, visit: Visit) -> HubPage:
    """A token for a person's own programs, shown in the same way."""
    provider = named(visit.params["provider"])
    token = new_personal_token(state, provider.name, visit.params["client"])
    found = show_client(state, provider.name, visit.params["client"])
    return _secret_shown(provider, found, "has a new personal token", token, what="personal token")


def change(state: State, visit: Visit) -> HubPage | Redirect:
    """Its settings, all that the form shows: a box without its tick means no."""
    asked = {name: name in visit.form for name in _SWITCHES if f"shows_{name}" in visit.form}
    words = {name: visit.said(name) for name in _WORDS if name in visit.form}
    try:
        found = set_client(
            state,
            visit.params["provider"],
            visit.params["client"],
            token_format=words.get("token_format"),
            rate_limit=words.get("rate_limit"),
            require_jws=asked.get("require_jws"),
            require_mtls=asked.get("require_mtls"),
            sca=asked.get("sca"),
            check_callbacks=asked.get("check_callbacks"),
        )
    except Misuse as error:
        return client(state, visit, error)
    return Redirect(to=_page_of(found), done="settings")


def client(state: State, visit: Visit, error: SandbankError | None = None) -> HubPage:
    """One client: its credentials, what a program needs, its certificates, and what can be done with it."""
    provider = named(visit.params["provider"])
    found = show_client(state, provider.name, visit.params["client"])
    environment = client_environment(state, provider.name, found.name)
    values = {
        "provider": provider,
        "client": found,
        "variables": "\n".join(f"export {name}={shlex.quote(said)}" for name, said in environment.variables.items()),
        "environment": environment,
        "certificates": list_certificates(state, provider.name, found.name)[::-1][:MOST_LISTED],
        "keys": list_keys(state, provider.name, found.name),
        "broken": broken_rules(error) if error else (),
        "form": visit.kept,
        "now": visit.now,
    }
    return HubPage(template="client.html", values=values, status=status_of(error) if error else 200)


def reset(state: State, visit: Visit) -> Redirect:
    """Its rows are again those that it starts with; with everything, certificates, tokens and keys go as well."""
    found = reset_client(state, visit.params["provider"], visit.params["client"], everything="everything" in visit.form)
    done = "reset_all" if "everything" in visit.form else "reset"
    if kind := visit.said("kind"):  # from the page of its rows, where one stays
        rows = urlencode({"client": found.name, "kind": kind})
        return Redirect(to=f"{base(named(found.provider))}/rows?{rows}", done=done)
    return Redirect(to=_page_of(found), done=done)


def remove(state: State, visit: Visit) -> Redirect:
    """Gone; its certificates are refused from now on."""
    found = remove_client(state, visit.params["provider"], visit.params["client"])
    return Redirect(to=base(named(found.provider)), done="removed")


def chosen(state: State, visit: Visit) -> tuple[Provider, tuple[ClientRecord, ...], ClientRecord | None]:
    """The provider of a page, its clients as far as they are listed, and the one that the page is about.

    That is the one that was asked for, else the first demo client, else the first; None where there is none at all."""
    provider = named(visit.params["provider"])
    every = list_clients(state, provider.name)
    if wanted := visit.said("client"):
        found: ClientRecord | None = show_client(state, provider.name, wanted)
    else:
        by_name = {client.name: client for client in every}
        found = next((by_name[name] for name in (*provider.registration.demo, *by_name) if name in by_name), None)
    listed = every[:MOST_LISTED]
    return provider, listed if found is None or found in listed else (*listed, found), found


def _secret_shown(provider: Provider, client: ClientRecord, happened: str, secret: str, *, what: str = "") -> HubPage:
    what = what or provider.registration.secret_name
    values = {"provider": provider, "client": client, "secret": secret, "happened": happened, "what": what}
    return HubPage(template="secret.html", values=values)


def _page_of(client: ClientRecord) -> str:
    return f"{base(named(client.provider))}/clients/{client.name}"


def _about(code: str) -> str:
    return "name"


_AT = "/hub/providers/{provider}"
_ONE = f"{_AT}/clients/{{client}}"

ROUTES = (
    HubRoute(path=_AT, view=authentication),
    HubRoute(path=f"{_AT}/clients", view=add, method="POST"),
    HubRoute(path=_ONE, view=client),
    HubRoute(path=f"{_ONE}/settings", view=change, method="POST"),
    HubRoute(path=f"{_ONE}/secret", view=renew_secret, method="POST"),
    HubRoute(path=f"{_ONE}/personal-token", view=make_personal_token, method="POST"),
    HubRoute(path=f"{_ONE}/reset", view=reset, method="POST"),
    HubRoute(path=f"{_ONE}/remove", view=remove, method="POST"),
)
