"""What strangers send is read without a warning, and the filters of the host program stay as they are."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from ca.errors import NotIssued
from ca.request.csr import read_csr
from ca.request.reading import what_der_is
from ca.request.upload import read_certificate
from ca.x509 import der
from ca.x509.der import SerialNotPositive, extensions_of, issuer_of, load_certificate, spki_of, subject_of
from ca.x509.names import attributes, rfc4514
from tests.ca.making import armour, certificate_der, csr_der, name_of, object_identifier, openssl

# A name is a CSR's third part, an attribute's OID its first.
COUNTRY, COMMON_NAME, JURISDICTION = "2.5.4.6", "2.5.4.3", "1.3.6.1.4.1.311.60.2.1.3"
UTF8, BMP, UNIVERSAL = 0x0C, 0x1E, 0x1C
NOTICE = x509.CertificatePolicies(
    [x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), [x509.UserNotice(None, "abcd")])]
)


def named(oid: str, tag: int, text: bytes) -> bytes:
    """A name in DER of one attribute, written by hand."""
    pair = der.wrap(der.SEQUENCE, object_identifier(oid), der.wrap(tag, text))
    return der.wrap(der.SEQUENCE, der.wrap(0x31, pair))


def csr_named(name: bytes) -> bytes:
    """A CSR with this subject, whose signature is void."""
    info, *rest = der.parts(csr_der())
    version, _, *others = der.parts(info)
    return der.wrap(der.SEQUENCE, der.wrap(der.SEQUENCE, version, name, *others), *rest)


def certificate_named(name: bytes) -> bytes:
    """A certificate with this subject and issuer, whose signature is void."""
    body, *rest = der.parts(certificate_der())
    inside = der.parts(body)
    inside[3] = inside[5] = name
    return der.wrap(der.SEQUENCE, der.wrap(der.SEQUENCE, *inside), *rest)


def with_key(made: bytes, spki: bytes, at: int) -> bytes:
    body, *rest = der.parts(made)
    inside = der.parts(body)
    inside[at] = spki
    return der.wrap(der.SEQUENCE, der.wrap(der.SEQUENCE, *inside), *rest)


def ill_written(made: bytes) -> bytes:
    """A user notice whose VisibleString has an é in it."""
    assert b"\x0c\x04abcd" in made
    return made.replace(b"\x0c\x04abcd", b"\x1a\x04\xc3\xa9cd")


NAMES = {
    "a country of three letters": (named(COUNTRY, UTF8, b"USA"), "C", "USA"),
    "a country without letters": (named(COUNTRY, UTF8, b""), "C", ""),
    "a CN without letters": (named(COMMON_NAME, UTF8, b""), "CN", ""),
    "a CN of 65": (named(COMMON_NAME, UTF8, b"x" * 65), "CN", "x" * 65),
    "a CN of 200": (named(COMMON_NAME, UTF8, b"x" * 200), "CN", "x" * 200),
    "a CN of 40 letters in 80 octets": (named(COMMON_NAME, UTF8, "é".encode() * 40), "CN", "é" * 40),
    "a CN of 30 letters of two octets, in UTF-16": (
        named(COMMON_NAME, BMP, ("ш" * 30).encode("utf-16-be")),
        "CN",
        "ш" * 30,
    ),
    "a CN of 30 letters of three octets, in UTF-16": (
        named(COMMON_NAME, BMP, ("ラ" * 30).encode("utf-16-be")),
        "CN",
        "ラ" * 30,
    ),
    "a country in UTF-16": (named(COUNTRY, BMP, "EU".encode("utf-16-be")), "C", "EU"),
    "a country in UTF-32": (named(COUNTRY, UNIVERSAL, "EU".encode("utf-32-be")), "C", "EU"),
    "a jurisdiction of three letters": (named(JURISDICTION, UTF8, b"USA"), JURISDICTION, "USA"),
}


@pytest.fixture(scope="module")
def diffie_hellman(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The SubjectPublicKeyInfo of a key for Diffie-Hellman, made by openssl."""
    folder = tmp_path_factory.mktemp("dh")
    openssl("genpkey", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out", "key", cwd=folder)
    openssl("pkey", "-in", "key", "-pubout", "-outform", "DER", "-out", "spki", cwd=folder)
    return (folder / "spki").read_bytes()


@pytest.mark.parametrize(("name", "short", "text"), NAMES.values(), ids=NAMES.keys())
def test_names_that_the_library_warns_of_are_read(name: bytes, short: str, text: str) -> None:
    """In CSRs and certificates; in this run every warning is an error, so that one would fail here."""
    request = x509.load_der_x509_csr(csr_named(name))
    certificate = load_certificate(certificate_named(name))
    for read in (subject_of(request), subject_of(certificate), issuer_of(certificate)):
        assert attributes(read) == ((short, text),)
        assert rfc4514(read) == f"{short}={text}"


def test_the_library_does_warn_of_them() -> None:
    """The control: without a look ahead each of these would end a program that runs under -W error."""
    warned = 0
    for name, _, _ in NAMES.values():
        request = x509.load_der_x509_csr(csr_named(name))
        try:
            _ = request.subject
        except UserWarning:
            warned += 1
    assert warned == len(NAMES) - 3, "the one of 60 octets and the two countries in wide letters are usual"


def test_usual_names_are_the_librarys_own() -> None:
    """Nothing stands in for an attribute that is within its bounds, whatever letters it is of."""
    for subject in ((("C", "EU"), ("O", "Acme")), (("CN", "ш" * 32),), (("CN", "x" * 64), ("OU", "y" * 300))):
        request = x509.load_der_x509_csr(csr_der(*subject))
        assert subject_of(request) == request.subject == name_of(*subject)


@pytest.mark.parametrize("serial", [b"\x00", b"\xff", b"\x80\x01"])
def test_a_serial_that_is_not_positive_is_found_before_the_library_reads_it(serial: bytes) -> None:
    """The rest is read from a copy with another serial; it is a certificate all the same."""
    good = certificate_der(serial=1)
    bad = good.replace(b"\x02\x01\x01", der.wrap(der.INTEGER, serial), 1)
    if len(serial) > 1:  # one octet more, in both headers around it
        body, *rest = der.parts(good)
        inside = der.parts(body)
        inside[1] = der.wrap(der.INTEGER, serial)
        bad = der.wrap(der.SEQUENCE, der.wrap(der.SEQUENCE, *inside), *rest)
    with pytest.raises(SerialNotPositive) as caught:
        load_certificate(bad)
    assert caught.value.serial == int.from_bytes(serial, "big", signed=True)
    assert what_der_is(bad) == "certificate"
    read = read_certificate(armour(bad, "CERTIFICATE"))
    assert read.serial == caught.value.serial and read.subject == (("C", "EU"), ("O", "Acme"))
    assert load_certificate(good).serial_number == 1
    with pytest.raises(UserWarning, match="serial number"):
        x509.load_der_x509_certificate(bad)


def test_a_text_of_a_policy_that_the_library_warns_of_is_refused() -> None:
    """In the extensions of a CSR and of a certificate; the same text in ASCII is read."""
    for load, made in (
        (x509.load_der_x509_csr, csr_der(extensions=(NOTICE,))),
        (load_certificate, certificate_der(extensions=(NOTICE,))),
    ):
        loader: Callable[[bytes], x509.Certificate | x509.CertificateSigningRequest] = load
        assert NOTICE in [each.value for each in extensions_of(loader(made))]
        with pytest.raises(ValueError, match="policy"):
            extensions_of(loader(ill_written(made)))
    with pytest.raises(NotIssued, match="extensions_unreadable"):
        read_csr(armour(ill_written(csr_der(extensions=(NOTICE,)))))


def test_a_key_for_diffie_hellman_is_refused_unread(diffie_hellman: bytes) -> None:
    """In a CSR, in a certificate and alone; the library would warn that it forgets such keys soon."""
    with pytest.raises(NotIssued, match="key_unreadable"):
        read_csr(armour(with_key(csr_der(), diffie_hellman, 2)))
    with pytest.raises(NotIssued, match="key_unreadable"):
        read_certificate(armour(with_key(certificate_der(), diffie_hellman, 6), "CERTIFICATE"))
    assert what_der_is(diffie_hellman) == "public_key"
    sound = spki_of(x509.load_der_x509_csr(csr_der()))
    assert what_der_is(sound) == "public_key" and load_der_public_key(sound)


@pytest.mark.parametrize("before", [b"", b"\x30\x82", b"\x30\x10\x30\x20", b"\x30\x14\x02\x01\x00\x30\x11"])
def test_what_only_looks_like_such_a_key_is_told_too(before: bytes) -> None:
    """Cut off, or with other bytes around its OID: nothing is raised."""
    oid = object_identifier("1.2.840.113549.1.3.1")
    for sent in (before + oid, before + oid + bytes(40)):
        assert what_der_is(sent) in ("", "public_key", "private_key")


def test_parameters_that_nobody_knows_do_no_harm() -> None:
    """A key of an unknown algorithm whose parameters have a tag of two octets, and lengths that lead nowhere."""
    parameters = b"\x1f\x1f\x22" + bytes(30) + b"\x05\x00\x05\x05"
    algorithm = der.wrap(der.SEQUENCE, object_identifier("1.2.3.4"), parameters)
    spki = der.wrap(der.SEQUENCE, algorithm, der.wrap(der.BIT_STRING, b"\0x"))
    with pytest.raises(NotIssued, match=r"key_unreadable|not_a_request"):
        read_csr(armour(with_key(csr_der(), spki, 2)))


def test_the_key_of_a_certificate_of_version_1_is_found(tmp_path: Path) -> None:
    """It has no version field, and so its key is the sixth part."""
    request = ["req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-subj", "/O=Acme", "-out", "csr"]
    openssl(*request, cwd=tmp_path)
    openssl("x509", "-req", "-in", "csr", "-signkey", "key", "-outform", "DER", "-out", "old", cwd=tmp_path)
    old = load_certificate((tmp_path / "old").read_bytes())
    csr = x509.load_pem_x509_csr((tmp_path / "csr").read_bytes())
    assert old.version is x509.Version.v1
    assert spki_of(old) == spki_of(csr) == openssl_spki(tmp_path)


def openssl_spki(folder: Path) -> bytes:
    openssl("pkey", "-in", "key", "-pubout", "-outform", "DER", "-out", "spki", cwd=folder)
    return (folder / "spki").read_bytes()


def test_no_nesting_exhausts_the_stack() -> None:
    """A policy under two thousand layers: read, or refused, and no more."""
    deep = b"\x0c\x04abcd"
    for _ in range(2000):
        deep = der.wrap(der.SEQUENCE, deep)
    extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.32"), deep)
    with pytest.raises(NotIssued, match="extensions_unreadable"):
        read_csr(armour(csr_der(extensions=(extension,))))


HOST = """
import sys, threading, warnings
from pathlib import Path
from ca.request.csr import read_csr
from ca.errors import NotIssued
from ca.x509.der import extensions_of, issuer_of, load_certificate, subject_of
from ca.request.reading import what_der_is
from ca.request.upload import read_certificate

sent = [Path(path).read_bytes() for path in sys.argv[1:]]
before, failures = list(warnings.filters), []
begun, seen = threading.Barrier(5), []

def serve():
    begun.wait()
    for _ in range(20):
        for pem in sent:
            for read in (read_csr, read_certificate):
                try:
                    read(pem)
                except NotIssued:
                    pass
                except BaseException as error:
                    failures.append(repr(error))

threads = [threading.Thread(target=serve) for _ in range(4)]
for thread in threads:
    thread.start()
begun.wait()
while any(thread.is_alive() for thread in threads):
    seen.append(list(warnings.filters) == before)
assert seen and all(seen), "the filters of the host program were changed"
assert not failures, failures[0]
assert list(warnings.filters) == before
try:
    warnings.warn("of the host program")
except UserWarning:
    print("kept")
"""


def hostile() -> Iterator[bytes]:
    """What somebody may send to see whether it does harm."""
    for name, _, _ in NAMES.values():
        yield armour(csr_named(name))
        yield armour(certificate_named(name), "CERTIFICATE")
    good = certificate_der(serial=1)
    yield armour(good.replace(b"\x02\x01\x01", b"\x02\x01\xff", 1), "CERTIFICATE")
    yield armour(good.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x05", 1), "CERTIFICATE")
    yield armour(csr_der().replace(b"\x02\x01\x00", b"\x02\x01\x05", 1))
    yield armour(ill_written(csr_der(extensions=(NOTICE,))))
    yield armour(ill_written(certificate_der(extensions=(NOTICE,))), "CERTIFICATE")
    yield armour(csr_named(named(COMMON_NAME, BMP, b"\xd8\x00")))


def test_a_host_program_under_w_error_keeps_its_filters(tmp_path: Path, diffie_hellman: bytes) -> None:
    """Four threads read all of it, while the host program looks at its filters all the time."""
    sent = (*hostile(), armour(with_key(csr_der(), diffie_hellman, 2)))
    paths = [tmp_path / str(number) for number, _ in enumerate(sent)]
    for path, pem in zip(paths, sent, strict=True):
        path.write_bytes(pem)
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", HOST, *map(str, paths)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("kept\n", "")


def test_nobody_here_changes_the_filters_of_the_process() -> None:
    """`warnings.catch_warnings` is not thread-safe: it restores what another thread has set in the meantime."""
    root = Path(__file__).parents[3]
    sources = [path for room in ("ca", "sandbox") for path in (root / room).rglob("*.py")]
    assert len(sources) > 100
    assert [str(path) for path in sources if "catch_warnings" in path.read_text("utf-8")] == []


def test_a_certificate_is_given_as_it_came() -> None:
    """Reading its names changes nothing: the copy is for reading alone."""
    made = certificate_named(named(COUNTRY, UTF8, b"USA"))
    certificate = load_certificate(made)
    subject_of(certificate)
    assert certificate.public_bytes(Encoding.DER) == made
