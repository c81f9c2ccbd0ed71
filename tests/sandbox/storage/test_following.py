"""What is known of a database that is followed, on a computer that was started a moment ago."""

import pytest

from sandbox.errors import StateUnreachable
from sandbox.storage import following
from sandbox.storage.following import OLD_SECONDS, Follower


@pytest.fixture
def clock(monkeypatch):
    """The monotonic clock, which counts from the boot: it shows the first instants after it."""

    class Shown:
        seconds = 0.0

    monkeypatch.setattr(following, "monotonic", lambda: Shown.seconds)
    return Shown


@pytest.mark.parametrize("since_boot", [0.0, OLD_SECONDS / 2, OLD_SECONDS * 2])
def test_before_the_first_answer_nothing_is_known(clock, since_boot):
    """However long the computer has been up; the control is an answer, which is known until it is old."""
    follower = Follower(lambda _: None, lambda _: 0)
    clock.seconds = since_boot
    assert follower.generation() is None
    follower.know(7)
    assert follower.generation() == 7
    clock.seconds += OLD_SECONDS
    assert follower.generation() is None
    follower.doubt(StateUnreachable("away"))
    with pytest.raises(StateUnreachable):
        follower.generation()
    follower.close()
