"""Beyond loopback: a link that is good once lets a browser in, and nothing else does."""

from datetime import timedelta

import pytest

from ca.clock import SystemClock
from sandbox.cli.status import hub_address
from sandbox.services.visiting import Sessions, hub_link, spend_code
from tests.sandbox.doors import HOST

TOKEN = "a-control-token"
FORM = (("host", HOST), ("origin", f"http://{HOST}"), ("content-type", "application/x-www-form-urlencoded"))


@pytest.fixture
def closed(door_with):
    return door_with(control_bind=("0.0.0.0",), control_token=TOKEN)


def code_of(state) -> str:
    return hub_link(state).partition("code=")[2]


def cookie_of(answer) -> tuple[str, str]:
    return ("cookie", answer.headers["set-cookie"].partition(";")[0])


def later(monkeypatch: pytest.MonkeyPatch, delta: timedelta) -> None:
    now = SystemClock().now()
    monkeypatch.setattr("sandbox.services.visiting.SystemClock.now", lambda self: now + delta)


def test_without_a_session_no_page_shows_anything(closed) -> None:
    """Not even whether it is there; the page names the command that lets a browser in. The API wants its token."""
    for path in ("/", "/hub/journal", "/hub/live", "/hub/providers/wise", "/hub/nothing"):
        answer = closed.get(path)
        assert answer.status == 401 and b"sandbank hub" in answer.body and b"Providers" not in answer.body
    assert closed.send_without_token("/hub/clock").status == 401
    assert closed.get("/api/providers").status == 401
    assert closed.get("/hub/static/hub.css").status == 200


def test_a_link_lets_one_browser_in_once(closed, state) -> None:
    """The page that it opens spends nothing, so that whoever looks at links first does not burn it; its button does."""
    code = code_of(state)
    for _ in range(2):
        assert b"Open the hub in this browser" in closed.get(f"/hub/enter?code={code}").body
    entered = closed.post("/hub/enter", f"code={code}".encode(), headers=FORM)
    assert entered.status == 303 and entered.headers["location"] == "/"
    said = entered.headers["set-cookie"].lower()
    assert "samesite=strict" in said and "httponly" in said and TOKEN not in said
    assert closed.get("/", headers=(("host", HOST), cookie_of(entered))).status == 200
    again = closed.post("/hub/enter", f"code={code}".encode(), headers=FORM)
    assert again.status == 401 and "set-cookie" not in again.headers and b"was used" in again.body


def test_a_status_has_a_link_where_the_hub_is_closed(state) -> None:
    """One that is good, made for this output; where nothing closes the hub, its address."""
    link = hub_address(state, "http://127.0.0.1:8440", closed=True)
    assert spend_code(state, link.partition("code=")[2]) and link != hub_address(state, "x", closed=True)
    assert hub_address(state, "http://127.0.0.1:8440", closed=False) == "http://127.0.0.1:8440/"


def test_a_page_of_another_origin_cannot_use_the_session(closed, state) -> None:
    """The guard asks first: its Origin is not the host of the call."""
    entered = closed.post("/hub/enter", f"code={code_of(state)}".encode(), headers=FORM)
    foreign = (("host", HOST), ("origin", "http://evil.example"), cookie_of(entered))
    assert closed.post("/hub/clock", b"action=reset", headers=foreign).status == 403


def test_a_code_is_good_for_five_minutes(state, monkeypatch) -> None:
    """By real time, wherever the sandbox's clock stands; the control is one that is used at once."""
    assert spend_code(state, code_of(state))
    old = code_of(state)
    later(monkeypatch, timedelta(minutes=5, seconds=1))
    assert not spend_code(state, old) and not spend_code(state, "") and not spend_code(state, "made-up")


def test_a_session_ends_and_is_of_one_token(state, monkeypatch) -> None:
    """Another token, another end, a changed end, a word: none is a session."""
    sessions = Sessions(state, TOKEN)
    session = sessions.begin()
    assert sessions.good(session) and Sessions(state, TOKEN).good(session)
    assert not Sessions(state, "another").good(session)
    for wrong in ("", "~", "word", session[:-1], session.replace("20", "29", 1)):
        assert not sessions.good(wrong)
    later(monkeypatch, timedelta(hours=13))
    assert not sessions.good(session)


def test_on_loopback_with_a_token_the_pages_are_closed_too(door_with) -> None:
    """Nobody gives a token in order not to be asked for it."""
    assert door_with(control_token=TOKEN).get("/").status == 401
    assert door_with().get("/").status == 200
