"""Whose secret is kept how: hashed by whether it was made or chosen, readable for demo clients alone, also after an
upgrade of a state that kept them all as they are."""

import re
import sqlite3
import subprocess
import sys

import pytest

from sandbox.errors import SeedRefused, StateUnusable, Taken
from sandbox.services.clients import add_client, list_clients, new_secret, show_client
from sandbox.services.seed import apply_seed, read_seed
from sandbox.services.state import open_state
from sandbox.storage import facts, files
from sandbox.storage.files import scrub_if_due

CHOSEN, UUID = "a word that somebody chose", "5ca17bba-e50d-47a8-86b3-5b0aa5811d3c"
KEY, OTHER_KEY = "0123456789abcdef" * 4, "another word for a key"


def kept(state, provider, name):
    return show_client(state, provider, name).secret


def rows(state):
    with state.store.read() as work:
        return work.connection.execute("SELECT provider, name, secret FROM sandbank_clients ORDER BY 1, 2").fetchall()


def test_what_is_made_is_hashed_fast_and_what_is_chosen_slowly(state):
    """The answer has the secret, the store its hash; demo clients' are readable."""
    made, chosen = add_client(state, "wise", "made"), add_client(state, "wise", "chosen", secret=CHOSEN)
    assert made.client.secret.way.algorithm == "sha256" and made.client.secret.is_of(made.secret)
    assert chosen.client.secret.way.algorithm == "scrypt" and chosen.client.secret.is_of(CHOSEN) and chosen.secret
    assert made.client == show_client(state, "wise", "made") and made.client.secret.readable is None
    assert not [row for row in rows(state) if made.secret in row[2] or CHOSEN in row[2]]
    assert kept(state, "wise", "demo").readable in str(rows(state))


def test_secrets_have_salts_of_their_own_unless_they_alone_say_who_calls(state):
    """The same secret twice cannot be seen in the store; of API keys it must not be there twice."""
    one, two = (add_client(state, "wise", name, secret=CHOSEN).client.secret for name in ("one", "two"))
    assert one != two
    keys = [add_client(state, "nuapay", name).client.secret for name in ("one", "two")]
    slow = [add_client(state, "nuapay", name, secret=name * 9).client.secret for name in ("three", "four")]
    assert keys[0].way == keys[1].way and slow[0].way == slow[1].way
    assert len({secret.digest for secret in keys + slow}) == 4


def test_an_api_key_is_one_clients(state):
    """Whichever way the other's is kept; a client's own may be given once more."""
    made = add_client(state, "nuapay", "made").secret
    add_client(state, "nuapay", "chosen", secret=CHOSEN)
    for taken in (made, CHOSEN, kept(state, "nuapay", "demo").readable):
        with pytest.raises(Taken, match="has that secret") as refused:
            add_client(state, "nuapay", "second", secret=taken)
        assert taken not in str(refused.value)
    add_client(state, "nuapay", "second", secret=CHOSEN + " else")
    add_client(state, "wise", "second", secret=CHOSEN)


def test_a_seed_may_not_give_a_key_twice(state, tmp_path):
    """Neither one that is there nor one of its own; the same file once more is no second time."""
    file = tmp_path / "sandbank.toml"

    def apply(*names):
        file.write_text("".join(f'[[nuapay.clients]]\nname = "{one}"\nsecret = "{CHOSEN}"\n' for one in names))
        return apply_seed(state, read_seed(file))

    assert apply("one")[0].added and apply("one")[0].changes == ()
    for names in (("two",), ("one", "two")):
        with pytest.raises(SeedRefused) as refused:
            apply(*names)
        (problem,) = refused.value.problems
        assert "has that secret" in problem and CHOSEN not in problem


def test_a_new_secret_takes_the_place_of_the_old_one(state):
    """A server is told to look again; what was chosen is made now, and a demo client's stays readable."""
    add_client(state, "wise", "acme", secret=CHOSEN)
    with state.store.read() as work:
        before = facts.read_generation(work)
    renewed = new_secret(state, "wise", "acme")
    secret = kept(state, "wise", "acme")
    assert secret == renewed.client.secret and secret.way.algorithm == "sha256"
    assert secret.is_of(renewed.secret) and not secret.is_of(CHOSEN)
    with state.store.read() as work:
        assert facts.read_generation(work) > before
    demo = new_secret(state, "wise", "demo")
    assert kept(state, "wise", "demo").readable == demo.secret


def test_a_seed_hashes_its_own_secret_a_demo_clients_too(state, tmp_path):
    """Who writes a secret down has it; only what was made here for a demo client can be read."""
    file = tmp_path / "sandbank.toml"
    file.write_text(f'[[wise.clients]]\nname = "demo"\nsecret = "{CHOSEN}"\n')
    assert apply_seed(state, read_seed(file))[0].changes == ("secret",)
    assert kept(state, "wise", "demo").readable is None and kept(state, "wise", "demo").is_of(CHOSEN)
    spelled = CHOSEN.replace(" ", "%20")
    file.write_text(file.read_text().replace(CHOSEN, spelled))
    assert apply_seed(state, read_seed(file))[0].changes == ("secret",)  # another, though it may be sent as the same


def older(state):
    """The state as the version before made it: the same tables, and every secret as it is."""
    plain = {("nuapay", "acme"): KEY, ("nuapay", "word"): OTHER_KEY, ("wise", "acme"): UUID, ("wise", "word"): CHOSEN}
    for provider, name in plain:
        add_client(state, provider, name)
    for provider, name in (("wise", "demo"), ("nuapay", "demo")):
        plain[provider, name] = kept(state, provider, name).readable
    plain["nuapay", "other"] = "demo's, but chosen"
    with state.store.write() as work:
        for (provider, name), secret in plain.items():
            said = {"provider": provider, "name": name, "secret": secret}
            marks = ("?", "?", "?") if work.driver == "sqlite3" else ("%s", "%s", "%s")
            sql = "UPDATE sandbank_clients SET secret = {} WHERE provider = {} AND name = {}".format(*marks)
            work.connection.execute(sql, (said["secret"], said["provider"], said["name"]))
        for later in ("deliveries", "attempts", "webhook_settings"):
            work.connection.execute(f"DROP TABLE sandbank_{later}")
        facts.put(work, "schema.sandbank", "4")
    assert {tuple(row[:2]): row[2] for row in rows(state)} == plain
    return plain


def test_an_upgrade_hashes_what_older_versions_kept_as_it_is(state):
    """All secrets are good afterwards; a demo client's that was made is readable, all others are hashed."""
    plain, ca = older(state), state.folder.ca_file.read_bytes()
    again = open_state(state.folder.path)
    try:
        assert again.folder.ca_file.read_bytes() == ca
        ways = {}
        for provider in ("wise", "nuapay"):
            for client in list_clients(again, provider):
                assert client.secret.is_of(plain[provider, client.name]) and not client.secret.is_of("x")
                ways[provider, client.name] = client.secret.way.algorithm
        assert ways == {
            ("wise", "demo"): "plain",
            ("wise", "acme"): "sha256",
            ("wise", "word"): "scrypt",
            ("nuapay", "demo"): "plain",
            ("nuapay", "other"): "scrypt",
            ("nuapay", "acme"): "sha256",
            ("nuapay", "word"): "scrypt",
        }
        assert kept(again, "nuapay", "other").way == kept(again, "nuapay", "word").way  # found by one digest
        with again.store.read() as work:
            assert not facts.get(work, files.DUE)
    finally:
        again.close()


@pytest.mark.parametrize("state", ["sqlite"], indirect=True)
def test_after_an_upgrade_no_secret_is_in_the_files(state):
    """Neither in the table, nor in old pages, nor in the log; before it they were, as demo's still is, and in the copy
    that was made of the old file they are still."""
    hidden = [secret for (_, name), secret in older(state).items() if name != "demo"]
    demo = kept_text(state.folder.store, "demo")
    state.close()
    files = [state.folder.store, state.folder.store.with_name("sandbank.sqlite-wal")]
    assert all(secret.encode() in read(files) for secret in [*hidden, demo])
    again = open_state(state.folder.path)
    assert not [secret for secret in hidden if secret.encode() in read(files)]
    assert demo.encode() in read(files)
    (copy,) = again.store.backups()
    assert re.fullmatch(r"sandbank\.sqlite\.schema-sandbank-4-ca-\d+", copy.name)
    assert all(secret.encode() in copy.read_bytes() for secret in hidden)
    again.close()
    assert not [secret for secret in hidden if secret.encode() in read(files)]


def kept_text(store, name):
    """The secret of a client as the table has it, read by a connection of its own."""
    connection = sqlite3.connect(store)
    (text,) = connection.execute(
        "SELECT secret FROM sandbank_clients WHERE name = ? AND provider = 'wise'", (name,)
    ).fetchone()
    connection.close()
    return text


def read(files):
    """By another process: to close a database's file in one that has it open would drop SQLite's locks on it."""
    there = [str(file) for file in files if file.exists()]
    return subprocess.run(["cat", *there], check=True, capture_output=True, timeout=60).stdout


@pytest.mark.parametrize("state", ["sqlite"], indirect=True)
def test_old_pages_are_swept_up_when_nobody_reads_them_any_more(state):
    """While another process reads, the state opens all the same, and whoever opens it later finishes the work."""
    older(state)
    store = state.folder.store
    state.close()
    program = (
        f"import sqlite3; c = sqlite3.connect({str(store)!r}); c.execute('BEGIN'); "
        "c.execute('SELECT * FROM sandbank_clients').fetchall(); print('reading', flush=True); input()"
    )
    reader = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert reader.stdin and reader.stdout and reader.stdout.readline() == b"reading\n"
    during = open_state(state.folder.path)
    with during.store.read() as work:
        assert facts.get(work, files.DUE)
    assert kept(during, "wise", "word").is_of(CHOSEN)
    reader.communicate(b"\n", timeout=20)
    scrub_if_due(during.store)
    assert CHOSEN.encode() not in read([store, store.with_name("sandbank.sqlite-wal")])
    with during.store.read() as work:
        assert not facts.get(work, files.DUE)
    during.close()


@pytest.mark.parametrize("state", ["sqlite"], indirect=True)
def test_a_secret_that_was_changed_by_hand_is_told_without_it(state):
    """By the client's name."""
    add_client(state, "wise", "acme")
    with state.store.write() as work:
        work.connection.execute("UPDATE sandbank_clients SET secret = 'hush-hush' WHERE name = 'acme'")
    with pytest.raises(StateUnusable, match="of the client acme") as told:
        show_client(state, "wise", "acme")
    assert "hush" not in str(told.value) and told.value.advice()
