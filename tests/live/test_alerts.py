import gc
import shutil
import socket
import ssl
import weakref
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from cryptography.hazmat.primitives.hashes import SHA256

from sandbox.server.listener import Limits
from sandbox.tls.contexts import DoorContexts, TrustBook
from tests.live.certificates import CLIENT, DAY, SERVER, Held, House, make, make_ca
from tests.live.stage import Stage, call, command, read_to_end, stage

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
both_versions = pytest.mark.parametrize("version", VERSIONS, ids=["TLSv1.2", "TLSv1.3"])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


@pytest.fixture
def contexts(house: House) -> DoorContexts:
    return DoorContexts(house.server, TrustBook(authorities=(house.issuing.leaf,)))  # type: ignore[arg-type]


def alert_of(door: Stage, context: ssl.SSLContext) -> str:
    """The alert that the standard client sees, in RFC 8446's words; in TLS 1.3 it comes with the first read."""
    with pytest.raises(ssl.SSLError) as caught, door.connect_tls(context) as connection:
        call(connection)
    return str(caught.value.reason).partition("ALERT_")[2].lower()


def at_version(context: ssl.SSLContext, version: ssl.TLSVersion) -> ssl.SSLContext:
    context.minimum_version = context.maximum_version = version
    return context


REFUSED: dict[str, tuple[Callable[[House], Held], str, str, str]] = {
    "expired": (
        lambda house: make("old client", house.issuing, usage=CLIENT, start=datetime(2024, 1, 1, tzinfo=UTC), days=366),
        "tls.certificate_expired",
        "certificate_expired",
        "certificate CN=old client, issued by CN=Test issuing CA, expired 2025-01-01 00:00 UTC",
    ),
    "not yet valid": (
        lambda house: make("new client", house.issuing, usage=CLIENT, start=datetime(2099, 1, 1, tzinfo=UTC)),
        "tls.certificate_not_yet_valid",
        "bad_certificate",
        "certificate CN=new client, issued by CN=Test issuing CA, not valid before 2099-01-01 00:00 UTC",
    ),
    "wrong usage": (
        lambda house: make("a server", house.issuing, usage=SERVER),
        "tls.certificate_wrong_usage",
        "unsupported_certificate",
        "certificate CN=a server, issued by CN=Test issuing CA, for serverAuth only",
    ),
    "self-signed": (
        lambda house: make("nobody's client", usage=CLIENT),
        "tls.certificate_unknown_issuer",
        "unknown_ca",
        "certificate CN=nobody's client, self-signed",
    ),
    "sibling": (
        lambda house: make("their client", house.sibling, usage=CLIENT),
        "tls.certificate_unknown_issuer",
        "unknown_ca",
        "certificate CN=their client, issued by CN=Sibling issuing CA",
    ),
}


@both_versions
@pytest.mark.parametrize("whole_chain", [False, True], ids=["leaf", "chain"])
@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_certificate_has_its_alert_and_its_sentence(
    house: House, contexts: DoorContexts, case: str, whole_chain: bool, version: ssl.TLSVersion
) -> None:
    """The client sees the alert, the witness the certificate and the reason; a good client still comes in."""
    make_one, cause, alert, seen = REFUSED[case]
    held = make_one(house)
    with stage(contexts=contexts) as door:
        assert alert_of(door, at_version(house.client_context(held, whole_chain=whole_chain), version)) == alert
        handshake = door.witness.next_handshake()
        assert (handshake.ok, handshake.cause, handshake.alert, handshake.seen) == (False, cause, alert, seen)
        assert "issued by this sandbox" in handshake.expected
        assert "CN=Test issuing CA" in handshake.expected
        assert handshake.certificate == held.leaf
        assert handshake.version == version.name.replace("_", ".")

        with door.connect_tls(at_version(house.client_context(house.client), version)) as good:
            assert call(good)[0] == 200
        assert door.witness.next_handshake().ok


@both_versions
def test_no_certificate(house: House, contexts: DoorContexts, version: ssl.TLSVersion) -> None:
    """A client without a certificate: certificate_required in TLS 1.3, handshake_failure before."""
    alert = {VERSIONS[0]: "handshake_failure", VERSIONS[1]: "certificate_required"}[version]
    with stage(contexts=contexts) as door:
        assert alert_of(door, at_version(house.client_context(), version)) == alert
        handshake = door.witness.next_handshake()
        assert (handshake.cause, handshake.alert) == ("tls.certificate_missing", alert)
        assert handshake.certificate is None


@both_versions
@pytest.mark.parametrize("intermediate", [False, True])
def test_a_stranger(house: House, contexts: DoorContexts, version: ssl.TLSVersion, intermediate: bool) -> None:
    """A certificate from an unknown CA is refused, and it is the stranger's own certificate that is shown."""
    ca = trustme.CA()
    issued = (ca.create_child_ca() if intermediate else ca).issue_cert("stranger@example.org", common_name="stranger")
    context = at_version(house.client_context(), version)
    issued.configure_cert(context)
    with stage(contexts=contexts) as door:
        assert alert_of(door, context) == "unknown_ca"
        handshake = door.witness.next_handshake()
        assert handshake.cause == "tls.certificate_unknown_issuer"
        assert handshake.certificate is not None
        assert "CN=stranger" in handshake.certificate.subject.rfc4514_string()
        assert "CN=stranger" in handshake.seen
        assert len(handshake.chain_sent) == int(intermediate)


@both_versions
def test_any_other_verdict_is_named(house: House, contexts: DoorContexts, version: ssl.TLSVersion) -> None:
    """A chain with a certificate that is no CA falls under no cause of its own: the verdict itself is shown."""
    no_ca = make("no CA", house.issuing)
    held = make("client of no CA", no_ca, usage=CLIENT)
    with stage(contexts=contexts) as door:
        alert_of(door, at_version(house.client_context(held, whole_chain=True), version))
        handshake = door.witness.next_handshake()
        assert handshake.cause == "tls.certificate_refused"
        assert handshake.certificate == held.leaf
        assert handshake.seen.startswith("certificate CN=client of no CA, issued by CN=no CA: ")
        assert "the check stopped at its issuer CN=no CA" in handshake.seen


@both_versions
@pytest.mark.parametrize("whole_chain", [False, True], ids=["leaf", "chain"])
def test_a_good_client_comes_in(
    house: House, contexts: DoorContexts, version: ssl.TLSVersion, whole_chain: bool
) -> None:
    """The issuing CA is an anchor: a client may send its leaf alone or everything up to the root."""
    with stage(contexts=contexts) as door:
        context = at_version(house.client_context(house.client, whole_chain=whole_chain), version)
        with door.connect_tls(context) as connection:
            assert call(connection) == (200, b"GET /")
        handshake = door.witness.next_handshake()
        assert handshake.ok
        assert handshake.certificate == house.client.leaf
        assert handshake.chain_sent == (house.client.chain[1:] if whole_chain else ())
        assert (handshake.version, handshake.sni) == (version.name.replace("_", "."), "localhost")
        assert handshake.cipher
        assert handshake.duration_us > 0


def test_a_pinned_certificate_comes_in(house: House) -> None:
    """A pin admits one certificate, not others of its issuer."""
    pinned, other = make("pinned", house.sibling, usage=CLIENT), make("other", house.sibling, usage=CLIENT)
    book = TrustBook(authorities=(house.issuing.leaf,), pins=(pinned.leaf,))
    with stage(contexts=DoorContexts(house.server, book)) as door:  # type: ignore[arg-type]
        with door.connect_tls(house.client_context(pinned)) as connection:
            assert call(connection)[0] == 200
        assert alert_of(door, house.client_context(other)) == "unknown_ca"


def test_a_door_may_ask_for_nothing(house: House) -> None:
    """Without a trust book nobody is asked for a certificate, and none is noted."""
    with stage(contexts=DoorContexts(house.server, None)) as door:  # type: ignore[arg-type]
        with door.connect_tls(house.client_context(house.client)) as connection:
            assert call(connection)[0] == 200
        handshake = door.witness.next_handshake()
        assert handshake.ok
        assert handshake.certificate is None


@both_versions
def test_a_door_may_leave_the_judgement_to_its_calls(house: House, version: ssl.TLSVersion) -> None:
    """It asks for a certificate and lets everybody through the handshake: with ours, with a stranger's, an expired or
    a self-signed one, with none; and the fingerprint says which."""
    door_contexts = DoorContexts(house.server, None, asks="call")  # type: ignore[arg-type]
    expired = make("expired", house.issuing, usage=CLIENT, start=datetime.now(UTC) - 40 * DAY, days=1)
    with stage(contexts=door_contexts) as door:
        for held in (house.client, make("stranger", make_ca("elsewhere"), usage=SERVER), make("alone"), expired):
            with door.connect_tls(at_version(house.client_context(held), version)) as connection:
                assert call(connection)[0] == 200
            handshake = door.witness.next_handshake()
            assert handshake.ok
            assert handshake.certificate == held.leaf
            assert handshake.fingerprint_sha256 == held.leaf.fingerprint(SHA256()).hex()
        with door.connect_tls(at_version(house.client_context(None), version)) as connection:
            assert call(connection)[0] == 200
        handshake = door.witness.next_handshake()
        assert (handshake.ok, handshake.certificate, handshake.fingerprint_sha256) == (True, None, "")


@both_versions
def test_nothing_resumes(house: House, contexts: DoorContexts, version: ssl.TLSVersion) -> None:
    """A second connection with the first one's session shakes hands in full: its certificate is judged again."""
    context = at_version(house.client_context(house.client), version)
    with stage(contexts=contexts) as door:
        with door.connect_tls(context) as first:
            call(first)
            session = first.session
        with (
            door.connect() as raw,
            context.wrap_socket(raw, server_hostname="localhost", session=session) as second,
        ):
            assert call(second)[0] == 200
            assert not second.session_reused


class Hands:
    """A clock that is moved by hand."""

    real = False

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def test_the_clock_that_is_moved_judges_certificates(house: House, contexts: DoorContexts) -> None:
    """After the certificate's end by our clock: expired, with our time in the sentence; back again: welcome."""
    clock = Hands(datetime.now(UTC))
    with stage(contexts=contexts, clock=clock) as door:
        with door.connect_tls(house.client_context(house.client)) as before:
            assert call(before)[0] == 200
            clock.at += 60 * DAY
            assert alert_of(door, house.client_context(house.client)) == "certificate_expired"
            assert call(before)[0] == 200, "a connection that stands keeps what it has"
        door.witness.next_handshake()
        assert f"the sandbox's clock says {clock.at:%Y-%m-%d %H:%M} UTC" in door.witness.next_handshake().seen
        clock.at -= 60 * DAY
        with door.connect_tls(house.client_context(house.client)) as after:
            assert call(after)[0] == 200


def test_renewed_contexts_count_from_the_next_handshake(house: House, contexts: DoorContexts) -> None:
    """Another book and another server certificate: standing connections keep theirs, new ones see the new."""
    other_server = make("localhost", house.server_root, usage=SERVER)
    other_client = make("client of the sibling", house.sibling, usage=CLIENT)
    with stage(contexts=contexts) as door, door.connect_tls(house.client_context(house.client)) as before:
        call(before)
        book = TrustBook(authorities=(house.sibling.leaf,))
        contexts.renew(other_server, book)  # type: ignore[arg-type]
        assert call(before)[0] == 200
        with door.connect_tls(house.client_context(other_client)) as after:
            assert call(after)[0] == 200
            shown = after.getpeercert()
        assert shown is not None
        assert int(str(shown["serialNumber"]), 16) == other_server.leaf.serial_number
        assert alert_of(door, house.client_context(house.client)) == "unknown_ca"


@both_versions
def test_a_client_that_does_not_trust_us(house: House, contexts: DoorContexts, version: ssl.TLSVersion) -> None:
    """The client's own alert is the cause, told apart from a certificate of its own that we refuse."""
    context = at_version(ssl.create_default_context(), version)
    context.load_cert_chain(house.client.write(house.folder))
    with stage(contexts=contexts) as door:
        with pytest.raises(ssl.SSLCertVerificationError):
            door.connect_tls(context)
        handshake = door.witness.next_handshake()
        assert (handshake.cause, handshake.alert_received) == ("tls.client_distrusts_server", "unknown_ca")
        assert handshake.alert == ""


@pytest.mark.skipif(shutil.which("openssl") is None, reason="judged by the openssl command")
@pytest.mark.parametrize(
    ("options", "alert", "cause"),
    [
        (["-tls1_1", "-cipher", "ALL@SECLEVEL=0"], b"protocol version", "tls.version_unsupported"),
        (["-tls1_2", "-cipher", "AES128-SHA"], b"handshake failure", "tls.no_shared_cipher"),
    ],
)
def test_what_openssl_cannot_agree_on(
    house: House, contexts: DoorContexts, options: list[str], alert: bytes, cause: str
) -> None:
    """Too old a version and no common cipher suite are told apart; without those options openssl comes in."""
    with stage(contexts=contexts) as door:
        pem = house.client.write(house.folder)
        base = ["openssl", "s_client", "-connect", f"127.0.0.1:{door.port}", "-cert", pem, "-CAfile", house.root_file]
        refused = command(*base, *options)
        assert b"alert " + alert in refused.stderr
        handshake = door.witness.next_handshake()
        assert handshake.cause == cause
        assert handshake.alert == alert.decode().replace(" ", "_")

        accepted = command(*base, "-verify_return_error")
        assert b"Verify return code: 0 (ok)" in accepted.stdout
        assert b"No client certificate CA names sent" in accepted.stdout, "Java and Go would send no certificate"
        assert door.witness.next_handshake().ok


@pytest.mark.parametrize(
    ("said", "cause", "seen"),
    [
        (b"GET /v1/quotes?token=secret HTTP/1.1\r\nhost: localhost\r\n\r\n", "tls.plain_http", "GET /v1/quotes?..."),
        (b"DELETE /x HTTP/1.1\r\n\r\n", "tls.plain_http", "DELETE /x HTTP/1.1"),
        (b"hello?\n", "tls.not_tls", "7 bytes that are not TLS, starting with b'hello?\\n'"),
        (b"\x16\x03\x01\x00\x05hello", "tls.not_tls", "unexpected message"),
        (b"\x16\x03\x01\xff\xff" + b"z" * 300, "tls.not_tls", "starting with"),
        (b"\x80\x2e\x01\x00\x02", "tls.not_tls", "starting with"),
    ],
)
def test_what_is_not_tls(house: House, contexts: DoorContexts, said: bytes, cause: str, seen: str) -> None:
    """Plain HTTP gets an answer that a person can read, junk gets closed; each says what came, without secrets."""
    with stage(contexts=contexts) as door, door.connect() as connection:
        connection.sendall(said)
        heard = read_to_end(connection)
        assert heard.startswith(b"HTTP/1.1 400 ") == (cause == "tls.plain_http")
        assert (b"https://" in heard) == (cause == "tls.plain_http")
        handshake = door.witness.next_handshake()
        assert handshake.cause == cause
        assert seen in handshake.seen
        assert "secret" not in handshake.seen


def test_plain_http_with_a_large_body(house: House, contexts: DoorContexts) -> None:
    """Closing with unread bytes would reset the connection, and the answer with it: the door reads on."""
    body = b"x" * 1_000_000
    with stage(contexts=contexts) as door, door.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        assert b"https://" in connection.recv(65536)
        assert connection.recv(1) == b""


def test_a_standing_connection_keeps_no_old_context_alive(house: House, contexts: DoorContexts) -> None:
    """A moved clock makes a context every second; each goes when the next comes, whatever was connected with it."""
    clock = Hands(datetime.now(UTC))
    with stage(contexts=contexts, clock=clock) as door, door.connect_tls(house.client_context(house.client)) as first:
        call(first)
        old = weakref.ref(contexts.for_handshake(clock.now()))
        clock.at += timedelta(seconds=1)
        with door.connect_tls(house.client_context(house.client)) as second:
            call(second)
        gc.collect()
        assert old() is None
        assert call(first)[0] == 200


def test_a_client_that_leaves_at_once(house: House, contexts: DoorContexts) -> None:
    """A port scan, or a health check of a load balancer: closed early, before anything was said."""
    with stage(contexts=contexts) as door:
        door.connect().close()
        handshake = door.witness.next_handshake()
        assert (handshake.cause, handshake.seen) == (
            "tls.closed_early",
            "the client closed the connection without a byte",
        )


def test_a_client_that_leaves_when_it_sees_our_certificate(house: House, contexts: DoorContexts) -> None:
    """A client that sees our certificate and leaves without an alert, as Node does, is taken to distrust us."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = house.client_context(house.client).wrap_bio(incoming, outgoing, server_hostname="localhost")
    with stage(contexts=contexts) as door:
        with pytest.raises(ssl.SSLWantReadError):
            client.do_handshake()
        with door.connect() as connection:
            connection.sendall(outgoing.read())
            assert connection.recv(1)
            connection.shutdown(socket.SHUT_WR)
            handshake = door.witness.next_handshake()
        assert handshake.cause == "tls.client_distrusts_server"
        assert "after it had seen our certificate" in handshake.seen


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01"])
def test_a_slow_handshake(house: House, contexts: DoorContexts, said: bytes) -> None:
    """Who does not finish the handshake within the limit is closed."""
    with stage(contexts=contexts, limits=Limits(handshake_seconds=0.2)) as door, door.connect() as connection:
        connection.sendall(said)
        assert read_to_end(connection) == b""
        handshake = door.witness.next_handshake()
        assert handshake.cause == "tls.handshake_slow"
        assert f"after 0.2 s and {len(said)} bytes" in handshake.seen


def test_a_handshake_under_way_does_not_hold_the_stop(house: House, contexts: DoorContexts) -> None:
    """Stopping closes a connection that has not said hello yet; nothing is left of it."""
    with stage(contexts=contexts) as door, door.connect() as connection:
        door.run(door.listener.stop)
        assert read_to_end(connection) == b""
