"""Which core each process of a server keeps to; that they do is seen in the live tests of the workers."""

import os
import sys
import threading

import pytest

from sandbox.cli.supervisor import cores_for, keep_to


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that may use cores 2, 5 and 7."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {7, 2, 5}, raising=False)


@pytest.mark.usefixtures("linux")
def test_as_many_processes_as_cores_have_one_each() -> None:
    """With more of them it begins anew; with fewer the system chooses, for one core may be taken by somebody else."""
    assert list(cores_for(3)) == [2, 5, 7]
    assert list(cores_for(5)) == [2, 5, 7, 2, 5]
    assert list(cores_for(2)) == [None, None]


def test_elsewhere_the_system_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no core can be asked for, nothing is asked."""
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert list(cores_for(8)) == [None] * 8
    keep_to(3)


@pytest.mark.skipif(sys.platform != "linux", reason="cores can be asked for on Linux alone")
def test_a_thread_keeps_to_it_and_so_do_those_that_it_starts() -> None:
    """And nobody else; None changes nothing."""
    seen: list[set[int]] = []
    core = max(os.sched_getaffinity(0))
    before = os.sched_getaffinity(0)

    def run() -> None:
        keep_to(None)
        seen.append(os.sched_getaffinity(0))
        keep_to(core)
        below = threading.Thread(target=lambda: seen.append(os.sched_getaffinity(0)))
        below.start()
        below.join()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [before, {core}] and os.sched_getaffinity(0) == before


@pytest.mark.skipif(sys.platform != "linux", reason="cores can be asked for on Linux alone")
def test_a_core_that_may_not_be_had_is_done_without() -> None:
    """A container can be given others while a server runs in it, and one of its workers is replaced then."""
    before = os.sched_getaffinity(0)
    none = 1 << 12  # more than any kernel counts that these tests have met
    with pytest.raises(OSError, match="Invalid argument"):
        os.sched_setaffinity(0, {none})
    keep_to(none)
    assert os.sched_getaffinity(0) == before


@pytest.mark.usefixtures("linux")
def test_where_it_is_forbidden_the_system_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's filter of system calls, or a core that was taken away meanwhile: the server starts all the same."""
    asked: list[set[int]] = []

    def forbid(_: int, cores: set[int]) -> None:
        asked.append(cores)
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setaffinity", forbid, raising=False)
    keep_to(5)
    assert asked == [{5}]
