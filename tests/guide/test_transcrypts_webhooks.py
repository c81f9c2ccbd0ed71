"""Webhooks of Transcrypts and Truv at a partner's own server: signatures, retries, and whose CA signs the sender."""

import hashlib
import hmac
import json
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from sandbank import Sandbox
from sandbox.errors import Misuse
from sandbox.services.webhooks import sender_csr
from tests.guide.conftest import openssl
from tests.guide.test_transcrypts import Partner, make_partner
from tests.live.receivers import Receiver, answers, receiver, serving

TASK = "task-status-updated"
STATES = ["new", "login", "mfa", "parse", "full_parse", "done"]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(state=tmp_path_factory.mktemp("webhooks") / "state", handshake_seconds=10) as running:
        yield running


@pytest.fixture
def partner(sandbox):
    return make_partner(sandbox)


def subscribe(partner: Partner, there: Receiver, *events: str, secret: str | None = None, **more: str) -> str:
    asked = {"name": "mine", "webhook_url": there.url, "events": list(events or (TASK,)), **more}
    return partner.good("POST", "/v1/webhooks/", asked, secret=secret)["id"]


def digest_by_openssl(body: bytes, secret: str) -> str:
    command = ["openssl", "dgst", "-sha256", "-hmac", secret, "-hex"]
    return subprocess.run(command, input=body, capture_output=True, check=True).stdout.decode().split()[-1]


def test_every_state_of_a_task_is_told_in_its_order_and_signed(sandbox, partner):
    """By the hexadecimal HMAC-SHA256 of the raw body with the access secret, as openssl computes it."""
    with receiver(None) as there:
        subscribe(partner, there)
        _, link = partner.linked({"tracking_info": "mine"})
        sandbox.webhooks.drain()
    assert sorted(json.loads(one.body)["status"] for one in there.came) == sorted(STATES)
    assert [json.loads(one.body)["status"] for one in partner.client.webhooks] == STATES
    for one in there.came:
        assert one.headers["x-webhook-sign"] == digest_by_openssl(one.body, partner.client.secret)
        assert one.headers["user-agent"] == "Transcrypts-Webhook-Service/2.0"
    said = json.loads(there.came[0].body)
    assert (said["event_type"], said["link_id"], said["tracking_info"]) == (TASK, link["link_id"], "mine")
    assert len({json.loads(one.body)["webhook_id"] for one in there.came}) == len(STATES)


def test_a_webhook_is_told_of_its_own_environment(sandbox, partner):
    """And signed with the secret of that environment, whichever made it."""
    production = partner.client.secret.replace("dev-", "prod-")
    with receiver(None) as there:
        subscribe(partner, there, env_type="production")
        partner.linked()
        user = partner.good("POST", "/v1/users/", {"external_user_id": "1"}, secret=production)
        path = f"/v1/users/{user['id']}/tokens/"
        token = partner.good("POST", path, {"product_type": "income"}, secret=production)["bridge_token"]
        partner.good("POST", "/v1/link-access-tokens", {"public_token": token}, secret=production)
        sandbox.webhooks.drain()
    assert len(there.came) == len(STATES)
    assert {json.loads(one.body)["user_id"] for one in there.came} == {user["id"]}
    for one in there.came:
        assert one.headers["x-webhook-sign"] == digest_by_openssl(one.body, production)


def test_an_order_a_link_and_a_verification_are_told_of(sandbox, partner):
    """The last in an envelope of its own."""
    names = ("order-status-updated", "link-connected", "link-deleted", "instant-verification-completed")
    with receiver(None) as there:
        subscribe(partner, there, *names)
        order = partner.good("POST", "/v1/orders/", {"products": ["income"], "first_name": "J", "last_name": "D"})
        token = order["employers"][0]["bridge_token"]
        link = partner.good("POST", "/v1/link-access-tokens", {"public_token": token})["link_id"]
        partner.good("DELETE", f"/v1/links/{link}")
        subject = {"first_name": "Jane", "last_name": "Doe", "date_of_birth": "1990-05-14"}
        address = {"street": "1", "city": "S", "state": "IL", "zip": "62704", "from_date": "2021-03-01"}
        verification = partner.good("POST", "/v1/instant-verifications/", {"subject": subject, "addresses": [address]})
        sandbox.webhooks.drain()
    told = [json.loads(one.body) for one in partner.client.webhooks]
    by_order = [(one["order_id"], one["status"], one["link_id"]) for one in told if one.get("event_type") == names[0]]
    assert by_order == [(order["id"], "pending", None), (order["id"], "completed", link)]
    assert [one["link_id"] for one in told if one.get("event_type", "").startswith("link-")] == [link, link]
    (last,) = (one for one in told if "event" in one)
    assert last["event"] == names[3] and last["data"]["verification_id"] == verification["id"]
    assert list(last) == ["webhook_id", "event", "data"] and list(last["data"]) == [
        "verification_id",
        "status",
        "timestamp",
    ]


def test_three_retries_thirty_seconds_apart_and_then_it_is_blocked():
    """What is queued later is not sent either, until one is sent again by hand and arrives."""
    with Sandbox() as sandbox, receiver(None, answers(500)) as there:
        partner = make_partner(sandbox)
        sandbox.clock.freeze()
        subscribe(partner, there)
        partner.client.put("task", "0a", status="login_error")
        sandbox.webhooks.drain()
        for tries in (1, 2, 3):
            sandbox.clock.move(timedelta(seconds=29))
            sandbox.webhooks.drain()
            assert len(there.came) == tries
            sandbox.clock.move(timedelta(seconds=1))
            sandbox.webhooks.drain()
            assert len(there.came) == tries + 1
        sandbox.clock.move(timedelta(days=1))
        sandbox.webhooks.drain()
        partner.client.put("task", "0b", status="no_data")
        sandbox.webhooks.drain()
        first, second = partner.client.webhooks
        assert (first.status, len(first.attempts), second.status) == ("dead", 4, "dead") and len(there.came) == 4
        assert second.attempts[0].outcome.failed.code == "webhook.blocked"
        made = partner.good("GET", "/v1/webhook-requests?page_size=2")
        newest = made["results"][0]
        assert (newest["status_code"], newest["error_message"]) == (
            None,
            "the last delivery to this subscription is dead",
        )
        assert made["results"][1]["status_code"] == 500
        assert newest["webhook_payload"]["task_id"] == "0b" and newest["webhook_url"] == there.url
        sandbox.clock.move(timedelta(days=31))
        assert partner.good("GET", "/v1/webhook-requests")["results"] == []


def test_a_client_signs_the_senders_certificate_with_its_own_ca(sandbox, partner, tmp_path):
    """By the sender's CSR: a server that trusts this CA alone receives the webhook. Before, with the provider's own
    certificate, it does not; and a certificate for another key is refused at upload."""
    server_ca = trustme.CA()
    server_ca.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    key, csr, leaf = (tmp_path / name for name in ("ca.key", "sender.csr", "sender.pem"))
    ca = _own_ca(tmp_path)
    csr.write_text(sender_csr(sandbox.state, "transcrypts"))
    assert "verify OK" in openssl("req", "-in", csr, "-verify", "-noout")
    openssl("x509", "-req", "-in", csr, "-CA", ca, "-CAkey", key, "-days", "30", "-out", leaf)

    with receiver(serving(tmp_path / "server.pem", trusts=ca)) as there:
        partner.client.configure_webhooks(mtls=True, ca=server_ca.cert_pem.bytes())
        subscribe(partner, there)
        partner.client.put("task", "0a", status="login")
        sandbox.webhooks.drain()
        assert there.came == []
        assert partner.client.webhooks[-1].attempts[0].outcome.failed.code in (
            "webhook.certificate_refused",
            "webhook.ca_not_listed",
        )
        other = _certified(tmp_path, ca, key)
        with pytest.raises(Misuse, match="another key than the sender's"):
            partner.client.configure_webhooks(certificate=other.read_bytes())
        partner.client.configure_webhooks(certificate=leaf.read_bytes())
        sandbox.webhooks.resend(partner.client.webhooks[-1])
        came = there.wait()
    assert came.certificate and came.certificate["issuer"] == ((("commonName", "The client's own CA"),),)
    assert hmac.compare_digest(came.headers["x-webhook-sign"], digest_by_openssl(came.body, partner.client.secret))


@pytest.mark.parametrize(("days", "remarks"), [(27, ["webhook.certificate_ends"]), (60, [])])
def test_the_record_of_a_webhook_says_that_the_senders_certificate_ends(sandbox, partner, tmp_path, days, remarks):
    """From 28 days before on: its client's own CA has to make the next one, for the same CSR."""
    server = trustme.CA()
    server.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    ca, leaf = _own_ca(tmp_path), tmp_path / "sender.pem"
    (tmp_path / "sender.csr").write_text(sender_csr(sandbox.state, "transcrypts"))
    request = ("-in", tmp_path / "sender.csr", "-CA", ca, "-CAkey", tmp_path / "ca.key")
    openssl("x509", "-req", *request, "-days", days, "-out", leaf)
    with receiver(serving(tmp_path / "server.pem", trusts=ca)) as there:
        more = {"ca": server.cert_pem.bytes(), "certificate": leaf.read_bytes()}
        partner.client.configure_webhooks(mtls=True, **more)
        subscribe(partner, there)
        partner.client.put("task", "0a", status="login")
        assert there.wait().certificate
        sandbox.webhooks.drain()
    (attempt,) = partner.client.webhooks[-1].attempts
    assert [one.code for one in attempt.outcome.remarks] == remarks


def _own_ca(folder: Path) -> Path:
    """A client's own CA, its key beside it."""
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=The client's own CA")
    openssl("req", "-x509", *kind, "-keyout", folder / "ca.key", "-out", folder / "ca.pem", "-days", "90")
    return folder / "ca.pem"


def _certified(folder: Path, ca: Path, key: Path) -> Path:
    """A certificate of the same CA, for a key that somebody else has."""
    csr, leaf = folder / "other.csr", folder / "other.pem"
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-new", *kind, "-keyout", folder / "other.key", "-out", csr, "-subj", "/CN=other")
    openssl("x509", "-req", "-in", csr, "-CA", ca, "-CAkey", key, "-days", "30", "-out", leaf)
    return leaf


def test_custom_headers_are_sent_as_support_has_set_them_up(sandbox, partner):
    """ "custom headers (Client ID and Client Secret)": rows that a person puts, for all webhooks of the client."""
    partner.client.put("webhookheader", "X-Client-Secret", value="hush")
    with receiver(None) as there:
        subscribe(partner, there)
        partner.client.put("task", "0a", status="login")
        came = there.wait()
    assert came.headers["x-client-secret"] == "hush"


@pytest.mark.parametrize(("provider", "prefix"), [("transcrypts", "v1="), ("truv", "")])
def test_what_stands_before_a_signature_is_a_setting(sandbox, provider, prefix):
    """The pages of the two do not agree; a receiver can be tried with either."""
    partner = make_partner(sandbox, provider)
    partner.client.put("configuration", "webhooks", signPrefix=prefix)
    with receiver(None) as there:
        subscribe(partner, there)
        partner.client.put("task", "0a", status="login")
        came = there.wait()
    assert came.headers["x-webhook-sign"] == prefix + digest_by_openssl(came.body, partner.client.secret)


def test_truv_writes_a_version_before_its_signature(sandbox):
    """``v1=``, and its own name as the sender."""
    partner = make_partner(sandbox, "truv")
    with receiver(None) as there:
        subscribe(partner, there)
        partner.client.put("task", "0a", status="login")
        came = there.wait()
    digest = hmac.new(partner.client.secret.encode(), came.body, hashlib.sha256).hexdigest()
    assert came.headers["x-webhook-sign"] == f"v1={digest}"
    assert came.headers["user-agent"] == "Truv-Webhook-Service/2.0"
