import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

KEYS = "/api/wise/clients/demo/keys"


def test_a_key_is_registered_listed_and_deleted(door, public_key) -> None:
    """From POST to DELETE, by kid or by id; a deleted one stays in the list."""
    made = door.post(KEYS, {"algorithm": "ES256", "key": public_key, "kid": "one", "expires_at": "2099-01-01"})
    assert made.status == 201
    assert (made.json["kid"], made.json["status"]) == ("one", "active")
    assert made.json["expires_at"] == "2099-01-01T00:00:00.000000Z"
    assert door.get(KEYS).json == {"keys": [made.json]}
    gone = door.call("DELETE", f"{KEYS}/one")
    assert gone.status == 200 and gone.json["status"] == "deleted"
    assert door.get(KEYS).json == {"keys": [gone.json]}
    assert door.call("DELETE", f"{KEYS}/{gone.json['id']}").status == 200
    assert door.call("DELETE", f"{KEYS}/two").code == "sandbank.not_there"


def test_the_bare_pem_will_do(door, public_key) -> None:
    """What curl --data-binary @PUBLIC.pem sends; the rest is in the query."""
    made = door.post(f"{KEYS}?algorithm=ES256&kid=one&active_from=2099-01-01T00:00Z", public_key.encode())
    assert made.status == 201 and made.json["status"] == "not_yet_active"
    assert door.post(KEYS, public_key.encode()).code == "http.call_malformed"
    said = {"algorithm": "ES256", "key": public_key}
    assert door.post(f"{KEYS}?kid=two", said).code == "http.call_malformed"


def test_a_private_key_is_refused_and_not_repeated(door, public_key) -> None:
    """In JSON and bare; nothing is kept."""
    private = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for answer in (
        door.post(KEYS, {"algorithm": "ES256", "key": private.decode()}),
        door.post(f"{KEYS}?algorithm=ES256", private),
    ):
        assert (answer.status, answer.codes) == (422, ["signature.key_private_sent"])
        assert "never shared" in answer.json["refusals"][0]["detail"]
        assert private.splitlines()[1] not in answer.body
    assert door.get(KEYS).json == {"keys": []}


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"algorithm": "RS512"}, 422, "signature.alg_unsupported"),
        ({"algorithm": "ES512"}, 422, "signature.key_does_not_fit"),
        ({"key": "AAAA"}, 422, "signature.key_not_spki"),
        ({"kid": ""}, 400, "sandbank.misuse"),
        ({"kid": "k" * 129}, 400, "http.call_malformed"),
        ({"kid": None}, 400, "http.call_malformed"),
        ({"expires_at": "soon"}, 400, "sandbank.misuse"),
        ({"deleted_at": "2099-01-01"}, 400, "http.call_malformed"),
    ],
    ids=str,
)
def test_what_cannot_be_a_key_is_refused(door, public_key, said, status, code) -> None:
    """One thing wrong each."""
    answer = door.post(KEYS, {"algorithm": "ES256", "key": public_key, **said})
    assert answer.status == status
    assert (answer.codes[0] if status == 422 else answer.code) == code
    assert door.get(KEYS).json == {"keys": []}
