"""Public keys are registered in the forms in which people have them, listed as they stand, and deleted for good."""

import base64
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sandbox.errors import Misuse, NotThere, Refused
from sandbox.services.clock import read_instant
from sandbox.services.keys import (
    add_key,
    decryption_keys,
    key_as_json,
    key_status,
    key_text,
    list_keys,
    new_key,
    public_reply_key,
    remove_key,
    rotate,
)

KEY = ec.generate_private_key(ec.SECP256R1())
DER = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
PEM = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
PRIVATE = KEY.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


@pytest.mark.parametrize(
    "data",
    [
        PEM,
        b"\xef\xbb\xbf" + PEM,
        PEM.replace(b"\n", b"\r\n"),
        PEM.decode().encode("utf-16"),
        base64.b64encode(DER),
        DER,
    ],
    ids=["PEM", "with a mark", "CRLF", "UTF-16", "base64", "DER"],
)
def test_a_key_is_read_in_every_usual_form(state, data):
    """All of them are the same key."""
    key = add_key(state, "wise", "demo", new_key("ES256", key_text(data), kid="k"))
    assert base64.b64decode(key.spki) == DER


def test_a_private_key_is_refused_in_every_form(state):
    """And nothing is kept."""
    pem = b"-----BEGIN PRIVATE KEY-----\n" + base64.b64encode(PRIVATE) + b"\n-----END PRIVATE KEY-----\n"
    for data in (PRIVATE, base64.b64encode(PRIVATE), pem, pem.decode().encode("utf-16"), PEM + pem):
        with pytest.raises(Refused) as refused:
            add_key(state, "wise", "demo", new_key("ES256", key_text(data)))
        assert refused.value.code == "signature.key_private_sent"
    assert list_keys(state, "wise", "demo") == ()


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"\0" * 100, b"\xff" * 9])
def test_what_is_no_text_is_judged_all_the_same(state, data):
    """A refusal with its cause, never a fault."""
    with pytest.raises(Refused, match=r"signature\.key_"):
        add_key(state, "wise", "demo", new_key("ES256", key_text(data)))


def test_a_key_stands_by_its_times(state, clock):
    """Not yet active, active, expired, deleted; the instants are written as all our times are."""
    now = clock.now()
    times = {name: now + timedelta(days=n) for n, name in enumerate(("active_from", "expires_at", "deleted_at"), 1)}
    key = add_key(state, "wise", "demo", new_key("ES256", PEM.decode(), **times))
    seen = [key_status(key, now + timedelta(days=n)) for n in range(4)]
    assert seen == ["not_yet_active", "active", "expired", "deleted"]
    assert key_as_json(key, now)["active_from"] == times["active_from"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_a_deleted_key_stays_and_keeps_its_kid(state, clock):
    """So that a refusal can say that it was deleted; another key needs another kid."""
    add_key(state, "wise", "demo", new_key("ES256", PEM.decode(), kid="k"))
    clock.move(timedelta(seconds=1))
    removed = remove_key(state, "wise", "demo", "k")
    assert list_keys(state, "wise", "demo") == (removed,)
    assert key_status(removed, clock.now()) == "deleted"
    with pytest.raises(Refused) as refused:
        add_key(state, "wise", "demo", new_key("ES256", PEM.decode(), kid="k"))
    assert refused.value.code == "provider.not_unique"
    with pytest.raises(NotThere, match="no key with the kid or id"):
        remove_key(state, "wise", "demo", "nothing")


@pytest.mark.parametrize(
    "text", ["", "now", "2026-13-01", "2026-01-01T00:00:00+25:00", "0001-01-01T00:00:00+10:00", "7"]
)
def test_what_is_no_time_is_said(text):
    """With an example of one."""
    with pytest.raises(Misuse, match="2026-05-11T09:30:00Z"):
        read_instant(text)


def test_a_provider_is_given_a_new_key(state):
    """It signs from now on; the one before is still there by its version. Of an algorithm that it has not: refused."""
    assert rotate(state, "wise", "ES256") == 2
    with state.store.write() as work:
        now, ids = state.clock.now(), state.ids
        found = [
            public_reply_key(work, state.vault, "wise", "ES256", version, ids=ids, now=now)
            for version in (None, 1, 2, 3)
        ]
    newest, first, second, none = found
    assert newest == second and newest.spki != first.spki and none is None
    assert rotate(state, "wise", "RS256") == 2
    with pytest.raises(Misuse):
        rotate(state, "nuapay", "ES256")


def test_keys_for_encryption(state):
    """RSA of 2048 bits under either spelling of the algorithm; any other key is refused with what makes a good one."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = rsa.generate_private_key(65537, 2048).public_key().public_bytes(serialization.Encoding.PEM, form).decode()
    for kid, algorithm in (("a", "RSA_OAEP_256"), ("b", "RSA-OAEP-256")):
        assert add_key(state, "wise", "demo", new_key(algorithm, pem, kid=kid)).algorithm == "RSA-OAEP-256"
    with pytest.raises(Refused) as caught:
        add_key(state, "wise", "demo", new_key("RSA_OAEP_256", PEM.decode()))
    assert caught.value.code == "signature.key_does_not_fit" and "openssl genrsa" in caught.value.reasons[0].next


def test_the_providers_own_keys_for_encryption(state):
    """None before somebody asks for one; then each version has its private half, in the vault like those that sign."""

    def versions() -> list[int]:
        with state.store.read() as work:
            return [key.version for key in decryption_keys(work, state.vault, "wise", "RSA-OAEP-256")]

    assert versions() == []
    assert rotate(state, "wise", "rsa_oaep_256") == 2 and versions() == [1, 2]
    with state.store.write() as work:
        shown = public_reply_key(work, state.vault, "wise", "RSA-OAEP-256", None, ids=state.ids, now=state.clock.now())
        newest = decryption_keys(work, state.vault, "wise", "RSA-OAEP-256")[-1].private_key.public_key()
    assert shown is not None and serialization.load_der_public_key(base64.b64decode(shown.spki)) == newest
    with pytest.raises(Misuse):
        rotate(state, "nuapay", "RSA_OAEP_256")
