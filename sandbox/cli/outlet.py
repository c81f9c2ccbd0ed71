"""Standard output of a server, written from a thread of its own, so that a terminal which stands still stops nothing.

What the lines say is others' business."""

import contextlib
import io
import queue
import sys
import threading
import time
from io import RawIOBase
from typing import TextIO, cast

WAITING_LINES = 10_000
"""Lines that may wait for a terminal that stands still; later ones are left out, the journal has them all."""
LAST_SECONDS = 0.3
"""What a server that stops grants its last lines: the whole stop takes less than a second."""

FULL_SECONDS = 0.05


class Outlet:
    """Takes lines from any thread and never waits, never raises: the server's work is not to print."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream: TextIO | None = stream if stream is not None else sys.stdout
        self._lines: queue.Queue[str | None] = queue.Queue(WAITING_LINES)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbank-output", daemon=True)
        self._thread.start()

    def put(self, text: str) -> None:
        """Have *text* printed, with a line end."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(text)

    def close(self) -> None:
        """Print what waits, as far as anybody reads."""
        self._closing.set()
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(None)
        self._thread.join(LAST_SECONDS)

    def _run(self) -> None:
        while (text := self._lines.get()) is not None:
            try:
                self._write(f"{text}\n")
            except (OSError, ValueError):  # the pipe or the terminal is gone, the disk is full: nobody reads any more
                self._stream = None
            if self._closing.is_set() and self._lines.empty():
                return  # the queue was so full that the end did not fit in

    def _write(self, text: str) -> None:
        """Past Python's buffers: a thread that hangs in one of those would make the interpreter's exit fail."""
        if not isinstance(self._stream, io.TextIOWrapper):
            if self._stream is not None:
                self._stream.write(text)
            return
        raw = cast(RawIOBase, getattr(self._stream.buffer, "raw", self._stream.buffer))
        data = text.encode(self._stream.encoding, "backslashreplace")
        while data:
            written = raw.write(data)
            if written is None:  # somebody made it non-blocking, and it is full
                time.sleep(FULL_SECONDS)
            data = data[written or 0 :]
