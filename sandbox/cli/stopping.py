"""Ctrl-C and SIGTERM become an event to wait for; on Windows too, where the loop takes no signal handlers."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator

SIGNALS = [signal.SIGINT, signal.SIGTERM]
if hasattr(signal, "SIGBREAK"):
    SIGNALS.append(signal.SIGBREAK)  # Ctrl-Break, the only one that Windows can send to another process group
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
    SIGNALS.append(signal.SIGHUP)  # the terminal was closed; under nohup it is ignored, and stays so


@contextlib.contextmanager
def stops(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> Iterator[None]:
    """While the block runs, either signal sets *stop*."""
    try:
        for number in SIGNALS:
            loop.add_signal_handler(number, stop.set)
    except NotImplementedError:
        before = [(number, signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))) for number in SIGNALS]
        try:
            yield
        finally:
            for number, handler in before:
                signal.signal(number, handler)
        return
    try:
        yield
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
