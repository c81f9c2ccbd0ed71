"""A header that HTTP/2 does not allow ends its own stream, with an answer that names it; the others go on."""

import queue
import ssl
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import pytest

from sandbox.tls.contexts import DoorContexts, TrustBook
from tests.live.certificates import House
from tests.live.stage import Stage, command, stage
from tests.live.test_listener import http2_connection

GOOD = [(":method", "GET"), (":path", "/fine"), (":scheme", "https"), (":authority", "localhost")]
SECRET = "Bearer not-to-be-shown"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


@pytest.fixture
def contexts(house: House) -> DoorContexts:
    return DoorContexts(house.server, TrustBook(authorities=(house.issuing.leaf,)))  # type: ignore[arg-type]


class Client:
    """One that sends whatever it is given; the library would mend or refuse it."""

    def __init__(self, door: Stage, house: House) -> None:
        self.socket: ssl.SSLSocket
        self.socket, _ = http2_connection(door, house)
        config = h2.config.H2Configuration(
            validate_outbound_headers=False, normalize_outbound_headers=False, header_encoding="utf-8"
        )
        self.h2 = h2.connection.H2Connection(config)
        self.h2.initiate_connection()
        self.h2.clear_outbound_data_buffer()  # http2_connection has sent it
        self.waiting: queue.Queue[h2.events.Event] = queue.Queue()

    def send(self, stream: int, headers: list[tuple[str, str]], *, end: bool = True) -> None:
        self.h2.send_headers(stream, headers, end_stream=end)
        self.socket.sendall(self.h2.data_to_send())

    def answer(self, stream: int) -> tuple[int, bytes, int | None]:
        """Status, body and the error of the reset that ended the stream; None for an end without one."""
        status, body = 0, b""
        while True:
            while self.waiting.empty():
                data = self.socket.recv(65536)
                assert data, "the connection ended"
                for event in self.h2.receive_data(data):
                    self.waiting.put(event)
            event = self.waiting.get()
            assert not isinstance(event, h2.events.ConnectionTerminated), "the connection ended"
            if getattr(event, "stream_id", None) != stream:
                continue
            if isinstance(event, h2.events.ResponseReceived):
                status = int(dict(event.headers)[":status"])
            elif isinstance(event, h2.events.DataReceived):
                body += event.data
            elif isinstance(event, h2.events.StreamReset):
                return status, body, int(event.error_code or 0)
            elif isinstance(event, h2.events.StreamEnded):
                return status, body, None


BAD: dict[str, tuple[list[tuple[str, str]], str]] = {
    "a line feed": ([*GOOD, ("authorization", f"{SECRET}\nx: y")], "authorization"),
    "a zero byte": ([*GOOD, ("authorization", f"{SECRET}\0")], "authorization"),
    "upper case": ([*GOOD, ("Authorization", SECRET)], "Authorization"),
    "a space in a name": ([*GOOD, ("x token", SECRET)], "x token"),
    "Connection": ([*GOOD, ("connection", "keep-alive")], "connection"),
    "TE": ([*GOOD, ("te", "gzip")], "te"),
    "no path": ([GOOD[0], *GOOD[2:]], ":path"),
    "two methods": ([GOOD[0], *GOOD], ":method"),
}


@pytest.mark.parametrize("end", [True, False], ids=["whole", "body to come"])
@pytest.mark.parametrize("case", BAD)
def test_a_bad_header_ends_its_own_stream(house: House, contexts: DoorContexts, case: str, end: bool) -> None:
    """A 400 that names the header and not its value; calls before and after it on the same connection are answered."""
    headers, name = BAD[case]
    with stage(contexts=contexts) as door:
        client = Client(door, house)
        with client.socket:
            client.send(1, GOOD)
            assert client.answer(1) == (200, b"GET /fine", None)
            client.send(3, headers, end=end)
            status, body, _ = client.answer(3)
            assert (status, name in body.decode()) == (400, True), body
            client.send(5, GOOD)
            assert client.answer(5) == (200, b"GET /fine", None)
        broken = door.witness.next_break()
        assert (broken.cause, broken.status, name in broken.seen) == ("http.header_malformed", 400, True)
        assert "not-to-be-shown" not in broken.seen + body.decode()


def test_a_bad_trailer_ends_its_own_stream(house: House, contexts: DoorContexts) -> None:
    """The app hears of the end; there is no answer, for its call was under way."""
    with stage(contexts=contexts) as door:
        client = Client(door, house)
        with client.socket:
            client.send(1, GOOD, end=False)
            client.send(1, [("Upper", "x")])
            assert client.answer(1)[2] == 1
            client.send(3, GOOD)
            assert client.answer(3)[0] == 200
        assert door.witness.next_break().cause == "http.header_malformed"


def test_curl_has_the_answer_to_its_bad_header(house: House, contexts: DoorContexts, tmp_path: Path) -> None:
    """The reset that follows the answer is no error to it."""
    pem = house.client.write(tmp_path)
    base = ["curl", "-sS", "--http2", "--cacert", house.root_file, "--cert", pem, "-w", " %{http_code}"]
    with stage(contexts=contexts) as door:
        url = f"https://localhost:{door.port}/"
        done = command(*base, "-H", "x y: z", url)
        assert (done.returncode, done.stdout.endswith(b"400")) == (0, True), done
        assert b"(x y)" in done.stdout
        done = command(*base, "-H", "x:  spaces around  ", url)
        assert done.stdout.endswith(b"200")
