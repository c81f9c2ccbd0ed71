import asyncio
import errno
import inspect
import queue
import shutil
import socket
import ssl
import threading
from typing import Any

import h2.config
import h2.connection
import h2.events
import pytest
from cryptography import x509
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config
from hypercorn.events import Closed, RawData, Updated
from hypercorn.protocol.h2 import H2Protocol, StreamBuffer
from hypercorn.protocol.h11 import H2ProtocolAssumedError, H11Protocol
from hypercorn.protocol.http_stream import HTTPStream
from hypercorn.typing import TaskGroup

from sandbox.server.http.calls import ProtocolContext
from sandbox.server.listener import Limits, bind_sockets
from sandbox.tls.contexts import DoorContexts, TrustBook
from tests.live.certificates import House
from tests.live.stage import PATIENCE, Stage, answer, call, command, read_answer, read_body, read_to_end, stage

MEGABYTES = b"a body of some megabytes, " * 120_000
NEED_CURL = pytest.mark.skipif(shutil.which("curl") is None, reason="judged by curl")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


@pytest.fixture
def contexts(house: House) -> DoorContexts:
    return DoorContexts(house.server, TrustBook(authorities=(house.issuing.leaf,)))  # type: ignore[arg-type]


def curl(house: House, door: Stage, path: str, *options: Any, given: bytes = b"") -> tuple[str, int, bytes]:
    """Version of HTTP, status and body as curl saw them."""
    pem = house.client.write(house.folder)
    url = f"https://localhost:{door.port}{path}"
    told = ["--write-out", "%{stderr}%{http_version} %{http_code}"]
    done = command("curl", "-sS", "--cacert", house.root_file, "--cert", pem, *told, *options, url, given=given)
    version, status = done.stderr.decode().split()[-2:]
    return version, int(status), done.stdout


# What goes well


@NEED_CURL
@pytest.mark.parametrize(("option", "version"), [("--http2", "2"), ("--http1.1", "1.1")])
def test_both_versions_of_http_carry_megabytes_both_ways(
    house: House, contexts: DoorContexts, option: str, version: str
) -> None:
    """curl agrees on the version it asked for, and gets its own megabytes back."""
    with stage(contexts=contexts) as door:
        seen, status, body = curl(house, door, "/", option, "--data-binary", "@-", given=MEGABYTES)
        assert (seen, status, body == MEGABYTES) == (version, 200, True)
        assert door.observer.next_handshake().alpn == {"2": "h2", "1.1": "http/1.1"}[version]


@NEED_CURL
def test_http2_without_tls_by_prior_knowledge() -> None:
    """A plain door speaks HTTP/2 to who knows that it does, and HTTP/1.1 to who only asks for an upgrade."""
    with stage() as door:
        url = f"http://127.0.0.1:{door.port}/x"
        base = ["curl", "-sS", "--write-out", " %{http_version}"]
        assert command(*base, "--http2-prior-knowledge", url).stdout == b"GET /x 2"
        assert command(*base, "--http2", url).stdout == b"GET /x 1.1"


def test_keep_alive(house: House, contexts: DoorContexts) -> None:
    """Many calls on one connection are one handshake."""
    with stage(contexts=contexts) as door, door.connect_tls(house.client_context(house.client)) as connection:
        for number in range(20):
            assert call(connection, f"/{number}") == (200, b"GET /%d" % number)
        door.observer.next_handshake()
        assert door.observer.handshakes.empty()


def test_pipelining() -> None:
    """Calls sent together are answered in their order."""
    with stage() as door, door.connect() as connection:
        connection.sendall(b"".join(b"GET /%d HTTP/1.1\r\nhost: x\r\n\r\n" % number for number in range(5)))
        rest = bytearray()
        assert [read_answer(connection, rest)[1] for _ in range(5)] == [b"GET /%d" % number for number in range(5)]


def test_a_pipelined_call_after_the_last_answer_is_let_fall() -> None:
    """An app that closes with its answer ends the connection; a call that waits behind it does not wait for ever."""

    async def last(scope: Any, receive: Any, send: Any) -> None:
        await read_body(receive)
        headers = [(b"content-length", b"4"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"last"})

    # So much patience that only a half-close lets the client see the end in time.
    with stage(app=last, limits=Limits(closing_seconds=60)) as door, door.connect() as connection:
        connection.sendall(b"GET /1 HTTP/1.1\r\nhost: x\r\n\r\nGET /2 HTTP/1.1\r\nhost: x\r\n\r\n")
        heard = read_to_end(connection)
        assert heard.count(b"HTTP/1.1 200") == 1
        assert heard.endswith(b"last")
        assert door.observer.breaks.empty()


@pytest.mark.parametrize("tls", [False, True])
def test_a_peer_that_says_no_more_may_still_listen(house: House, contexts: DoorContexts, tls: bool) -> None:
    """A client that half-closes after its call gets its answer all the same."""
    said = threading.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await read_body(receive)
        await asyncio.to_thread(said.wait, 5)
        await answer(send, b"late")

    with stage(app=slow, contexts=contexts if tls else None) as door:
        connection = door.connect_tls(house.client_context(house.client)) if tls else door.connect()
        with connection:
            connection.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            socket.socket.shutdown(connection, socket.SHUT_WR)
            said.set()
            assert read_answer(connection) == (200, b"late")
            assert read_to_end(connection) == b""


def test_what_an_app_is_told_of_the_peer(house: House, contexts: DoorContexts) -> None:
    """The ASGI TLS extension, and our own: the same peer for every call of a connection."""
    scopes: list[dict[str, Any]] = []

    async def remember(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)
        await answer(send, b"ok")

    with stage(app=remember, contexts=contexts) as door:
        with door.connect_tls(house.client_context(house.client, whole_chain=True)) as connection:
            call(connection)
            call(connection)
        with door.connect_tls(house.client_context(house.client)) as another:
            call(another)
        handshake = door.observer.next_handshake()
    first, second, third = (scope["extensions"] for scope in scopes)
    tls = first["tls"]
    assert x509.load_pem_x509_certificate(tls["server_cert"].encode()) == house.server.leaf
    chain = [x509.load_pem_x509_certificate(one.encode()) for one in tls["client_cert_chain"]]
    assert tuple(chain) == house.client.chain
    assert (tls["client_cert_name"], tls["client_cert_error"]) == ("CN=good client", None)
    assert (tls["tls_version"], tls["cipher_suite"]) == (0x0304, 0x1302)
    peer = first["sandbank.peer"]
    assert (peer.id, peer.door, peer.handshake, peer.address[0]) == (1, "wise.mtls", handshake, "127.0.0.1")
    assert second["sandbank.peer"] is peer
    assert third["sandbank.peer"].id == 2
    assert scopes[0]["scheme"] == "https"


def test_a_plain_door_tells_of_no_tls() -> None:
    """Without TLS there is a peer, but no extension and no certificate."""
    scopes: list[dict[str, Any]] = []

    async def remember(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)
        await answer(send, b"ok")

    with stage(app=remember) as door, door.connect() as connection:
        call(connection)
    assert "tls" not in scopes[0]["extensions"]
    assert scopes[0]["extensions"]["sandbank.peer"].handshake is None
    assert scopes[0]["scheme"] == "http"


# What goes wrong


async def refuse_unread(scope: Any, receive: Any, send: Any) -> None:
    """Answers before it has read anything."""
    await answer(send, b"not you", 401)


@NEED_CURL
@pytest.mark.parametrize("option", ["--http2", "--http1.1"])
def test_an_early_answer_to_a_large_body_arrives(house: House, contexts: DoorContexts, option: str) -> None:
    """An app that answers 401 without reading megabytes: the client sees the 401, not a reset."""
    with stage(app=refuse_unread, contexts=contexts) as door:
        _, status, body = curl(house, door, "/", option, "-H", "Expect:", "--data-binary", "@-", given=MEGABYTES)
        assert (status, body) == (401, b"not you")


def test_an_answered_body_may_go_on_over_http2(house: House, contexts: DoorContexts) -> None:
    """A peer that had its answer may still send what it had begun (RFC 9113 section 8.1); the next call is answered."""
    headers = [(":method", "POST"), (":path", "/"), (":scheme", "https"), (":authority", "localhost")]
    with stage(app=refuse_unread, contexts=contexts) as door:
        connection, client = http2_connection(door, house)
        with connection:
            for stream in (1, 3):
                client.send_headers(stream, headers)
                client.send_data(stream, b"the first half")
                connection.sendall(client.data_to_send())
                ended = False
                while not ended:
                    data = connection.recv(65536)
                    assert data, "the connection ended"
                    events = client.receive_data(data)
                    ended = any(isinstance(event, h2.events.StreamEnded) for event in events)
                client.send_data(stream, b"the second half", end_stream=True)
            connection.sendall(client.data_to_send())
    assert door.observer.breaks.empty()


def test_a_peer_that_leaves_in_the_middle_of_an_answer() -> None:
    """The app learns of it, by an event, and so does one that only ever writes: its writing no longer waits."""
    ended: queue.Queue[str] = queue.Queue()

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        await read_body(receive)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        gone = asyncio.ensure_future(receive())
        while not gone.done():
            await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
            await asyncio.sleep(0)
        ended.put(gone.result()["type"])

    with stage(app=endless) as door:
        with door.connect() as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            assert connection.recv(1000)
        assert ended.get(timeout=PATIENCE) == "http.disconnect"


def test_a_peer_that_leaves_in_the_middle_of_a_body(house: House, contexts: DoorContexts) -> None:
    """The app that waits for the rest hears of the disconnect."""
    ended: queue.Queue[str] = queue.Queue()

    async def wait_for_end(scope: Any, receive: Any, send: Any) -> None:
        while (event := await receive())["type"] == "http.request":
            pass
        ended.put(event["type"])
        assert (await receive())["type"] == "http.disconnect", "and hears it again whenever it asks"

    with stage(app=wait_for_end, contexts=contexts) as door:
        with door.connect_tls(house.client_context(house.client)) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf of it")
        assert ended.get(timeout=PATIENCE) == "http.disconnect"


def test_an_app_that_fails_harms_nobody_else() -> None:
    """Its call is answered 500 and reported; other connections go on, and new ones come in."""

    async def fragile(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/fail":
            raise LookupError("no such thing")
        await answer(send, b"fine")

    with stage(app=fragile) as door, door.connect() as one, door.connect() as other:
        assert call(one, "/fail")[0] == 500
        broken = door.observer.next_break()
        assert (broken.cause, broken.status, broken.door) == ("http.app_failed", 500, "wise.mtls")
        assert broken.seen == "LookupError: no such thing"
        assert call(other) == (200, b"fine")
        with door.connect() as later:
            assert call(later) == (200, b"fine")


@pytest.mark.parametrize(
    ("said", "status", "cause"),
    [
        (b"this is not http\r\n\r\n", 400, "http.head_malformed"),
        (b"GET / HTTP/1.1\r\nhost x\r\n\r\n", 400, "http.head_malformed"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "http.head_malformed"),
        (b"GET / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n", 501, "http.head_malformed"),
        (b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"a" * 5000, 431, "http.head_too_large"),
        (b"\x16\x03\x01\x00\x05hello\r\n\r\n", 400, "http.head_malformed"),
    ],
)
def test_what_is_no_call_is_answered_and_told(said: bytes, status: int, cause: str) -> None:
    """No app sees it, so the listener answers in words, and its witness hears the same words."""
    with stage(limits=Limits(head_bytes=4096)) as door, door.connect() as connection:
        connection.sendall(said)
        answered, text = read_answer(connection)
        assert read_to_end(connection) == b""
        broken = door.observer.next_break()
        assert (answered, broken.status, broken.cause) == (status, status, cause)
        assert broken.seen in text.decode()
        assert broken.peer.id == 1
        with door.connect() as good:
            assert call(good)[0] == 200


@pytest.mark.parametrize("before", [0, 1])
def test_a_slow_head(before: int) -> None:
    """A head that does not come to its end within the limit: 408, also when a call went well before it."""
    with stage(limits=Limits(head_seconds=0.2)) as door, door.connect() as connection:
        for _ in range(before):
            call(connection)
        connection.sendall(b"GET /slow?secret HTTP/1.1\r\nhost:")
        assert read_answer(connection)[0] == 408
        assert read_to_end(connection) == b""
        broken = door.observer.next_break()
        assert (broken.cause, broken.status) == ("http.head_slow", 408)
        assert "GET /slow?... HTTP/1.1" in broken.seen


def test_an_idle_connection_is_closed() -> None:
    """After the limit without a call the listener closes, and that is nobody's fault."""
    with stage(limits=Limits(idle_seconds=0.2)) as door, door.connect() as connection:
        assert call(connection)[0] == 200
        assert read_to_end(connection) == b""
        assert door.observer.breaks.empty()


def http2_connection(door: Stage, house: House) -> tuple[ssl.SSLSocket, h2.connection.H2Connection]:
    context = house.client_context(house.client)
    context.set_alpn_protocols(["h2"])
    connection = door.connect_tls(context)
    assert connection.selected_alpn_protocol() == "h2"
    client = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
    client.initiate_connection()
    connection.sendall(client.data_to_send())
    return connection, client


@pytest.mark.parametrize("preface", [True, False])
def test_what_is_no_http2(house: House, contexts: DoorContexts, preface: bool) -> None:
    """A frame that RFC 9113 forbids, and HTTP/1.1 where HTTP/2 was agreed on, end the connection with a reason."""
    context = house.client_context(house.client)
    context.set_alpn_protocols(["h2"])
    no_increment = b"\x00\x00\x04\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"  # WINDOW_UPDATE by nothing
    with stage(contexts=contexts) as door:
        connection = http2_connection(door, house)[0] if preface else door.connect_tls(context)
        with connection:
            connection.sendall(no_increment if preface else b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
            read_to_end(connection)
            broken = door.observer.next_break()
            assert (broken.cause, broken.status) == ("http.protocol_error", 0)
            assert broken.seen.startswith("HTTP/2: ")


def test_a_call_that_trips_hypercorn_is_told_too(house: House, contexts: DoorContexts) -> None:
    """CONNECT has no path in HTTP/2, which Hypercorn does not expect: the connection ends, with a reason, quietly."""
    with stage(contexts=contexts) as door:
        connection, client = http2_connection(door, house)
        with connection:
            client.send_headers(1, [(":method", "CONNECT"), (":authority", "localhost")], end_stream=True)
            connection.sendall(client.data_to_send())
            read_to_end(connection)
            assert door.observer.next_break().cause == "http.protocol_error"


def test_a_peer_that_leaves_http2_with_an_answer_unread(house: House, contexts: DoorContexts) -> None:
    """A large answer waits for the peer's window; when the peer leaves, the app is not left waiting."""
    with stage(contexts=contexts) as door:
        connection, client = http2_connection(door, house)
        with connection:
            headers = [(":method", "GET"), (":path", "/bytes/3000000"), (":scheme", "https"), (":authority", "x")]
            client.send_headers(1, headers, end_stream=True)
            connection.sendall(client.data_to_send())
            seen = 0
            while seen < client.local_settings.initial_window_size:
                events = client.receive_data(connection.recv(65536))
                seen += sum(len(event.data or b"") for event in events if isinstance(event, h2.events.DataReceived))


# The end


def test_stopping_closes_idle_connections_at_once(house: House, contexts: DoorContexts) -> None:
    """Keep-alive connections do not hold a stop, and hear a proper goodbye; new ones are refused."""
    with stage(contexts=contexts) as door:
        connections = [door.connect_tls(house.client_context(house.client)) for _ in range(3)]
        for one in connections:
            assert call(one)[0] == 200
        over_http2, client = http2_connection(door, house)
        door.run(door.listener.stop)
        for one in connections:
            assert one.recv(1) == b"", "close_notify, or this were an SSLEOFError"
            one.close()
        with over_http2:
            events = client.receive_data(read_to_end(over_http2))
        assert any(isinstance(event, h2.events.ConnectionTerminated) for event in events)
        with pytest.raises(ConnectionRefusedError):
            door.connect()


def test_stopping_lets_a_call_at_work_end() -> None:
    """A call that is being answered when the stop comes gets its answer, and then the connection ends."""
    started, go_on = threading.Event(), threading.Event()

    async def working(scope: Any, receive: Any, send: Any) -> None:
        started.set()
        await asyncio.to_thread(go_on.wait, 5)
        await answer(send, b"done")

    with stage(app=working) as door, door.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert started.wait(PATIENCE)
        stopping = asyncio.run_coroutine_threadsafe(door.listener.stop(), door.loop)
        go_on.set()
        assert read_answer(connection) == (200, b"done")
        assert read_to_end(connection) == b""
        stopping.result(5)


def test_stopping_does_not_wait_for_a_call_that_hangs() -> None:
    """A call that does not end is cancelled when its time is over."""
    started = threading.Event()
    ended: queue.Queue[str] = queue.Queue()

    async def hanging(scope: Any, receive: Any, send: Any) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.put("cancelled")
            raise

    with stage(app=hanging, limits=Limits(closing_seconds=0.1)) as door, door.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert started.wait(PATIENCE)
        door.run(door.listener.stop)
        assert ended.get(timeout=PATIENCE) == "cancelled"
        assert read_to_end(connection) == b""
        assert door.observer.breaks.empty()


# Addresses


def test_one_port_on_both_families() -> None:
    """Port 0 takes one that is free on 127.0.0.1 and on ::1."""
    bound = bind_sockets()
    try:
        assert len({one.getsockname()[1] for one in bound}) == 1
        assert {one.proto for one in bound} == {socket.IPPROTO_TCP}, "asyncio sets TCP_NODELAY on no other"
        assert bound[0].getsockname()[0] == "127.0.0.1"
    finally:
        for one in bound:
            one.close()


def test_a_port_that_is_taken() -> None:
    """The caller hears of it as an OSError, and no socket is left open."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        with pytest.raises(OSError, match="in use") as caught:
            bind_sockets(["127.0.0.1"], holder.getsockname()[1])
        assert caught.value.errno == errno.EADDRINUSE


def test_a_family_that_is_missing_is_left_out() -> None:
    """An address that this computer does not have does not keep the others from opening; alone it is an error."""
    (only,) = bind_sockets(["2001:db8::1", "127.0.0.1"])
    only.close()
    with pytest.raises(OSError, match=r"\w"):
        bind_sockets(["2001:db8::1"])


# What we build on


def parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_the_parts_of_hypercorn_that_are_no_documented_api() -> None:
    """The listener uses these; when a release changes one, this fails before anything stranger does."""
    protocol = ["app", "config", "context", "task_group", "connection_state", "ssl", "client", "server", "send"]
    assert parameters(H11Protocol) == protocol
    assert parameters(H2Protocol) == protocol
    assert parameters(H11Protocol.handle) == parameters(H2Protocol.handle) == ["self", "event"]
    assert parameters(H11Protocol.initiate) == ["self"]
    assert parameters(H2Protocol.initiate) == ["self", "headers", "settings"]
    assert parameters(H11Protocol._send_error_response) == ["self", "status_code"]
    assert parameters(H11Protocol._check_protocol) == ["self", "event"]
    assert parameters(H11Protocol._send_h11_event) == ["self", "event"]
    assert parameters(H2Protocol._handle_events) == ["self", "events"]
    assert parameters(H2Protocol._flush) == ["self"]
    assert parameters(H2ProtocolAssumedError) == ["data"]
    assert parameters(HTTPStream.app_send) == ["self", "message"]
    assert parameters(StreamBuffer.close) == ["self"]
    assert parameters(TaskGroup.spawn_app) == ["self", "app", "config", "scope", "send"]
    assert parameters(TaskGroup.spawn) == ["self", "func", "args"]
    ours, theirs = ProtocolContext(), WorkerContext(None)
    not_needed = {"max_requests", "requests", "single_task_class"}
    assert {name for name in dir(theirs) if name[0] != "_"} - set(dir(ours)) <= not_needed
    assert all(hasattr(ours.terminated, name) for name in dir(theirs.terminated) if name[0] != "_")
    assert [parameters(event) for event in (RawData, Closed, Updated)] == [["data", "address"], [], ["idle"]]
    for name in (
        "accesslog",
        "errorlog",
        "include_server_header",
        "keep_alive_max_requests",
        "h11_max_incomplete_size",
        "h2_max_header_list_size",
    ):
        assert hasattr(Config, name)
