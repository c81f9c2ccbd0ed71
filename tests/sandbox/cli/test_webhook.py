"""``sandbank webhook`` beside a running server and without one."""

import json
import signal
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.live.receivers import answers, receiver
from tests.sandbox.cli.running import Running, sandbank, started
from tests.waiting import until

NUAPAY = ("--provider", "nuapay")
PATIENCE = 30.0


def subscribe(url: str) -> None:
    given = {"targetUrl": url, "eventTypes": "AccountEntry", "signKey": "k"}
    words = [word for name, value in given.items() for word in ("--set", f"{name}={value}")]
    said = sandbank("resource", "put", "webhook", "0123456789", *words, "--client", "demo", *NUAPAY)
    assert said.code == 0, said.err


@pytest.fixture
def beside(server: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    """The test stands in the folder of a running server."""
    monkeypatch.chdir(server.folder)
    return server


def test_without_a_server_nothing_is_sent_and_that_is_said(here: Path) -> None:
    """By whatever queues, and by whatever moves the clock; the delivery waits."""
    with receiver(None) as there:
        subscribe(there.url)
        said = sandbank("webhook", "send-test", "--client", "demo", *NUAPAY)
        assert said.code == 0 and "no server runs; start one" in said.err
        moved = sandbank("clock", "move", "+1h")
        assert moved.code == 0 and "1 webhook is due, but no server runs" in moved.err
        assert sandbank("clock", "move", "+1h", "--json").json["webhooks_open"] == 1
        (one,) = sandbank("webhook", "list", "--json").json["deliveries"]
        assert (one["status"], one["attempts"]) == ("waiting", [])
        assert "not tried" in sandbank("webhook", "list").text and not there.came


def test_a_client_is_found_without_its_provider(here: Path) -> None:
    """Each provider has a client demo: its name alone means all of them, and a name that nobody has is refused."""
    assert "nothing was sent yet" in sandbank("webhook", "list").err
    subscribe("https://localhost:1/")
    assert sandbank("webhook", "send-test", "--client", "demo", *NUAPAY).code == 0
    for meant in (("--client", "demo"), ("--client", "demo", *NUAPAY)):
        assert len(sandbank("webhook", "list", *meant, "--json").json["deliveries"]) == 1, meant
    assert sandbank("webhook", "list", "--client", "demo", "--provider", "treezor", "--json").json["deliveries"] == []
    assert "no such delivery" in sandbank("webhook", "list", "--event", "Other").err
    said = sandbank("webhook", "list", "--client", "nobody")
    assert said.code == 1 and "no provider has a client 'nobody'" in said.err and "next: " in said.err


def test_a_test_is_sent_and_shown(beside: Running) -> None:
    """The command waits for the attempt, and shows it; a failure with its cause and what to do, and exit code 0."""
    with receiver(None) as there:
        subscribe(there.url)
        said = sandbank("webhook", "send-test", "--client", "demo", *NUAPAY)
        assert said.code == 0 and "delivered" in said.text and "200 ok" in said.text and len(there.came) == 1
    with receiver(None, answers(500, b"no disk")) as there:
        subscribe(there.url)
        said = sandbank("webhook", "send-test", "--client", "demo", *NUAPAY)
        assert "500 no disk" in said.text and "webhook.status" in said.text and "next  " in said.text
        (one,) = sandbank("webhook", "list", "--status", "waiting", "--json").json["deliveries"]
        moved = sandbank("clock", "move", "+3h")
        assert "webhooks that were due: 1, all tried" in moved.err
        shown = sandbank("webhook", "show", one["id"], "--json").json
        assert len(shown["attempts"]) == 7 == len(there.came)


def test_resend_keeps_the_id_and_as_new_does_not(beside: Running) -> None:
    """And whoever has no such delivery is told where they are listed."""
    with receiver(None) as there:
        subscribe(there.url)
        (one,) = sandbank("webhook", "send-test", "--client", "demo", *NUAPAY, "--json").json["deliveries"]
        again = sandbank("webhook", "resend", one["id"], "--json").json
        assert again["id"] == one["id"] and [each["number"] for each in again["attempts"]] == [1, 2]
        new = sandbank("webhook", "resend", one["id"], "--as-new", "--json").json
        assert new["id"] != one["id"] and new["body"] == one["body"] and new["status"] == "delivered"
        ids = [came.headers["x-request-id"] for came in there.came]
        assert ids == [one["id"], one["id"], new["id"]]
    said = sandbank("webhook", "resend", "nothing")
    assert said.code == 1 and "sandbank webhook list" in said.err


def test_configure_shows_what_it_has_set(here: Path) -> None:
    """Mutual TLS, a CA; a file that is none changes nothing."""
    assert "off" in sandbank("webhook", "configure", "--client", "demo", *NUAPAY).text
    said = sandbank("webhook", "configure", "--client", "demo", "--mtls", *NUAPAY)
    assert said.code == 0 and "on" in said.text
    (here / "ca.pem").write_bytes(sandbank("ca").out)
    said = sandbank("webhook", "configure", "--client", "demo", "--webhook-ca", "ca.pem", *NUAPAY, "--json")
    assert said.json["mtls"] is True and said.json["ca"].startswith("-----BEGIN CERTIFICATE-----")
    (here / "junk.pem").write_text("junk")
    said = sandbank("webhook", "configure", "--client", "demo", "--webhook-ca", "junk.pem", *NUAPAY)
    assert said.code == 2 and "no certificate in PEM" in said.err
    (here / "wide.pem").write_bytes((here / "ca.pem").read_text().encode("utf-16"))
    said = sandbank("webhook", "configure", "--client", "demo", "--webhook-ca", "wide.pem", *NUAPAY)
    assert said.code == 2 and "UTF-16" in said.err and "iconv -f UTF-16 -t UTF-8 < wide.pem > clean.pem" in said.err
    (here / "empty.pem").write_text("\n")
    for option in ("--webhook-ca", "--certificate"):
        said = sandbank("webhook", "configure", "--client", "demo", option, "empty.pem", *NUAPAY)
        assert said.code == 2 and "empty.pem is empty" in said.err and "--usual" in said.err
    assert sandbank("webhook", "configure", "--client", "demo", *NUAPAY, "--json").json["ca"] is not None
    said = sandbank("webhook", "configure", "--client", "demo", "--certificate", "ca.pem", *NUAPAY)
    assert said.code == 2 and "another key" in said.err and "webhook csr" in said.err
    said = sandbank("webhook", "configure", "--client", "demo", "--usual", *NUAPAY, "--json")
    assert said.json["ca"] is None and said.json["mtls"] is True
    said = sandbank("webhook", "key", *NUAPAY)
    assert said.code == 2 and "a secret of each subscription" in said.err
    assert sandbank("webhook", "key").text.startswith("-----BEGIN PUBLIC KEY-----")


def test_what_a_receiver_trusts_and_what_the_sender_shows(here: Path) -> None:
    """openssl verifies the certificate with the CA, and finds it to be for clients; the server's CA does not do."""
    (here / "ca.pem").write_bytes(sandbank("ca", "--webhooks").out)
    (here / "sender.pem").write_bytes(sandbank("webhook", "certificate", *NUAPAY).out)
    verify = ["openssl", "verify", "-purpose", "sslclient", "-CAfile", "ca.pem", "sender.pem"]
    assert subprocess.run(verify, capture_output=True, timeout=30, check=False).returncode == 0
    wrong = ["openssl", "verify", "-purpose", "sslserver", "-CAfile", "ca.pem", "sender.pem"]
    assert subprocess.run(wrong, capture_output=True, timeout=30, check=False).returncode != 0
    text = subprocess.run(
        ["openssl", "req", "-noout", "-verify", "-text"],
        input=sandbank("webhook", "csr", *NUAPAY).out,
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert b"DNS:webhooks.sandbox.nuapay.com" in text.stdout
    assert sandbank("webhook", "certificate", *NUAPAY).out == (here / "sender.pem").read_bytes(), "it stays"
    assert sandbank("ca", "--webhooks", "--crl").code == 2


@contextmanager
def listening(folder: Path, *words: str) -> Iterator[tuple[str, Path]]:
    """``webhook listen`` in a process of its own: its URL, and the file in which its lines are."""
    ready, out = folder / "listen.json", folder / "listen.txt"
    with out.open("wb") as file:
        line = ("webhook", "listen", "--json", "--client", "demo", "--ready-file", str(ready), *NUAPAY, *words)
        process = started(*line, cwd=folder, stdout=file, stderr=subprocess.DEVNULL)
    try:
        until(ready.exists, PATIENCE)
        yield json.loads(ready.read_text())["url"], out
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0 and not ready.exists()
    finally:
        process.kill()
        process.wait()


def lines(out: Path) -> list[Any]:
    return [json.loads(line) for line in out.read_text().splitlines()]


def test_listen_says_what_came_and_why_it_would_refuse_it(beside: Running) -> None:
    """With mutual TLS: first without a certificate, then with one; then a body whose signature is wrong."""
    sandbank("webhook", "configure", "--client", "demo", "--no-mtls", *NUAPAY)
    with receiver(None) as app, listening(beside.folder, "--mtls", "--forward", app.url) as (url, out):
        subscribe(url)
        sandbank("webhook", "send-test", "--client", "demo", *NUAPAY)
        until(lambda: len(lines(out)) == 1, PATIENCE)
        refused = lines(out)[0]["refused"]
        assert "showed no certificate" in refused
        words = refused.partition("switch mutual TLS on: ")[2].split()
        assert words[0] == "sandbank" and sandbank(*words[1:]).code == 0
        assert sandbank("webhook", "configure", "--client", "demo", *NUAPAY, "--json").json["mtls"] is True
        said = sandbank("webhook", "send-test", "--client", "demo", *NUAPAY, "--json").json["deliveries"][0]
        assert said["status"] == "delivered", said
        heard = lines(out)[1]
        assert (heard["status"], heard["refused"]) == (200, None) and "nuapay.com" in heard["certificate"]
        assert app.wait().body.decode() == heard["body"]
    sandbank("webhook", "configure", "--client", "demo", "--no-mtls", *NUAPAY)
    with listening(beside.folder) as (url, out):
        context = ssl.create_default_context(cafile=beside.ready["ca_file"])
        forged = urllib.request.Request(url, data=b"{}", headers={"x-signature": "00"})
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(forged, context=context)
        error.value.close()
        assert error.value.code == 401 and "x-signature is not that" in lines(out)[0]["refused"]


def test_listen_wants_a_client_that_is_there(here: Path) -> None:
    """And an address of http or https to hand on to."""
    assert sandbank("webhook", "listen", "--client", "nobody", *NUAPAY).code == 1
    assert sandbank("webhook", "listen", "--forward", "ftp://a", "--client", "demo", *NUAPAY).code == 2
