"""``sandbank tour``: a provider's guides, played against a sandbox that is gone afterwards; the steps are declared."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.cli.commands import Verb
from sandbox.cli.options import DEFAULT_STATE, common, option, provider_option
from sandbox.cli.output import printable, put, put_json
from sandbox.errors import Surroundings

if TYPE_CHECKING:
    from sandbox.services.touring import TourStep

NEEDED = ("bash", "openssl", "curl")
_MARK = "sandbank-tour-step-is-done"
_NOISE = re.compile(r"[.+*]+|-----|Generating .* private key|writing new private key to .*")
"""What openssl prints while it makes a key."""


@click.command("tour", cls=Verb, short_help="The provider's guides, played.")
@provider_option()
@option("--step", is_flag=True, help="Wait for the Enter key before each step.")
@option("--json-lines", is_flag=True, help="A line of JSON for each step, as soon as it has ended.")
@common
def tour(provider: str, step: bool, json_lines: bool, state: Path, as_json: bool) -> None:
    """Play the provider's guides against a temporary sandbox: each command as you would type it, and the answer.

    \b
    sandbank tour
    sandbank tour --step

    Needs bash, openssl and curl. Nothing is left behind, and a running sandbox is not touched.
    """
    from sandbox.embed.sandbox import Sandbox
    from sandbox.services.touring import tours_of

    _require_programs()
    tours, played, quiet = tours_of(provider), [], as_json or json_lines
    with tempfile.TemporaryDirectory(prefix="sandbank-tour-") as folder:
        where = Path(folder)
        files = where / "files"
        files.mkdir()
        # In the shell's own folder, as with whoever follows the guide: then no next step has to name another.
        with Sandbox(state=files / DEFAULT_STATE), _shell(where) as shell:
            for guide in tours:
                if not quiet:
                    put(printable(f"== {guide.title} ({guide.url})"), "")
                for number, one in enumerate(guide.steps, 1):
                    played.append(_play(shell, number, one, waits=step, quiet=quiet))
                    if json_lines:
                        put_json(played[-1])
    if as_json and not json_lines:
        put_json({"steps": played})


def _play(shell: "_Shell", number: int, one: "TourStep", *, waits: bool, quiet: bool) -> Mapping[str, object]:
    if not quiet:
        put(printable(f"{number}. {one.say}"), "", *(f"   {'  ' if n else '$ '}{line}" for n, line in _lines(one)))
        if waits:
            click.pause("")
    out, code = shell.run(one.command)
    if not quiet:
        put(*(printable(f"   {line}") for line in out.splitlines()), "")
    if one.refused is (code == 0):
        came = "was answered" if one.refused else f"ended with {code}"
        raise Surroundings(
            f"step {number} {came}: {out[-200:]}", next_step="please report it; step by step: sandbank tour --step"
        )
    return {"say": one.say, "command": one.command, "output": out, "exit_code": code}


def _lines(one: "TourStep") -> Iterator[tuple[int, str]]:
    return enumerate(one.command.splitlines())


class _Shell:
    """A bash that goes on from step to step, so that a variable of one is there in the next."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, command: str) -> tuple[str, int]:
        """What the command says, on both of its outputs, and its exit code."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{command}\nprintf '\\n%s %d\\n' {_MARK} $?\n")
        self._process.stdin.flush()
        said: list[str] = []
        for line in self._process.stdout:
            if line.startswith(_MARK):
                return "\n".join(said).strip("\n"), int(line.split()[1])
            if not _NOISE.fullmatch(line.strip()):
                said.append(line.rstrip("\n"))
        raise Surroundings("the shell ended in the middle of a step", next_step="start it again: sandbank tour")


@contextmanager
def _shell(where: Path) -> Iterator[_Shell]:
    """A shell in an empty folder, whose `sandbank` is this one: on its PATH, so that next steps call it so."""
    program = where / "bin" / "sandbank"
    program.parent.mkdir()
    program.write_text("from sandbox.cli import main\n\nmain()\n", "utf-8")
    program.chmod(0o700)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SANDBANK_")}
    # The caller's folder may be the one in which Python found this program.
    path = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), kept.get("PYTHONPATH"))))
    with subprocess.Popen(
        ["bash", "--noprofile", "--norc"],
        cwd=where / "files",
        env={**kept, "PYTHONPATH": path, "PATH": os.pathsep.join((str(program.parent), kept.get("PATH", "")))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        shell = _Shell(process)
        shell.run(f'sandbank() {{ {shlex.quote(sys.executable)} {shlex.quote(str(program))} "$@"; }}')
        try:
            yield shell
        finally:
            process.kill()


def _require_programs() -> None:
    missing = [program for program in NEEDED if not shutil.which(program)]
    if missing:
        raise Surroundings(
            f"a tour runs commands, and {', '.join(missing)} is missing", next_step=f"install {' '.join(missing)}"
        )
