import base64
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from sandbox.cli import guide, output
from sandbox.cli.authority import CA_FORMATS
from sandbox.cli.issued import BUNDLE_FORMATS, MAX_KEY_FILE
from sandbox.services import authority, bundling, making
from tests.sandbox.cli.running import sandbank


def client_id() -> Any:
    return sandbank("client", "show", "demo", "--json").json["id"]


def sign(csr: bytes, *words: str, name: str = "laptop") -> Any:
    Path("it.csr").write_bytes(csr)
    return sandbank("certificate", "sign", "it.csr", "--name", name, *words)


def test_sign_prints_the_leaf_and_then_its_issuer(here: Path, csr: bytes) -> None:
    """Byte for byte what the bundle is, so that `>` makes the file of the guide."""
    said = sign(csr)
    assert said.code == 0
    leaf, issuer = x509.load_pem_x509_certificates(said.out)
    leaf.verify_directly_issued_by(issuer)
    assert leaf.subject.rfc4514_string() == f"CN={client_id()},O=Acme,C=EU"
    assert said.out == sandbank("certificate", "bundle", "laptop").out
    assert b"\r" not in said.out


def test_sign_says_what_was_changed_and_until_when(here: Path, csr: bytes) -> None:
    """On standard error, aligned."""
    said = sign(csr)
    first, heading, change = said.err.splitlines()
    leaf = x509.load_pem_x509_certificates(said.out)[0]
    until = f"{leaf.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}"
    assert first == f"signed laptop for demo: serial {leaf.serial_number:032X}, valid until {until}"
    assert heading == "changed from the CSR:"
    assert change.startswith(f"  CN  mine -> {client_id()}  ")


def test_sign_reads_standard_input(here: Path, csr: bytes) -> None:
    """`-`, as everywhere."""
    said = sandbank("certificate", "sign", "-", "--name", "laptop", stdin=csr)
    assert len(x509.load_pem_x509_certificates(said.out)) == 2


def test_sign_in_json_is_the_control_apis_answer(here: Path, csr: bytes) -> None:
    """One object on standard output, nothing on standard error."""
    said = sign(csr, "--json")
    assert said.err == ""
    answer = said.json
    assert set(answer) >= {"certificate", "chain", "serial", "not_after", "changed"}
    assert set(answer["changed"][0]) == {"field", "from", "to", "why"}
    assert answer["certificate"] + answer["chain"] == sandbank("certificate", "bundle", answer["serial"]).text


def test_every_broken_rule_is_said(here: Path, bad_csr: bytes) -> None:
    """Code, what was seen, what was expected, whose rule it is, what to do next; exit code 1."""
    said = sign(bad_csr)
    assert (said.code, said.out) == (1, b"")
    assert said.err.startswith("sandbank: refused, 2 rules are broken and nothing was done\n  certificate.")
    for word in ("    seen      ", "    expected  ", "    rule      https://docs.wise.com/", "    next      "):
        assert said.err.count(word) == 2
    refusals = sign(bad_csr, "--json").error["refusals"]
    assert [set(refusal) for refusal in refusals] == [{"code", "detail", "seen", "expected", "rule", "next"}] * 2
    assert all(refusal["code"] in said.err for refusal in refusals)


@pytest.mark.parametrize(
    ("sent", "step"),
    [
        (base64.b64encode, "base64 -d < 'my csr.txt' > clean.csr"),
        (lambda pem: pem.replace(b"\n", b"\\n"), "< 'my csr.txt' > clean.csr"),
        (lambda pem: b"hello\n" + pem, "openssl req -in 'my csr.txt' -out clean.csr"),
    ],
)
def test_the_command_that_mends_a_file_names_it(
    here: Path, csr: bytes, sent: Callable[[bytes], bytes], step: str
) -> None:
    """As it was typed, for a shell; and it makes a CSR that is signed."""
    Path("my csr.txt").write_bytes(sent(csr))
    said = sandbank("certificate", "sign", "my csr.txt", "--name", "mended", "--json")
    (refusal,) = said.error["refusals"]
    assert step in refusal["next"], refusal
    command = refusal["next"][refusal["next"].rindex(": ") + 2 :]
    subprocess.run(["bash", "-euc", command], check=True, capture_output=True)
    assert sandbank("certificate", "sign", "clean.csr", "--name", "mended", "--out", "mended.pem").code == 0
    sandbank("certificate", "release", "mended")


def test_a_private_key_is_not_repeated(here: Path) -> None:
    """Not in what is said, and not in the journal."""
    sandbank("certificate", "new", "--key", "ec-p256", "--out", ".")
    pem = Path(guide.KEY).read_bytes()
    said = sign(pem)
    assert said.code == 1 and "certificate.private_key_sent" in said.err
    secret = pem.splitlines()[1]
    for place in ("journal.sqlite", "journal.sqlite-wal", "sandbank.sqlite", "sandbank.sqlite-wal"):
        path = here / ".sandbank" / place
        assert not path.exists() or secret not in path.read_bytes()
    assert secret.decode() not in said.err


@pytest.mark.parametrize(
    ("name", "code", "sentence"),
    [
        ("missing.csr", 1, "there is no file missing.csr"),
        ("folder", 2, "folder is a folder, not a file"),
        ("x" * 300, 3, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence(here: Path, name: str, code: int, sentence: str) -> None:
    """Not there, not a file, not readable: told apart."""
    Path("folder").mkdir()
    said = sandbank("certificate", "sign", name, "--name", "laptop")
    assert said.code == code and sentence in said.err and len(said.err.splitlines()) == 2


def test_an_unreadable_file_is_a_matter_of_rights(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 3; simulated, for root may read everything."""

    def refuse(path: Path, mode: str) -> Any:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    said = sandbank("certificate", "sign", "it.csr", "--name", "laptop")
    assert said.code == 3 and said.err.startswith("sandbank: it.csr cannot be read: Permission denied\n")


def test_no_more_is_read_than_a_csr_can_be(here: Path) -> None:
    """A device without an end is refused like a megabyte of junk."""
    said = sandbank("certificate", "sign", "/dev/zero", "--name", "laptop")
    assert said.code == 1 and "certificate.too_large" in said.err
    junk = sandbank("certificate", "sign", "-", "--name", "laptop", stdin=b"x" * 1_000_000)
    assert junk.code == 1 and "certificate.too_large" in junk.err


def test_out_writes_the_file_itself(here: Path, csr: bytes) -> None:
    """For PowerShell, whose `>` writes UTF-16; what was there before is replaced as `>` would."""
    assert sign(csr, "--out", "it.pem").out == b""
    first = Path("it.pem").read_bytes()
    assert sign(csr, "--out", "it.pem", name="other").code == 0
    assert Path("it.pem").read_bytes() != first
    assert Path("it.pem").stat().st_mode & 0o444 == 0o444


@pytest.mark.parametrize(("out", "code"), [("it.csr", 2), ("key.pem", 2), ("no/such/folder", 2), (".", 2)])
def test_out_overwrites_no_key_and_no_csr(here: Path, csr: bytes, out: str, code: int) -> None:
    """And nothing is signed when the result could not be written."""
    Path("key.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    said = sign(csr, "--out", out)
    assert said.code == code and len(said.err.splitlines()) == 2
    assert Path("it.csr").read_bytes() == csr
    assert sandbank("certificate", "list", "--json").json == {"certificates": []}


def test_a_folder_that_cannot_be_made_is_mended_by_another(here: Path) -> None:
    """Not by another state; and nothing was signed."""
    Path("file").write_text("")
    said = sandbank("certificate", "new", "--key", "ec-p256", "--out", "file")
    assert said.code == 3 and "--out DIR" in said.err and "--state" not in said.err
    assert sandbank("certificate", "list", "--json").json == {"certificates": []}
    assert sandbank("certificate", "new", "--key", "ec-p256", "--out", "folder").code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("certificate", "show", "nosuch"),
        ("key", "remove", "nosuch"),
        ("resource", "show", "transfer", "nosuch"),
        ("client", "show", "nosuch"),
    ],
    ids=" ".join,
)
def test_the_next_command_names_the_provider(here: Path, words: tuple[str, ...]) -> None:
    """Without the option it would look at another provider's things; for the usual provider it stays away."""
    for provider, named in (("treezor", True), ("wise", False)):
        said = sandbank(*words, "--provider", provider)
        assert said.code == 1
        assert (f"--provider {provider}" in said.err.rpartition("next")[2]) is named


def test_a_refused_certificate_is_mended_at_its_provider(here: Path) -> None:
    """Two active ones at most: what releases them names the provider, for `client reset` alone means another's demo."""
    said = [sandbank("certificate", "new", "--key", "ec-p256", "--provider", "nuapay") for _ in range(3)]
    assert [one.code for one in said] == [0, 0, 1]
    assert "sandbank client reset --provider nuapay demo --all" in said[2].err


def test_what_was_signed_but_not_written_is_not_lost(here: Path, csr: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is taken now, so the way to the certificate is said."""

    def fail(path: Path, data: bytes) -> None:
        raise output._unwritable(path, OSError(28, "No space left on device"))

    monkeypatch.setattr(output, "write", fail)
    said = sign(csr, "--out", "it.pem")
    serial = sandbank("certificate", "list", "--json").json["certificates"][0]["serial"]
    assert said.code == 3 and f"sandbank certificate bundle {serial} --out FILE" in said.err


def test_new_makes_three_files_and_says_what_to_do(here: Path) -> None:
    """Under the guide's names with --out, with a curl line that names them."""
    said = sandbank("certificate", "new", "--key", "ec-p256", "--name", "laptop", "--out", "made")
    assert said.code == 0 and "signed laptop for demo" in said.err and "changed" not in said.err
    paths = dict(line.split(maxsplit=1) for line in said.text.splitlines()[:3])
    assert paths == {
        "key": f"made/{guide.KEY}",
        "csr": f"made/{guide.CSR}",
        "certificate": f"made/{guide.CERTIFICATE}",
    }
    assert all(Path(path).is_file() for path in paths.values())
    assert f"curl --key {paths['key']} --cert {paths['certificate']} --cacert .sandbank/ca.pem " in said.text
    again = sandbank("certificate", "new", "--key", "ec-p256", "--out", "made")
    assert again.code == 2 and "is not overwritten" in again.err


def test_new_in_json_has_absolute_paths(here: Path) -> None:
    """A program may stand elsewhere."""
    said = sandbank("certificate", "new", "--key", "ec-p256", "--out", "made", "--json").json
    assert all(Path(said[what]).is_absolute() and Path(said[what]).is_file() for what in ("key", "csr", "certificate"))
    assert said["serial"] and said["not_after"]


def test_the_words_of_the_services_are_the_choices_here() -> None:
    """They are written out again, since importing the services for a page of help would cost half a second."""
    assert (guide.KEY, guide.CSR, guide.CERTIFICATE) == making.GUIDE_FILES
    assert (BUNDLE_FORMATS, MAX_KEY_FILE) == (bundling.BUNDLE_FORMATS, bundling.MAX_KEY_FILE)
    assert CA_FORMATS == authority.FORMATS


def test_list_and_show(here: Path, csr: bytes) -> None:
    """By client; one by serial, fingerprint or name."""
    assert "no certificate has been issued yet" in sandbank("certificate", "list").err
    serial = sign(csr, "--json").json["serial"]
    sandbank("client", "add", "acme")
    assert sandbank("certificate", "list", "--client", "acme", "--json").json == {"certificates": []}
    heading, line = sandbank("certificate", "list", "--client", "demo").text.splitlines()
    assert heading.split() == ["NAME", "CLIENT", "FOR", "STATUS", "UNTIL", "SERIAL"]
    assert line.split()[:4] == ["laptop", "demo", "transport", "active"] and line.endswith(serial)
    shown = sandbank("certificate", "show", "laptop", "--json").json
    assert shown["serial"] == serial and shown["certificate"].startswith("-----BEGIN CERTIFICATE-----")
    for wanted in (serial, shown["fingerprint_sha256"]):
        assert f"subject             CN={client_id()},O=Acme,C=EU" in sandbank("certificate", "show", wanted).text
    assert sandbank("certificate", "show", "nothing").code == 1


def test_revoke_is_for_good(here: Path, csr: bytes) -> None:
    """By any of its names, with a reason; a second time is refused, and its name is free for another."""
    serial = sign(csr, "--json").json["serial"]
    said = sandbank("certificate", "revoke", serial, "--reason", "keyCompromise")
    assert said.code == 0 and f"laptop is refused from now on: serial {serial}, keyCompromise" in said.err
    assert sandbank("certificate", "show", "laptop", "--json").json["status"] == "revoked"
    again = sandbank("certificate", "revoke", serial)
    assert again.code == 1 and "certificate.already_revoked" in again.err and "issued" not in again.err
    assert sandbank("certificate", "revoke", serial, "--reason", "certificateHold").code == 2
    assert sandbank("certificate", "revoke", "nothing").code == 1
    assert sign(csr, "--json").code == 0
    released = sandbank("certificate", "release", "laptop", "--json").json
    assert (released["status"], released["serial"] != serial) == ("revoked", True)


def test_a_provider_that_signs_takes_no_uploads(here: Path, csr: bytes) -> None:
    """And says what to do instead."""
    (here / "own.pem").write_bytes(b"-----BEGIN CERTIFICATE-----")
    said = sandbank("certificate", "upload", "own.pem", "--name", "laptop")
    assert said.code == 2
    assert "it signs a CSR for transport" in said.err and "sandbank certificate sign" in said.err


def test_bundle_forms(here: Path, csr: bytes) -> None:
    """The leaf alone, and in DER; in JSON what is not text is base64."""
    sign(csr)
    der = sandbank("certificate", "bundle", "laptop", "--format", "der").out
    leaf = x509.load_der_x509_certificate(der)
    assert x509.load_pem_x509_certificates(sandbank("certificate", "bundle", "laptop", "--format", "leaf").out) == [
        leaf
    ]
    assert set(sandbank("certificate", "bundle", "laptop", "--format", "der", "--json").json) == {"format", "base64"}
    assert set(sandbank("certificate", "bundle", "laptop", "--json").json) == {"format", "text"}


def test_ca_is_the_file_of_the_state(here: Path) -> None:
    """And --clients is another root."""
    assert sandbank("ca").out == (here / ".sandbank" / "ca.pem").read_bytes()
    server, clients = (
        x509.load_der_x509_certificate(sandbank("ca", "--format", "der", *w).out) for w in ((), ("--clients",))
    )
    assert server.subject != clients.subject
    assert sandbank("ca", "--format", "p12", "--out", "trust.p12").code == 0 and Path("trust.p12").stat().st_size > 500


def test_a_p12_is_its_owners_alone(
    here: Path, csr: bytes, key: ec.EllipticCurvePrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened by openssl with the password from the environment; --key names the key, and the file is 0600."""
    sign(csr)
    Path("my.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"0pen")))
    words = ("certificate", "bundle", "laptop", "--format", "p12", "--key", "my.key", "--out", "it.p12")
    assert sandbank(*words).code == 2 and not Path("it.p12").exists()
    monkeypatch.setenv("SANDBANK_PASSWORD", "s3cret")
    monkeypatch.setenv("SANDBANK_KEY_PASSWORD", "0pen")
    assert sandbank(*words).code == 0
    assert Path("it.p12").stat().st_mode & 0o777 == 0o600
    for password, good in (("s3cret", True), ("changeit", False)):
        done = subprocess.run(
            ["openssl", "pkcs12", "-in", "it.p12", "-nodes", "-passin", f"pass:{password}"],
            capture_output=True, check=False,
        )  # fmt: skip
        assert (done.returncode == 0, b"BEGIN PRIVATE KEY" in done.stdout) == (good, good)


def test_a_p12_without_a_key_is_refused_in_a_sentence(here: Path, csr: bytes) -> None:
    """Exit code 1, and both ways to a key."""
    sign(csr)
    said = sandbank("certificate", "bundle", "laptop", "--format", "p12")
    assert (said.code, said.out) == (1, b"")
    assert "--key FILE" in said.err and "sandbank certificate new" in said.err


def test_a_key_is_not_even_read_for_a_form_that_has_none(here: Path, csr: bytes) -> None:
    """SANDBANK_KEY may be meant for certificate new, where --key is a kind of key."""
    sign(csr)
    assert sandbank("certificate", "bundle", "laptop", "--key", "no-such-file").code == 0
    assert sandbank("certificate", "bundle", "laptop", "--key", "no-such-file", "--format", "zip").code == 1


def test_a_step_reads_the_file_that_was_given(here: Path, csr: bytes) -> None:
    """In the place of the guide's, which may be another one in the same folder; standard input has no name."""
    Path("my own.csr").write_bytes(b"hello\n" + csr)
    said = sandbank("certificate", "sign", "my own.csr")
    assert said.code == 1 and "openssl req -in 'my own.csr' -out clean.csr" in said.err
    piped = sandbank("certificate", "sign", "-", stdin=b"hello\n" + csr)
    assert "openssl req -in sandbox-certificate-request.csr -out clean.csr" in piped.err
