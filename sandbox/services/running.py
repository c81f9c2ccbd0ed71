"""Which process serves a state on this machine: the one that has its lock, whatever it answers."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import NotThere, StateMissing, Surroundings
from sandbox.services.state import folder_of
from sandbox.storage.files import POSIX
from sandbox.storage.folder import MAKE_ONE, holder


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProcess:
    """A process that has a state to itself."""

    pid: int
    """0 where it did not say."""
    serves: bool
    """Whether it is a server of the command line; else it is a part of another program, or changes the state."""
    here: bool
    """Whether it can be seen: it may be in another container, or on another machine."""


def server_of(path: Path) -> ServerProcess | None:
    """The one of the state in the folder *path*; None where nobody serves it. Raises StateMissing."""
    folder = folder_of(path)
    if not folder.made:
        raise StateMissing(f"there is no sandbox in {path}", next_step=MAKE_ONE)
    found = holder(folder)
    return ServerProcess(pid=found.pid, serves=found.serves, here=found.here) if found else None


def ask_to_stop(path: Path) -> ServerProcess:
    """Send its server the signal to stop, also where it was halted by Ctrl-Z. Raises NotThere where there is none, and
    Surroundings for a process that may not be ended, or cannot."""
    if not POSIX:
        raise Surroundings("on Windows a server is stopped by Ctrl-C in its own window", next_step="press Ctrl-C there")
    found = server_of(path)
    if found is None:
        raise NotThere(f"no server runs over {path}", next_step="sandbank status")
    if not found.here:
        raise Surroundings(
            f"the server over {path} is no process of this machine or container ({found.pid or 'unknown'})",
            next_step="run the command where the server was started",
        )
    if not found.serves:
        raise Surroundings(
            f"{path} is used by process {found.pid}, which is no `sandbank serve` but a program of its own",
            next_step="end that program, or let it end",
        )
    try:
        os.kill(found.pid, signal.SIGTERM)
        os.kill(found.pid, signal.SIGCONT)  # one that was halted hears the first only when it goes on
    except ProcessLookupError:
        pass  # it has just ended
    except PermissionError:
        there = f"process {found.pid} belongs to another user"
        raise Surroundings(there, next_step=f"as that user: kill {found.pid}") from None
    return found
