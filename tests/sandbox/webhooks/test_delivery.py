"""One attempt at a time, against receivers that are late, that redirect, that answer nonsense and that must not be
reached."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.tls.client import client_context
from sandbox.webhooks.addresses import Reach
from sandbox.webhooks.delivery import Terms, attempt
from sandbox.webhooks.event import Outcome
from sandbox.webhooks.sending import Sending
from tests.live.receivers import Handler, answers, hangs, receiver
from tests.sandbox.webhooks.providers import BLOCKING, EXPONENTIAL, THIN, delivery

CONTEXT = client_context((), system=False, shown=None)


def tried(url: str, sending: Sending = THIN, reach: Reach | None = None, **changed: Any) -> Outcome:
    terms = Terms(sending=sending, reach=reach or Reach(exposed=False), context=CONTEXT, shown=None)
    return asyncio.run(attempt(delivery(url, **changed), terms))


def code(outcome: Outcome) -> str:
    return outcome.failed.code if outcome.failed else ""


@contextmanager
def says(data: bytes) -> Iterator[str]:
    """A server that answers these bytes to whatever comes, and closes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            sock, _ = server.accept()
            with sock:
                sock.recv(65_536)
                sock.sendall(data)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join(30)


def test_headers_are_the_providers_and_no_others_of_a_library() -> None:
    """Its own user agent, its id header, the signature; the length is that of the body."""
    with receiver(None) as there:
        outcome = tried(there.url, replace(BLOCKING, id_header="X-Id"), headers={"X-WEBHOOK-SIGN": "v1=0"})
        came = there.wait()
    assert code(outcome) == ""
    assert came.headers == {
        "host": f"localhost:{there.port}",
        "user-agent": "Webhook-Service/2.0",
        "accept": "*/*",
        "content-length": "7",
        "connection": "close",
        "content-type": "application/json",
        "x-id": delivery().id,
        "x-webhook-sign": "v1=0",
    }


def test_a_test_says_that_it_is_one() -> None:
    """Where the provider has a header for that."""
    with receiver(None) as there:
        tried(there.url, EXPONENTIAL, test=True)
        tried(there.url, EXPONENTIAL)
    assert [came.headers.get("x-test-notification") for came in there.came] == ["true", None]


def test_who_hangs_or_answers_late_has_timed_out() -> None:
    """In the provider's time and not the receiver's; an answer in time counts."""
    quick = replace(THIN, seconds=0.3)
    with receiver(None, hangs) as there:
        outcome = tried(there.url, quick)
        assert code(outcome) == "webhook.timeout" and outcome.milliseconds >= 300
        assert not there.let_go.is_set(), "the receiver still hangs"

    def late(handler: Handler) -> None:
        handler.receiver.let_go.wait(0.6)
        handler.answer(200)

    with receiver(None, late) as there:
        assert code(tried(there.url, quick)) == "webhook.timeout"
        assert code(tried(there.url, replace(THIN, seconds=20.0))) == ""


def test_a_server_that_never_ends_its_hello_has_timed_out() -> None:
    """Somebody listens and says nothing at all, in TLS and without."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for scheme, stage, step in (("https", "hello", "a TLS server listens"), ("http", "call", "")):
            outcome = tried(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/", replace(THIN, seconds=0.3))
            assert code(outcome) == "webhook.timeout" and outcome.failed and stage in outcome.failed.seen
            assert step in outcome.failed.next and bool(step) is bool(outcome.failed.next)


def test_redirects_as_the_provider_takes_them() -> None:
    """One refuses them; another follows, with the same body after a 307, and with a GET after a 302."""
    with receiver(None) as final, receiver(None, answers(307, location=final.url)) as first:
        assert code(tried(first.url, THIN)) == "webhook.redirect" and not final.came
        assert code(tried(first.url, BLOCKING)) == ""
        assert final.wait().body == delivery().body
    with receiver(None) as final, receiver(None, answers(302, location=final.url)) as first:
        assert code(tried(first.url, BLOCKING)) == ""
        assert final.wait().body == b""


def test_redirects_in_a_circle_end() -> None:
    """After five."""

    def round_and_round(handler: Handler) -> None:
        handler.answer(307, location=handler.path)

    with receiver(None, round_and_round) as there:
        assert code(tried(there.url, BLOCKING)) == "webhook.redirect"
    assert len(there.came) == 6


def test_a_server_that_others_reach_is_no_way_in() -> None:
    """Neither directly nor by a redirect; the address that was judged is the one that is connected to."""
    exposed = Reach(exposed=True)
    with receiver(None) as there:
        assert code(tried(there.url, reach=exposed)) == "webhook.address_forbidden" and not there.came
        assert code(tried(there.url, reach=Reach(exposed=True, allowed=("localhost",)))) == ""
    with receiver(None) as inner, receiver(None, answers(307, location=f"http://127.0.0.1:{inner.port}/")) as outer:
        reach = Reach(exposed=True, allowed=("localhost",))
        assert code(tried(outer.url, BLOCKING, reach)) == "webhook.address_forbidden" and not inner.came


def test_a_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second answer, which nobody judged, would be a way in."""
    asked = []
    real = socket.getaddrinfo

    def once(host: Any, *more: Any, **named: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1", *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", once)
    with receiver(None) as there:
        assert code(tried(f"http://receiver.test:{there.port}/")) == ""
        assert there.wait().headers["host"] == f"receiver.test:{there.port}"
    assert asked == ["receiver.test"]


def test_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A webhook goes to its receiver, whatever the shell says."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with receiver(None) as there:
        assert code(tried(there.url)) == ""


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "webhook.not_http"),
        (b"HTTP/1.1 200 OK\r\n" + b"x: " + b"a" * 100_000, "webhook.not_http"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf", "webhook.not_http"),
        (b"", "webhook.reset"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 1_000_000, ""),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", ""),
    ],
)
def test_whatever_is_answered_the_attempt_ends(data: bytes, cause: str) -> None:
    """Nonsense has a cause; what is endless is not read to its end."""
    with says(data) as url:
        outcome = tried(url)
    assert code(outcome) == cause and len(outcome.answer) <= 512


@pytest.mark.parametrize(
    "url", ["ftp://a.test/", "https://", "https://[::1", "https://a.test:99999/", "http://:80/", ""]
)
def test_a_url_that_leads_nowhere(url: str) -> None:
    """It has a cause too."""
    assert code(tried(url)) == "webhook.unresolved"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("120", timedelta(minutes=2)),
        ("Tue, 24 Nov 2026 11:00:00 GMT", datetime(2026, 11, 24, 11, tzinfo=UTC)),
        ("soon", None),
        ("-5", None),
        ("99999999999", None),
    ],
)
def test_retry_after_is_read(value: str, read: Any) -> None:
    """Seconds or a date (RFC 9110 section 10.2.3); anything else asks for nothing."""
    with receiver(None, answers(503, **{"retry-after": value})) as there:
        assert tried(there.url).retry_after == read


@pytest.mark.parametrize(("scheme", "said"), [("https", "a test receiver: "), ("http", "wants https:// ")])
def test_the_test_receiver_takes_the_port_at_which_nobody_listens(scheme: str, said: str) -> None:
    """Its command can be run as it stands; it has TLS, so that an address with http:// must change."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    failed = tried(f"{scheme}://127.0.0.1:{port}/").failed
    assert failed and failed.code == "webhook.connection_refused"
    assert failed.next.endswith(f"sandbank webhook listen --client demo --port {port}") and said in failed.next
