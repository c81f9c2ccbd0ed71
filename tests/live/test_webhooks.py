"""Webhooks on real sockets: receivers are the standard library's, and signatures are checked by nothing of ours."""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbank import Sandbox
from sandbox.providers.nuapay.notifications import SENDING
from sandbox.services import dispatching, webhooks
from sandbox.services.authority import ca_certificate
from sandbox.services.listening import Ear, listening_thread
from sandbox.services.resources import put_resource
from sandbox.webhooks.event import Delivery
from tests.live.certificates import CLIENT, DAY, SERVER, Held, make, make_ca
from tests.live.receivers import answers, receiver, resets, serving
from tests.ports import free_port
from tests.waiting import until

PATIENCE = 30.0
KEY = "s3cret"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A running sandbox, a client of it, and a partner's own PKI."""

    sandbox: Sandbox
    client: Any
    folder: Path
    root: Held
    good: Held
    """The partner's server certificate, for localhost."""

    @property
    def state(self) -> Any:
        return self.sandbox.state

    @property
    def webhooks_ca(self) -> Path:
        path = self.folder / "webhooks-ca.pem"
        path.write_bytes(ca_certificate(self.state, webhooks=True))
        return path

    @property
    def stranger(self) -> Path:
        return make_ca("Somebody else").write(self.folder)

    def chain(self, held: Held | None = None) -> Path:
        return (held or self.good).write(self.folder, whole_chain=True)

    def subscribe(self, url: str, *, events: str = "AccountEntry", days: int = 1) -> None:
        put_resource(
            self.state,
            "nuapay",
            self.client.id,
            "webhook",
            "0123456789",
            {"targetUrl": url, "eventTypes": events, "signKey": KEY, "retryNumberOfDays": str(days)},
        )

    def test(self) -> Delivery:
        """Queue one."""
        (queued,) = webhooks.send_test(self.state, "nuapay", self.client.id)
        return queued

    def tried(self, queued: Delivery, *, times: int = 1) -> Delivery:
        """The delivery after so many attempts."""

        def done() -> Delivery | None:
            found = webhooks.show_delivery(self.state, queued.id)
            return found if len(found.attempts) >= times else None

        found = until(done, PATIENCE)
        assert found is not None
        return found

    def attempt(self, url: str) -> Any:
        """The outcome of the first attempt to send there."""
        self.subscribe(url)
        return self.tried(self.test()).attempts[0].outcome

    def configure(self, **settings: Any) -> None:
        webhooks.configure(self.state, "nuapay", self.client.id, **settings)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def stage(running: Sandbox, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    root = make_ca("Partner root")
    client = running.nuapay.new_client(f"c{abs(hash(request.node.name))}"[:20])
    one = Stage(sandbox=running, client=client, folder=tmp_path, root=root, good=make("localhost", root, usage=SERVER))
    one.configure(ca=root.pem())
    yield one
    client.remove()


def right(came: Any, *, flip: bool = False) -> bool:
    """Whether the signature is that of the body, reckoned by openssl alone."""
    body = bytes([came.body[0] ^ flip, *came.body[1:]])
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-hmac", KEY, "-hex"], input=body, capture_output=True, check=True, timeout=30
    )
    return done.stdout.decode().split()[-1] == came.headers["x-signature"]


def test_a_webhook_arrives_over_mutual_tls(stage: Stage) -> None:
    """The receiver has verified the sender's certificate, the signature is right, and one flipped bit is seen."""
    stage.configure(mtls=True)
    with receiver(serving(stage.chain(), trusts=stage.webhooks_ca)) as there:
        stage.subscribe(there.url)
        done = stage.tried(stage.test())
        came = there.wait()
    assert done.status == "delivered"
    outcome = done.attempts[0].outcome
    assert outcome.asked is True and outcome.tls == "TLSv1.3" and outcome.status == 200 and not outcome.reasons
    assert "webhooks.sandbox.nuapay.com" in outcome.shown
    assert ("DNS", "webhooks.sandbox.nuapay.com") in came.certificate["subjectAltName"]
    assert came.headers["x-request-id"] == done.id
    assert came.headers["content-type"] == "application/json;charset=UTF-8"
    assert json.loads(came.body)["eventType"] == "AccountEntry"
    assert right(came) and not right(came, flip=True)


def test_a_receiver_with_another_ca_refuses_and_says_so(stage: Stage) -> None:
    """The negative control: the alert that came is in the record, with the cause and what to do."""
    stage.configure(mtls=True)
    with receiver(serving(stage.chain(), trusts=stage.stranger)) as there:
        outcome = stage.attempt(there.url)
        assert not there.came
    assert outcome.failed.code == "webhook.certificate_refused"
    assert outcome.alert == "unknown_ca" and outcome.asked and outcome.shown


def test_without_mutual_tls_no_certificate_is_shown(stage: Stage) -> None:
    """A receiver that demands one says which alert, and the cause names the switch."""
    stage.configure(mtls=False)
    with receiver(serving(stage.chain(), trusts=stage.webhooks_ca)) as there:
        outcome = stage.attempt(there.url)
        assert not there.came
    assert outcome.failed.code == "webhook.certificate_wanted" and outcome.shown == ""
    mend = f"sandbank webhook configure --provider nuapay --client {stage.client.id} --mtls"
    assert outcome.failed.next == f"switch mutual TLS on: {mend}"
    assert outcome.alert == "certificate_required"


def test_a_receiver_that_asks_for_no_certificate_is_told_of(stage: Stage) -> None:
    """It is delivered all the same, as in life; the record and the journal say what is wrong."""
    stage.configure(mtls=True)
    with receiver(serving(stage.chain())) as there:
        outcome = stage.attempt(there.url)
    assert outcome.failed is None and outcome.asked is False
    assert [one.code for one in outcome.remarks] == ["webhook.no_certificate_asked"]
    (entry,) = [one for one in stage.sandbox.journal.entries(client=stage.client.id) if one.kind == "webhook"]
    assert entry.reasons[0].code == "webhook.no_certificate_asked" and "delivered" in entry.outcome


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_versions_of_tls_say_the_same(stage: Stage, version: ssl.TLSVersion) -> None:
    """A good receiver, one with another CA, and one that is shown nothing: the causes do not depend on the version."""
    contexts = [serving(stage.chain(), trusts=ca) for ca in (stage.webhooks_ca, stage.stranger, stage.webhooks_ca)]
    found = []
    for context, mtls in zip(contexts, (True, True, False), strict=True):
        context.minimum_version = context.maximum_version = version
        stage.configure(mtls=mtls)
        with receiver(context) as there:
            found.append(stage.attempt(there.url))
    causes = ["", "webhook.certificate_refused", "webhook.certificate_wanted"]
    assert [one.failed.code if one.failed else "" for one in found] == causes
    assert {one.asked for one in found} == {True} and [bool(one.shown) for one in found] == [True, True, False]
    assert found[0].tls == version.name.replace("TLSv1_", "TLSv1.")


def test_a_server_that_others_reach_sends_to_named_hosts_only(tmp_path: Path) -> None:
    """Behind all addresses, localhost has to be allowed; nothing is connected to before."""
    bind = ("0.0.0.0",)
    for allowed, code in (((), "webhook.address_forbidden"), (("localhost",), "")):
        with Sandbox(bind=bind, webhook_allow=allowed) as sandbox, receiver(None) as there:
            client = sandbox.nuapay.client()
            client.put("webhook", "0123456789", targetUrl=there.url, eventTypes="AccountEntry")
            client.send_test_webhook()
            sandbox.webhooks.drain()
            outcome = client.webhooks[0].attempts[0].outcome
            assert (outcome.failed.code if outcome.failed else "") == code
            assert bool(there.came) is (code == "") is bool(outcome.address)


def call(sandbox: Sandbox, client: Any, path: str, body: Any, **headers: str) -> tuple[int, Any]:
    """A call at the provider's api door with the API key."""
    basic = base64.b64encode(f"{client.secret}:".encode()).decode()
    head = {"authorization": f"Basic {basic}", "content-type": "application/json", **headers}
    request = urllib.request.Request(sandbox.nuapay.urls["api"] + path, json.dumps(body).encode(), head)
    try:
        with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=sandbox.ca_file)) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_call_is_told_of_once_and_a_refused_one_never(stage: Stage) -> None:
    """From the webhook by REST to the notification; a repeated key, a refusal and a disabled webhook tell nothing."""
    sandbox, client = stage.sandbox, stage.client
    account = {"name": "Savings", "currency": "EUR"}
    with receiver(serving(stage.chain())) as there:
        said = {"targetUrl": there.url, "eventTypes": ["AccountCreation", "AccountEntry"], "signKey": KEY}
        status, webhook = call(sandbox, client, "/webhooks", said)
        assert status == 201
        first = call(sandbox, client, "/accounts", account, **{"idempotency-key": "one"})
        again = call(sandbox, client, "/accounts", account, **{"idempotency-key": "one"})
        assert first == again and first[0] == 201
        assert call(sandbox, client, "/accounts", {"name": "no currency"})[0] == 400
        told = client.wait_for_webhook(event="AccountCreation")
        assert json.loads(told.body)["resourceId"] == first[1]["data"]["id"]
        today = f"{stage.state.clock.now():%Y-%m-%d}"
        moved = {
            "accountFrom": {"iban": "GB35SELN00999903769154"},
            "accountTo": {"iban": "GB20SELN00999923882374"},
            "amount": 5,
            "currency": "EUR",
            "requestedExecutionDate": today,
        }
        assert call(sandbox, client, "/transfers", moved)[0] == 201
        entries = [client.wait_for_webhook(event="AccountEntry") for _ in range(2)]
        assert {json.loads(one.body)["resourceType"] for one in entries} == {"AccountTransaction"}
        assert call(sandbox, client, f"/webhooks/{webhook['data']['id']}/disable", {})[0] == 200
        assert call(sandbox, client, "/accounts", account)[0] == 201
        sandbox.webhooks.drain()
        assert len(client.webhooks) == 3 == len(there.came)
        assert all(right(came) for came in there.came)


@contextmanager
def s_server(stage: Stage, *words: str) -> Iterator[str]:
    """OpenSSL's own server, which lists the CAs of its -CAfile when it asks. It answers nothing."""
    port = free_port()
    line = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", str(stage.chain()), "-quiet", *words]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: listens(port), PATIENCE)
            yield f"https://localhost:{port}/"
        finally:
            process.kill()


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_ca_list_that_excludes_us_is_told_of(stage: Stage, version: str) -> None:
    """As Java and Go do it, no certificate is shown then; what was listed is in the record."""
    stage.configure(mtls=True)
    other = make_ca("Another CA").write(stage.folder)
    with s_server(stage, version, "-Verify", "2", "-verify_return_error", "-CAfile", str(other)) as url:
        outcome = stage.attempt(url)
    assert outcome.failed.code == "webhook.ca_not_listed"
    assert outcome.listed == ("CN=Another CA",) and outcome.shown == "" and outcome.asked


def test_a_ca_list_with_ours_is_answered(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same server with the sender's CA in its list is shown the certificate, and takes it."""
    monkeypatch.setattr(dispatching, "_sending", lambda provider: replace(SENDING, seconds=1.0))
    stage.configure(mtls=True)
    ours = str(stage.webhooks_ca)
    with s_server(stage, "-Verify", "2", "-verify_return_error", "-CAfile", ours) as url:
        outcome = stage.attempt(url)
    assert any("courier CA" in name for name in outcome.listed) and outcome.shown
    assert outcome.alert == "" and outcome.failed.code == "webhook.timeout", "it says nothing against it"


def expired(root: Held) -> Held:
    return make("localhost", root, usage=SERVER, start=datetime.now(UTC) - 40 * DAY)


def of_another_name(root: Held) -> Held:
    return make("localhost", root)  # its common name is right, and does not count


def for_clients(root: Held) -> Held:
    return make("localhost", root, usage=CLIENT)


def a_strangers(root: Held) -> Held:
    return make("localhost", make_ca("Unheard of"), usage=SERVER)


@pytest.mark.parametrize(
    ("bad", "cause", "alert"),
    [
        (expired, "webhook.server_expired", "certificate_expired"),
        (of_another_name, "webhook.server_wrong_name", "bad_certificate"),
        (for_clients, "webhook.server_refused", "unsupported_certificate"),
        (a_strangers, "webhook.server_untrusted", "unknown_ca"),
    ],
)
def test_a_bad_server_certificate_is_refused(stage: Stage, bad: Any, cause: str, alert: str) -> None:
    """Nothing is sent to it, and the record says what is wrong with it."""
    with receiver(serving(stage.chain(bad(stage.root)))) as there:
        outcome = stage.attempt(there.url)
        assert not there.came
    assert (outcome.failed.code, outcome.alert_sent) == (cause, alert)
    with receiver(serving(stage.chain())) as there:
        assert stage.attempt(there.url).failed is None, "the control"


def test_a_receivers_self_signed_certificate_may_be_its_own_ca(stage: Stage) -> None:
    """As many have it in development: the certificate itself is named as what to trust; another one is not trusted."""
    own, other = (make("localhost", usage=SERVER) for _ in range(2))
    stage.configure(ca=own.pem())
    with receiver(serving(stage.chain(own))) as there:
        assert stage.attempt(there.url).failed is None
    with receiver(serving(stage.chain(other))) as there:
        assert stage.attempt(there.url).failed.code == "webhook.server_untrusted"


def test_without_a_ca_of_its_own_the_systems_and_the_sandboxs_count(stage: Stage) -> None:
    """A stranger's is refused, one of the sandbox's own is taken: `webhook listen` shows such a one."""
    stage.configure(ca=b"")
    with receiver(serving(stage.chain())) as there:
        assert stage.attempt(there.url).failed.code == "webhook.server_untrusted"
    ear = Ear(stage.state, "nuapay", stage.client.id, mtls=False, forward="", port=0, told=lambda heard: None)
    thread = listening_thread(ear)
    try:
        assert stage.attempt(ear.url).failed is None
    finally:
        ear.close()
        thread.join()


@pytest.mark.parametrize(
    ("behave", "cause", "status"),
    [
        (answers(500, b"broken pipe to the moon"), "webhook.status", 500),
        (answers(201), "webhook.status", 201),  # "Success = HTTP 200"
        (answers(302, location="/elsewhere"), "webhook.redirect", 302),
        (resets, "webhook.reset", 0),
    ],
)
def test_what_a_receiver_does_is_recorded(stage: Stage, behave: Any, cause: str, status: int) -> None:
    """Status, first bytes, and when the next attempt is due."""
    with receiver(serving(stage.chain()), behave) as there:
        stage.subscribe(there.url)
        done = stage.tried(stage.test())
    outcome = done.attempts[0].outcome
    assert (done.status, outcome.failed.code, outcome.status) == ("waiting", cause, status)
    if status == 500:
        assert outcome.answer == "broken pipe to the moon"
    assert done.attempts[0].next_at - done.attempts[0].at == timedelta(minutes=30)


def test_nobody_and_nothing_and_no_tls(stage: Stage) -> None:
    """A port where nobody listens, a name that leads nowhere, and a server that speaks no TLS."""
    port = free_port()
    assert stage.attempt(f"https://localhost:{port}/").failed.code == "webhook.connection_refused"
    assert stage.attempt("https://no-such-host.invalid/").failed.code == "webhook.unresolved"
    with receiver(None) as there:
        assert stage.attempt(f"https://localhost:{there.port}/").failed.code in ("webhook.tls_failed", "webhook.reset")
        assert stage.attempt(there.url).failed is None  # http:// as Nuapay's own example has it


def test_a_sender_takes_a_certificate_of_the_clients_own_ca(stage: Stage) -> None:
    """From the sender's CSR; one for another key fails when it is configured, not when something is sent."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    from sandbox.errors import Misuse

    csr = x509.load_pem_x509_csr(webhooks.sender_csr(stage.state, "nuapay").encode())
    assert csr.is_signature_valid
    own_ca = make_ca("Partner's CA for senders")
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(csr.subject).issuer_name(own_ca.leaf.subject)
    builder = builder.public_key(csr.public_key()).serial_number(7).not_valid_before(now - DAY)
    builder = builder.not_valid_after(now + DAY)
    builder = builder.add_extension(x509.ExtendedKeyUsage([CLIENT]), critical=False)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(own_ca.key.public_key()), critical=False
    )
    issued = builder.sign(own_ca.key, SHA256()).public_bytes(Encoding.PEM)
    with pytest.raises(Misuse, match="another key"):
        stage.configure(certificate=make("x", own_ca, usage=CLIENT).pem())
    stage.configure(mtls=True, certificate=issued)
    with receiver(serving(stage.chain(), trusts=own_ca.write(stage.folder))) as there:
        outcome = stage.attempt(there.url)
        came = there.wait()
    assert outcome.failed is None and outcome.shown.endswith("serial 07")
    assert came.certificate["serialNumber"] == "07"
    assert hmac.new(KEY.encode(), came.body, hashlib.sha256).hexdigest() == came.headers["x-signature"]
