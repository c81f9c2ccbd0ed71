"""The live journal as a stream: what it sends, from where it goes on, and that it holds nothing up."""

import http.client
import re
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from sandbox.embed import sandbox as embedded
from sandbox.embed.sandbox import Sandbox
from sandbox.hub.entries import MOST_AT_ONCE
from tests.sandbox.hub.test_pages import noted, refused

SECONDS = 20


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as sandbox:
        yield sandbox


@contextmanager
def stream(sandbox, query="", **headers):
    connection = http.client.HTTPConnection(urlsplit(sandbox.control).netloc, timeout=SECONDS)
    connection.request("GET", f"/hub/live?{query}", headers=headers)
    answer = connection.getresponse()
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/event-stream")
    assert answer.readline() == b"retry: 1000\n"
    yield answer
    connection.close()


def event(answer) -> tuple[int, str]:
    """The number and the text of the next event with rows."""
    number, lines = 0, []
    while True:
        line = answer.readline().decode()
        assert line, "the stream ended"
        if line.startswith("id:"):
            number = int(line[3:])
        elif line.startswith("data:"):
            lines.append(line[5:])
        elif line == "\n" and lines:
            return number, "".join(lines)


def test_what_happens_is_sent_as_rows(sandbox) -> None:
    """The newest first, each as the page itself would have it."""
    with stream(sandbox, f"after={sandbox.state.journal.newest()}") as answer:
        noted(sandbox.state, title="GET /first")
        refused(sandbox.state, title="GET /second")
        seen = ""
        while seen.count("<li") < 2:
            seen = event(answer)[1] + seen
    assert seen.index("/second") < seen.index("token.unknown") < seen.index("/first")


def test_a_stream_goes_on_where_it_was_broken_off(sandbox) -> None:
    """A browser sends the number of the last event (WHATWG HTML, Last-Event-ID); nothing is told twice or lost."""
    noted(sandbox.state, title="GET /before")
    number = sandbox.state.journal.newest()
    noted(sandbox.state, title="GET /meanwhile")
    with stream(sandbox, "after=0", **{"Last-Event-ID": str(number)}) as answer:
        text = event(answer)[1]
    assert "/meanwhile" in text and "/before" not in text


def test_filters_hold_for_what_comes_too(sandbox) -> None:
    """The page of refusals gets no row of what was accepted."""
    after = sandbox.state.journal.newest()
    noted(sandbox.state, title="GET /accepted")
    refused(sandbox.state, title="GET /refused")
    with stream(sandbox, f"outcome=refused&after={after}") as answer:
        text = event(answer)[1]
    assert "/refused" in text and "/accepted" not in text


def test_of_very_many_the_newest_are_sent_and_the_rest_is_counted(sandbox) -> None:
    """Nobody reads a thousand rows a second; a browser would choke on them."""
    after = sandbox.state.journal.newest()
    for number in range(400):
        noted(sandbox.state, title=f"GET /{number}")
    with stream(sandbox, f"after={after}") as answer:
        number, text = event(answer)
    assert text.count('class="row-head"') == MOST_AT_ONCE and "GET /399<" in text
    assert number == after + 400 and re.search(rf"{400 - MOST_AT_ONCE} more at the same moment", text)


def test_an_open_stream_does_not_hold_up_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server with a page open stops as fast as one without; it would be waited for much longer."""
    monkeypatch.setattr(embedded, "STOP_SECONDS", 3 * SECONDS)
    with Sandbox() as sandbox, stream(sandbox) as answer:
        noted(sandbox.state)
        event(answer)
        began = time.monotonic()
        sandbox.stop()
        assert time.monotonic() - began < SECONDS
