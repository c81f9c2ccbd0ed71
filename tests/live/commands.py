"""Many commands at one moment, each in a process of its own that opens the state for itself."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.sandbox.cli.running import ROOT, environment

PATIENCE = 120.0
MOST_TRIES = 10
"""A command that did not get its turn says "wait a moment and try again": so it is tried again."""

# Forked and not started one by one: fifty interpreters would come one after the other, as each needs its half second.
# What a command needs is imported before; the state is opened by each child for itself, after the gate has opened.
_FORKING = """
import functools, importlib, json, os, sys, traceback
from sandbox.cli.commands import root
for name in ("cli.certificate", "cli.issued", "cli.failures", "services.issuing", "services.state",
             "services.certificates", "storage.journal", "journal.causes"):
    importlib.import_module("sandbox." + name)
folder, most_tries, seed, lines = json.loads(sys.argv[1])
if seed is not None:
    from sandbox.services import state
    state.Ids = functools.partial(state.Ids, seed)

def run(number, line):
    for kind, descriptor in (("out", 1), ("err", 2)):
        file = os.open(f"{folder}/{number}.{kind}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, descriptor)
    try:
        root.main(line, "sandbank")
    except SystemExit as end:
        return end.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()

def child(number, line):
    os.write(told, b".")
    os.read(0, 1)
    for tries in range(1, most_tries + 1):
        code = run(number, line)
        if code != 3 or "sandbank.state_locked" not in open(f"{folder}/{number}.err").read():
            break
    with open(f"{folder}/{number}.end", "w") as file:
        json.dump([code, tries], file)

heard, told = os.pipe()
children = []
for number, line in enumerate(lines):
    pid = os.fork()
    if pid == 0:
        try:
            child(number, line)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    children.append(pid)
while sum(len(os.read(heard, 1)) for _ in lines) < len(lines):
    pass
os.write(1, b"ready\\n")
for pid in children:
    os.waitpid(pid, 0)
"""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended, at its last try."""

    exit_code: int
    out: str
    err: str
    tries: int

    @property
    def codes(self) -> list[str]:
        """Of every refusal, or of the error; none for what went well."""
        said = json.loads(self.err.splitlines()[-1]) if self.exit_code else {}
        return [refusal["code"] for refusal in said.get("refusals", [said.get("error")]) if refusal]


class Commands:
    """Processes that wait at a gate, each with a line of `sandbank`."""

    def __init__(self, folder: Path, lines: Sequence[Sequence[str]], *, seed: int | None = None) -> None:
        """With a *seed* all of them draw the same random numbers, serials among them."""
        self._folder = folder
        self._count = len(lines)
        folder.mkdir()
        said = json.dumps([str(folder), MOST_TRIES, seed, [list(line) for line in lines]])
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", _FORKING, said],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environment(),
        )
        assert self._process.stdin and self._process.stdout
        assert self._process.stdout.readline() == b"ready\n"
        self._gate = self._process.stdin

    def go(self) -> None:
        """Open the gate for all of them."""
        self._gate.close()

    def ended(self) -> list[Ended]:
        """How each of them ended, in the order of the lines."""
        assert self._process.stdout
        self._process.stdout.close()
        assert self._process.wait(PATIENCE) == 0
        return [self._ended(number) for number in range(self._count)]

    def _ended(self, number: int) -> Ended:
        read: Callable[[str], str] = lambda kind: (self._folder / f"{number}.{kind}").read_text()  # noqa: E731
        assert (self._folder / f"{number}.end").exists(), read("err")
        code, tries = json.loads(read("end"))
        return Ended(exit_code=code, out=read("out"), err=read("err"), tries=tries)


def together(folder: Path, lines: Sequence[Sequence[str]], *, seed: int | None = None) -> list[Ended]:
    """All of them at one moment."""
    commands = Commands(folder, lines, seed=seed)
    commands.go()
    return commands.ended()
