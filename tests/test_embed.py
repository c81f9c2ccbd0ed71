"""A sandbox inside a program: it starts, it is used, it is gone; two do not disturb each other."""

import asyncio
import gc
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from sandbank import Refused, Sandbox
from sandbox.embed import sandbox
from sandbox.embed.advice import proxy_in_between
from sandbox.errors import Misuse, NotThere, PortTaken, StateLocked
from sandbox.providers import PROVIDERS
from sandbox.server.lifecycle import Server
from sandbox.services.journal import MAX_ENTRIES
from sandbox.storage.folder import hold_as_server
from tests.ports import base_of_free_ports

ROOT = Path(__file__).parents[1]


def test_a_sandbox_leaves_nothing_behind():
    """Neither a thread nor a listening port nor a folder."""
    threads = threading.active_count()
    with Sandbox() as sandbox:
        folder, ports = sandbox.state.folder.path, dict(sandbox.ports)
        assert folder.exists()
        providers = {f"{provider.name}.{door.name}" for provider in PROVIDERS for door in provider.doors}
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


@pytest.fixture
def nothing_left(tmp_path, monkeypatch):
    """Looks, after the test, whether there is a thread, a listening socket or a temporary folder that it made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    threads, listening = set(threading.enumerate()), listeners()
    yield
    gc.collect()
    assert {one.name for one in set(threading.enumerate()) - threads} == set()
    assert listeners() - listening == set()
    assert [path.name for path in tmp_path.iterdir()] == []


def listeners():
    """The sockets of this process that listen, by their inode."""
    ours = {str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()}
    lines = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return {words[9] for words in lines if words[3] == "0A" and f"socket:[{words[9]}]" in ours}


def test_what_is_looked_for_is_found():
    """The control of the tests below: a running sandbox has threads, sockets and a folder."""
    before = listeners()
    with Sandbox() as sandbox:
        assert len(listeners() - before) >= len(sandbox.ports)
        assert {"sandbank", "sandbank-writer"} <= {one.name for one in threading.enumerate()}
    assert listeners() == before


def test_a_start_whose_port_is_taken_leaves_nothing(nothing_left):
    """Some of its doors were bound already."""
    base = base_of_free_ports(24_440)
    with socket.create_server(("127.0.0.1", base + 4)):
        sandbox = Sandbox(port_base=base)
        with pytest.raises(PortTaken):
            sandbox.start()
        with pytest.raises(Misuse, match="not running"):
            _ = sandbox.state


@pytest.mark.parametrize("where", ["_open", "_listen", "_plan_renewal", "_look"])
def test_a_start_that_fails_leaves_nothing(nothing_left, monkeypatch, where):
    """Wherever it is: between two doors, when they begin to listen, when they answer already. The next one works."""
    with monkeypatch.context() as failing:

        def fail(*_):
            raise ZeroDivisionError(where)

        failing.setattr(Server, where, fail)
        sandbox = Sandbox()
        with pytest.raises(ZeroDivisionError, match=where):
            sandbox.start()
    with sandbox:
        assert sandbox.wise.client().id


def test_a_state_or_a_seed_that_fails_leaves_nothing(nothing_left, monkeypatch):
    """Before there is a thread."""

    def fail(*_, **__):
        raise ZeroDivisionError

    with monkeypatch.context() as failing:
        failing.setattr(sandbox, "open_state", fail)
        with pytest.raises(ZeroDivisionError):
            Sandbox().start()
    with monkeypatch.context() as failing:
        failing.setattr(sandbox, "seeding", lambda _: fail)
        with pytest.raises(ZeroDivisionError):
            Sandbox().start()


def test_a_start_that_takes_too_long_leaves_nothing(nothing_left, monkeypatch):
    """Its doors are open already, and something that it waits for never comes."""
    opened, listen = threading.Event(), Server._listen

    async def endless(self, doors):
        await listen(self, doors)
        opened.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Server, "_listen", endless)
    monkeypatch.setattr(sandbox, "START_SECONDS", 2.0)
    with pytest.raises(TimeoutError, match="did not start within 2 seconds"):
        Sandbox().start()
    assert opened.is_set()


def test_a_start_that_hangs_cleans_up_when_it_goes_on(nothing_left, monkeypatch):
    """Nobody can end a thread from outside: the program goes on, and the thread leaves nothing when it is let go."""
    held, go, before = threading.Event(), threading.Event(), set(threading.enumerate())

    def hang(*_):
        held.set()
        go.wait(60)

    monkeypatch.setattr(Server, "_plan_renewal", hang)
    monkeypatch.setattr(sandbox, "START_SECONDS", 2.0)
    monkeypatch.setattr(sandbox, "STOP_SECONDS", 0.1)
    with pytest.raises(TimeoutError):
        Sandbox().start()
    assert held.is_set()
    (thread,) = [one for one in set(threading.enumerate()) - before if one.name == "sandbank"]
    go.set()
    thread.join(60)


def test_a_sandbox_that_runs_is_not_started_again(nothing_left, monkeypatch):
    """The first would be nobody's; not in the middle of its start either, by another thread."""
    again, opened = Sandbox(), sandbox.open_state

    def beside(*words, **more):
        with pytest.raises(Misuse, match="already running"):
            again.start()
        return opened(*words, **more)

    with monkeypatch.context() as interrupted:
        interrupted.setattr(sandbox, "open_state", beside)
        again.start()
    assert again.state.folder.path.exists()
    again.stop()
    _still_once(again)


def _still_once(sandbox):
    with sandbox:
        ports = sandbox.ports
        with pytest.raises(Misuse, match="already running"):
            sandbox.start()
        assert sandbox.ports is ports
        socket.create_connection(("127.0.0.1", ports["control"])).close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_forked_child_takes_nothing_from_its_parent():
    """It leaves the block, or ends, and the parent's state, doors and locks are there. In it the state is refused."""
    with Sandbox() as sandbox:
        folder = sandbox.state.folder
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads, as a test framework's is
            child = os.fork()
        if child == 0:
            status = 1
            try:
                with pytest.raises(Misuse, match="another process"):
                    sandbox.wise.new_client("of-the-child")
                temporary = sandbox._temporary
                sandbox.stop()
                temporary.remove()  # as at the end of an interpreter
                status = 0
            finally:
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0
        assert folder.made
        sandbox.wise.new_client("of-the-parent")
        with urllib.request.urlopen(f"{sandbox.control}/health") as reply:
            assert reply.status == 200
        with pytest.raises(StateLocked):
            hold_as_server(folder)
    assert not folder.path.exists()


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
        assert [refusal.code for refusal in refused.value.reasons] == ["certificate.name_taken"]
        assert "sandbox.wise.client('acme').revoke('second', " in refused.value.advice()
        assert sandbox.journal.last(refused=True).client == "acme-id"
        acme.remove()
        assert acme.name not in repr(sandbox.wise.client())


def test_a_receiver_gets_its_key_and_ca_from_python():
    """The CA verifies the certificate that the sender shows, the key is the provider's; texts do for bytes."""
    with Sandbox() as sandbox:
        courier, root = x509.load_pem_x509_certificates(sandbox.nuapay.webhook_ca().encode())
        sender, *_ = x509.load_pem_x509_certificates(sandbox.nuapay.webhook_certificate().encode())
        sender.verify_directly_issued_by(courier)
        with pytest.raises(ValueError):
            sender.verify_directly_issued_by(root)
        assert x509.load_pem_x509_csr(sandbox.nuapay.webhook_csr().encode()).public_key() == sender.public_key()
        assert isinstance(load_pem_public_key(sandbox.wise.webhook_key().encode()), RSAPublicKey)
        with pytest.raises(Misuse, match="a secret of each subscription"):
            sandbox.nuapay.webhook_key()
        sandbox.nuapay.client().configure_webhooks(mtls=True, ca=sandbox.ca_file.read_text())
        with pytest.raises(NotThere, match="no rows of kind 'transfers'; there are: "):
            sandbox.wise.client().resources("transfers")
        with pytest.raises(NotThere, match="no rows of kind 'transfers'; there are: "):
            sandbox.wise.client().resource("transfers", 12345)
        with pytest.raises(NotThere) as absent:
            sandbox.wise.client().resource("transfer", 9)
        assert absent.value.__notes__ == ["next: sandbox.wise.client('demo').resources('transfer') shows which it has"]
        with pytest.raises(NotThere) as absent:
            sandbox.wise.client("acme")
        assert absent.value.__notes__ == ["next: add it: sandbox.wise.new_client('acme')"]
        assert sandbox.wise.client().resources("quote") == ()


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


USED = """
import sys, threading
from sandbank import Sandbox
from sandbox.errors import Misuse, StateLocked

def use(sandbox, began, wrong):
    wise, number = sandbox.wise, 0
    try:
        while True:
            try:
                wise.client("demo")
                sandbox.journal.entries()
                wise.new_client(f"{threading.get_ident()}-{number}")
            except StateLocked:
                pass  # four writers on a busy computer
            number += 1
            began.release()
    except Misuse:
        pass
    except BaseException as error:
        wrong.append(error)
        began.release(100)

for _ in range(4):
    began, wrong = threading.Semaphore(0), []
    sandbox = Sandbox()
    sandbox.start()
    threads = [threading.Thread(target=use, args=(sandbox, began, wrong)) for _ in range(4)]
    for one in threads:
        one.start()
    for _ in range(8):
        assert began.acquire(timeout=60)
    sandbox.stop()
    for one in threads:
        one.join(60)
        assert not one.is_alive()
    assert wrong == [], wrong
print("stopped")
"""


def test_a_stop_while_it_is_used_is_a_misuse_and_no_crash():
    """Threads that go on using its handles are told that it was stopped; the process does not end by a signal."""
    command = [sys.executable, "-W", "error", "-X", "faulthandler", "-c", USED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "stopped\n"), done.stderr[-3000:]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"https_proxy": "http://user:word@proxy.example:3128"}, "HTTPS_PROXY names a proxy"),
        ({"ALL_PROXY": "socks5://proxy.example"}, "ALL_PROXY names a proxy"),
        ({"https_proxy": "http://proxy.example", "no_proxy": "example.com,localhost"}, ""),
        ({"https_proxy": "http://proxy.example", "NO_PROXY": "*"}, ""),
        ({"http_proxy": "http://proxy.example"}, ""),
        ({}, ""),
    ],
)
def test_a_proxy_in_between_is_told(monkeypatch, environment, said):
    """The one that calls to localhost would take, without its address, which may have a password."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    told = proxy_in_between()
    assert said in told
    assert bool(told) == bool(said)
    assert "proxy.example" not in told
