"""Test runs inside test runs: pytest in a process of its own, in a project of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ran:
    """How a run of pytest ended, and what it printed."""

    code: int
    text: str

    def counts(self, line: str) -> bool:
        """Does the last line say so? `2 passed, 1 error`"""
        return line in self.text.strip().splitlines()[-1]


def run_pytest(project: Path, *arguments: str, python: Path | str = sys.executable, path: str = "") -> Ran:
    """Nothing of the run that this is a part of reaches the inner one; its warnings are errors too."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SANDBANK_"))}
    environment |= {"PYTHONPATH": path, "NO_PROXY": "*"}
    done = subprocess.run(
        [str(python), "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", "--rootdir", str(project), *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ran(code=done.returncode, text=done.stdout + done.stderr)


@pytest.fixture
def run(tmp_path):
    """Writes a project and runs its tests with the plugin as it stands in this tree."""

    def run(tests: str, *arguments: str, conftest: str = "") -> Ran:
        (tmp_path / "test_theirs.py").write_text(tests, encoding="utf-8")
        (tmp_path / "conftest.py").write_text(conftest, encoding="utf-8")
        return run_pytest(tmp_path, "-p", "sandbank", *arguments, path=str(ROOT))

    return run
