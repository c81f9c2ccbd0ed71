"""The command line as tests drive it: in this process, or in one of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from sandbox.cli.commands import root

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The one JSON object on standard error."""
        return json.loads(self.err)


WIDE = 1_000
"""Columns of a terminal on which no sentence is folded, so that a test can look for one."""


def sandbank(*words: str, stdin: bytes | str | None = None, columns: int = WIDE) -> Said:
    """The command in this process, in the folder that the test stands in."""
    result = CliRunner(env={"COLUMNS": str(columns)}).invoke(root, words, prog_name="sandbank", input=stdin)
    return Said(code=result.exit_code, out=result.stdout_bytes, err=result.stderr)


def started(*words: str, env: Mapping[str, str] | None = None, **options: Any) -> subprocess.Popen[bytes]:
    """The command in a process of its own, warnings being errors there as well; *env* is added to the environment."""
    # A shell that starts the tests with & has SIGINT ignored, and a child would inherit that.
    obedient = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    python = [sys.executable, "-W", "error", "-c", f"{obedient}from sandbox.cli import main; main()"]
    return subprocess.Popen([*python, *words], env={**environment(), **(env or {})}, **options)


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": str(WIDE)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server in a process of its own."""

    process: subprocess.Popen[bytes]
    folder: Path
    ready: dict[str, Any]
