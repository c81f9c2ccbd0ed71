"""The pages of webhooks without a browser, a server or a network: what they show of a queue, what their forms do."""

import re
from dataclasses import replace
from html import unescape

import pytest

from sandbox.errors import Refusal
from sandbox.hub import webhooks as pages
from sandbox.services.clients import show_client
from sandbox.services.dispatching import Dispatcher
from sandbox.services.resources import put_resource
from sandbox.services.rows import keep
from sandbox.services.webhooks import list_deliveries, show_settings
from sandbox.webhooks.addresses import Reach
from sandbox.webhooks.event import Outcome

AT = "/hub/providers/nuapay/webhooks"
REFUSED = Outcome(
    address="127.0.0.1:9443",
    tls="TLSv1.3",
    server="CN=localhost",
    asked=True,
    listed=("CN=Their CA",),
    alert="certificate_required",
    milliseconds=12,
    failed=Refusal(code="webhook.certificate_wanted", seen="alert <certificate_required>", expected="a certificate"),
)


@pytest.fixture
def subscribed(state) -> None:
    """A webhook of the demo client."""
    fields = {"targetUrl": "https://localhost:9443/hook?secret=1", "eventTypes": "AccountEntry", "signKey": "k3y"}
    put_resource(state, "nuapay", "demo", "webhook", "0123456789", fields)


def attempt(state, outcome: Outcome) -> None:
    """What is due is tried, and comes out so."""
    sender, now = Dispatcher(state=state, reach=Reach(exposed=False), claimant="here"), state.clock.now()
    for one in sender.claim(now):
        sender.settle(one, outcome, one.due_at, now)


def try_out(door) -> str:
    """The address of a test that was just queued."""
    answer = door.send(f"{AT}/subscriptions", client="demo", subscription="0123456789", event="AccountEntry")
    assert answer.status == 303, unescape(answer.body.decode())
    return answer.headers["location"]


def test_a_subscription_is_shown_in_the_providers_words_with_its_secret(door, subscribed) -> None:
    """Its fields as the provider spells them; what verifies it; none of our own notes."""
    text = door.text(f"{AT}/subscriptions")
    assert "word for one is <em>webhook</em>" in text and "<dt>targetUrl</dt>" in text and "<code>k3y</code>" in text
    assert "sandbox.order" not in text
    assert "demo has no subscription yet" in door.text("/hub/providers/wise/webhooks/subscriptions")


def test_a_secret_that_the_client_was_shown_once_is_not_shown_here(door, state) -> None:
    """Where webhooks are signed with the client's own secret, its row holds that."""
    fields = {"webhook_url": "https://localhost:9443/"}
    row = put_resource(state, "transcrypts", "demo", "webhook", "a" * 24, fields)
    owner = show_client(state, "transcrypts", "demo")
    with state.store.write() as work:
        keep(work, "transcrypts", owner.id, replace(row, body={**row.body, "secret": "dev-0123456789"}))
    text = door.text("/hub/providers/transcrypts/webhooks/subscriptions")
    assert "<dt>webhook_url</dt>" in text and "dev-0123456789" not in text


def test_a_test_is_queued_and_its_page_waits_for_it(door, state, subscribed) -> None:
    """Then it shows each stage of the handshake, why it failed, when it is tried next, and what was sent."""
    page = try_out(door)
    assert " data-awaits" in door.text(page) and "Not tried yet" in door.text(page)
    attempt(state, REFUSED)
    text = unescape(door.text(page))
    assert " data-awaits" not in text
    stages = re.findall(r'class="mark".*?<strong>(\w+)</strong>', text)
    assert stages == ["connect", "tls", "certificate", "alert", "answer"]
    assert "asked, none shown; listed CN=Their CA" in text and "webhook.certificate_wanted" in text
    assert "<certificate_required>" in text and "<certificate_required>" not in door.text(page)
    assert "The next attempt was set for" in text and "x-signature" in text and '"eventType":"AccountEntry"' in text
    entry = re.search(r'href="(/hub/journal/\w+)"', door.text("/hub/journal"))[1]
    assert f'href="{page}"' in door.text(entry), "the journal leads to all attempts"


def test_a_delivery_is_sent_again_under_its_id_or_another(door, state, subscribed) -> None:
    """Both are due at once."""
    page = try_out(door)
    attempt(state, Outcome(status=200, address="127.0.0.1:9443", answer="thank you"))
    assert ">delivered<" in door.text(page) and "thank you" in door.text(page)
    assert door.send(f"{page}/resend").headers["location"] == page and ">waiting<" in door.text(page)
    other = door.send(f"{page}/resend", as_new="yes").headers["location"]
    assert other != page and len(list_deliveries(state)) == 2


def test_deliveries_are_chosen_and_paged(door, state, subscribed, monkeypatch) -> None:
    """By client and status, a page at a time, the newest first; no query of a URL stands in the list."""
    monkeypatch.setattr(pages, "SHOWN", 2)
    assert "Nothing was sent yet" in door.text(AT)
    all_of_them = [try_out(door) for _ in range(3)]
    attempt(state, Outcome(status=200))
    first = door.text(AT)
    assert [page in first for page in all_of_them] == [False, True, True] and "secret=1" not in first
    older = re.search(r'href="\?([^"]+)">Older', first)[1]
    second = door.text(f"{AT}?{unescape(older)}")
    assert [page in second for page in all_of_them] == [True, False, False] and "Older" not in second
    assert "No delivery fits" in door.text(f"{AT}?status=dead") and all_of_them[2] in door.text(f"{AT}?client=demo")
    assert door.get(f"{AT}?client=nobody").status == 404


def test_what_the_receiver_needs_are_files_and_forms(door, state) -> None:
    """CA, certificate, CSR and key; a certificate for another key is refused beside its field."""
    for name, begins in (
        ("sender-ca.pem", "CERTIFICATE"),
        ("sender.pem", "CERTIFICATE"),
        ("sender.csr", "CERTIFICATE"),
    ):
        assert door.get(f"{AT}/receiver/{name}").body.startswith(f"-----BEGIN {begins}".encode())
    assert door.get("/hub/providers/wise/webhooks/receiver/webhook-key.pem").body.startswith(b"-----BEGIN PUBLIC KEY")
    own = {"client": "demo", "part": "mtls"}
    assert door.send(f"{AT}/receiver", mtls="yes", **own).status == 303
    assert show_settings(state, "nuapay", "demo")["mtls"] is True
    ca = door.get(f"{AT}/receiver/sender-ca.pem").body.decode()
    assert door.send(f"{AT}/receiver", client="demo", part="ca", ca=ca).status == 303
    assert show_settings(state, "nuapay", "demo")["ca"]
    refused = door.send(f"{AT}/receiver", client="demo", part="certificate", certificate=ca).body.decode()
    assert "another key than the sender" in refused[refused.index('id="certificate-errors"') :]
    assert door.send(f"{AT}/receiver", client="demo", part="ca").status == 422
    assert door.send(f"{AT}/receiver", client="demo", part="ca", usual="yes").status == 303
    assert show_settings(state, "nuapay", "demo")["ca"] is None


@pytest.mark.parametrize("path", ["receiver/nothing.pem", "deliveries/nothing"])
def test_what_is_not_there_is_said(door, path) -> None:
    """A file or a delivery that nobody knows; a test without a subscription names the calls that make one."""
    assert door.get(f"{AT}/{path}").status == 404
    refused = door.send(f"{AT}/subscriptions", client="demo")
    assert refused.status == 404
    assert b"sandbank calls --provider nuapay" in refused.body
