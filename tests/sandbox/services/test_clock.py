import shutil
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from ca.clock import MovableClock, SystemClock
from sandbox.errors import Misuse, StateLocked
from sandbox.server.cache import ReadCache
from sandbox.services.clock import (
    follow,
    follower,
    freeze_clock,
    move_clock,
    move_clock_to,
    reset_clock,
    run_clock,
    show_clock,
)
from sandbox.services.state import open_state
from sandbox.storage import facts

AT = datetime(2027, 12, 24, 10, tzinfo=UTC)
FEW_SECONDS = timedelta(seconds=20)


@pytest.fixture
def kept(tmp_path, founded):
    """A new state that goes by its own clock."""
    shutil.copytree(founded, tmp_path / "kept")
    state = open_state(tmp_path / "kept")
    yield state
    state.close()


@pytest.fixture
def other(kept):
    """The same state, opened once more, as another process has it."""
    state = open_state(kept.folder.path)
    yield state
    state.close()


def read_generation(state) -> int:
    with state.store.read() as work:
        return facts.read_generation(work)


def test_a_new_state_goes_by_real_time(kept) -> None:
    """Until its clock is moved."""
    shown = show_clock(kept)
    assert kept.clock.real and shown.real and shown.runs and shown.ahead == timedelta()
    assert shown.words() == "runs with real time"
    assert abs(kept.clock.now() - SystemClock().now()) < FEW_SECONDS


def test_moved_it_runs_on_and_back_it_is_real(kept) -> None:
    """By calendar months and by time; there and back is real time, exactly."""
    before = kept.clock.now()
    shown = move_clock(kept, timedelta(hours=2), months=13)
    assert shown.runs and not shown.real and not kept.clock.real
    assert timedelta(days=394) < kept.clock.now() - before < timedelta(days=397)
    assert shown.words() == f"runs {shown.ahead.days}d 2h ahead of real time"
    first = kept.clock.now()
    while kept.clock.now() == first:
        pass
    assert move_clock(kept, timedelta(hours=-2), months=-13).real and kept.clock.real
    assert move_clock(kept, timedelta(days=-3)).words() == "runs 3d behind real time"
    assert reset_clock(kept).real and kept.clock.real


def test_frozen_it_stands_and_then_runs_on_from_there(kept) -> None:
    """Moved by a duration it stands elsewhere; moved to an instant it runs on from it."""
    shown = freeze_clock(kept, AT)
    assert (shown.now, shown.runs, kept.clock.now()) == (AT, False, AT)
    assert shown.words().startswith("stands, at this moment ")
    assert move_clock(kept, months=2).now == AT.replace(year=2028, month=2) == kept.clock.now()
    run_clock(kept)
    while kept.clock.now() == AT.replace(year=2028, month=2):
        pass
    assert timedelta() < kept.clock.now() - AT.replace(year=2028, month=2) < FEW_SECONDS
    freeze_clock(kept)
    assert kept.clock.now() == kept.clock.now()
    assert move_clock_to(kept, AT).runs
    assert AT <= kept.clock.now() < AT + FEW_SECONDS


@pytest.mark.parametrize(
    "change",
    [
        lambda state: move_clock(state, timedelta(days=400)),
        lambda state: move_clock_to(state, AT),
        lambda state: freeze_clock(state, AT),
        freeze_clock,
        run_clock,
        reset_clock,
    ],
    ids=["move", "move_to", "freeze", "freeze_now", "run", "reset"],
)
def test_whoever_watches_is_told_and_follows(kept, other, change) -> None:
    """Each change moves the generation; until it is read again, the other's clock is as it was."""
    move_clock(kept, timedelta(days=-10))
    follow(other)
    known, before = read_generation(other), other.clock.now()
    change(kept)
    assert read_generation(other) == known + 1
    assert abs(other.clock.now() - before) < FEW_SECONDS
    follow(other)
    assert abs(other.clock.now() - kept.clock.now()) < FEW_SECONDS
    assert other.clock.real is kept.clock.real
    assert show_clock(other).runs is show_clock(kept).runs


def while_away(monkeypatch, state, ask) -> None:
    """Asks while the store does not say how the clock is set."""

    def away(store) -> None:
        raise StateLocked("held")

    with monkeypatch.context() as patched:
        patched.setattr(state.clock, "follow", away)
        with pytest.raises(StateLocked):
            ask()


def test_who_could_not_follow_does_so_at_the_next_question(kept, other, monkeypatch) -> None:
    """The store may be away between hearing of a change and reading the clock: then the change is not forgotten."""
    follow_changes = follower(other)
    follow_changes()
    move_clock_to(kept, AT)

    while_away(monkeypatch, other, follow_changes)
    assert other.clock.real
    follow_changes()
    assert timedelta() <= other.clock.now() - AT < FEW_SECONDS


def test_a_server_that_could_not_follow_does_so_at_the_next_call(kept, other, monkeypatch) -> None:
    """And forgets what it knew of clients and keys, as it should have at the first."""
    register = ReadCache(other)
    assert register.refresh()
    move_clock_to(kept, AT)

    while_away(monkeypatch, other, register.refresh)
    assert register.refresh() and not register.refresh()
    assert timedelta() <= other.clock.now() - AT < FEW_SECONDS


def test_it_is_kept_in_the_state(kept, other) -> None:
    """To the microsecond, standing or ahead; another who moves it goes on from there, not from what it last knew."""
    freeze_clock(kept, AT + timedelta(microseconds=1))
    assert move_clock(other, timedelta(days=1)).now == AT + timedelta(days=1, microseconds=1)
    opened = open_state(kept.folder.path)
    assert opened.clock.now() == AT + timedelta(days=1, microseconds=1)
    opened.close()
    ahead = move_clock_to(kept, AT).ahead
    opened = open_state(kept.folder.path)
    assert show_clock(opened).ahead == ahead
    opened.close()


def test_showing_follows(kept, other) -> None:
    """What is shown is what whoever asks goes by from then on."""
    freeze_clock(kept, AT)
    assert other.clock.real
    assert show_clock(other).now == AT == other.clock.now()


def test_two_who_move_it_at_once_both_do(kept, other) -> None:
    """Each in a transaction: no step is lost, and both end at the same time."""
    steps = 20

    def walk(state) -> None:
        for _ in range(steps):
            move_clock(state, timedelta(days=1))

    freeze_clock(kept, AT)
    walkers = [Thread(target=walk, args=(state,)) for state in (kept, kept, other)]
    for walker in walkers:
        walker.start()
    for walker in walkers:
        walker.join()
    for state in (kept, other):
        follow(state)
    assert kept.clock.now() == other.clock.now() == AT + timedelta(days=3 * steps)


@pytest.mark.parametrize(
    "change",
    [
        lambda state: move_clock(state, months=12 * 8000),
        lambda state: move_clock(state, timedelta(days=-30_000)),
        lambda state: move_clock(state, timedelta(days=999_999_999)),
        lambda state: move_clock_to(state, datetime(1950, 12, 31, tzinfo=UTC)),
        lambda state: freeze_clock(state, datetime(9901, 1, 1, tzinfo=UTC)),
    ],
    ids=["months", "days", "overflow", "to", "freeze"],
)
def test_years_without_certificates_are_refused(kept, change) -> None:
    """With the years that there are; nothing was changed."""
    known = read_generation(kept)
    with pytest.raises(Misuse, match="1951 to 9900"):
        change(kept)
    assert kept.clock.real and show_clock(kept).real and read_generation(kept) == known


def test_a_clock_of_ones_own_is_left_alone(kept, tmp_path) -> None:
    """Nothing follows, and the services say whose clock it is."""
    freeze_clock(kept, AT)
    clock = MovableClock(AT.replace(year=2030))
    state = open_state(kept.folder.path, clock=clock)
    try:
        follow(state)
        assert state.clock.now() == AT.replace(year=2030)
        for service in (show_clock, move_clock, freeze_clock, run_clock, reset_clock):
            with pytest.raises(Misuse, match="was passed to it"):
                service(state)
        assert state.clock.now() == AT.replace(year=2030)
    finally:
        state.close()
    assert show_clock(kept).now == AT
