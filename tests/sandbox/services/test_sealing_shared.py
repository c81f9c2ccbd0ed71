"""Private keys in a shared database: encrypted by one passphrase, which every machine has to be given."""

import re

import pytest

from ca.x509.keys import write_key_der
from sandbox.errors import PassphraseMissing, PassphraseWrong
from sandbox.services.clients import list_clients
from sandbox.services.keys import public_reply_key
from sandbox.services.making import new_certificate
from sandbox.services.removing import decrypt_state, encrypt_state, in_plain
from sandbox.services.state import open_state
from sandbox.settings import Database

WORD = "correct horse battery staple"
P256_KEY = "06072a8648ce3d020106082a8648ce3d030107046d"  # how the PKCS#8 of every P-256 key begins


@pytest.fixture
def machine(tmp_path, database):
    """Opens the state as a machine of that name does, and closes it at the end."""
    states = []

    def open_one(name, passphrase=""):
        states.append(open_state(tmp_path / name, database=Database(database), passphrase=passphrase))
        return states[-1]

    yield open_one
    for state in states:
        state.close()


def serve(state):
    with state.store.write() as work:
        return state.authority.server_credentials(work, names=("localhost",), now=state.clock.now())


def reply_key(state):
    with state.store.write() as work:
        now = state.clock.now()
        return public_reply_key(work, state.vault, "wise", "ES512", None, ids=state.ids, now=now).spki


def secret_of(key):
    """The private scalar of a P-256 key, in hexadecimal."""
    found = re.search(rb"\x02\x01\x01\x04\x20(.{32})", write_key_der(key), re.DOTALL)
    assert found
    return found[1].hex()


def test_a_state_that_is_founded_with_a_passphrase_never_has_a_plain_key(machine, postgresql, database):
    """In the whole of the dump, whichever machine made the key; another one with the passphrase is no less able."""
    one = machine("a", WORD)
    made = serve(one)
    other = machine("b", WORD)
    assert serve(other).chain == made.chain
    assert new_certificate(other, "wise", "demo", key="ec-p256").record and reply_key(other) == reply_key(one)
    dump = postgresql.dump(database).decode()
    assert secret_of(made.key) not in dump and P256_KEY not in dump and WORD not in dump
    assert decrypt_state(other) is True
    assert secret_of(made.key) in postgresql.dump(database).decode()  # the search finds what is there


@pytest.mark.parametrize(
    ("passphrase", "refusal", "sentence"),
    [("", PassphraseMissing, "there is no passphrase"), (f"{WORD}!", PassphraseWrong, "is not that of this state")],
)
def test_a_machine_that_joins_without_the_passphrase(machine, passphrase, refusal, sentence):
    """May look, and is told why it can do no more. What the others have is as it was."""
    one = machine("a", WORD)
    made = serve(one)
    other = machine("b", passphrase)
    assert [client.name for client in list_clients(other, "wise")] == ["demo"]
    for service in (
        serve,
        reply_key,
        encrypt_state,
        decrypt_state,
        lambda state: new_certificate(state, "wise", "demo", key="ec-p256"),
    ):
        with pytest.raises(refusal, match=sentence) as refused:
            service(other)
        assert refused.value.exit_code == 3 and refused.value.advice() and WORD not in str(refused.value)
    assert serve(machine("c", WORD)).chain == made.chain


def test_one_machine_encrypts_and_decrypts_for_all(machine, postgresql, database):
    """A machine that is open meanwhile goes by the new way, with the passphrase, and else is told what it lacks."""
    one, able, unable = machine("a", WORD), machine("b", WORD), machine("c")
    decrypt_state(one)
    made = serve(unable)
    assert in_plain(able) and secret_of(made.key) in postgresql.dump(database).decode()
    assert encrypt_state(one) is True and encrypt_state(able) is False
    assert not in_plain(able) and P256_KEY not in postgresql.dump(database).decode()
    assert reply_key(able) and serve(able).chain == made.chain
    with pytest.raises(PassphraseMissing):
        reply_key(unable)
    assert decrypt_state(able) is True and in_plain(one)
    assert reply_key(unable) == reply_key(able)
