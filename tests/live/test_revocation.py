"""Revocation as others see it: openssl, curl and the standard ssl module over a running sandbox."""

import socket
import sqlite3
import ssl
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from ca.clock import MovableClock, SystemClock
from sandbank import Sandbox
from sandbox.errors import Misuse
from sandbox.journal.entry import Entry, View
from sandbox.services.authority import current_crl
from sandbox.services.certificates import revoke
from sandbox.services.journal import read_journal
from sandbox.services.state import open_state

ROOT = Path(__file__).parents[2]
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


def run(*words: object) -> str:
    done = subprocess.run([*map(str, words)], capture_output=True, timeout=30, check=False, cwd=ROOT)
    return (done.stdout + done.stderr).decode(errors="replace")


def handshake(sandbox: Sandbox, files: object, version: ssl.TLSVersion) -> str:
    """The alert that comes, "" for a connection on which a call is answered."""
    context = ssl.create_default_context(cafile=str(sandbox.ca_file))
    context.load_cert_chain(files.certificate, files.key)  # type: ignore[attr-defined]
    context.minimum_version = context.maximum_version = version
    try:
        with (
            socket.create_connection(("127.0.0.1", sandbox.ports["wise.mtls"]), 10) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as connection,
        ):
            connection.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 404")
            return ""
    except ssl.SSLError as error:
        return str(error.reason).partition("ALERT_")[2].lower()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    with Sandbox(state=tmp_path_factory.mktemp("revocation") / "state") as running:
        yield running


@pytest.mark.parametrize("version", VERSIONS)
def test_a_command_in_another_process_counts_at_the_next_handshake(sandbox: Sandbox, version: ssl.TLSVersion) -> None:
    """Revoked beside the running server: certificate_revoked; another client's comes in as before."""
    bad = sandbox.wise.new_client(f"bad-{version.name}").new_certificate("first")
    good = sandbox.wise.new_client(f"good-{version.name}").new_certificate("first")
    assert [handshake(sandbox, each, version) for each in (bad, good)] == ["", ""]
    words = ("certificate", "revoke", bad.serial, "--state", sandbox.state.folder.path)
    run(sys.executable, "-m", "sandbox.cli", *words)
    assert [handshake(sandbox, each, version) for each in (bad, good)] == ["certificate_revoked", ""]
    entries = [entry for _, entry in read_journal(sandbox.state, View(refused=True, limit=20))]
    assert "tls.certificate_revoked" in {reason.code for entry in entries for reason in entry.reasons}


def with_the_other_signature(certificate: x509.Certificate) -> bytes:
    """The same certificate in other bytes: where (r, s) is an ECDSA signature, (r, n - s) is one too."""
    r, s = decode_dss_signature(certificate.signature)
    signature = tlv(0x03, b"\0" + encode_dss_signature(r, P256_ORDER - s))
    return tlv(0x30, certificate.tbs_certificate_bytes + ECDSA_WITH_SHA256 + signature)


def tlv(tag: int, value: bytes) -> bytes:
    length = bytes([len(value)]) if len(value) < 128 else b"\x82" + len(value).to_bytes(2, "big")
    return bytes([tag]) + length + value


P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ECDSA_WITH_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")


def test_a_revoked_certificate_does_not_come_in_with_another_fingerprint(sandbox: Sandbox, tmp_path: Path) -> None:
    """It is the serial that is revoked. A good one in the same disguise comes through the handshake."""
    client = sandbox.wise.new_client("disguised")
    for name, alert in (("good", ""), ("bad", "certificate_revoked")):
        files = client.new_certificate(name)
        certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        other = x509.load_der_x509_certificate(with_the_other_signature(certificate))
        assert other.serial_number == certificate.serial_number and other != certificate
        (tmp_path / name).write_bytes(other.public_bytes(Encoding.PEM))
        if name == "bad":
            revoke(sandbox.state, "wise", files.serial, reason="keyCompromise")
        disguised = SimpleNamespace(certificate=tmp_path / name, key=files.key)
        assert handshake(sandbox, disguised, ssl.TLSVersion.TLSv1_3) == alert


def test_openssl_and_curl_ask_the_authority(sandbox: Sandbox, tmp_path: Path) -> None:
    """OCSP by POST and GET, CRL and issuer from where the certificate points: good, revoked, unknown."""
    client = sandbox.wise.new_client("asked")
    good, bad = client.new_certificate("good"), client.new_certificate("bad")
    revoke(sandbox.state, "wise", bad.serial, reason="keyCompromise")
    text = run("openssl", "x509", "-in", good.certificate, "-noout", "-text")
    assert f"URI:{sandbox.authority}/crl/client-ca:wise.crl" in text
    run("curl", "-s", "-o", tmp_path / "ca.crt", f"{sandbox.authority}/ca/client-ca:wise.crt")
    run("curl", "-s", "-o", tmp_path / "crl", f"{sandbox.authority}/crl/client-ca:wise.crl")
    run("openssl", "x509", "-inform", "DER", "-in", tmp_path / "ca.crt", "-out", tmp_path / "ca.pem")
    run("openssl", "crl", "-inform", "DER", "-in", tmp_path / "crl", "-out", tmp_path / "crl.pem")
    assert "verify OK" in run("openssl", "crl", "-in", tmp_path / "crl.pem", "-CAfile", tmp_path / "ca.pem", "-noout")
    trust = ("-partial_chain", "-CAfile", tmp_path / "ca.pem", "-CRLfile", tmp_path / "crl.pem", "-crl_check")
    assert ": OK" in run("openssl", "verify", *trust, good.certificate)
    assert "certificate revoked" in run("openssl", "verify", *trust, bad.certificate)

    ask = ("openssl", "ocsp", "-issuer", tmp_path / "ca.pem", "-CAfile", tmp_path / "ca.pem", "-partial_chain")
    url = ("-url", f"{sandbox.authority}/ocsp/client-ca:wise")
    answers = {
        "good": run(*ask, "-cert", good.certificate, *url),
        "revoked": run(*ask, "-cert", bad.certificate, *url),
        "unknown": run(*ask, "-serial", "0x4711", *url),
    }
    for word, said in answers.items():
        assert "Response verify OK" in said, said
        assert f": {word}" in said
        assert "WARNING" not in said, "the nonce comes back"
    two = run(*ask, "-cert", good.certificate, "-cert", bad.certificate, *url)
    assert "malformedrequest" in two

    run(*ask, "-no_nonce", "-cert", bad.certificate, "-reqout", tmp_path / "request")
    run("openssl", "base64", "-A", "-in", tmp_path / "request", "-out", tmp_path / "base64")
    path = (tmp_path / "base64").read_text().replace("/", "%2F").replace("+", "%2B").replace("=", "%3D")
    head = run("curl", "-s", "-D", "-", "-o", tmp_path / "answer", f"{url[1]}/{path}").lower()
    assert "cache-control: max-age=" in head and "last-modified: " in head and "etag: " in head
    assert ": revoked" in run(*ask, "-cert", bad.certificate, "-respin", tmp_path / "answer")
    status = ("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}")
    assert run(*status, f"{sandbox.authority}/crl/client-ca:nobody.crl") == "404"
    assert run(*status, "-X", "PUT", f"{sandbox.authority}/crl/client-ca:wise.crl") == "405"
    assert run(*status, "-d", "x", url[1]) == "415"


def test_the_lists_in_python_know_who_is_revoked(sandbox: Sandbox, tmp_path: Path) -> None:
    """openssl, by sandbox.crls() and the root of the control API: good, then revoked; the API has the same lists."""
    client = sandbox.wise.new_client("listed")
    files = client.new_certificate("first")
    (tmp_path / "root.pem").write_text(run("curl", "-s", f"{sandbox.control}/api/ca?clients=true"))
    trust = ("-x509_strict", "-crl_check_all", "-CAfile", tmp_path / "root.pem", "-untrusted", files.certificate)

    def verified() -> str:
        (tmp_path / "crls.pem").write_text(sandbox.crls())
        return run("openssl", "verify", *trust, "-CRLfile", tmp_path / "crls.pem", files.certificate)

    assert verified() == f"{files.certificate}: OK\n"
    client.revoke("first")
    assert "certificate revoked" in verified()
    assert run("curl", "-s", f"{sandbox.control}/api/ca/crls") == sandbox.crls()


def test_openssl_follows_the_pointer_of_a_leaf(sandbox: Sandbox, tmp_path: Path) -> None:
    """-crl_download fetches the list of the leaf's issuer; issuing CAs point to none, so that -crl_check_all has to be
    handed theirs."""
    client = sandbox.wise.new_client("pointed")
    good, bad = client.new_certificate("good"), client.new_certificate("bad")
    client.revoke("bad")
    (tmp_path / "root.pem").write_text(run("curl", "-s", f"{sandbox.control}/api/ca?clients=true"))

    def verified(check: str, leaf: Path, *more: object) -> str:
        trust = ("-crl_download", check, "-CAfile", tmp_path / "root.pem", "-untrusted", leaf)
        return run("openssl", "verify", "-x509_strict", *trust, *more, leaf)

    assert verified("-crl_check", good.certificate) == f"{good.certificate}: OK\n"
    assert "certificate revoked" in verified("-crl_check", bad.certificate)
    assert "unable to get certificate CRL" in verified("-crl_check_all", good.certificate)


def test_the_server_certificate_has_a_staple(sandbox: Sandbox) -> None:
    """curl --cert-status is content; openssl shows it; who does not ask gets none."""
    url = sandbox.wise.urls["api"]
    said = run("curl", "-sS", "--cert-status", "--cacert", sandbox.ca_file, "-w", "%{http_code}", f"{url}/x")
    assert said.endswith("404"), said
    connect = ("openssl", "s_client", "-connect", url.removeprefix("https://"), "-CAfile", sandbox.ca_file)
    assert "Cert Status: good" in run(*connect, "-status", "-no_ign_eof")
    assert "Cert Status" not in run(*connect, "-no_ign_eof")


def test_the_number_never_goes_back(tmp_path: Path) -> None:
    """Over a jump of the clock there and back, and over reopening; unchanged, nothing is signed."""
    clock = MovableClock(SystemClock().now())
    numbers = []
    for step in (0, 0, 40, -80, 40):
        clock.move(timedelta(days=step))
        state = open_state(tmp_path / "state", clock=clock)
        crl = current_crl(state, "client-ca:wise")
        numbers.append(crl.number)
        assert crl.right_at(clock.now())
        state.close()
    assert numbers == [1, 1, 2, 3, 4]


LOOP = """
import sys
from pathlib import Path
from sandbox.services.certificates import revoke
from sandbox.services.making import new_certificate
from sandbox.services.authority import current_crl
from sandbox.services.state import open_state
from sandbox.services.clients import add_client
state = open_state(Path(sys.argv[1]))
for n in range(1000):
    client = add_client(state, "wise", f"c{sys.argv[2]}-{n}").client
    made = new_certificate(state, "wise", client.name, name="x", key="ec-p256")
    revoke(state, "wise", made.record.serial, reason="unspecified")
    print(current_crl(state, "client-ca:wise").number, flush=True)
"""


def test_killed_at_any_moment_the_store_is_whole_and_the_number_not_lower(tmp_path: Path) -> None:
    """Five times killed in a loop of revocations."""
    highest = 0
    for turn in range(5):
        words = [sys.executable, "-c", LOOP, str(tmp_path / "state"), str(turn)]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, cwd=ROOT)
        assert process.stdout
        told = [int(process.stdout.readline()) for _ in range(turn + 2)]
        process.kill()
        told += map(int, process.stdout.read().split(b"\n")[:-1])
        process.wait(60)
        process.stdout.close()
        assert told == sorted(set(told)) and told[0] > highest
        highest = told[-1]
        with sqlite3.connect(tmp_path / "state" / "sandbank.sqlite") as base:
            assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert base.execute("SELECT number FROM ca_crls").fetchone()[0] >= highest
        base.close()


def test_pointers_go_where_they_were_told_to(tmp_path: Path) -> None:
    """The URL given by whoever serves, not the door's own address; what is no plain URL is refused."""
    with Sandbox(state=tmp_path / "state", authority_url="http://ca.test:81/x") as other:
        files = other.wise.new_client("pointed").new_certificate("first")
        assert "URI:http://ca.test:81/x/ocsp/client-ca:wise" in run(
            "openssl", "x509", "-in", files.certificate, "-noout", "-text"
        )
    with pytest.raises(Misuse):
        Sandbox(authority_url="https://ca.test")


TRASH = {
    "not base64": ("GET", "!!!!", b""),
    "base64 of nothing DER": ("GET", "AAAA", b""),
    "a path climbing out": ("GET", "..%2F..%2Fetc%2Fpasswd", b""),
    "zeros without end": ("GET", "A" * 4000, b""),
    "an empty body": ("POST", "", b""),
    "a length beyond its end": ("POST", "", b"\x30\x84\xff\xff\xff\xff"),
    "nested without end": ("POST", "", b"\x30\x80" * 2000),
}


@pytest.mark.parametrize("trash", TRASH.values(), ids=TRASH.keys())
def test_what_is_no_question_gets_the_answer_for_that(
    sandbox: Sandbox, tmp_path: Path, trash: tuple[str, str, bytes]
) -> None:
    """openssl reads malformedrequest (RFC 6960 section 4.2.1); the next one who asks properly is answered."""
    method, path, body = trash
    (tmp_path / "body").write_bytes(body)
    url = f"{sandbox.authority}/ocsp/client-ca:wise" + (f"/{path}" if path else "")
    sent = ("-H", "Content-Type: application/ocsp-request", "--data-binary", f"@{tmp_path / 'body'}")
    run("curl", "-sS", "--path-as-is", *(sent if method == "POST" else ()), "-o", tmp_path / "answer", url)
    assert "malformedrequest" in run("openssl", "ocsp", "-respin", tmp_path / "answer", "-noverify")

    run("curl", "-s", "-o", tmp_path / "ca.crt", f"{sandbox.authority}/ca/client-ca:wise.crt")
    run("openssl", "x509", "-inform", "DER", "-in", tmp_path / "ca.crt", "-out", tmp_path / "ca.pem")
    asked = ("-issuer", tmp_path / "ca.pem", "-serial", "0x4711", "-partial_chain", "-CAfile", tmp_path / "ca.pem")
    said = run("openssl", "ocsp", *asked, "-url", f"{sandbox.authority}/ocsp/client-ca:wise")
    assert "Response verify OK" in said and ": unknown" in said

    malformed = [entry for entry in authority_entries(sandbox, 3) if entry.refused]
    assert [entry.reasons[0].code for entry in malformed] == ["certificate.ocsp_malformed"]
    assert malformed[0].status == 200 and len(malformed[0].reasons[0].seen) <= 200


def authority_entries(sandbox: Sandbox, count: int) -> tuple[Entry, ...]:
    """The newest entries of the authority's door."""
    return tuple(entry for entry in sandbox.journal.entries(limit=1000) if entry.door == "authority")[-count:]


def test_each_call_at_the_authoritys_door_leaves_an_entry(sandbox: Sandbox, tmp_path: Path) -> None:
    """What was asked for and what was said; of the provider whose clients it is about, and of no client."""
    client = sandbox.wise.new_client("noted")
    good, bad = client.new_certificate("good"), client.new_certificate("bad")
    client.revoke("bad")
    run("curl", "-s", "-o", tmp_path / "ca.crt", f"{sandbox.authority}/ca/client-ca:wise.crt")
    run("curl", "-s", "-I", f"{sandbox.authority}/crl/client-ca:wise.crl")
    run("openssl", "x509", "-inform", "DER", "-in", tmp_path / "ca.crt", "-out", tmp_path / "ca.pem")
    url = f"{sandbox.authority}/ocsp/client-ca:wise"
    for each in (good, bad):
        asked = ("-issuer", tmp_path / "ca.pem", "-cert", each.certificate, "-url", url)
        run("openssl", "ocsp", *asked, "-CAfile", tmp_path / "ca.pem", "-partial_chain")
    number = current_crl(sandbox.state, "client-ca:wise").number
    entries = authority_entries(sandbox, 4)
    assert [(entry.title, [stage.note.split(",")[0] for stage in entry.stages]) for entry in entries] == [
        (
            "GET /ca/client-ca:wise.crt",
            ["certificate of client-ca:wise", f"{len((tmp_path / 'ca.crt').read_bytes())} octets"],
        ),
        ("HEAD /crl/client-ca:wise.crl", ["CRL of client-ca:wise", f"number {number}"]),
        ("POST /ocsp/client-ca:wise", ["OCSP of client-ca:wise", f"serial {good.serial}: good"]),
        ("POST /ocsp/client-ca:wise", ["OCSP of client-ca:wise", f"serial {bad.serial}: revoked"]),
    ]
    assert {(entry.status, entry.provider, entry.client, entry.refused) for entry in entries} == {
        (200, "wise", None, False)
    }


REFUSED = {
    "another path": (404, "http.not_published", "/", ()),
    "an unknown CA": (404, "http.no_such_authority", "/crl/client-ca:nobody.crl", ()),
    "a CA whose key was destroyed": (404, "http.no_such_authority", "/crl/server-root.crl", ()),
    "a CA that nobody answers for": (404, "http.no_such_authority", "/ocsp/client-root", ("-d", "x")),
    "another method": (405, "route.method_not_allowed", "/crl/client-ca:wise.crl", ("-X", "PUT")),
    "a question in a form": (415, "body.media_type", "/ocsp/client-ca:wise", ("-d", "x")),
    "an endless question": (
        413,
        "body.too_large",
        "/ocsp/client-ca:wise",
        ("-H", "Content-Type: application/ocsp-request", "-H", "Content-Length: 9999999", "-d", "x"),
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_at_the_authoritys_door_says_why(sandbox: Sandbox, case: tuple[int, str, str, tuple[str]]) -> None:
    """The same code in the reply and in the journal, with the next step; a good call after it is no refusal."""
    status, code, path, options = case
    said = run("curl", "-sS", "-D", "-", "--max-time", "10", *options, f"{sandbox.authority}{path}")
    assert said.startswith(f"HTTP/1.1 {status}") and f"\n  {code}: " in said and "\n    next      " in said
    assert ("\nallow: GET, HEAD\r" in said.lower().replace("get, head", "GET, HEAD")) == (status == 405)
    assert run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"{sandbox.authority}/ca/server-ca.crt") == "200"
    refused, good = authority_entries(sandbox, 2)
    assert (refused.status, [reason.code for reason in refused.reasons]) == (status, [code])
    assert (refused.stages[-1].ok, refused.stages[-1].note) == (False, code)
    assert not good.refused


def test_a_question_about_another_issuers_certificate_is_noted(sandbox: Sandbox, tmp_path: Path) -> None:
    """openssl reads unauthorized; the journal knows which serial it was about."""
    for name in ("client-ca:wise", "client-ca:nuapay"):
        run("curl", "-s", "-o", tmp_path / "ca.crt", f"{sandbox.authority}/ca/{name}.crt")
        run("openssl", "x509", "-inform", "DER", "-in", tmp_path / "ca.crt", "-out", tmp_path / "ca.pem")
    asked = ("-issuer", tmp_path / "ca.pem", "-serial", "0x4711")
    said = run("openssl", "ocsp", *asked, "-url", f"{sandbox.authority}/ocsp/client-ca:wise")
    assert "unauthorized (6)" in said
    (entry,) = authority_entries(sandbox, 1)
    assert [reason.code for reason in entry.reasons] == ["certificate.ocsp_other_issuer"]
    assert "serial 4711 of another issuer" in entry.explain()


def test_the_door_goes_by_a_clock_that_another_process_has_moved(tmp_path: Path) -> None:
    """At once: the CRL that is fetched right after the move begins at that time, and after the reset it does not."""
    with Sandbox(state=tmp_path / "state") as sandbox:
        for words, moved in ((("move", "--to", "2031-05-01"), True), (("reset",), False)):
            run(sys.executable, "-m", "sandbox.cli", "clock", *words, "--state", tmp_path / "state")
            run("curl", "-s", "-o", tmp_path / "crl", f"{sandbox.authority}/crl/client-ca:wise.crl")
            begin = run("openssl", "crl", "-inform", "DER", "-in", tmp_path / "crl", "-noout", "-lastupdate")
            assert (" 2031 " in begin) is moved, begin
