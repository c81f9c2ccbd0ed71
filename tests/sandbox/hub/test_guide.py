"""The guide's page without a browser: what a tour shows as it goes, that there is one at a time, that it ends.

The player is another program here; the real one is played in `tests/sandbox/cli/test_tour.py`."""

import sys
import threading
from html import unescape
from pathlib import Path

import pytest

from sandbox.services import touring

AT = "/hub/providers/wise/guide"
FIRST = '{"say": "s", "command": "c", "output": "<first answer>", "exit_code": 0}'


@pytest.fixture
def plays(monkeypatch):
    """Has a tour be played by this Python program; gives what waits for its end."""

    def by(program: str) -> None:
        monkeypatch.setattr(touring, "command", lambda provider: [sys.executable, "-c", program])

    yield by
    ended()


def ended() -> None:
    for thread in threading.enumerate():
        if thread.name == "sandbank-tour":
            thread.join(30)


def test_a_tour_shows_each_step_as_it_comes_and_is_one_at_a_time(door, plays, tmp_path) -> None:
    """While it runs the page waits for more; a second one is refused; a page that is not this tour's shows nothing."""
    go_on = tmp_path / "go-on"
    plays(f"import os, time\nprint({FIRST!r}, flush=True)\nwhile not os.path.exists({str(go_on)!r}): time.sleep(0.01)")
    assert " data-awaits" not in door.text(AT) and ">Play the guide<" in door.text(AT)
    assert door.send(AT).headers["location"] == AT
    while (text := unescape(door.text(AT))).count("<first answer>") == 0:
        assert " data-awaits" in text
    assert "Step 2 of" in text and 'id="step-1" class="played"' in text and 'id="step-2" class="runs"' in text
    refused = door.send(AT)
    assert refused.status == 409 and b"A tour is being played" in refused.body
    go_on.touch()
    ended()
    text = door.text(AT)
    assert " data-awaits" not in text and "ended after step 1 of" in text and ">Play it again<" in text


def test_a_tour_that_went_through_says_so_and_leaves_nothing(door, plays, state) -> None:
    """Not even what it put where temporary files go."""
    steps = sum(len(tour.steps) for tour in touring.tours_of("wise"))
    plays(
        f"import os, tempfile\ntempfile.mkdtemp()\nprint({FIRST!r} + chr(10), end='')\n" * steps + "print(os.environ)"
    )
    door.send(AT)
    ended()
    text = unescape(door.text(AT))
    assert f"All {steps} steps came out as they should" in text
    (said,) = [line for line in (state.folder.path / "tour.jsonl").read_text().splitlines() if "TMPDIR" in line]
    assert "SANDBANK_" not in said and "sandbank-tour-" in said
    assert not Path(said.partition("'TMPDIR': '")[2].partition("'")[0]).exists()


def test_a_tour_that_takes_too_long_is_ended_with_all_that_it_started(door, plays, monkeypatch) -> None:
    """Also where it does not listen; what it said last is shown."""
    monkeypatch.setattr(touring, "TOUR_SECONDS", 0.2)
    monkeypatch.setattr(touring, "GRACE_SECONDS", 0.2)
    plays("import signal, time\nsignal.signal(2, signal.SIG_IGN)\nprint('on and on', flush=True)\ntime.sleep(60)")
    door.send(AT)
    ended()
    text = door.text(AT)
    assert "ended after step 0 of" in text and "on and on" in text


def test_a_provider_without_a_guide_has_no_page_for_one(door) -> None:
    """And starts nothing."""
    assert door.get("/hub/providers/nuapay/guide").status == 404
    assert door.send("/hub/providers/nuapay/guide").status == 404
