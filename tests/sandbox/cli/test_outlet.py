import io
import os
import select
import time
from typing import Any

import pytest

from sandbox.cli import serving as outlets
from sandbox.cli.serving import Outlet


def test_lines_come_out_in_order() -> None:
    """Each with its line end; closing waits for them."""
    stream = io.StringIO()
    outlet = Outlet(stream)
    for number in range(100):
        outlet.put(f"line {number}")
    outlet.close()
    assert stream.getvalue().splitlines() == [f"line {number}" for number in range(100)]


def test_what_the_encoding_lacks_is_escaped() -> None:
    """A terminal without UTF-8 gets the line all the same."""
    raw = io.BytesIO()
    outlet = Outlet(io.TextIOWrapper(raw, encoding="ascii"))
    outlet.put("café")
    outlet.close()
    assert raw.getvalue() == b"caf\\xe9\n"


def test_a_terminal_that_stands_still_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are left out rather than waited for, and the stop is not held for long."""
    monkeypatch.setattr(outlets, "WAITING_LINES", 10)
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as reader, os.fdopen(writing, "w") as writer:
        outlet = Outlet(writer)
        began = time.monotonic()
        for _ in range(100):
            outlet.put("x" * 100_000)
        outlet.close()
        assert time.monotonic() - began < 60  # for ever, where it waited
        while outlet._thread.is_alive():  # let it go, so that the pipe can be closed
            if select.select([reader], [], [], 0.05)[0]:  # it may end without another word
                reader.read1()


def test_a_closed_pipe_is_not_an_error() -> None:
    """Who stopped reading wants nothing more; the rest goes nowhere."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as writer:
        outlet = Outlet(writer)
        outlet.put("one")
        outlet.put("two")
        outlet.close()
        assert not outlet._thread.is_alive()


def test_a_server_without_standard_output_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """As under a service manager that closes it."""
    monkeypatch.setattr("sys.stdout", None)
    outlet = Outlet()
    outlet.put("one")
    outlet.close()
    assert not outlet._thread.is_alive()


class Full(io.RawIOBase):
    """A pipe that somebody made non-blocking: takes nothing at first, then three bytes at a time."""

    def __init__(self) -> None:
        self.taken = b""
        self.calls = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int | None:
        self.calls += 1
        if self.calls == 1:
            return None
        self.taken += bytes(data[:3])
        return min(3, len(data))


def test_a_pipe_that_takes_little_gets_all() -> None:
    """Piece by piece."""
    full = Full()
    outlet = Outlet(io.TextIOWrapper(io.BufferedWriter(full), encoding="utf-8"))
    outlet.put("0123456789")
    outlet.close()
    assert full.taken == b"0123456789\n"
