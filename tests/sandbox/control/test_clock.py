from datetime import timedelta

import pytest

from ca.clock import SystemClock, read_time
from sandbox.services.clock import freeze_clock, move_clock, read_instant
from sandbox.services.state import open_state

CLOCK = "/api/clock"
AT = "2027-12-24T10:00:00.000000Z"


def test_it_is_real_until_it_is_moved_and_after_a_reset(door) -> None:
    """Thirteen months later is one call, and so is the way back."""
    said = door.get(CLOCK).json
    assert (said["real"], said["runs"], said["ahead_seconds"]) == (True, True, 0)
    moved = door.post(f"{CLOCK}/move", {"by": "+13months"})
    assert moved.status == 200
    assert (moved.json["real"], moved.json["runs"]) == (False, True)
    assert 394 < moved.json["ahead_seconds"] / 86_400 < 397
    assert read_time(moved.json["now"]) - SystemClock().now() > timedelta(days=393)
    assert door.post(f"{CLOCK}/move", {"by": "-13months"}).json["real"] is True
    door.post(f"{CLOCK}/move", {"by": "1y2mo"})
    assert door.post(f"{CLOCK}/reset").json["real"] is True


def test_it_stands_and_runs_on(door) -> None:
    """Frozen at an instant or now, moved while it stands, set free."""
    assert door.post(f"{CLOCK}/freeze", {"at": "2027-12-24T11:00+01:00"}).json["now"] == AT
    assert door.get(CLOCK).json["now"] == AT
    assert door.post(f"{CLOCK}/move", {"by": "1h"}).json["now"] == "2027-12-24T11:00:00.000000Z"
    assert door.post(f"{CLOCK}/run").json["runs"] is True
    assert door.post(f"{CLOCK}/freeze", {}).json["runs"] is False
    assert door.post(f"{CLOCK}/move", {"to": AT}).json["runs"] is True


def test_each_call_follows_what_another_process_did(door, state) -> None:
    """The first call after it, whatever it asks for."""
    other = open_state(state.folder.path)
    try:
        freeze_clock(other, read_instant("2027-12-24"))
        assert door.get(CLOCK).json["now"] == "2027-12-24T00:00:00.000000Z"
        move_clock(other, timedelta(days=1))
        made = door.post("/api/wise/clients", {"name": "then"})
        assert made.json["created_at"] == "2027-12-25T00:00:00.000000Z"
    finally:
        other.close()


def test_certificates_say_how_near_their_end_is(door, csr) -> None:
    """In days, and as the step that was reached; null while it is far and when it is over."""
    certificates = "/api/wise/clients/demo/certificates"
    door.post(f"{CLOCK}/freeze", {})
    assert door.post(f"{certificates}?name=laptop", csr).status == 201
    (far,) = door.get(certificates).json["certificates"]
    assert far["notice"] is None and far["expires_in_days"] >= 364
    for days, notice in ((20, 28), (0, 0), (-3, None)):
        door.post(f"{CLOCK}/freeze", {"at": far["not_after"]})
        door.post(f"{CLOCK}/move", {"by": f"{-days}d"})
        (near,) = door.get(certificates).json["certificates"]
        assert (near["expires_in_days"], near["notice"]) == (days, notice)


@pytest.mark.parametrize(
    ("path", "said", "code"),
    [
        ("move", {}, "http.call_malformed"),
        ("move", {"by": "1d", "to": AT}, "http.call_malformed"),
        ("move", {"by": 13}, "http.call_malformed"),
        ("move", {"at": AT}, "http.call_malformed"),
        ("move", {"by": "soon"}, "sandbank.misuse"),
        ("move", {"by": "8000y"}, "sandbank.misuse"),
        ("move", {"to": "soon"}, "sandbank.misuse"),
        ("freeze", {"at": "1900-01-01"}, "sandbank.misuse"),
        ("freeze", b"", "http.call_malformed"),
    ],
    ids=str,
)
def test_what_is_no_time_is_refused(door, path, said, code) -> None:
    """With 400, and the clock stays real."""
    answer = door.post(f"{CLOCK}/{path}", said)
    assert (answer.status, answer.code) == (400, code)
    assert door.get(CLOCK).json["real"] is True
