"""The providers' guides, step by step: which there are, and one of them played for whoever looks on from a browser.

The command line plays it, in a process of its own: what that says goes into a file of the state, which any process that
serves the state can read."""

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sandbox.errors import NotThere, StateLocked, Taken
from sandbox.providers import PROVIDERS, named
from sandbox.providers.declare import Tour, TourStep
from sandbox.services.state import State
from sandbox.storage.folder import Hold, hold_tour

__all__ = ["PlayedStep", "PlayedTour", "Tour", "TourStep", "play", "played", "tours_of"]

TOUR_SECONDS = 120.0
"""A tour takes some ten seconds; on a busy computer several times that. Then it is ended."""
GRACE_SECONDS = 5.0
"""To clean up after itself, before it is killed."""
_FILE = "tour.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedStep:
    """What came of one step."""

    output: str
    exit_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedTour:
    """A provider's guides as far as they were played."""

    steps: tuple[PlayedStep, ...]
    """In the order of `tours_of`, without a gap between two guides."""
    runs: bool
    said: str
    """Why it ended before its last step, in the player's own words."""


def tours_of(provider: str) -> tuple[Tour, ...]:
    """The provider's guides. Raises NotThere where it has none that can be played."""
    found = named(provider).tours()
    if not found:
        have = ", ".join(each.name for each in PROVIDERS if each.tours())
        raise NotThere(f"{provider} has no guide that can be played", next_step=f"sandbank tour --provider {have}")
    return found


def play(state: State, provider: str) -> None:
    """Begin to play the provider's guides against a sandbox that is gone afterwards. Raises NotThere, and Taken while
    one is played: they cost a core."""
    tours_of(provider)
    try:
        hold = hold_tour(state.folder)
    except StateLocked:
        raise Taken("a tour is being played", next_step="wait until it ends, then start this one") from None
    scratch = Path(tempfile.mkdtemp(prefix="sandbank-tour-"))
    try:
        with (state.folder.path / _FILE).open("wb") as file:
            file.write(json.dumps({"provider": provider}).encode() + b"\n")
            file.flush()
            process = subprocess.Popen(
                command(provider),
                env=_environment(scratch),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except BaseException:
        _clean_up(scratch, hold)
        raise
    threading.Thread(target=_watch, args=(process, scratch, hold), name="sandbank-tour", daemon=True).start()


def played(state: State, provider: str) -> PlayedTour | None:
    """The newest tour of that provider, also while it is played; None where there is none."""
    runs = _is_played(state)  # asked first: what it says before its end is in the file then
    try:
        first, *lines = (state.folder.path / _FILE).read_text("utf-8", "replace").splitlines()
        if json.loads(first)["provider"] != provider:
            return None
    except (OSError, ValueError, KeyError):
        return None
    steps, said = [], []
    for line in lines:
        try:
            one = json.loads(line)
            steps.append(PlayedStep(output=one["output"], exit_code=one["exit_code"]))
        except (ValueError, KeyError, TypeError):
            said.append(line)
    return PlayedTour(steps=tuple(steps), runs=runs, said="" if runs else "\n".join(said))


def command(provider: str) -> list[str]:
    """What plays it."""
    return [sys.executable, "-m", "sandbox.cli", "tour", "--provider", provider, "--json-lines"]


def _environment(scratch: Path) -> dict[str, str]:
    """Ours, without settings that are meant for this sandbox; temporary files go where we can remove them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SANDBANK_")}
    path = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), kept.get("PYTHONPATH"))))
    return {**kept, "PYTHONPATH": path, "TMPDIR": str(scratch)}


def _watch(process: "subprocess.Popen[bytes]", scratch: Path, hold: Hold) -> None:
    """Until it has ended, or for as long as it may take; then nothing of it is left."""
    ending = partial(_leave, process, threading.current_thread())  # where the server ends first
    atexit.register(ending)
    try:
        process.wait(TOUR_SECONDS)
    except subprocess.TimeoutExpired:
        _end(process)
    finally:
        atexit.unregister(ending)
        with suppress(ProcessLookupError):  # what it started and left behind
            os.killpg(process.pid, signal.SIGKILL)
        _clean_up(scratch, hold)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """With all that it has started: first asked, then killed."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)


def _leave(process: "subprocess.Popen[bytes]", watcher: threading.Thread) -> None:
    _end(process)
    watcher.join(GRACE_SECONDS)


def _clean_up(scratch: Path, hold: Hold) -> None:
    shutil.rmtree(scratch, ignore_errors=True)
    hold.let_go()


def _is_played(state: State) -> bool:
    try:
        hold_tour(state.folder, shared=True).let_go()
    except StateLocked:
        return True
    return False
