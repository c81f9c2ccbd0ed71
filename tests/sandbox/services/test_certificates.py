"""Certificates are made in one step, found again, and never half made."""

import os
import stat
import subprocess
from functools import partial

import pytest

from ca.issuance.profile import Offer
from sandbox.errors import Misuse, NotThere, Refused, StateUnusable
from sandbox.journal.entry import View
from sandbox.providers import PROVIDERS
from sandbox.services import clients
from sandbox.services.certificates import list_certificates, revoke, show_certificate
from sandbox.services.issuing import declared_for, sign
from sandbox.services.journal import read_journal
from sandbox.services.making import GUIDE_FILES, new_certificate
from sandbox.services.state import open_state


def test_key_csr_and_certificate_in_one_step(state, tmp_path):
    """The three files belong together, by openssl's word, under the guide's names, and the key is private."""
    made = new_certificate(state, "wise", "demo", name="laptop", out=tmp_path / "out", key="ec-p256")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(GUIDE_FILES)
    keys = [
        subprocess.run(["openssl", *command], capture_output=True, check=True, text=True).stdout
        for command in (
            ("pkey", "-in", str(made.key), "-pubout"),
            ("req", "-in", str(made.csr), "-noout", "-pubkey"),
            ("x509", "-in", str(made.certificate), "-noout", "-pubkey"),
        )
    ]
    assert len(set(keys)) == 1
    assert os.name != "posix" or stat.S_IMODE(made.key.stat().st_mode) == 0o600


def test_a_key_is_never_overwritten(state, tmp_path):
    """A file of that name stops the service before anything is signed."""
    (tmp_path / GUIDE_FILES[0]).write_text("my key")
    with pytest.raises(Misuse, match="not overwritten"):
        new_certificate(state, "wise", "demo", out=tmp_path)
    assert (tmp_path / GUIDE_FILES[0]).read_text() == "my key"
    assert list_certificates(state, "wise") == ()


def test_files_that_cannot_be_written_mean_no_certificate(state, tmp_path):
    """The certificate and its files are there together or not at all."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StateUnusable):
        new_certificate(state, "wise", "demo", out=tmp_path / "file" / "below", key="ec-p256")
    assert list_certificates(state, "wise") == ()


def test_a_refused_csr_is_in_the_journal_with_every_rule(state):
    """Who sent it, which rules; and no certificate."""
    with pytest.raises(Refused) as refused:
        sign(state, "wise", "demo", b"junk", name="")
    ((_, entry),) = read_journal(state, View(client="demo"))
    assert entry.outcome == "refused"
    assert [reason.code for reason in entry.reasons] == [refusal.code for refusal in refused.value.reasons]
    assert list_certificates(state, "wise") == ()


def test_a_key_pasted_as_the_name_is_not_kept(state):
    """What cannot be a name is counted, not shown: it may be the wrong thing from the clipboard."""
    with pytest.raises(Refused):
        sign(state, "wise", "demo", b"junk", name="-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg")
    ((_, entry),) = read_journal(state, View(client="demo"))
    assert "MIIEvQ" not in str(entry.as_json())


def test_a_certificate_is_found_by_serial_fingerprint_and_name(state):
    """As openssl prints serials and fingerprints, with or without colons; of a name the newest."""
    first = new_certificate(state, "wise", "demo", name="laptop", key="ec-p256").record
    colons = ":".join(first.serial[i : i + 2] for i in range(0, len(first.serial), 2))
    for wanted in (first.serial, first.serial.lower(), colons, first.fingerprint_sha256, "laptop"):
        assert show_certificate(state, "wise", wanted).serial == first.serial
    with pytest.raises(NotThere):
        show_certificate(state, "wise", "00")


def test_an_unknown_kind_of_key_is_a_usage_error(state):
    """With the kinds that there are."""
    with pytest.raises(Misuse, match="rsa-2048"):
        new_certificate(state, "wise", "demo", key="rsa-512")


def test_a_name_that_two_clients_have_is_nobodys(state):
    """It is refused with the candidates, and the client chooses; a client that is gone has no name any more."""
    for name in ("one", "two"):
        clients.add_client(state, "wise", name)
    mine, other = (new_certificate(state, "wise", name, name="ci").record for name in ("one", "two"))
    for ask in (show_certificate, partial(revoke, reason="unspecified")):
        with pytest.raises(Misuse, match="may be 2 certificates") as refused:
            ask(state, "wise", "ci")
        for record, name in ((mine, "one"), (other, "two")):
            assert f"ci of {name}, serial {record.serial}" in refused.value.detail
            assert f"--client {name}" in refused.value.advice()
    assert show_certificate(state, "wise", "ci", client="one").id == mine.id
    assert show_certificate(state, "wise", other.serial[:12].lower()).id == other.id
    with pytest.raises(NotThere, match="of client 'one'"):
        show_certificate(state, "wise", other.serial, client="one")
    assert revoke(state, "wise", "ci", reason="unspecified", client="one").id == mine.id
    clients.remove_client(state, "wise", "one")
    assert show_certificate(state, "wise", "ci").id == other.id


def test_the_command_that_a_refusal_names_makes_a_csr_that_is_signed(tmp_path):
    """With the subject that this provider asks for: typed as it stands, it ends the matter."""
    state = open_state(tmp_path / "state")
    key, csr, _ = GUIDE_FILES
    run = partial(subprocess.run, cwd=tmp_path, check=True, capture_output=True)
    run(["openssl", "genrsa", "-out", key, "2048"])
    for owner in PROVIDERS:
        offers = [one for one in declared_for(state, owner.name, "demo") if isinstance(one, Offer)]
        run(["openssl", "req", "-new", "-key", key, "-out", csr, "-subj", "/DC=nothing"])
        ask = partial(sign, state, owner.name, "demo", name="mine", purpose=offers[0].purpose)
        with pytest.raises(Refused) as refused:
            ask((tmp_path / csr).read_bytes())
        steps = {reason.next for reason in refused.value.reasons if "openssl req -new" in reason.next}
        (command,) = {step[step.index("openssl req") :] for step in steps}
        run(command, shell=True)
        assert ask((tmp_path / "client-new.csr").read_bytes()).certificate
    state.close()
