"""Test runs inside test runs: pytest in a process of its own, in a project of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ran:
    """How a run of pytest ended, and what it printed."""

    code: int
    text: str

    def counts(self, line: str) -> bool:
        """Does the last line say so? `2 passed, 1 error`"""
        return line in self.text.strip().splitlines()[-1]


def run_pytest(project: Path, *arguments: str, python: Path | str = sys.executable, **variables: str) -> Ran:
    """Nothing of the run that this is a part of reaches the inner one; its warnings are errors too."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SANDBANK_"))}
    environment |= {"PYTHONPATH": "", "NO_PROXY": "*", **variables}
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


def run_tests(project: Path, tests: str, *arguments: str, conftest: str = "") -> Ran:
    """A project of one file, with the plugin as it stands in this tree."""
    (project / "test_theirs.py").write_text(tests, encoding="utf-8")
    (project / "conftest.py").write_text(conftest, encoding="utf-8")
    # Others' plugins would cost half a second each time.
    alone = {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return run_pytest(project, "-p", "sandbank", *arguments, **alone)
