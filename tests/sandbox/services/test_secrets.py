"""Whose secret is kept how: hashed by whether it was made or chosen, readable for demo clients alone."""

import pytest

from sandbox.errors import SeedRefused, StateUnusable, Taken
from sandbox.services import clients
from sandbox.services.clients import add_client, new_secret, show_client
from sandbox.services.seed import apply_seed, read_seed
from sandbox.storage import facts

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


@pytest.mark.parametrize("state", ["sqlite"], indirect=True)
def test_a_secret_that_was_changed_by_hand_is_told_without_it(state):
    """By the client's name."""
    add_client(state, "wise", "acme")
    with state.store.write() as work:
        work.connection.execute("UPDATE sandbank_clients SET secret = 'hush-hush' WHERE name = 'acme'")
    with pytest.raises(StateUnusable, match="of the client acme") as told:
        show_client(state, "wise", "acme")
    assert "hush" not in str(told.value) and told.value.advice()


def test_two_that_choose_the_first_key_of_a_provider_at_once_may_not_choose_the_same(state, monkeypatch):
    """Whoever is second finds in its transaction how the other's is kept, and is compared with it in that way."""
    read = clients.way_of_chosen

    def overtaken(work, provider):
        way = read(work, provider)
        monkeypatch.undo()
        add_client(state, "nuapay", "quicker", secret=CHOSEN)
        return way

    monkeypatch.setattr(clients, "way_of_chosen", overtaken)
    with pytest.raises(Taken, match="has that secret"):
        add_client(state, "nuapay", "slower", secret=CHOSEN)
    assert add_client(state, "nuapay", "third", secret=CHOSEN + " else").client.secret.way.algorithm == "scrypt"
