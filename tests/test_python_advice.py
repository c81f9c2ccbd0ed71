"""At a fixture and in a program, a next step names what does it in Python; and that is there."""

import re

import pytest

from ca.clock import read_time
from sandbox.embed.advice import Speaker
from sandbox.embed.fixtures import FixtureProvider, SharedSandbox
from sandbox.embed.handles import Client, ClockHandle
from sandbox.embed.journal import JournalHandle
from sandbox.errors import Refusal
from sandbox.journal.causes import CAUSES
from sandbox.journal.entry import Entry

SPEAKER = Speaker(
    sandbox="sandbank",
    clock="sandbank_alone.clock",
    named="Sandbox(server_names=({name},))",
    state="/tmp/x/state",
    client=lambda provider, client: f"sandbank.{provider}.client",
)
AT = read_time("2026-11-22T10:27:38.123456Z")


def told(code: str, step: str = "") -> str:
    reason = Refusal(code=code, next=step)
    entry = Entry(id="1", at=AT, kind="call", provider="acme", door="acme.mtls", client="id-1", reasons=(reason,))
    return SPEAKER.entry(entry).reasons[0].next


@pytest.mark.parametrize(
    ("code", "step", "said"),
    [
        ("tls.certificate_missing", "", "sandbank.acme.client.new_certificate()"),
        ("signature.no_key", "", "then: sandbank.acme.client.add_key(pem, algorithm='ES512')"),
        (
            "token.expired",
            "move the clock: sandbank clock move +1h",
            "move the clock: sandbank_alone.clock.move(timedelta(hours=1))",
        ),
        ("tls.client_distrusts_server", "", "sandbank.ca_file, and give that file to the client"),
        (
            "token.client_unknown",
            "sandbank client add b --id b-1 makes one",
            "sandbank.wise.new_client('b', id='b-1') ",
        ),
        ("provider.no_funds", "sandbank resource put balance 1 --set amount=5 --client demo", "put('balance', '1', am"),
        ("webhook.server_untrusted", "", "configure_webhooks(ca=open('ca.pem', 'rb').read())"),
        ("webhook.certificate_refused", "", "let the receiver trust its CA: sandbank.acme.webhook_ca()"),
        ("webhook.certificate_refused", "your CA signs: sandbank webhook csr", "sandbank.acme.webhook_csr()"),
        # What only a command does: in the folder of this sandbox, and for this client.
        ("webhook.connection_refused", "", "sandbank webhook listen --state /tmp/x/state"),
        ("provider.not_found", "", "sandbank resource list --state /tmp/x/state --client id-1"),
    ],
)
def test_a_next_step_is_what_python_does(code: str, step: str, said: str) -> None:
    """A method of the client, of the sandbox or of its clock; else the command, complete."""
    assert said in told(code, step)


def test_whatever_is_named_is_there() -> None:
    """Of every cause: no method of a handle is made up."""
    named = 0
    for code in CAUSES:
        for owner, name in re.findall(r"(\w+)\.(\w+)(?:\(|\b)", told(code).replace("sandbank.acme.", "")):
            kinds = {"client": Client, "sandbank": SharedSandbox, "journal": JournalHandle, "clock": ClockHandle}
            if owner in kinds and name not in ("ca_file", "journal", "pem", "key", "crt", "wise"):
                named += 1
                assert hasattr(kinds[owner], name), (code, owner, name)
    assert named > 40
    assert hasattr(FixtureProvider, "clients") and hasattr(FixtureProvider, "client")
