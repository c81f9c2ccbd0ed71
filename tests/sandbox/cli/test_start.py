"""What a command loads before it does anything, and how it ends: in processes of their own."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox.cli.running import environment, started

HEAVY = {"cryptography", "OpenSSL", "hypercorn", "starlette", "sqlite3", "aiosql", "asyncio", "ssl"}


def loaded(*words: str, **variables: str) -> set[str]:
    """The packages that a process has loaded when the command is done."""
    program = (
        "import sys\nfrom sandbox.cli import main\n"
        f"try:\n    main({list(words)!r})\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "print('LOADED', *{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={**environment(), **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.rpartition("LOADED")[2].split())


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("serve", "--help"),
        ("certificate", "sign", "--help"),
        ("--version",),
        ("explain", "--list"),
    ],
    ids=" ".join,
)
def test_help_costs_no_cryptography(words: tuple[str, ...]) -> None:
    """Half a second for a page of help would be felt at every try."""
    assert loaded(*words) & HEAVY == set()


def test_completing_words_costs_no_cryptography() -> None:
    """It runs at every press of the tab key."""
    asked = {"_SANDBANK_COMPLETE": "bash_complete", "COMP_WORDS": "sandbank explain tls.", "COMP_CWORD": "2"}
    assert loaded(**asked) & HEAVY == set()


INTERRUPTING = """
import os, signal, sys

# A shell's background jobs ignore SIGINT, and what they start does too.
signal.signal(signal.SIGINT, signal.default_int_handler)

class CtrlC:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, CtrlC())
from sandbox.cli import main
main(["--version"])
"""


@pytest.mark.parametrize("module", ["click", "sandbox.cli.output"])
def test_ctrl_c_while_it_still_imports_leaves_no_traceback(module: str) -> None:
    """Whoever types Ctrl-C in the first tenth of a second reads nothing, and gets the exit code 130."""

    def run(name: str) -> subprocess.CompletedProcess[str]:
        python = [sys.executable, "-c", INTERRUPTING, name]
        return subprocess.run(python, env=environment(), capture_output=True, text=True, check=False)

    interrupted, left_alone = run(module), run("no such module")
    assert (interrupted.returncode, interrupted.stdout, interrupted.stderr) == (130, "", "")
    assert left_alone.returncode == 0
    assert left_alone.stdout.startswith("sandbank")


def test_nothing_is_imported_before_ctrl_c_has_an_answer() -> None:
    """The module of the entry point loads itself only: within it a KeyboardInterrupt would be a traceback."""
    program = "import sys; before = {*sys.modules}; import sandbox.cli; print(*sorted({*sys.modules} - before))"
    python = [sys.executable, "-c", program]
    done = subprocess.run(python, env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["sandbox", "sandbox.cli"]


ENDED = """
import os, signal, sys
from sandbox.storage import keys

def founded(self, work, name, key):
    os.kill(os.getpid(), signal.SIGTERM)
    return key

keys.StoreVault.seal = founded
from sandbox.cli import main
main(["serve", "--port-base", "0", "--state", sys.argv[1]])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there it ends a process at once")
def test_an_end_in_the_middle_of_a_founding_leaves_no_keys(tmp_path: Path) -> None:
    """Neither a state nor a folder beside its place; the exit code is as shells count."""
    python = [sys.executable, "-c", ENDED, tmp_path / "state"]
    done = subprocess.run(python, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 128 + signal.SIGTERM, done.stderr
    assert "Traceback" not in done.stderr and list(tmp_path.iterdir()) == []


def test_a_closed_pipe_ends_it_quietly(here: Path) -> None:
    """`sandbank explain --list | head -1` says nothing on standard error."""
    with started("explain", "--list", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_a_full_disk_is_a_sentence(here: Path) -> None:
    """Exit code 3, and what happened."""
    with Path("/dev/full").open("wb") as full, started("ca", stdout=full, stderr=subprocess.PIPE) as process:
        said = process.stderr.read().decode()
    assert process.returncode == 3
    assert said.startswith("sandbank: standard output cannot be written: No space left") and "Traceback" not in said


def test_an_interruption_is_130_and_silent(here: Path) -> None:
    """Ctrl-C while something is being followed."""
    from tests.sandbox.cli.running import sandbank

    assert sandbank("certificate", "new", "--key", "ec-p256").code == 0
    with started("journal", "--follow", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert b"signed" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == b""
    assert process.returncode == 130
