"""Clients are added with names and ids that can be used, found by either, reset and removed."""

from dataclasses import replace

import pytest

from sandbox.errors import Misuse, NotThere, Taken
from sandbox.oauth.clients import Token
from sandbox.services.certificates import list_certificates
from sandbox.services.clients import add_client, list_clients, remove_client, reset_client, show_client
from sandbox.services.environment import client_environment
from sandbox.services.making import new_certificate
from sandbox.services.resources import list_resources, put_resource
from sandbox.services.rows import MOST_NAMED
from sandbox.storage import clients


def test_a_client_is_found_by_name_and_by_id(state):
    """Id and secret are made unless they are given."""
    made = add_client(state, "wise", "acme").client
    fixed = add_client(state, "wise", "fixed", id="my-id", secret="my secret")
    assert show_client(state, "wise", "acme") == made == show_client(state, "wise", made.id)
    assert (fixed.client.id, fixed.secret) == ("my-id", "my secret")
    assert {client.name for client in list_clients(state, "wise")} == {"demo", "acme", "fixed"}
    assert len({client.id for client in list_clients(state, "wise")}) == 3


def test_the_beginning_of_an_id_that_was_made_stands_for_it(state):
    """Not a short one, not of several, and not of an id that somebody chose: it may be another client's whole id."""
    made = add_client(state, "wise", "begun").client
    add_client(state, "wise", "chosen", id="chosen-id-12")
    assert show_client(state, "wise", made.id[:8]) == made
    for beginning in (made.id[:5], "chosen-id-1"):
        with pytest.raises(NotThere):
            show_client(state, "wise", beginning)
    for number in (1, 2):
        add_client(state, "wise", f"twin-{number}", id=f"abcdef01-0000-4000-8000-00000000000{number}")
    with pytest.raises(NotThere):
        show_client(state, "wise", "abcdef01")
    assert show_client(state, "wise", "abcdef01-0000-4000-8000-000000000002").name == "twin-2"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a/b"},
        {"name": "-dash-first"},
        {"name": "x" * 65},
        {"name": "a\n"},
        {"name": "demo"},
        {"name": "ok", "id": "with:colon"},
        {"name": "ok", "id": "x" * 65},
        {"name": "ok", "id": "demo"},
        {"name": "ok", "id": ".."},
        {"name": "ok", "secret": "x" * 257},
        {"name": "ok", "secret": "a\nb"},
    ],
)
def test_what_cannot_be_a_client_is_refused(state, wrong):
    """Taken, too long, ambiguous, or with characters that would break Basic credentials or a URL."""
    before = list_clients(state, "wise")
    with pytest.raises(Misuse) as misuse:
        add_client(state, "wise", **wrong)
    assert misuse.value.exit_code == (1 if isinstance(misuse.value, Taken) else 2)
    assert list_clients(state, "wise") == before


def test_an_unknown_client_or_provider_names_those_that_are(state):
    """So a typing mistake is seen at once."""
    with pytest.raises(NotThere, match="demo"):
        show_client(state, "wise", "dmeo")
    with pytest.raises(NotThere, match="wise"):
        list_clients(state, "wsie")


def test_a_reset_puts_the_rows_back_and_keeps_the_rest(state):
    """What calls moved is as on the first day; certificates, keys and tokens stay, so a test can go on at once."""
    new_certificate(state, "wise", "demo", name="laptop", key="ec-p256")
    put_resource(state, "wise", "demo", "transfer", "12345", {"status": "processing"})
    put_resource(state, "wise", "demo", "transfer", "777", {})
    reset_client(state, "wise", "demo")
    rows = list_resources(state, "wise", "demo", "transfer")
    assert [(row.id, row.body["status"]) for row in rows] == [("12345", "incoming_payment_waiting")]
    assert {record.status(state.clock.now()) for record in list_certificates(state, "wise", "demo")} == {"active"}


def test_a_whole_reset_frees_certificates_and_keeps_the_client(state):
    """Ten certificates of before do not count afterwards; id and secret are the same."""
    before = show_client(state, "wise", "demo")
    for n in range(10):
        new_certificate(state, "wise", "demo", name=f"n{n}", key="ec-p256")
    reset_client(state, "wise", "demo", everything=True)
    assert show_client(state, "wise", "demo") == before
    assert {record.status(state.clock.now()) for record in list_certificates(state, "wise", "demo")} == {"revoked"}
    assert new_certificate(state, "wise", "demo", name="n0", key="ec-p256").record.serial


def test_a_removed_client_is_gone_and_its_name_is_free(state):
    """A new client of the same name is another one."""
    first = add_client(state, "wise", "acme").client
    remove_client(state, "wise", "acme")
    with pytest.raises(NotThere):
        show_client(state, "wise", "acme")
    assert add_client(state, "wise", "acme").client.id != first.id


def test_the_environment_names_the_newest_good_certificate(state):
    """None before there is one; afterwards the newest that is neither expired nor released."""
    empty = client_environment(state, "wise", "demo")
    assert empty.certificate_missing
    assert "WISE_CERTIFICATE_FILE" not in empty.variables
    made = new_certificate(state, "wise", "demo", key="ec-p256")
    full = client_environment(state, "wise", "demo")
    assert full.variables["WISE_CERTIFICATE_FILE"] == str(made.certificate)
    assert full.variables["WISE_KEY_FILE"] == str(made.key)
    assert full.variables["WISE_MTLS_URL"] == "https://localhost:8443"
    reset_client(state, "wise", "demo", everything=True)
    assert client_environment(state, "wise", "demo").certificate_missing


def test_a_secret_is_in_no_repr(state):
    """Whatever is logged by mistake does not show it."""
    client = add_client(state, "wise", "acme", secret="hush-hush")
    assert "hush-hush" not in repr(client)
    assert "hush-hush" not in repr(client_environment(state, "wise", "acme"))


def test_who_is_not_found_is_told_some_of_those_that_are(state):
    """All of them while they are few; of many so many, and how many there are besides."""
    for number in range(MOST_NAMED - 1):
        add_client(state, "wise", f"c{number}")
    with pytest.raises(NotThere) as all_named:
        show_client(state, "wise", "nobody")
    assert f"c{MOST_NAMED - 2}" in all_named.value.detail and "more" not in all_named.value.detail
    for number in range(3):
        add_client(state, "wise", f"late{number}")
    with pytest.raises(NotThere) as some_named:
        show_client(state, "wise", "nobody")
    assert some_named.value.detail.count(", ") == MOST_NAMED - 1 and some_named.value.detail.endswith(" and 3 more")


def test_with_a_client_go_the_tokens_that_it_has_asked_for(state):
    """On its merchant's behalf: the next client of its id shows a certificate that they would be good with."""
    owner, now = add_client(state, "nuapay", "merchant").client, state.clock.now()
    token = Token(
        digest="of the partner",
        provider="nuapay",
        client=owner.id,
        kind="ordinary",
        scope="",
        issued_at=now,
        expires_at=now,
        requested_by=add_client(state, "nuapay", "partner").client.id,
    )
    with state.store.write() as work:
        for one in (token, replace(token, digest="its own", requested_by=owner.id)):
            clients.add_token(work, one)
    remove_client(state, "nuapay", "partner")
    with state.store.read() as work:
        assert [one.digest for one in clients.tokens_of(work, "nuapay", owner.id)] == ["its own"]
