"""What a program holds of a client: its rows, its keys, its files and its resets, in Python."""

import functools
import io
import shlex
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from ca.clock import MovableClock
from sandbank import Refused, Sandbox
from sandbox.embed.handles import ClockHandle, ProviderHandle
from sandbox.errors import Misuse, NotThere, SeedRefused
from sandbox.services.keys import list_keys
from sandbox.services.state import open_state

KEY = ec.generate_private_key(ec.SECP256R1())
PEM = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def wise(tmp_path, founded):
    """The provider of a state that nobody serves."""
    shutil.copytree(founded, tmp_path / "state")
    state = open_state(tmp_path / "state")
    yield ProviderHandle(state, "wise", {"wise.mtls": 1, "wise.api": 2})
    state.close()


def test_rows_are_put_and_read(wise):
    """Ids may be numbers; a reset puts the client's own rows back."""
    acme = wise.new_client("acme", require_jws=True)
    assert acme.put("transfer", 777, sourceValue=10, reference="x")["sourceValue"] == "10.00"
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
        acme.add_key(PEM, algorithm="RS512")
    acme.reset()
    assert len(list_keys(wise._state, "wise", "acme")) == 2
    acme.reset(everything=True)
    assert list_keys(wise._state, "wise", "acme") == ()


def test_the_clock_is_moved_in_one_line(tmp_path):
    """By months or a length of time, to an instant, standing, on from there, and back; without a zone it is UTC."""
    state = open_state(tmp_path / "state")
    clock, at = ClockHandle(state), datetime(2027, 12, 24, 10, tzinfo=UTC)
    try:
        began = clock.now
        clock.move(months=13)
        assert timedelta(days=394) < clock.now - began < timedelta(days=397)
        clock.move(months=-13)
        assert state.clock.real
        clock.freeze(at.replace(tzinfo=None))
        clock.move(timedelta(days=400))
        assert clock.now == at + timedelta(days=400)
        clock.run()
        while clock.now == at + timedelta(days=400):
            pass
        clock.move_to(at)
        assert at <= clock.now < at + timedelta(seconds=20)
        clock.freeze()
        assert clock.now == clock.now
        clock.reset()
        assert state.clock.real
        with pytest.raises(Misuse, match="1951 to 9900"):
            clock.move(months=12 * 9000)
    finally:
        state.close()


def test_a_clock_of_the_callers_is_shown_and_not_moved(tmp_path):
    """Whoever brought it moves it themselves, and the sandbox goes by it."""
    at = datetime(2027, 12, 24, 10, tzinfo=UTC)
    brought = MovableClock(at)
    state = open_state(tmp_path / "state", clock=brought)
    try:
        assert ClockHandle(state).now == at
        with pytest.raises(Misuse, match="was passed to it"):
            ClockHandle(state).move(months=1)
        brought.move(months=1)
        assert ClockHandle(state).now == at.replace(year=2028, month=1)
    finally:
        state.close()


def test_a_sandbox_begins_with_its_seed(tmp_path):
    """The clients are there when it answers; a bad file stops the start and leaves nothing behind."""
    seed = tmp_path / "sandbank.toml"
    seed.write_text('[[wise.clients]]\nname = "acme"\nid = "acme-id"\n')
    with Sandbox(seed=seed) as sandbox:
        assert sandbox.wise.client("acme").id == "acme-id"
    seed.write_text('[[wise.clients]]\nname = "demo"\nid = "demo-id"\n')
    conflicting = Sandbox(seed=str(seed))
    with pytest.raises(SeedRefused, match="the client demo already has the id"):
        conflicting.start()
    assert conflicting._temporary is None and conflicting._state is None
    seed.write_text("[wsie]")
    with pytest.raises(SeedRefused, match="did you mean wise"):
        Sandbox(state=tmp_path / "state", seed=seed).start()
    assert not (tmp_path / "state").exists()


def test_a_start_knows_the_secrets_of_its_seed(tmp_path):
    """Given or made: until somebody makes another, and not at the next start where they were made at the first."""
    seed = tmp_path / "sandbank.toml"
    seed.write_text('[[wise.clients]]\nname = "given"\nsecret = "s3cret"\n[[wise.clients]]\nname = "made"\n')
    with Sandbox(seed=seed, state=tmp_path / "state") as sandbox:
        given, made = sandbox.wise.client("given"), sandbox.wise.client("made")
        assert given.secret == given.environment()["WISE_CLIENT_SECRET"] == "s3cret" and len(made.secret) == 36
        renewed = sandbox.wise.client("made").new_secret()
        assert renewed != made.secret
        with pytest.raises(NotThere):
            _ = sandbox.wise.client("made").secret
    with Sandbox(seed=seed, state=tmp_path / "state") as sandbox:
        assert sandbox.wise.client("given").secret == "s3cret"
        with pytest.raises(NotThere, match="shown once"):
            _ = sandbox.wise.client("made").secret


def test_the_lines_of_an_archive_reach_the_door(tmp_path):
    """curl and openssl as its page has them: let in with its certificate, and told of no certificate without."""
    with Sandbox() as sandbox:
        client = sandbox.wise.client()
        client.new_certificate("laptop", key="ec-p256")
        with zipfile.ZipFile(io.BytesIO(client.bundle("laptop", format="zip"))) as archive:
            archive.extractall(tmp_path)
        lines = (tmp_path / "README.txt").read_text().splitlines()
        curl = shlex.split(next(line for line in lines if line.startswith("  curl ")))
        openssl = shlex.split(next(line for line in lines if line.startswith("  openssl s_client ")))
        run = functools.partial(subprocess.run, cwd=tmp_path, capture_output=True, text=True, input="", check=False)
        let_in = run([*curl, "-sS", "-o", "answer", "-w", "%{http_code}"])
        refused = run(["curl", "-sS", "--cacert", "ca.pem", curl[-1]])
        assert (let_in.returncode, let_in.stdout) == (0, "404"), let_in.stderr  # there is nothing at the very top
        assert refused.returncode == 56 and "certificate required" in refused.stderr
        shown = run(openssl)
        assert shown.returncode == 0 and "Verify return code: 0 (ok)" in shown.stdout


def test_a_client_bundles_with_a_key_of_its_own(tmp_path):
    """The handle has the forms of the command line; what a p12 lacks is told."""
    with Sandbox() as sandbox:
        client = sandbox.wise.client()
        files = client.new_certificate("laptop", key="ec-p256")
        pem = files.key.read_text()
        files.key.unlink()
        assert client.bundle("laptop") == files.certificate.read_bytes()
        with pytest.raises(NotThere):
            client.bundle("laptop", format="p12")
        made = client.bundle("laptop", format="p12", password="s3cret", key=pem)
    with pytest.raises(ValueError, match=r"(?i)password"):
        pkcs12.load_pkcs12(made, b"changeit")
    assert pkcs12.load_pkcs12(made, b"s3cret").key is not None
