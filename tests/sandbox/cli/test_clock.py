import base64
import json
import ssl
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from tests.sandbox.cli.running import Running, Said, sandbank
from tests.sandbox.cli.test_completion import completed

AT = "2027-12-24T10:00:00Z"
PLAYGROUND = "/v1/authenticated/playground"


def clock(*words: str) -> Said:
    return sandbank("clock", *words)


def test_thirteen_months_later_is_one_command(here: Path) -> None:
    """And one back; what is shown says how far it is from real time, and on standard error how to get back there."""
    assert clock("show").text.splitlines()[1] == "clock  runs with real time"
    moved = clock("move", "+13months")
    assert moved.code == 0
    assert "d ahead of real time" in moved.text
    assert "back to real time: sandbank clock reset" in moved.err
    assert "d ahead of real time" in clock("show").text
    back = clock("move", "-13months")
    assert (back.text.splitlines()[1], back.err) == ("clock  runs with real time", "")


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        (("400d",), 400 * 86_400),
        (("--", "-2h30m"), -9_000),
        (("-2h30m",), -9_000),
        (("1w 1d",), 8 * 86_400),
    ],
    ids=str,
)
def test_it_moves_both_ways(here: Path, words: tuple[str, ...], seconds: int) -> None:
    """With or without the two dashes that other programs want before a minus; options stay options."""
    said = clock("move", "--json", *words).json
    assert said["ahead_seconds"] == seconds and said["runs"] is True and said["real"] is False
    assert clock("reset", "--json").json["real"] is True
    if "--" not in words:
        assert clock("move", *words, "--json").json["ahead_seconds"] == seconds


def test_it_stands_until_it_runs(here: Path) -> None:
    """At an instant or now; moved, it stands elsewhere."""
    frozen = clock("freeze", AT)
    assert frozen.text.splitlines()[0] == f"now    {AT}" and "clock  stands, at this moment" in frozen.text
    assert clock("move", "1mo", "--json").json["now"] == "2028-01-24T10:00:00.000000Z"
    assert clock("run", "--json").json["runs"] is True
    assert clock("freeze", "--json").json["runs"] is False
    to = clock("move", "--to", AT, "--json").json
    assert to["runs"] is True and to["now"].startswith("2027-12-24T10:00:0")


def test_a_clock_can_be_set_before_the_first_start(nowhere: Path) -> None:
    """Of a state that was made without a server."""
    assert clock("freeze", AT).code == 3 and list(nowhere.iterdir()) == []
    assert sandbank("state", "new").code == clock("freeze", AT).code == 0
    assert clock("show", "--json").json["now"] == "2027-12-24T10:00:00.000000Z"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("move",), "either a DURATION, such as +13months, or --to TIME"),
        (("move", "1d", "--to", AT), "give either a DURATION"),
        (("move", "1m1m"), "'1m1m' is not a duration such as 13months, 400d, -2h30m or 1y2mo"),
        (("move", "-1x"), "is not a duration"),
        (("move", "--tomorrow"), "No such option"),
        (("move", "--to", "soon"), "ISO 8601"),
        (("freeze", "soon"), "ISO 8601"),
        (("move", "9000y"), "1951 to 9900"),
        (("freeze", "1950-12-31"), "1951 to 9900"),
        (("back",), "No such command"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_no_time_is_wrong_usage(here: Path, words: tuple[str, ...], sentence: str) -> None:
    """Exit code 2 and a sentence; for programs the same as JSON; the clock stays real."""
    said = clock(*words)
    assert (said.code, said.out) == (2, b"") and sentence in said.err and len(said.err.splitlines()) <= 2
    error = clock(*words, "--json").error["error"]
    assert sentence in error["detail"]
    assert clock("show", "--json").json["real"] is True


def test_words_are_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verbs, and examples of durations."""
    assert completed(monkeypatch, "clock re") == ["reset"]
    assert completed(monkeypatch, "clock move +1") == ["+13months", "+1y", "+12h"]


def test_certificates_near_their_end_are_seen_in_the_list(here: Path) -> None:
    """How many days are left, from the first step on; in JSON the days and the step."""
    sandbank("certificate", "new", "--name", "laptop", "--key", "ec-p256", "--out", "made")
    ends = sandbank("certificate", "show", "laptop", "--json").json["not_after"]
    clock("freeze", ends)
    for back, shown, notice in (
        ("40d", "", None),
        ("28d", ", 28 days", 28),
        ("1d", ", 1 day", 1),
        ("0d", ", today", 0),
    ):
        clock("freeze", ends)
        clock("move", f"-{back}")
        assert f"{ends[:10]}{shown}  " in sandbank("certificate", "list").text
        (listed,) = sandbank("certificate", "list", "--json").json["certificates"]
        assert (listed["notice"], listed["expires_in_days"]) == (notice, int(back[:-1]))
    assert "expires in days     0" in sandbank("certificate", "show", "laptop").text
    clock("move", "2d")
    shown = sandbank("certificate", "show", "laptop").text
    assert "expired" in shown and "notice" not in shown


def test_the_server_beside_it_follows(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the next handshake and at the next call, in a process of its own; back again works."""
    monkeypatch.chdir(server.folder)
    sandbank("certificate", "new", "--name", "laptop", "--key", "ec-p256", "--out", "made")
    token = login(server)
    assert call(server, token) == 200
    clock("move", "+13months")
    with pytest.raises((URLError, ssl.SSLError)) as refused:
        call(server, token)
    assert "alert certificate expired" in str(refused.value).lower()
    clock("move", "-13months")
    assert call(server, token) == 200
    clock("move", "13h")
    assert call(server, token) == 401
    clock("reset")
    assert call(server, token) == 200
    with urlopen(server.ready["control"] + "/api/clock") as reply:
        assert json.load(reply)["real"] is True


def test_a_server_says_at_its_start_that_the_clock_was_left_moved(here: Path) -> None:
    """On standard error: whoever comes back after a week has forgotten it."""
    from tests.sandbox.cli.running import started

    clock("freeze", AT)
    with (here / "err.txt").open("wb") as err:
        process = started("serve", "--port-base", "0", "--ready-file", "ready.json", "--quiet", stderr=err)
    try:
        assert sandbank("wait", "--ready-file", "ready.json", "--timeout", "60").code == 0
    finally:
        process.terminate()
        process.wait(60)
    said = (here / "err.txt").read_text()
    assert "stands, at this moment" in said and "sandbank clock reset brings back real time" in said


def login(server: Running) -> str:
    demo = server.ready["providers"]["wise"]["clients"][0]
    basic = base64.b64encode(f"{demo['id']}:{demo['secret']}".encode()).decode()
    with opened(server, "/oauth/token", f"Basic {basic}", b"grant_type=client_credentials") as reply:
        return str(json.load(reply)["access_token"])


def call(server: Running, token: str) -> int:
    """The status of a call on a connection of its own, by the standard ssl module."""
    try:
        with opened(server, PLAYGROUND, f"Bearer {token}") as reply:
            return int(reply.status)
    except HTTPError as refused:
        with refused:
            return refused.code


def opened(server: Running, path: str, authorization: str, body: bytes | None = None):
    context = ssl.create_default_context(cafile=server.ready["ca_file"])
    context.load_cert_chain("made/sandbox-CERTIFICATE.pem", "made/sandbox-PRIVATE-KEY.key")
    url = server.ready["providers"]["wise"]["doors"]["mtls"] + path
    return urlopen(Request(url, body, {"Authorization": authorization}), context=context)
