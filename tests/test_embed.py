"""A sandbox inside a program: it starts, it is used, it is gone; two do not disturb each other."""

import json
import socket
import threading
import urllib.request
from dataclasses import replace

import pytest

from sandbank import Refused, Sandbox
from sandbox.errors import Misuse, PortTaken
from sandbox.services.journal import MAX_ENTRIES
from tests.ports import base_of_free_ports


def test_a_sandbox_leaves_nothing_behind():
    """Neither a thread nor a listening port nor a folder."""
    threads = threading.active_count()
    with Sandbox() as sandbox:
        folder, ports = sandbox.state.folder.path, dict(sandbox.ports)
        assert folder.exists()
        providers = {"wise.mtls", "wise.api", "nuapay.mtls", "nuapay.api"}
        assert set(ports) == {"control", "authority", *providers}
        socket.create_connection(("127.0.0.1", ports["wise.mtls"])).close()
        socket.create_connection(("127.0.0.1", ports["control"])).close()
    assert not folder.exists()
    assert threading.active_count() == threads
    for port in ports.values():
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))


def test_two_sandboxes_are_two_authorities():
    """Side by side, each with its own ports, roots and clients."""
    with Sandbox() as one, Sandbox() as two:
        assert set(one.ports.values()).isdisjoint(two.ports.values())
        assert one.ca_file.read_bytes() != two.ca_file.read_bytes()
        assert one.wise.client().id != two.wise.client().id


def test_free_ports_are_taken_again(tmp_path):
    """A state that once took free ports takes the same ones at the next start, if they are still free."""
    with Sandbox(state=tmp_path / "state") as sandbox:
        first = sandbox.ports
    with Sandbox(state=tmp_path / "state") as sandbox:
        assert sandbox.ports == first
    taken = socket.create_server(("127.0.0.1", first["wise.api"]))
    with Sandbox(state=tmp_path / "state") as sandbox:
        assert sandbox.ports["wise.api"] != first["wise.api"]
        assert sandbox.ports["wise.mtls"] == first["wise.mtls"]
    taken.close()


def test_a_taken_port_is_said_and_nothing_stays_open(tmp_path):
    """With a base the ports are what they are: one in use stops the start, with the port in the sentence."""
    base = base_of_free_ports(24_440)
    with socket.create_server(("127.0.0.1", base + 4)):
        sandbox = Sandbox(state=tmp_path / "state", port_base=base)
        with pytest.raises(PortTaken, match=str(base + 4)) as refused:
            sandbox.start()
        assert refused.value.exit_code == 3
        assert "--port-base" in refused.value.advice()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", base))


def test_a_sandbox_that_does_not_run_says_so():
    """Before the start there is nothing to ask."""
    with pytest.raises(Misuse, match="not running"):
        _ = Sandbox().wise


def test_sign_from_python():
    """A CSR in, certificate and chain out; a bad one raises every broken rule."""
    with Sandbox() as sandbox:
        acme = sandbox.wise.new_client("acme", id="acme-id")
        files = acme.new_certificate("first")
        csr = files.certificate.with_suffix(".csr").read_text()
        issued = acme.sign(csr, name="second")
        assert issued.pem.count("BEGIN CERTIFICATE") == issued.chain.count("BEGIN CERTIFICATE") == 1
        assert [change.to for change in issued.changed if change.field == "CN"] == ["acme-id"]
        with pytest.raises(Refused) as refused:
            acme.sign(csr, name="second")
        assert [refusal.code for refusal in refused.value.refusals] == ["certificate.name_taken"]
        assert sandbox.journal.last(refused=True).client == "acme-id"
        acme.remove()
        assert acme.name not in repr(sandbox.wise.client())


def test_the_control_door_is_found_where_it_listens(tmp_path):
    """Bound elsewhere than the first loopback address, its URL says so; /health tells whose door it is."""
    with Sandbox(state=tmp_path / "state", control_bind=("127.0.0.2",)) as sandbox:
        assert sandbox.control == f"http://127.0.0.2:{sandbox.ports['control']}"
        with urllib.request.urlopen(f"{sandbox.control}/health") as said:
            health = json.load(said)
    with Sandbox() as other, urllib.request.urlopen(f"{other.control}/health") as said:
        assert json.load(said)["authority"] != health["authority"]


def test_the_journal_is_asked_for_what_was_expected():
    """However much came; what is missing is an assertion that fails and says what came instead."""
    with Sandbox() as sandbox:
        with pytest.raises(LookupError):
            sandbox.journal.last()
        with urllib.request.urlopen(f"{sandbox.control}/health"):
            pass
        sandbox.wise.client().new_certificate("laptop")
        entry = sandbox.journal.last()
        for _ in range(MAX_ENTRIES + 1):
            sandbox.state.journal.append(replace(entry, extra={"path": "/many"}))
        assert len(sandbox.journal.expect(path="/many", times=MAX_ENTRIES + 1)) == MAX_ENTRIES + 1
        assert len(sandbox.journal.entries(limit=3)) == 3
        with pytest.raises(AssertionError, match="expected /few, at least once; it came not at all"):
            sandbox.journal.expect(path="/few")
