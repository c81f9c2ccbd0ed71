"""Webhooks a second over mutual TLS, from the queue to the record of the attempt; beside the same messages sent by the
standard library, one after the other, with nothing kept of them."""

import http.client
import ssl
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ca.clock import SystemClock
from ca.x509.bundle import pem
from ca.x509.keys import write_key_pem
from sandbox.providers import named
from sandbox.services import resources, webhooks
from sandbox.services.authority import ca_certificate
from sandbox.services.state import State, opened
from scripts.measure import servers
from scripts.measure.cores import on
from scripts.measure.figures import Sample
from scripts.measure.load import Failed
from scripts.measure.stage import Stage

PROVIDER, CLIENT, WEBHOOK = "nuapay", "demo", "0123456789"
SHARE = 4
"""A sample has so many times fewer webhooks than CSRs: each is a whole TLS connection."""
POLL_SECONDS = 0.002
PATIENCE_SECONDS = 60.0
BODY = b'{"eventType":"AccountEntry"}' * 8


def deliveries(stage: Stage) -> Sample:
    """Of our server: each is claimed, sent, and what came of it committed."""
    count = stage.length.signings // SHARE
    with opened(stage.home.folder) as state, _receiver(stage, state) as port:
        given = {"targetUrl": f"https://localhost:{port}/", "eventTypes": "AccountEntry"}
        resources.put_resource(state, PROVIDER, CLIENT, "webhook", WEBHOOK, given)
        webhooks.configure(state, PROVIDER, CLIENT, mtls=True)
        used, began = stage.running["ours"].cpu_seconds(), time.perf_counter()
        for _ in range(count):
            webhooks.send_test(state, PROVIDER, CLIENT)
        _wait(state, began)
        seconds = time.perf_counter() - began
        used = stage.running["ours"].cpu_seconds() - used
    return Sample(value=count / seconds, alone=count / used)


def plain_sending(stage: Stage) -> Sample:
    """Of the standard library, on the server's core."""
    count = stage.length.signings // SHARE
    with opened(stage.home.folder) as state, _receiver(stage, state) as port:
        context = ssl.create_default_context(cafile=state.folder.ca_file)
        context.load_cert_chain(_sender(stage, state))
        with on(stage.cores.server):
            began, cpu = time.perf_counter(), time.process_time()
            for _ in range(count):
                _send(port, context)
            return Sample(value=count / (time.perf_counter() - began), alone=count / (time.process_time() - cpu))


def _send(port: int, context: ssl.SSLContext) -> None:
    with closing(http.client.HTTPSConnection("localhost", port, timeout=PATIENCE_SECONDS, context=context)) as one:
        one.request("POST", "/", BODY, {"content-type": "application/json"})
        if one.getresponse().status != http.client.OK:
            raise Failed("the receiver refused a webhook")


def _wait(state: State, began: float) -> None:
    while webhooks.open_deliveries(state, state.clock.now()):
        if time.perf_counter() - began > PATIENCE_SECONDS:
            raise Failed("webhooks were not delivered")
        time.sleep(POLL_SECONDS)


@contextmanager
def _receiver(stage: Stage, state: State) -> Iterator[int]:
    """A receiver on the client's cores, with the certificate of our own doors."""
    chain, clients = stage.folder / "receiver.pem", stage.folder / "senders.pem"
    with state.store.write() as work:
        own = state.authority.own(work, "server", with_key=True)
        above = state.authority.own(work, "server-ca").certificate
    if own.key is None:
        raise Failed("the server has no certificate yet")
    chain.write_text(pem((own.certificate, above)) + write_key_pem(own.key), encoding="ascii")
    clients.write_bytes(ca_certificate(state, webhooks=True))
    port = servers.free_port()
    words = ["-m", "scripts.measure.receiver", str(port), str(chain), str(clients)]
    running = servers.Starter(command=words, log=stage.folder / "receiver.log", cores=stage.cores.client).start()
    try:
        servers.wait_for_port(running, port)
        yield port
    finally:
        running.kill()


def _sender(stage: Stage, state: State) -> Path:
    """The sender's certificate and key as a file, for the other side to show."""
    sending = named(PROVIDER).sending
    assert sending is not None, "the provider measured here sends webhooks"
    with state.store.write() as work:
        made = state.authority.courier_credentials(
            work, PROVIDER, name=sending.certificate_name, now=SystemClock().now()
        )
    path = stage.folder / "sender.pem"
    path.write_text(pem(made.chain) + write_key_pem(made.key), encoding="ascii")
    return path
