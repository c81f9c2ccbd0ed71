"""What a file is, is told for each form that the usual tools write; and the command that is given makes of it what was
wanted, which openssl reads. Nothing is made of a private key where a public one was asked for."""

import base64
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from ca.errors import NotIssued
from ca.request.csr import read_csr
from ca.request.material import Material, Wanted, recognise
from ca.request.reading import deviation, is_request
from ca.x509.der import contents, parts, wrap
from tests.ca.making import csr_der

PASSWORD = "changeit"  # what keytool writes by itself


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key, its CSR and its certificate by openssl, and what other tools make of them."""
    folder = tmp_path_factory.mktemp("files")
    for line in (
        "openssl req -x509 -nodes -newkey rsa:2048 -keyout key.pem -out certificate.pem -days 3 -subj /CN=x",
        "openssl req -new -key key.pem -out request.pem -subj /CN=x",
        "openssl pkey -in key.pem -pubout -out public.pem",
        "openssl pkey -in key.pem -traditional -out pkcs1.pem",
        "openssl pkey -in key.pem -aes256 -passout pass:secret -out encrypted.pem",
        "openssl rsa -in key.pem -RSAPublicKey_out -out rsa-public.pem",
        "openssl ecparam -name prime256v1 -out parameters.pem",
        "openssl pkcs12 -export -in certificate.pem -inkey key.pem -passout pass: -out store.p12",
        "openssl crl2pkcs7 -nocrl -certfile certificate.pem -out bag.p7b",
        "openssl req -in request.pem -outform DER -out request.der",
        "openssl x509 -in certificate.pem -outform DER -out certificate.der",
        "openssl pkey -in key.pem -outform DER -out key.der",
        "openssl pkey -in key.pem -pubout -outform DER -out public.der",
        "cp key.pem ssh",
        "chmod 600 ssh",
        "ssh-keygen -q -p -N  -f ssh",
    ):
        words = [word or "" for word in line.split(" ")]
        subprocess.run(words, cwd=folder, check=True, capture_output=True)
    public = subprocess.run(["ssh-keygen", "-y", "-f", "ssh"], cwd=folder, check=True, capture_output=True)
    (folder / "ssh.pub").write_bytes(public.stdout)
    other = subprocess.run(["ssh-keygen", "-e", "-f", "ssh.pub"], cwd=folder, check=True, capture_output=True)
    (folder / "ssh2.pub").write_bytes(other.stdout)
    return folder


KINDS = {
    "key.pem": "private_key",
    "pkcs1.pem": "private_key",
    "encrypted.pem": "encrypted_private_key",
    "ssh": "openssh_private_key",
    "ssh.pub": "ssh_public_key",
    "ssh2.pub": "ssh2_public_key",
    "certificate.pem": "certificate",
    "request.pem": "request",
    "public.pem": "public_key",
    "rsa-public.pem": "rsa_public_key",
    "parameters.pem": "parameters",
    "store.p12": "pkcs12_with_private_key",
    "bag.p7b": "pkcs7",
    "request.der": "request",
    "certificate.der": "certificate",
    "key.der": "private_key",
    "public.der": "public_key",
}


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_each_file_of_the_usual_tools_is_known(files: Path, name: str, kind: str) -> None:
    """By its kind; and by the same kind within base64."""
    data = (files / name).read_bytes()
    assert recognise(data).kind == kind
    if len(data) > 40:
        assert recognise(base64.b64encode(data)).kind == kind


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"\xfe\xed\xfe\xed\0\0\0\2", "jks"),
        (b"PuTTY-User-Key-File-3: ssh-rsa\n", "putty_private_key"),
        (b'{"kty":"RSA","n":"AQ","e":"AQAB"}', "jwk"),
        (b'{"keys":[{"kty":"EC","d":"AQ"}]}', "jwk_private"),
        (b'{"error":"no such file"}', "json"),
        (b"<html><body>Log in", "html"),
        (b"PK\x03\x04rest", "zip"),
        (b"\x1f\x8brest", "gzip"),
        (b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", "pgp"),
        (b"-----BEGIN X509 CRL-----\nx\n", "crl"),
        (b"-----BEGIN MARMALADE-----\nx\n", "other_pem"),
        (b"/home/me/key.pem", "text"),
        (bytes(range(128, 256)), "binary"),
    ],
)
def test_what_is_no_file_of_openssl_is_known_too(data: bytes, kind: str) -> None:
    """A login page in place of a download, a store of Java, a path in place of what it leads to."""
    assert recognise(data).kind == kind


WRAPPED: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "escaped": lambda data: data.replace(b"\n", b"\\n"),
    "escaped CRLF": lambda data: data.replace(b"\n", b"\\r\\n"),
    "quotes": lambda data: b'"' + data + b'"',
    "quotes and escaped": lambda data: b'"' + data.replace(b"\n", b"\\n") + b'"',
    "bom": lambda data: b"\xef\xbb\xbf" + data,
    "utf16": lambda data: data.decode().encode("utf-16"),
    "one line": lambda data: data.replace(b"\n", b" "),
    "one line without spaces": lambda data: data.replace(b"\n", b""),
    "bare base64": lambda data: b"".join(line for line in data.splitlines() if b"-----" not in line),
    "percent": lambda data: quote(data.decode(), safe="").encode(),
    "form": lambda data: quote_plus(data.decode()).encode(),
    "hexadecimal": lambda data: data.hex().encode(),
    "hexadecimal of xxd": lambda data: data.hex(":").encode(),
    "an answered mail": lambda data: b"> " + data.rstrip().replace(b"\n", b"\n> ") + b"\n",
    "base64 in UTF-16": lambda data: base64.b64encode(data).decode().encode("utf-16"),
}
READ: dict[Wanted, tuple[str, list[str]]] = {
    "request": ("request.pem", ["openssl", "req", "-noout", "-in", "clean.csr"]),
    "certificate": ("certificate.pem", ["openssl", "x509", "-noout", "-in", "clean.pem"]),
    "private_key": ("key.pem", ["openssl", "pkey", "-noout", "-in", "clean.key"]),
    "public_key": ("public.pem", ["openssl", "pkey", "-pubin", "-noout", "-in", "PUBLIC.pem"]),
}


def run(folder: Path, data: bytes, command: str) -> None:
    (folder / "FILE").write_bytes(data)
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, (command, done.stderr)


@pytest.mark.parametrize("wanted", READ)
@pytest.mark.parametrize("wrapping", WRAPPED)
def test_the_command_takes_the_wrapping_off(files: Path, tmp_path: Path, wrapping: str, wanted: Wanted) -> None:
    """openssl reads what the command has made; before it, it read nothing, or we would not ask for it."""
    name, reading = READ[wanted]
    data = WRAPPED[wrapping]((files / name).read_bytes())
    found = recognise(data)
    assert found.kind == wanted, found
    assert found.layers
    run(tmp_path, data, found.conversion(wanted))
    subprocess.run(reading, cwd=tmp_path, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("ssh", "private_key"),
        ("store.p12", "private_key"),
        ("key.der", "private_key"),
        ("store.p12", "certificate"),
        ("bag.p7b", "certificate"),
        ("request.der", "request"),
        ("certificate.der", "certificate"),
        ("certificate.pem", "public_key"),
        ("request.pem", "public_key"),
        ("rsa-public.pem", "public_key"),
        ("ssh.pub", "public_key"),
        ("ssh2.pub", "public_key"),
        ("public.der", "public_key"),
    ],
)
def test_the_command_converts_what_is_of_another_kind(files: Path, tmp_path: Path, name: str, wanted: Wanted) -> None:
    """Run as it is printed, but for the password that it would ask for."""
    data = (files / name).read_bytes()
    command = recognise(data).conversion(wanted)
    if name == "store.p12":
        command = command.replace("openssl pkcs12", "openssl pkcs12 -passin pass:")
    run(tmp_path, data, command)
    subprocess.run(READ[wanted][1], cwd=tmp_path, check=True, capture_output=True)


def test_nothing_is_made_of_a_private_key_that_was_sent(files: Path) -> None:
    """Where a CSR or a public key was asked for, the key is lost, not to be converted."""
    for name in ("key.pem", "ssh", "store.p12", "encrypted.pem", "key.der"):
        found = recognise((files / name).read_bytes())
        assert found.private
        assert found.conversion("request") == found.conversion("public_key") == ""


def test_the_words_hold_nothing_of_the_file(files: Path) -> None:
    """A kind, a label of PEM and the layers: no byte of what is in it."""
    assert recognise(b"-----BEGIN MARMALADE-----\nsecret\n").words == "PEM with the label MARMALADE"
    assert Material(kind="request", layers=("base64",)).words == "a CSR (base64 around it)"


# PKCS#10, field by field


def rebuilt(change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    """A sound CSR with its certificationRequestInfo changed; its signature is void."""
    info, *rest = parts(csr_der())
    return wrap(0x30, wrap(0x30, *change(parts(info))), *rest)


DEVIATIONS: dict[str, tuple[bytes, str, str]] = {
    "version 1": (rebuilt(lambda info: [b"\x02\x01\x01", *info[1:]]), "version", "version 1"),
    "version 3": (rebuilt(lambda info: [b"\x02\x01\x03", *info[1:]]), "version", "version 3"),
    "version -1": (rebuilt(lambda info: [b"\x02\x01\xff", *info[1:]]), "version", "version -1"),
    "no attributes": (rebuilt(lambda info: info[:3]), "attributes", "nothing"),
    "attributes as a SET": (rebuilt(lambda info: [*info[:3], b"\x31\x00"]), "attributes", "a SET"),
    "a bare attribute": (rebuilt(lambda info: [*info[:3], b"\xa0\x02\x05\x00"]), "attributes", "no pair"),
    "one field more": (rebuilt(lambda info: [*info, b"\x05\x00"]), "attributes", "a NULL after them"),
    "a name without SETs": (
        rebuilt(lambda info: [info[0], wrap(0x30, contents(parts(info[1])[0])), *info[2:]]),
        "subject",
        "no SET",
    ),
    "a signature with unused bits": (
        wrap(0x30, *parts(csr_der())[:2], wrap(0x03, b"\x09" + contents(parts(csr_der())[2])[1:])),
        "signature",
        "09 unused bits",
    ),
}


@pytest.mark.parametrize("case", DEVIATIONS)
def test_the_first_field_that_breaks_pkcs10_is_named(case: str) -> None:
    """In DER and in PEM; a sound CSR has none."""
    der, field, seen = DEVIATIONS[case]
    assert is_request(der)
    found = deviation(der)
    assert found is not None
    assert (found.field, seen in found.seen) == (field, True), found
    assert deviation(csr_der()) is None
    body = base64.encodebytes(der).decode()
    pem = f"-----BEGIN CERTIFICATE REQUEST-----\n{body}-----END CERTIFICATE REQUEST-----\n".encode()
    for data in (pem, der):
        try:
            read_csr(data)
        except NotIssued as refused:
            first = refused.refusals[0]
            assert first.code in ("certificate.request_malformed", "certificate.attributes_field_missing")
            assert seen in first.seen
        else:
            pytest.fail("it was read")


def test_ssh_keygen_is_here() -> None:
    """Without it the forms of OpenSSH would not be judged by their own tool."""
    assert shutil.which("ssh-keygen")
