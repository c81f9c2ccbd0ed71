"""The state folder: what is in it, for its owner's eyes only; and locks that say who serves it.

How it comes and goes is `lifetime`'s."""

import json
import os
import tempfile
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox.errors import StateLocked, StateMissing, StateUnusable
from sandbox.storage.files import POSIX

STORE = "sandbank.sqlite"
JOURNAL = "journal.sqlite"
CA_FILE = "ca.pem"
CLIENTS = "clients"
FAULTS = "faults.log"
DATABASE = "database.json"
MAKE_ONE = "make one and serve it: sandbank serve; or make one without a server: sandbank state new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Where one sandbox keeps everything. A folder is ours when the store is in it, or says where it is."""

    path: Path

    @property
    def store(self) -> Path:
        return self.path / STORE

    @property
    def journal(self) -> Path:
        return self.path / JOURNAL

    @property
    def ca_file(self) -> Path:
        """The certificate that clients are asked to trust, always that of the running authority."""
        return self.path / CA_FILE

    @property
    def faults(self) -> Path:
        return self.path / FAULTS

    def client(self, provider: str, client_id: str) -> Path:
        """Where ``certificate new`` puts a client's keys and certificates."""
        return self.path / CLIENTS / provider / client_id

    @property
    def made(self) -> bool:
        return self.store.exists() or self.database.exists()

    @property
    def database(self) -> Path:
        """Which database the state is in, where it is shared with other machines: without the password."""
        return self.path / DATABASE


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """What a folder remembers of the database that it belongs to."""

    url: str
    """Without a password."""
    machine: str
    """Under which name this folder keeps its own facts there (its ports)."""
    identity: str
    """Of the state in that database; another's means that it was made anew."""


def read_belonging(folder: Folder) -> Belonging | None:
    """None for a state that is in its folder. Raises StateUnusable."""
    if folder.store.exists() or not folder.database.exists():
        return None
    try:
        said = json.loads(folder.database.read_text(encoding="utf-8"))
        return Belonging(url=str(said["url"]), machine=str(said["machine"]), identity=str(said["identity"]))
    except (OSError, ValueError, KeyError, TypeError):
        there = f"{folder.database} does not say which database this state is in"
        raise StateUnusable(there, next_step="use another --state DIR; what is in the database stays") from None


def write_belonging(folder: Folder, belonging: Belonging) -> None:
    """Raises StateUnusable."""
    write_private(folder.database, json.dumps(asdict(belonging), indent=2).encode() + b"\n")


def write_private(path: Path, data: bytes) -> None:
    """Write *data* to *path*, 0600, whole or not at all. Raises StateUnusable."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            Path(name).replace(path)
        except BaseException:  # also where a signal ends us: it may be a private key
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise no_rights(path, error) from error


def make_private(path: Path) -> None:
    """Make the folder *path* and what lacks above it, 0700. Raises StateUnusable."""
    try:
        for folder in (*reversed(path.parents), path):
            # One by one: pathlib gives its mode only to the last.
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise no_rights(path, error) from error


def no_rights(path: Path, error: OSError) -> StateUnusable:
    """What is told of a place that cannot be written."""
    return StateUnusable(
        f"{path} cannot be written: {error.strerror or error}",
        next_step="choose a writable folder with --state DIR",
    )


if POSIX:
    import fcntl

SERVER, SERVING, TOUR = "server.lock", "serving.lock", "tour.lock"
SERVES = "serve"
LONGEST_NOTE = 64
"""Bytes: a number and a word."""
TRIES = 10
"""To lock the file that is at its path: after the first the folder was removed and made anew in between."""


class Hold:
    """Locks that this process has, until it lets go."""

    def __init__(self, descriptors: tuple[int, ...] = ()) -> None:
        self._descriptors = descriptors

    def let_go(self) -> None:
        descriptors, self._descriptors = self._descriptors, ()
        for one in descriptors:
            os.close(one)


def hold_as_server(folder: Folder, what: str = SERVES) -> Hold:
    """Be the one server of this folder. Raises StateLocked where another is. *what* this process is else."""
    return _hold(folder, (SERVER, False), what=what)


def hold_serving(folder: Folder) -> Hold:
    """Be one of the processes that serve it. Raises StateLocked where it is about to be removed or sealed."""
    return _hold(folder, (SERVING, True))


def hold_alone(folder: Folder) -> Hold:
    """Be the only process that may serve it, or change what servers have in memory. Raises StateLocked,
    StateMissing."""
    return _hold(folder, (SERVER, False), (SERVING, False))


def hold_tour(folder: Folder, *, shared: bool = False) -> Hold:
    """Be the only one who plays a tour for this folder; *shared*: one of those who ask whether somebody does. Raises
    StateLocked where another plays one."""
    return _hold(folder, (TOUR, shared))


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The process that has a folder to itself."""

    pid: int
    """0 where it did not say."""
    serves: bool
    """Whether it is a server of the command line, which may be asked to stop; else it is part of another program."""
    here: bool
    """Whether it can be seen: it may be in another container, or on another machine."""


def holder(folder: Folder) -> Holder | None:
    """Who is the one server of this folder, or changes it alone; None where nobody is."""
    if not POSIX:
        return None
    path = folder.path / SERVER
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # let go of with the descriptor
        return None
    except BlockingIOError:
        pid, _, what = os.pread(descriptor, LONGEST_NOTE, 0).decode("ascii", "replace").strip().partition(" ")
        number = int(pid) if pid.isdecimal() else 0
        return Holder(pid=number, serves=what == SERVES, here=number > 0 and _has_open(number, descriptor))
    finally:
        os.close(descriptor)


def _has_open(pid: int, descriptor: int) -> bool:
    """Whether that process has the locked file open: a number from another container is somebody else's here."""
    ours = os.fstat(descriptor)
    try:
        for one in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if os.path.samestat(one.stat(), ours):
                    return True
        return False
    except OSError:
        return not Path("/proc/self/fd").exists()  # no such list on this system, so nothing speaks against it


def _hold(folder: Folder, *wanted: tuple[str, bool], what: str = "") -> Hold:
    if not folder.made:
        raise StateMissing(f"there is no sandbox in {folder.path}", next_step=MAKE_ONE)
    if not POSIX:
        return Hold()
    with ExitStack() as undo:
        descriptors = []
        for name, shared in wanted:
            descriptors.append(_locked(folder.path / name, fcntl.LOCK_SH if shared else fcntl.LOCK_EX))
            undo.callback(os.close, descriptors[-1])
            if not shared:
                _note(descriptors[-1], what)
        undo.pop_all()
    return Hold(tuple(descriptors))


def _locked(path: Path, kind: int) -> int:
    for _ in range(TRIES):
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StateUnusable(
                f"{path} cannot be made: {error.strerror}",
                next_step="check the permissions and the free space of the folder",
            ) from error
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            if _is_at(path, descriptor):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            raise StateLocked(
                f"a server runs over {path.parent}, or is about to start",
                next_step="stop it first: sandbank stop; or use another --state DIR",
            ) from None
        os.close(descriptor)
    raise StateLocked(f"{path.parent} is being removed and made again", next_step="wait a moment and try again")


def _note(descriptor: int, what: str) -> None:
    """Say in the locked file who has it. A full disk is no reason not to serve."""
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()} {what}\n".encode("ascii"), 0)


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether the locked file is still the one at its path, and not in a folder that was moved away."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
