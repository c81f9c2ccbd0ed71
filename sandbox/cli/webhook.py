"""``sandbank webhook``: list, resend, test and configure what providers send to their clients; and a test receiver."""

import json
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.cli import output, ready
from sandbox.cli.attempts import last_words, show_attempts, wait_for_deliveries
from sandbox.cli.commands import Noun, opened_state
from sandbox.cli.guide import command
from sandbox.cli.options import DEFAULT_CLIENT, client_option, common, complete_deliveries, option, provider_option
from sandbox.cli.output import note, printable, put, put_bytes, put_json, table
from sandbox.errors import Misuse

if TYPE_CHECKING:
    from sandbox.services.listening import Heard

STATUSES = ("waiting", "delivered", "dead")
MAX_LAST = 1_000
_FILE = "name a file with certificates in PEM"


@click.group(cls=Noun, short_help="What is sent to clients.")
def webhook() -> None:
    """Webhooks: what a provider sends to a client's own server. A running server sends them; these commands list
    them, queue them and configure how they are sent."""


@webhook.command("list", short_help="List deliveries.")
@client_option(help="Only this client's.")
@provider_option(None)
@option("--event", metavar="EVENT", help="Only this event.")
@option("--status", type=click.Choice(STATUSES), help="Only deliveries with this status.")
@option("--last", type=click.IntRange(1, MAX_LAST), default=20, show_default=True, metavar="N", help="How many.")
@common
def list_(
    client: str | None,
    provider: str | None,
    event: str | None,
    status: str | None,
    last: int,
    state: Path,
    as_json: bool,
) -> None:
    """List deliveries, newest last, with the result of the last attempt."""
    from sandbox.services.webhooks import list_deliveries

    with opened_state(state) as opened:
        found = list_deliveries(opened, provider=provider, client=client, event=event, status=status, limit=last)
    if as_json:
        put_json({"deliveries": [one.as_json() for one in found]})
    elif found:
        rows = [
            (one.id, f"{one.queued_at:%H:%M:%S}Z", one.event, one.status, last_words(one), one.url) for one in found
        ]
        put(*map(printable, table([("DELIVERY", "QUEUED", "EVENT", "STATUS", "LAST", "TO"), *rows])))
    else:
        if any(one is not None for one in (client, provider, event, status)):
            note(f"no such delivery; all that there are: {command('webhook list', state=state)}")
            return
        note(
            f"nothing was sent yet; send a test: {command(f'webhook send-test --client {DEFAULT_CLIENT}', state=state)}"
        )


@webhook.command("show", short_help="One delivery, with every attempt.")
@click.argument("delivery", metavar="DELIVERY", shell_complete=complete_deliveries)
@common
def show(delivery: str, state: Path, as_json: bool) -> None:
    """Show a delivery and what happened at each attempt: address, TLS, whether a certificate was asked for and which
    CAs were listed, the alert that came, the answer, and why it failed and what to do."""
    from sandbox.services.webhooks import show_delivery

    with opened_state(state) as opened:
        show_attempts(show_delivery(opened, delivery), state=opened, path=state, as_json=as_json)


@webhook.command("resend", short_help="Send one again.")
@click.argument("delivery", metavar="DELIVERY", shell_complete=complete_deliveries)
@option("--as-new", is_flag=True, help="Under a new id; else the receiver sees the same id again.")
@common
def resend(delivery: str, as_new: bool, state: Path, as_json: bool) -> None:
    """Queue a delivery again, and wait for a running server to try it."""
    from sandbox.services.webhooks import resend, show_delivery

    with opened_state(state) as opened:
        queued = resend(opened, delivery, as_new=as_new)
        wait_for_deliveries(opened, state, queued.due_at)
        show_attempts(show_delivery(opened, queued.id), state=opened, path=state, as_json=as_json)


@webhook.command("send-test", short_help="Send a test webhook.")
@client_option(DEFAULT_CLIENT)
@option("--subscription", default="", metavar="ID", help="Only to this one. [every active one]")
@option("--event", default="", metavar="EVENT", help="Which event. [one that the subscription asks for]")
@provider_option()
@common
def send_test(client: str, subscription: str, event: str, provider: str, state: Path, as_json: bool) -> None:
    """Queue a test for each active subscription of a client, and wait for a running server to try it.

    \b
    sandbank webhook send-test --client demo
    sandbank webhook send-test --client demo --json
    """
    from sandbox.services.webhooks import send_test, show_delivery

    with opened_state(state) as opened:
        queued = send_test(opened, provider, client, subscription=subscription, event=event)
        wait_for_deliveries(opened, state, max(one.due_at for one in queued))
        found = [show_delivery(opened, one.id) for one in queued]
        if as_json:
            put_json({"deliveries": [one.as_json() for one in found]})
        else:
            for one in found:
                show_attempts(one, state=opened, path=state, as_json=False)


@webhook.command("configure", short_help="How a client's webhooks are sent.")
@client_option(DEFAULT_CLIENT)
@option("--mtls/--no-mtls", "mtls", default=None, help="Show the sender's certificate to a server that asks for one.")
@option(
    "--webhook-ca",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="PEM: the CA of the client's own server. [the system's, and the sandbox's own]",
)
@option(
    "--certificate",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="PEM: the certificate that the client's own CA issued for the sender's CSR (webhook csr).",
)
@option("--usual", is_flag=True, help="First go back to the default CA and certificate.")
@provider_option()
@common
def configure(
    client: str,
    mtls: bool | None,
    webhook_ca: Path | None,
    certificate: Path | None,
    usual: bool,
    provider: str,
    state: Path,
    as_json: bool,
) -> None:
    """Set how a client's webhooks are sent, and show it. What you do not give stays as it was.

    \b
    sandbank webhook configure --client demo --mtls
    sandbank webhook configure --client demo --webhook-ca receiver-ca.pem
    """
    from sandbox.services import webhooks

    nothing = b"" if usual else None
    ca = nothing if webhook_ca is None else _pem(webhook_ca)
    own = nothing if certificate is None else _pem(certificate)
    with opened_state(state) as opened:
        webhooks.configure(opened, provider, client, mtls=mtls, ca=ca, certificate=own)
        said = webhooks.show_settings(opened, provider, client)
    if as_json:
        put_json(said)
        return
    rows = (
        ("mutual TLS", "on" if said["mtls"] else "off"),
        ("its server's CA", "its own" if said["ca"] else "the system's, and the sandbox's own"),
        ("the sender shows", "a certificate of the client's CA" if said["certificate"] else "its own certificate"),
    )
    put(*table(rows))


def _pem(file: Path) -> bytes:
    """What *file* holds. An empty one is refused: empty bytes would tell the service to forget the setting."""
    from sandbox.services.webhooks import MAX_PEM

    found = output.read(str(file), limit=MAX_PEM, missing=_FILE)
    if not found.strip():
        raise Misuse(f"{file} is empty", next_step="name a file with certificates in PEM; --usual forgets the setting")
    return found


@webhook.command("certificate", short_help="What the sender shows.")
@provider_option()
@common
def certificate(provider: str, state: Path, as_json: bool) -> None:
    """Print the certificate that the provider shows to its clients' servers, and the CA that issued it.

    sandbank ca --webhooks prints the CA that a server must trust.
    """
    from sandbox.services.webhooks import sender_certificate

    with opened_state(state) as opened:
        text = sender_certificate(opened, provider)
    _put_pem("certificate", text, as_json=as_json)


@webhook.command("csr", short_help="A CSR for your own CA.")
@provider_option()
@common
def csr(provider: str, state: Path, as_json: bool) -> None:
    """Print a CSR for the sender's key, for your own CA to sign. The key is always the same: to renew the certificate
    before it expires, sign the same CSR again.

    \b
    sandbank webhook csr --provider NAME > sender.csr
    openssl x509 -req -in sender.csr -CA ca.pem -CAkey ca.key -days 365 \\
      -out sender.pem
    sandbank webhook configure --mtls --certificate sender.pem --provider NAME
    """
    from sandbox.services.webhooks import sender_csr

    with opened_state(state) as opened:
        text = sender_csr(opened, provider)
    _put_pem("csr", text, as_json=as_json)


def _put_pem(name: str, text: str, *, as_json: bool) -> None:
    if as_json:
        put_json({name: text})
    else:
        put_bytes(text.encode("ascii"))


@webhook.command("key", short_help="What verifies signatures.")
@provider_option()
@common
def key(provider: str, state: Path, as_json: bool) -> None:
    """Print the public key (PEM) by which what a provider sends is verified, where it signs with a key of its own.

    A client that has the real provider's key built in must be given this one.
    """
    from sandbox.services.webhooks import public_key

    with opened_state(state) as opened:
        pem = public_key(opened, provider)
    if as_json:
        put_json({"public_key": pem})
    else:
        put_bytes(pem.encode("ascii"))


@webhook.command("listen", short_help="A test receiver.")
@option("--mtls", is_flag=True, help="Demand the sender's certificate, as a receiver should.")
@option("--forward", default="", metavar="URL", help="Pass valid webhooks on to this URL, and answer as it does.")
@option("--port", type=click.IntRange(0, 65_535), default=0, metavar="N", help="Port to listen on. [a free one]")
@option(
    "--ready-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Written when it listens, removed at the end: its URL, as JSON.",
)
@client_option(DEFAULT_CLIENT, help="Client whose subscriptions verify the signatures.")
@provider_option()
@common
def listen(
    mtls: bool,
    forward: str,
    port: int,
    ready_file: Path | None,
    client: str,
    provider: str,
    state: Path,
    as_json: bool,
) -> None:
    """Receive webhooks until Ctrl-C: print each one, and why a receiver would refuse it. The keys of the client's
    subscriptions verify the signatures; invalid webhooks are answered with 401.

    \b
    sandbank webhook listen --mtls --client demo
    sandbank webhook listen --mtls --forward http://localhost:3000/hooks
    """
    from sandbox.services.listening import Ear, described, listening_thread

    printing = threading.Lock()

    def tell(heard: "Heard") -> None:
        with printing:
            if as_json:
                put(json.dumps(heard.as_json(), ensure_ascii=False))
            else:
                put(*map(printable, described(heard)))

    with opened_state(state) as opened:
        ear = Ear(opened, provider, client, mtls=mtls, forward=forward, port=port, told=tell)
        stop = _stop_event()
        thread = listening_thread(ear)
        said = {"pid": os.getpid(), "url": ear.url, "control": ear.url}
        try:
            if ready_file:
                ready.write(ready_file, said)
            note(f"listening on {ear.url}; use this URL in a subscription")
            stop.wait()
        finally:
            if ready_file:
                ready.remove(ready_file, said)
            ear.close()
            thread.join()


def _stop_event() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
