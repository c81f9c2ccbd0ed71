import pytest

from ca.clock import SystemClock
from sandbox.errors import Misuse, NotThere, Refusal
from sandbox.journal.entry import Entry
from sandbox.journal.expecting import KEPT_PATH, SHOWN, Expectation

NOW = SystemClock().now()
PATH = "/v1/profiles"


def call(title: str, status: int = 200, cause: str = "") -> Entry:
    return Entry(
        id="0" * 16,
        at=NOW,
        kind="call",
        provider="wise",
        door="wise.mtls",
        title=title,
        status=status,
        outcome=str(status),
        reasons=(Refusal(code=cause, seen=f"seen in {title}"),) if cause else (),
        extra={"path": title.partition(" ")[2][:KEPT_PATH]},
    )


def handshake(cause: str = "") -> Entry:
    reasons = (Refusal(code=cause),) if cause else ()
    return Entry(id="1" * 16, at=NOW, kind="handshake", provider="wise", door="wise.mtls", title="TLS", reasons=reasons)


GOOD = call(f"GET {PATH}")


@pytest.mark.parametrize(
    "wanted",
    [
        Expectation(path=PATH),
        Expectation(path=PATH, times=2),
        Expectation(path=PATH, method="GET", status=200, times=1),
        Expectation(path=PATH, method="POST", cause="token.missing"),
        Expectation(cause="tls.certificate_missing", times=1),
        Expectation(status=401, times=1),
        Expectation(path="/v2/profiles", times=0),
        Expectation(path=PATH, status=500, times=0),
        Expectation(path="/" + "x" * 500, times=1),
    ],
)
def test_what_came_as_expected_is_no_miss(wanted):
    """Every word must fit, to an entry of any kind; long paths are compared as far as they are kept."""
    came = (
        handshake("tls.certificate_missing"),
        GOOD,
        call(f"POST {PATH}", 401, "token.missing"),
        call("GET /" + "x" * 500),
    )
    assert wanted.miss(came) == ""
    assert wanted.times in (None, len(wanted.found(came)))


@pytest.mark.parametrize(
    ("wanted", "came", "nearest", "difference"),
    [
        (
            Expectation(path=PATH, method="PUT", status=202),
            [GOOD, call(f"POST {PATH}", 401, "token.missing")],
            "token.missing",
            "method and status",
        ),
        (
            Expectation(path=PATH, times=1),
            [call(f"GET {PATH}s"), call("GET /oauth/token", 401, "token.missing")],
            f"GET {PATH}s",
            "path",
        ),
        (
            Expectation(path=PATH, status=200),
            [call("GET /oauth/token"), handshake("tls.certificate_expired")],
            "tls.certificate_expired",
            "path and status",
        ),
        (Expectation(path=PATH), [call("GET /v1"), call("GET /a"), handshake()], "GET /v1", "path"),
        (Expectation(status=200, times=2), [GOOD, call("GET /a", 404)], "GET /a", "status"),
    ],
    ids=["same path", "a slip in the path", "refused before it came", "nothing like it", "once is not twice"],
)
def test_the_nearest_is_shown(wanted, came, nearest, difference):
    """What has the path, or nearly; else what was refused, for it may be the reason; a good handshake never."""
    said, _, rest = wanted.miss(came).partition("\neverything that came, oldest first:\n")
    heading, explained = said.splitlines()[1:3]
    assert heading == f"the nearest has another {difference}:"
    assert nearest in said
    assert explained.startswith("20")
    assert len(rest.splitlines()) == len(came)


def test_the_newest_of_the_likest_is_shown():
    """Of several calls to the path, the last one."""
    came = [call(f"GET {PATH}", 401, "token.missing"), call(f"GET {PATH}", 403, "token.unknown"), GOOD]
    said = Expectation(path=PATH, status=201).miss(came)
    assert "-> 403" in said.partition("everything that came")[0]


def test_too_many_are_counted_and_listed():
    """There is no nearest then; of many entries the newest are listed."""
    said = Expectation(path=PATH, times=1).miss([GOOD] * 20)
    assert said.startswith(f"expected {PATH}, once; it came 20 times\neverything that came")
    assert said.count("GET") == SHOWN
    assert f"without the first {20 - SHOWN}" in said
    assert "nearest" not in Expectation(path=PATH, times=0).miss([GOOD, call("GET /a")])


def test_nothing_at_all_is_said_as_such():
    """The usual reason is a base URL that leads elsewhere."""
    said = Expectation(method="GET", path=PATH, cause="token.missing").miss([])
    assert said == (
        f"expected GET {PATH} refused with token.missing, at least once; it came not at all\n"
        "nothing came at all: does the program under test call this sandbox?"
    )


def test_an_expectation_expects_something():
    """Nothing to look for, or a path with its query, can only be meant otherwise."""
    with pytest.raises(Misuse, match="give at least one of"):
        Expectation(times=1)
    with pytest.raises(Misuse, match="without the query: expect '/a'"):
        Expectation(path="/a?b=c")


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        ({"cause": "tls.certificate_mising"}, "did you mean tls.certificate_missing"),
        ({"path": "v1/profiles"}, "a path begins with a slash"),
        ({"path": "https://localhost:8443/v1/profiles"}, "no host before it"),
        ({"method": "get"}, "expect 'GET'"),
    ],
)
def test_what_can_be_in_no_entry_is_no_expectation(slip, said):
    """With times=0 such a slip would be green whatever came."""
    with pytest.raises((Misuse, NotThere), match=said):
        Expectation(times=0, **slip)
