"""What a program holds of a client: its rows, its keys and its resets, in Python."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sandbank import Refused, Sandbox
from sandbox.errands.keys import list_keys
from sandbox.errors import NotThere, SeedRefused
from sandbox.faces import ProviderFace

KEY = ec.generate_private_key(ec.SECP256R1())
PEM = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def wise(tmp_path):
    """The provider of a state that nobody serves."""
    from sandbox.errands.state import open_state

    state = open_state(tmp_path / "state")
    yield ProviderFace(state, "wise", {"wise.mtls": 1, "wise.api": 2})
    state.close()


def test_rows_are_put_and_read(wise):
    """Ids may be numbers; a reset puts the client's own rows back."""
    acme = wise.new_client("acme", require_jws=True)
    assert acme.put("transfer", 777, sourceValue=10, reference="x")["sourceValue"] == 10
    assert acme.resource("transfer", "777")["reference"] == "x"
    acme.reset()
    with pytest.raises(NotThere):
        acme.resource("transfer", 777)
    assert acme.resource("transfer", 12345)["status"] == "incoming_payment_waiting"


def test_keys_are_added_and_forgotten(wise):
    """By kid, or else by the id that is given back; a reset of everything forgets them."""
    acme = wise.new_client("acme")
    naive = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    assert acme.add_key(PEM, algorithm="ES256", kid="one", active_from=naive) == "one"
    second = acme.add_key(PEM.decode(), algorithm="ES256", expires_at=datetime(2099, 1, 1, tzinfo=UTC))
    keys = list_keys(wise._state, "wise", "acme")
    assert [key.kid or key.id for key in keys] == ["one", second]
    assert keys[0].active_from == datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(Refused, match=r"signature\.alg_unsupported"):
        acme.add_key(PEM, algorithm="RS256")
    acme.reset()
    assert len(list_keys(wise._state, "wise", "acme")) == 2
    acme.reset(everything=True)
    assert list_keys(wise._state, "wise", "acme") == ()


def test_a_sandbox_begins_with_its_seed(tmp_path):
    """The clients are there when it answers; a bad file stops the start and leaves nothing behind."""
    seed = tmp_path / "sandbank.toml"
    seed.write_text('[[wise.clients]]\nname = "acme"\nid = "acme-id"\n')
    with Sandbox(seed=seed) as sandbox:
        assert sandbox.wise.client("acme").id == "acme-id"
    seed.write_text('[[wise.clients]]\nname = "demo"\nid = "demo-id"\n')
    conflicting = Sandbox(seed=str(seed))
    with pytest.raises(SeedRefused, match="the client demo has the id"):
        conflicting.start()
    assert conflicting._temporary is None and conflicting._state is None
    seed.write_text("[wsie]")
    with pytest.raises(SeedRefused, match="did you mean wise"):
        Sandbox(state=tmp_path / "state", seed=seed).start()
    assert not (tmp_path / "state").exists()
