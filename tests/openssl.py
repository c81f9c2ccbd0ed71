"""The openssl command, for whoever wants to know what it writes to standard output: somebody else's judgement."""

import subprocess
from pathlib import Path

SECONDS = 60.0
"""For a command that takes a moment; a busy computer fails no test."""


def openssl(*words: str | Path, stdin: bytes = b"", cwd: Path | None = None, code: int = 0) -> bytes:
    """What it writes; the test fails where it ends with another exit code."""
    line = ["openssl", *map(str, words)]
    done = subprocess.run(line, cwd=cwd, input=stdin, capture_output=True, check=False, timeout=SECONDS)
    assert done.returncode == code, done.stderr
    return done.stdout
