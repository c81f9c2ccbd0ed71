"""An entry survives being written, and says in words what happened."""

from dataclasses import replace
from datetime import UTC, datetime

from sandbox.errors import Refusal
from sandbox.journal.entry import Entry, Stage

ENTRY = Entry(
    id="00ff00ff00ff00ff",
    at=datetime(2026, 11, 22, 10, 0, 0, 123456, UTC),
    kind="call",
    provider="wise",
    door="wise.mtls",
    client="c-1",
    peer="127.0.0.1:5000",
    certificate="CN=c-1, serial 0A",
    title="GET /v1/x",
    status=401,
    outcome="401",
    microseconds=321,
    stages=(Stage(name="route", ok=True, note="/v1/x"), Stage(name="token", ok=False, note="token.missing")),
    reasons=(Refusal(code="token.missing", seen="nothing", expected="a token", next="get one"),),
    extra={"path": "/v1/x"},
)


def test_an_entry_explains_itself():
    """The words have the stage that failed, the code, what was seen and expected, and the next step."""
    words = ENTRY.explain()
    for part in ("GET /v1/x", "-> 401", "c-1", "FAIL token", "token.missing", "nothing", "a token", "get one"):
        assert part in words


def test_nothing_of_a_peers_breaks_out_of_its_line():
    """A line feed in a subject, a terminal's escape in a path: escaped wherever the entry is shown."""
    forged = "CN=x\n2026-01-01T00:00:00Z  call 0  wise.mtls  GET /  -> 200"
    entry = replace(
        ENTRY,
        certificate=forged,
        title="GET /\x1b[2J",
        stages=(Stage(name="certificate", ok=False, note=forged),),
        reasons=(Refusal(code="token.missing", seen=forged, expected="a\u202eb", next="c\rd"),),
        extra={"path": "/\x1b[2J"},
    )
    shown = entry.explain() + repr(entry.as_json())
    assert not any(mark in shown for mark in ("\x1b", "\r", "\u202e"))
    assert not any(line.startswith("2026-01-01T00:00:00Z  call 0") for line in shown.splitlines())
    assert r"\n2026-01-01" in shown
