"""What OpenSSL dislikes in a client is told by its own cause, and a client that leaves by how it leaves. The strangers
are the openssl command, curl, Node and the standard library."""

import base64
import json
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from sandbox.journal.causes import CAUSES
from sandbox.tls.contexts import DoorContexts, TrustBook
from tests.live.certificates import CLIENT, DAY, Held, House, make
from tests.live.stage import PATIENCE, Stage, call, command, read_to_end, stage

both = pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
HTTP = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


@pytest.fixture
def contexts(house: House) -> DoorContexts:
    return DoorContexts(house.server, TrustBook(authorities=(house.issuing.leaf,)))  # type: ignore[arg-type]


# The certificates of strangers


def issued(issuer: Held, key: CertificateIssuerPrivateKeyTypes, *extensions: x509.ExtensionType) -> bytes:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "odd client")]))
        .issuer_name(issuer.leaf.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
    )
    for extension in (x509.ExtendedKeyUsage([CLIENT]), *extensions):
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(issuer.key, SHA256()).public_bytes(Encoding.PEM)


def pem(key: CertificateIssuerPrivateKeyTypes) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def unpaired(issuer: Held) -> bytes:
    """A certificate of one key, and another private key: OpenSSL compares only the public halves, so the file of the
    other one states the public half of the first."""
    key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    points = [one.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint) for one in (other, key)]
    der = other.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()).replace(*points)
    body = base64.encodebytes(der).decode()
    return issued(issuer, key) + f"-----BEGIN EC PRIVATE KEY-----\n{body}-----END EC PRIVATE KEY-----\n".encode()


def short(issuer: Held) -> bytes:
    key = rsa.generate_private_key(65537, 1024)
    return issued(issuer, key) + pem(key)


def not_for_signing(issuer: Held) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    names = ("content_commitment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign")
    usage = x509.KeyUsage(
        digital_signature=False,
        key_encipherment=True,
        **dict.fromkeys(names, False),
        encipher_only=False,
        decipher_only=False,
    )
    return issued(issuer, key, usage) + pem(key)


def oversized(issuer: Held) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return issued(issuer, key, x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), bytes(120_000))) + pem(key)


def over_sha1(issuer: Held, folder: Path) -> bytes:
    """By the openssl command: the library signs over no SHA-1."""
    (folder / "issuer.pem").write_bytes(issuer.pem() + issuer.key_pem())
    (folder / "use").write_text("extendedKeyUsage=clientAuth\n")
    new = "openssl req -new -nodes -newkey rsa:2048 -keyout old.key -out old.csr -subj /CN=old"
    sign = "openssl x509 -req -sha1 -in old.csr -CA issuer.pem -CAkey issuer.pem -extfile use -days 2 -out old.pem"
    for words in (new, sign):
        subprocess.run(words.split(), cwd=folder, check=True, capture_output=True)
    return (folder / "old.pem").read_bytes() + (folder / "old.key").read_bytes()


CASES: dict[str, tuple[Callable[[House], bytes], str, str, str]] = {
    "unpaired": (lambda house: unpaired(house.issuing), "tls.certificate_proof_wrong", "decrypt_error", "did not make"),
    "short": (lambda house: short(house.issuing), "tls.certificate_key_weak", "bad_certificate", "RSA, 1024 bits"),
    "SHA-1": (
        lambda house: over_sha1(house.issuing, house.folder),
        "tls.certificate_hash_weak",
        "bad_certificate",
        "hash sha1",
    ),
    "not for signing": (
        lambda house: not_for_signing(house.issuing),
        "tls.certificate_key_usage",
        "unsupported_certificate",
        "lacks digitalSignature: keyEncipherment",
    ),
    "oversized": (
        lambda house: oversized(house.issuing),
        "tls.certificate_too_large",
        "illegal_parameter",
        "too long",
    ),
}


def s_client(door: Stage, house: House, held: bytes, *options: str, said: bytes = HTTP) -> str:
    """What the openssl command says of an attempt with this certificate and key."""
    path = house.folder / "held.pem"
    path.write_bytes(held)
    words = ["openssl", "s_client", "-connect", f"127.0.0.1:{door.port}", "-servername", "localhost", "-quiet"]
    done = command(
        *words, "-CAfile", house.root_file, "-cert", path, "-cipher", "ALL:@SECLEVEL=0", *options, given=said
    )
    return (done.stdout + done.stderr).decode()


@both
@pytest.mark.parametrize("case", CASES)
def test_a_certificate_that_openssl_dislikes_has_its_own_cause(
    house: House, contexts: DoorContexts, case: str, version: str
) -> None:
    """After a good hello nothing is said of the hello; a good certificate still comes in."""
    make_one, cause, alert, seen = CASES[case]
    with stage(contexts=contexts) as door:
        assert f"alert {alert.replace('_', ' ')}" in s_client(door, house, make_one(house), version)
        handshake = door.witness.next_handshake()
        assert (handshake.cause, handshake.alert) == (cause, alert)
        assert seen in handshake.seen
        assert "not TLS" not in handshake.seen
        assert cause in CAUSES
        if case != "oversized":  # OpenSSL did not read that one
            assert handshake.certificate is not None
            assert "old" in handshake.seen or "odd client" in handshake.seen
        good = house.client.pem() + house.client.key_pem()
        assert "200" in s_client(door, house, good, version)


def test_the_wrong_key_is_told_where_no_certificate_is_judged(house: House) -> None:
    """Also at a door that leaves the judgement to its calls the private key is proved."""
    with stage(contexts=DoorContexts(house.server, None, asks="call")) as door:  # type: ignore[arg-type]
        s_client(door, house, unpaired(house.issuing))
        assert door.witness.next_handshake().cause == "tls.certificate_proof_wrong"


Change = Callable[[bytes], bytes]


@contextmanager
def between(port: int, change: Change) -> Iterator[int]:
    """A middlebox on a port of its own, that changes what a client sends."""

    def carry(source: socket.socket, sink: socket.socket, by: Change) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(by(data))
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            near, _ = server.accept()
            with near, socket.create_connection(("127.0.0.1", port)) as far:
                back = threading.Thread(target=carry, args=(far, near, bytes))
                back.start()
                carry(near, far, change)
                back.join(PATIENCE)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(PATIENCE)


def by_way_of(house: House, port: int, version: ssl.TLSVersion) -> bytes:
    context = house.client_context(house.client)
    context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as connection,
    ):
        connection.sendall(HTTP)
        return read_to_end(connection)


def test_a_certificate_that_nobody_can_read(house: House, contexts: DoorContexts) -> None:
    """In TLS 1.2 a certificate goes in the clear: one whose DER was broken on its way is unreadable, not "not TLS"."""
    subject = house.client.leaf.subject.public_bytes()

    def break_it(data: bytes) -> bytes:
        return data.replace(subject, b"\xff" * len(subject))

    with stage(contexts=contexts) as door:
        with between(door.port, break_it) as port, pytest.raises(ssl.SSLError):
            by_way_of(house, port, ssl.TLSVersion.TLSv1_2)
        handshake = door.witness.next_handshake()
        assert handshake.cause == "tls.certificate_unreadable"
        with between(door.port, bytes) as port:
            assert b"200" in by_way_of(house, port, ssl.TLSVersion.TLSv1_2)


def test_a_hello_that_breaks_the_rules(house: House, contexts: DoorContexts) -> None:
    """It is a hello, and a bad one: that is told, and not that nothing of TLS came."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = house.client_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    hello = bytearray(outgoing.read())
    hello[43] = 0xFF  # the length of the session id, after 5 + 4 + 2 + 32 bytes
    with stage(contexts=contexts) as door, door.connect() as connection:
        connection.sendall(hello)
        assert connection.recv(1) == b"\x15", "an alert"
        handshake = door.witness.next_handshake()
        assert handshake.cause == "tls.hello_malformed"


@pytest.mark.parametrize("said", [b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"])
def test_the_proxy_protocol_is_known(contexts: DoorContexts, said: bytes) -> None:
    """It is neither HTTP nor junk: a load balancer speaks."""
    with stage(contexts=contexts) as door, door.connect() as connection:
        connection.sendall(said)
        assert door.witness.next_handshake().cause == "tls.proxy_protocol"


# After the handshake


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("record", "alert", "cause"),
    [
        (b"\x17\x03\x03\x00\x20" + b"x" * 32, 20, "tls.record_corrupt"),
        (b"\x17\x03\x03\x60\x00" + b"x" * 24576, 22, "tls.record_too_long"),
    ],
    ids=["corrupt", "too long"],
)
def test_a_broken_record_is_answered_and_told(
    house: House, contexts: DoorContexts, version: ssl.TLSVersion, record: bytes, alert: int, cause: str
) -> None:
    """The alert is sent before the connection is closed, and the journal hears of it."""
    context = house.client_context(house.client)
    context.maximum_version = version
    with stage(contexts=contexts) as door, door.connect_tls(context) as connection:
        assert call(connection)[0] == 200
        with socket.socket(fileno=socket.dup(connection.fileno())) as raw:
            raw.sendall(record)
        with pytest.raises(ssl.SSLError) as caught:
            connection.recv(1)
        assert f"ALERT_{ {20: 'BAD_RECORD_MAC', 22: 'RECORD_OVERFLOW'}[alert] }" in str(caught.value.reason)
        broken = door.witness.next_break()
        assert (broken.cause, broken.status) == (cause, 0)


def test_a_renegotiation_is_answered_and_told(house: House, contexts: DoorContexts) -> None:
    """openssl asks for one ("R"): it hears no_renegotiation at once, and does not wait for ever."""
    with stage(contexts=contexts) as door:
        held = house.folder / "good.pem"
        held.write_bytes(house.client.pem() + house.client.key_pem())
        words = ["openssl", "s_client", "-connect", f"127.0.0.1:{door.port}", "-servername", "localhost", "-tls1_2"]
        done = command(*words, "-CAfile", house.root_file, "-cert", held, given=b"R\n")
        assert b"no renegotiation" in done.stderr
        assert door.witness.next_handshake().ok
        assert door.witness.next_break().cause == "tls.renegotiation"


# A client that distrusts us


NODE = """
const https = require("https"), fs = require("fs"), given = JSON.parse(process.argv[1]);
const options = {host: "localhost", port: given.port, path: "/", maxVersion: given.version,
  ca: fs.readFileSync(given.ca), cert: fs.readFileSync(given.held), key: fs.readFileSync(given.held)};
https.get(options, got => { console.log(got.statusCode); got.resume(); })
  .on("error", error => console.log(error.code));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="judged by Node")
@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_node_distrusts_us_without_an_alert(house: House, contexts: DoorContexts, version: str) -> None:
    """It says nothing in TLS 1.3, and in 1.2 it even finishes the handshake. With the right CA it comes in."""
    other = house.folder / "other.pem"
    other.write_bytes(house.client_root.pem())
    given = {"version": version, "held": str(house.client.write(house.folder))}
    with stage(contexts=contexts) as door:
        for ca, said in ((other, b"SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO"), (house.root_file, b"200")):
            done = command("node", "-e", NODE, json.dumps({**given, "ca": str(ca), "port": door.port}))
            assert any(one in done.stdout for one in said.split(b"|")), done.stderr
        first = door.witness.next_handshake()
        left = door.witness.next_break().cause if first.ok else first.cause
        assert left == "tls.client_distrusts_server"
        assert door.witness.next_handshake().ok
    assert door.witness.breaks.empty()


@pytest.mark.skipif(shutil.which("curl") is None, reason="judged by curl")
def test_curl_by_a_name_that_our_certificate_does_not_have(house: House, contexts: DoorContexts) -> None:
    """curl finishes the handshake, looks at the name and leaves. The name is told."""
    held = house.client.write(house.folder)
    with stage(contexts=contexts) as door:
        base = ["curl", "-sS", "--cacert", house.root_file, "--cert", held]
        url = f"https://payments.example:{door.port}/"
        assert command(*base, "--resolve", f"payments.example:{door.port}:127.0.0.1", url).returncode == 60
        first = door.witness.next_handshake()
        told = door.witness.next_break() if first.ok else first
        assert told.cause == "tls.name_not_covered"
        assert "payments.example" in told.seen
        assert command(*base, f"https://127.0.0.1:{door.port}/").returncode == 60, (
            "the test's certificate has no address"
        )
        first = door.witness.next_handshake()
        told = door.witness.next_break() if first.ok else first
        assert (told.cause, "127.0.0.1" in told.seen) == ("tls.name_not_covered", True)


def test_a_connection_beside_one_that_talks_is_no_distrust(house: House, contexts: DoorContexts) -> None:
    """Pools open connections that they never use. One that stands alone, and is left without a word, is told of."""
    context = house.client_context(house.client)
    with stage(contexts=contexts) as door:
        with door.connect_tls(context) as talks:
            call(talks)
            door.connect_tls(context).close()
            assert call(talks)[0] == 200
        stranger = house.client_context(make("another", house.issuing, usage=CLIENT))
        door.connect_tls(stranger).close()
        broken = door.witness.next_break()
        assert broken.cause == "tls.client_distrusts_server"
        assert broken.peer.id == 3


def test_a_stop_of_ours_is_no_distrust(house: House, contexts: DoorContexts) -> None:
    """Who is sent away before it has said anything has not left."""
    with stage(contexts=contexts) as door, door.connect_tls(house.client_context(house.client)) as waits:
        door.witness.next_handshake()
        door.run(door.listener.stop)
        assert read_to_end(waits) == b""
        assert door.witness.breaks.empty()
