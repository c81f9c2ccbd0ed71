import base64
import re
from pathlib import Path

import pytest

from ca import rules
from ca.request.upload import read_certificate
from ca.rules import RULES
from tests.ca.making import armour, certificate_der, certificate_pem, csr_der, openssl

SOURCES = sorted(Path(rules.__file__).parent.rglob("*.py"))


def test_codes_have_one_form() -> None:
    """certificate.reason, in lower case: a code is for programs and is never renamed."""
    for code, row in RULES.items():
        assert re.fullmatch(r"certificate\.[a-z0-9_]+", code)
        assert row.code == code


def test_every_code_is_used_and_no_other() -> None:
    """The table has a row for each refusal in the code of ca, and none that nothing gives."""
    text = "\n".join(path.read_text("utf-8") for path in SOURCES if path.name != "rules.py")
    unused = [code for code in RULES if not re.search(rf"\b{code.partition('.')[2]}\b", text)]
    assert unused == []


def test_the_table_is_for_people() -> None:
    """Every meaning is a whole sentence, and every next step too, unless it ends in a command to paste."""
    for row in RULES.values():
        assert row.meaning.endswith((".", "?")), row.code
        assert row.next[0].isupper(), row.code
        assert row.next.endswith(".") or ": " in row.next, row.code


def test_commands_end_their_sentence() -> None:
    """Whatever follows the first openssl is one command on one line: it can be cut off and pasted."""
    for row in RULES.values():
        command = re.search(r"openssl (?:req|x509).*", row.next)
        assert "\n" not in row.next
        assert command is None or not command.group().endswith("."), row.code


def guide_files(folder: Path) -> dict[Path, bytes]:
    """Key and CSR as the providers' guides name them, with what is in them."""
    paths = folder / "sandbox-PRIVATE-KEY.key", folder / "sandbox-certificate-request.csr"
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", paths[0])
    openssl("req", "-nodes", *key, "-out", paths[1], "-subj", "/C=EU/O=Acme", cwd=folder)
    return {path: path.read_bytes() for path in paths}


@pytest.mark.parametrize(
    "command", ["NEW_RSA", "NEW_EC", "SAME_KEY", "SAME_KEY_SHA256", "SAME_KEY_UTF8", "WITH_NAME", "CLEAN", "SHOW"]
)
def test_each_command_works_as_it_stands(command: str, tmp_path: Path) -> None:
    """Pasted where the files of the guide are, each command does its work, and leaves them as they are."""
    before = guide_files(tmp_path)
    openssl(*_words(getattr(rules, command)), cwd=tmp_path)
    assert {path: path.read_bytes() for path in before} == before
    for made in {*tmp_path.glob("*.csr")}:
        assert "self-signature verify OK" in openssl("req", "-in", made, "-noout", "-verify", cwd=tmp_path)


@pytest.mark.parametrize(
    "command", ["NEW_CERTIFICATE", "SAME_KEY_CERTIFICATE", "SAME_KEY_CERTIFICATE_SHA256", "FOR_CLIENTS"]
)
def test_each_command_for_a_certificate_makes_one_that_can_be_uploaded(command: str, tmp_path: Path) -> None:
    """Self-signed, under a new name, and read here as one certificate with nothing around it."""
    before = guide_files(tmp_path)
    openssl(*_words(getattr(rules, command)), cwd=tmp_path)
    assert {path: path.read_bytes() for path in before} == before
    uploaded = read_certificate((tmp_path / "client-new.pem").read_bytes())
    assert (uploaded.self_signed, uploaded.signature_ok, uploaded.around) == (True, True, "")
    assert uploaded.extended_key_usage == (("clientAuth",) if command == "FOR_CLIENTS" else None)


def test_the_commands_that_clean_a_certificate_work_as_they_stand(tmp_path: Path) -> None:
    """From a chain with text in it, the first certificate alone; from DER, the same in PEM."""
    wanted = armour(certificate_der(), "CERTIFICATE")
    path = tmp_path / "sandbox-CERTIFICATE.pem"
    first = read_certificate(wanted)
    path.write_bytes(b"text\n" + wanted + certificate_pem(("O", "CA")))
    openssl(*_words(rules.CLEAN_CERTIFICATE), cwd=tmp_path)
    assert read_certificate((tmp_path / "clean.pem").read_bytes()) == first
    path.write_bytes(base64.b64decode(b"".join(wanted.splitlines()[1:-1])))
    openssl(*_words(rules.CERTIFICATE_FROM_DER), cwd=tmp_path)
    assert read_certificate((tmp_path / "clean.pem").read_bytes()) == first


def test_the_step_for_an_upload_speaks_of_certificates() -> None:
    """Where a row has one, it is for people too, and never tells to make a CSR."""
    steps = {row.code: row.uploading for row in RULES.values() if row.uploading}
    assert len(steps) > 20
    for code, step in steps.items():
        assert step[0].isupper(), code
        assert "certificate-request" not in step, code
        assert step.endswith(".") or ": " in step, code


def test_the_command_for_der_works_as_it_stands(tmp_path: Path) -> None:
    """A DER file under the usual name becomes clean.csr in PEM."""
    (tmp_path / "sandbox-certificate-request.csr").write_bytes(csr_der())
    openssl(*_words(rules.FROM_DER), cwd=tmp_path)
    assert (tmp_path / "clean.csr").read_bytes() == armour(csr_der_of(tmp_path))


def csr_der_of(folder: Path) -> bytes:
    return (folder / "sandbox-certificate-request.csr").read_bytes()


def _words(command: str) -> list[str]:
    return command.replace('"', "").split()[1:]
