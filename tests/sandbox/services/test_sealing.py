"""Private keys lie encrypted in the store where there is a passphrase, all of them or none."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ca.store.store import authority_keys, is_sealed, write_authority_key
from ca.x509.keys import write_key_der
from sandbox.errors import PassphraseMissing, PassphraseWrong, StateUnusable
from sandbox.providers import PROVIDERS
from sandbox.services.clients import list_clients
from sandbox.services.keys import public_reply_key
from sandbox.services.making import new_certificate
from sandbox.services.removing import decrypt_state, encrypt_state, in_plain
from sandbox.services.state import open_state
from sandbox.storage import keys

ROOT = Path(__file__).parents[3]
WORD = "correct horse battery staple"
OTHERS = 4
"""Keys beside those of the providers' issuing CAs: the clients' root, two CAs for servers, one that signs replies."""


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A state as it is made without a passphrase, with a key that signs replies."""
    path = tmp_path_factory.mktemp("plain") / "state"
    state = open_state(path, passphrase="")
    reply_spki(state)
    state.close()
    return path


@pytest.fixture
def path(plain, tmp_path):
    return shutil.copytree(plain, tmp_path / "state")


@pytest.fixture
def opened():
    """Opens states, and closes them."""
    states = []

    def open_one(path, passphrase=""):
        states.append(open_state(path, passphrase=passphrase))
        return states[-1]

    yield open_one
    for state in states:
        state.close()


def reply_spki(state):
    with state.store.write() as work:
        now = state.clock.now()
        return public_reply_key(work, state.vault, "wise", "ES512", None, ids=state.ids, now=now).spki


def all_kept(state):
    with state.store.read() as work:
        return [kept for _, kept in authority_keys(work)] + [row.kept for row in keys.all_reply_keys(work)]


def all_bytes(path):
    return b"".join(file.read_bytes() for file in sorted(path.glob("*.sqlite*")))


def secrets_of(kept):
    """The private scalars of elliptic keys: as they stand in PKCS#8 and in any other form of the key."""
    found = [re.search(rb"\x02\x01\x01\x04(?:\x20(.{32})|\x42(.{66}))", der, re.DOTALL) for der in kept]
    assert all(found)
    return [one[1] or one[2] for one in found]


def test_encrypted_keys_are_nowhere_in_the_files(opened, path):
    """Neither in the table nor in old pages nor in the log, and decrypted they are the very same keys again."""
    state = opened(path, WORD)
    before, spki = all_kept(state), reply_spki(state)
    secrets = secrets_of(before)
    assert len(before) == OTHERS + len(PROVIDERS) and in_plain(state)
    assert all(secret in all_bytes(path) for secret in secrets)  # the search finds what is there
    assert encrypt_state(state) is True
    assert not in_plain(state) and all(map(is_sealed, all_kept(state)))
    assert not [secret for secret in secrets if secret in all_bytes(path)]
    assert not [der for der in before if der in all_bytes(path)] and WORD.encode() not in all_bytes(path)
    state.close()
    again = opened(path, WORD)
    assert reply_spki(again) == spki and new_certificate(again, "wise", "demo", key="ec-p256").record
    assert decrypt_state(again) is True
    assert all_kept(again) == before and in_plain(again)


def test_a_state_made_with_a_passphrase_never_has_a_plain_key(opened, tmp_path):
    """From its founding on, for keys that are made later too: the server's, a reply's."""
    state = opened(tmp_path / "state", WORD)
    reply_spki(state)
    with state.store.write() as work:
        made = state.authority.server_credentials(work, names=("localhost",), now=state.clock.now())
    assert len(all_kept(state)) == OTHERS + len(PROVIDERS) + 1 and all(map(is_sealed, all_kept(state)))
    (secret,) = secrets_of([write_key_der(made.key)])
    assert secret not in all_bytes(tmp_path / "state")
    assert b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x04\x6d" not in all_bytes(
        tmp_path / "state"
    )  # how every PKCS#8 of a P-256 key begins


@pytest.mark.parametrize(
    ("passphrase", "refusal", "sentence"),
    [("", PassphraseMissing, "there is no passphrase"), (f"{WORD}!", PassphraseWrong, "is not that of this state")],
)
def test_what_needs_a_key_needs_the_passphrase(opened, path, passphrase, refusal, sentence):
    """Signing, the server's certificate, a reply's key, encrypting again and decrypting; exit code 3, nothing told."""
    state = opened(path, WORD)
    encrypt_state(state)
    kept = all_kept(state)
    state.close()
    other = opened(path, passphrase)

    def serve():
        with other.store.write() as work:
            other.authority.server_credentials(work, names=("localhost",), now=other.clock.now())

    for service in (
        lambda: new_certificate(other, "wise", "demo", key="ec-p256"),
        serve,
        lambda: reply_spki(other),
        lambda: encrypt_state(other),
        lambda: decrypt_state(other),
    ):
        with pytest.raises(refusal, match=sentence) as refused:
            service()
        assert refused.value.exit_code == 3 and refused.value.advice()
        assert WORD not in f"{refused.value}{refused.value.advice()}"
    assert all_kept(other) == kept
    assert [client.name for client in list_clients(other, "wise")] == ["demo"]  # which needs none


def test_a_plain_state_is_not_encrypted_without_a_passphrase(opened, path):
    """And nothing is changed by the try."""
    state = opened(path)
    before = all_kept(state)
    with pytest.raises(PassphraseMissing):
        encrypt_state(state)
    assert all_kept(state) == before
    assert decrypt_state(state) is False


def test_once_more_is_no_mistake(opened, path):
    """Encrypted twice it is still opened by the one passphrase, and swept once more."""
    state = opened(path, WORD)
    assert encrypt_state(state) is True and encrypt_state(state) is False
    assert reply_spki(state)


def test_a_key_put_under_another_name_does_not_open(opened, path):
    """Whoever can write the file cannot make one authority sign with another's key."""
    state = opened(path, WORD)
    encrypt_state(state)
    with state.store.write() as work:
        kept = dict(authority_keys(work))
        write_authority_key(work, "client-ca:wise", kept["client-root"])
    fresh = opened(path, WORD)
    with pytest.raises(StateUnusable, match="client-ca:wise in the store was changed"):
        new_certificate(fresh, "wise", "demo", key="ec-p256")


def test_a_process_that_opened_a_plain_state_seals_once_it_is_sealed(opened, path):
    """It asks the store, which another process has sealed since: without the passphrase it writes no key at all."""
    early, late = opened(path), opened(path, WORD)
    encrypt_state(late)
    with pytest.raises(PassphraseMissing), early.store.write() as work:
        public_reply_key(work, early.vault, "wise", "PS256", None, ids=early.ids, now=early.clock.now())
    assert all(map(is_sealed, all_kept(late)))


KILLED = """
import os, sys
from pathlib import Path
from ca.store import store
from sandbox.services import removing
from sandbox.services.state import open_state
real, left = store.write_authority_key, int(sys.argv[3])
def write(*args):
    global left
    if left == 0:
        os._exit(9)
    left -= 1
    real(*args)
store.write_authority_key = write
getattr(removing, sys.argv[2])(open_state(Path(sys.argv[1])))
"""


@pytest.mark.parametrize("after", [0, 2])
@pytest.mark.parametrize("verb", ["encrypt_state", "decrypt_state"])
def test_killed_in_between_nothing_has_changed(opened, path, verb, after):
    """All keys are as they were, and open as they did."""
    state = opened(path, WORD)
    if verb == "decrypt_state":
        encrypt_state(state)
    before = all_kept(state)
    state.close()
    environment = {"SANDBANK_PASSPHRASE": WORD, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), verb, str(after)], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 9, done.stderr
    again = opened(path, WORD)
    assert all_kept(again) == before
    assert reply_spki(again) and new_certificate(again, "wise", "demo", key="ec-p256").record


def test_killed_before_the_sweep_the_next_time_sweeps(opened, path, monkeypatch):
    """The keys are encrypted then, and the command once more leaves nothing of the old pages."""
    state = opened(path, WORD)
    secrets = secrets_of(all_kept(state))
    with monkeypatch.context() as patched:
        patched.setattr(type(state.store), "scrub", lambda store: True)
        encrypt_state(state)
    assert [secret for secret in secrets if secret in all_bytes(path)]
    encrypt_state(state)
    assert not [secret for secret in secrets if secret in all_bytes(path)]
