"""Where a client is told of events, how it is sent them, and what its own server needs to verify them."""

import shlex
from urllib.parse import urlencode

from sandbox.errors import Misuse, NotThere, Refused, SandbankError
from sandbox.hub.belongings import flat
from sandbox.hub.clients import chosen
from sandbox.hub.page import Download, HubPage, HubRoute, Redirect, Visit, base, broken_rules, delivery_page, status_of
from sandbox.hub.start import filled_in
from sandbox.providers import named
from sandbox.providers.declare import Provider
from sandbox.services.authority import ca_certificate
from sandbox.services.environment import client_environment
from sandbox.services.state import State
from sandbox.services.subscriptions import list_subscriptions, signed_how
from sandbox.services.webhooks import (
    configure,
    public_key,
    send_test,
    sender_certificate,
    sender_csr,
    sending_of,
    show_settings,
)
from sandbox.webhooks.sending import Sending

_PEM = "application/x-pem-file"
_PARTS = ("mtls", "ca", "certificate")


def subscriptions(state: State, visit: Visit, error: SandbankError | None = None) -> HubPage:
    """Where a client is told of events, each with a test to be sent."""
    sender_of(visit)
    provider, clients, client = chosen(state, visit)
    if client is None:
        raise NotThere(f"{provider.title} has no client yet", next_step="add a client on the page Authentication")
    sending = sending_of(provider.name)
    values = {
        "provider": provider,
        "clients": clients,
        "client": client,
        "kind": sending.kind,
        "subscriptions": [(one, flat(one.body)) for one in list_subscriptions(state, provider.name, client.name)],
        "can_be_put": sending.kind in provider.chapters().puttable,
        "by_hand": by_hand(state, provider, sending, client.name),
        "broken": broken_rules(error, client=client.name) if error else (),
        "tested": visit.said("subscription"),
    }
    return HubPage(template="subscriptions.html", values=values, status=status_of(error) if error else 200)


def by_hand(state: State, provider: Provider, sending: Sending, client: str) -> str:
    """How that client makes one in a shell, filled in as far as it is known."""
    call = sending.subscribe.replace("{curl}", f"curl -sS --cacert {shlex.quote(str(state.folder.ca_file))}")
    return filled_in(call, client_environment(state, provider.name, client).variables)


def try_out(state: State, visit: Visit) -> HubPage | Redirect:
    """Queue a test for one subscription."""
    provider = sender_of(visit)
    wanted = {"subscription": visit.said("subscription"), "event": visit.said("event")}
    try:
        queued = send_test(state, provider.name, visit.said("client"), **wanted)
    except (Misuse, NotThere, Refused) as error:
        return subscriptions(state, visit, error)
    return Redirect(to=delivery_page(queued[0]))


def receiver(state: State, visit: Visit, error: SandbankError | None = None) -> HubPage:
    """What a client's own server needs to verify what it is sent, and how the client is sent it."""
    sender_of(visit)
    provider, clients, client = chosen(state, visit)
    if client is None:
        raise NotThere(f"{provider.title} has no client yet", next_step="add a client on the page Authentication")
    sending = sending_of(provider.name)
    about = visit.said("part") if visit.said("part") in _PARTS else ""
    values = {
        "provider": provider,
        "clients": clients,
        "client": client,
        "sending": sending,
        "signed": signed_how(provider.name),
        "settings": show_settings(state, provider.name, client.name),
        "key": public_key(state, provider.name) if sending.signed_by == "provider" else "",
        "broken": broken_rules(error, client=client.name, about=lambda code: about) if error else (),
        "form": visit.kept,
    }
    return HubPage(template="receiver.html", values=values, status=status_of(error) if error else 200)


def settle(state: State, visit: Visit) -> HubPage | Redirect:
    """Set one part of how a client is sent webhooks."""
    provider, client, part = sender_of(visit), visit.said("client"), visit.said("part")
    pem = b"" if "usual" in visit.form else visit.text(part)
    try:
        if part == "mtls":
            configure(state, provider.name, client, mtls="mtls" in visit.form)
        elif part not in _PARTS or not (pem or "usual" in visit.form):
            raise Misuse(
                "nothing was pasted or chosen", next_step="paste certificates in PEM, or choose a file of them"
            )
        elif part == "ca":
            configure(state, provider.name, client, ca=pem)
        else:
            configure(state, provider.name, client, certificate=pem)
    except Misuse as error:
        return receiver(state, visit, error)
    return Redirect(to=f"{base(provider)}/webhooks/receiver?{urlencode({'client': client})}", done="sending")


def receiver_file(state: State, visit: Visit) -> Download:
    """A file for a client's own server."""
    provider, wanted = sender_of(visit), visit.params["file"]
    files = {
        "sender-ca.pem": lambda: ca_certificate(state, webhooks=True),
        "sender.pem": lambda: sender_certificate(state, provider.name).encode(),
        "sender.csr": lambda: sender_csr(state, provider.name).encode(),
        "webhook-key.pem": lambda: public_key(state, provider.name).encode(),
    }
    if wanted not in files:
        raise NotThere(f"there is no file {wanted[:40]!r}", next_step=f"there are: {', '.join(files)}")
    return Download(data=files[wanted](), media_type=_PEM, name=f"{provider.name}-{wanted}")


def sender_of(visit: Visit) -> Provider:
    """The provider of the page. Raises NotThere where it sends nothing."""
    provider = named(visit.params["provider"])
    if not provider.sends:
        raise NotThere(f"{provider.title} sends no webhooks here", next_step="the menu leads to what it has")
    return provider


_AT = "/hub/providers/{provider}/webhooks"

ROUTES = (
    HubRoute(path=f"{_AT}/subscriptions", view=subscriptions),
    HubRoute(path=f"{_AT}/subscriptions", view=try_out, method="POST"),
    HubRoute(path=f"{_AT}/receiver", view=receiver),
    HubRoute(path=f"{_AT}/receiver", view=settle, method="POST"),
    HubRoute(path=f"{_AT}/receiver/{{file}}", view=receiver_file),
)
