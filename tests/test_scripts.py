"""The scripts, judged with stand-ins for Python: shell scripts that answer as Python would. No network is used."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.once  # bash, with stand-ins for Python: no version of it is asked

ROOT = Path(__file__).parent.parent
SCRIPTS = [*(f"scripts/{name}" for name in ("serve", "test", "check", "format", "build", "bench")), ".ci/run"]

# A Python that says which it is, makes an environment by copying itself, and "installs" by writing the command.
STAND_IN = """\
#!/usr/bin/env bash
case "$*" in
    *version_info*%* | *%*version_info*) echo {version} ;;
    *"sys.exit(sys.version_info"*) exit {too_old} ;;
    *"import ensurepip"*) exit {no_venv} ;;
    *"-m venv"*) mkdir -p "${{@: -1}}/bin" && cp "$0" "${{@: -1}}/bin/python" ;;
    *"-m pip install"*)
        echo installed >>"$(dirname "$0")/../../installs"
        if [[ -e "$(dirname "$0")/../../no-network" ]]; then exit 1; fi
        printf '#!/bin/sh\\necho "sandbank $* in $PWD"\\n' >"$(dirname "$0")/sandbank"
        chmod +x "$(dirname "$0")/sandbank" ;;
    *) echo "unexpected: $*" >&2; exit 99 ;;
esac
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """A copy of what `scripts/serve` needs, with a PATH on which `python3` is a stand-in."""

    root: Path
    commands: Path
    elsewhere: Path

    def put_python(self, version: str = "3.11", *, too_old: bool = False, no_venv: bool = False) -> None:
        text = STAND_IN.format(version=version, too_old=int(too_old), no_venv=int(no_venv))
        for name in ("python3", f"python{version}"):
            (self.commands / name).write_text(text, encoding="utf-8")
            (self.commands / name).chmod(0o755)

    def run(self, script: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{self.commands}:/usr/bin:/bin", "HOME": str(self.elsewhere), **variables}
        return subprocess.run(
            [self.root / script, *arguments],
            cwd=self.elsewhere,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def installs(self) -> int:
        counted = self.root / "installs"
        return len(counted.read_text(encoding="utf-8").splitlines()) if counted.exists() else 0


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(root=tmp_path / "a checkout", commands=tmp_path / "commands", elsewhere=tmp_path / "else where")
    for folder in (made.root, made.commands, made.elsewhere):
        folder.mkdir()
    shutil.copytree(ROOT / "scripts", made.root / "scripts")
    shutil.copy(ROOT / "pyproject.toml", made.root)
    return made


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_can_be_run_and_stop_at_the_first_failure(script: str) -> None:
    """Every script is executable, is bash without mistakes, and does not go on after something failed."""
    path = ROOT / script
    assert os.access(path, os.X_OK)
    assert path.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")
    assert "\nset -euo pipefail\n" in path.read_text(encoding="utf-8")
    subprocess.run(["bash", "-n", path], check=True)


def test_the_build_server_runs_the_tests_and_nothing_else() -> None:
    """`.ci/run` has one command."""
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith(("#", "set "))]
    assert len(commands) == 1
    assert commands[0].endswith('/../scripts/test"')


def test_serve_hands_its_arguments_on_and_stays_where_the_caller_is(checkout: Checkout) -> None:
    """State belongs to the caller's folder; the environment belongs to the checkout, spaces in both names or not."""
    checkout.put_python()
    done = checkout.run("scripts/serve", "--quiet", "--state", "a b")
    assert (done.returncode, done.stdout) == (0, f"sandbank serve --quiet --state a b in {checkout.elsewhere}\n")
    assert done.stderr.startswith("Making .venv with Python 3.11")
    assert done.stderr.count("\n") == 1
    assert list(checkout.elsewhere.iterdir()) == []


def test_serve_installs_once(checkout: Checkout) -> None:
    """The second start neither installs nor says so, and needs no Python on PATH."""
    checkout.put_python()
    checkout.run("scripts/serve")
    checkout.put_python(too_old=True)
    done = checkout.run("scripts/serve")
    assert (done.returncode, done.stderr, checkout.installs) == (0, "", 1)


def test_serve_installs_again_when_the_project_changed(checkout: Checkout) -> None:
    """New dependencies in pyproject.toml reach an environment that is there already."""
    checkout.put_python()
    checkout.run("scripts/serve")
    with (checkout.root / "pyproject.toml").open("a", encoding="utf-8") as pyproject:
        pyproject.write("# changed\n")
    assert checkout.run("scripts/serve").returncode == 0
    assert checkout.installs == 2


def break_nothing_but_stamp(folder: Path) -> None:
    (folder / "sandbank.stamp").rename(folder / "sandbank.unfinished")


def break_python(folder: Path) -> None:
    (folder / "bin/python").unlink()


def break_everything(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


@pytest.mark.parametrize("damage", [break_nothing_but_stamp, break_python, break_everything])
def test_a_broken_environment_is_made_anew(checkout: Checkout, damage: Callable[[Path], None]) -> None:
    """An interrupted installation, a Python that was removed and an empty folder all mend themselves."""
    checkout.put_python()
    checkout.run("scripts/serve")
    (checkout.root / ".venv/left-over").touch()
    damage(checkout.root / ".venv")
    assert checkout.run("scripts/serve").returncode == 0
    assert not (checkout.root / ".venv/left-over").exists()
    assert checkout.installs == 2


def test_an_environment_of_somebody_elses_making_is_kept(checkout: Checkout) -> None:
    """A .venv that a developer made by hand gets Sandbank installed, and loses nothing."""
    checkout.put_python()
    (checkout.root / ".venv/bin").mkdir(parents=True)
    shutil.copy(checkout.commands / "python3", checkout.root / ".venv/bin/python")
    (checkout.root / ".venv/theirs").touch()
    assert checkout.run("scripts/serve").returncode == 0
    assert (checkout.root / ".venv/theirs").exists()


def test_an_installation_that_failed_is_tried_again(checkout: Checkout) -> None:
    """Without the package index: a sentence and exit 3; with it, the next start succeeds."""
    checkout.put_python()
    (checkout.root / "no-network").touch()
    done = checkout.run("scripts/serve")
    assert done.returncode == 3
    assert "pip could not install" in done.stderr
    (checkout.root / "no-network").unlink()
    assert checkout.run("scripts/serve").returncode == 0


def test_a_missing_venv_module_is_a_sentence(checkout: Checkout) -> None:
    """Debian's python3 without python3-venv: the apt line, exit 3, nothing half made."""
    checkout.put_python(no_venv=True)
    done = checkout.run("scripts/serve")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "Python's venv module is missing here: apt install python3-venv\n"
    assert not (checkout.root / ".venv").exists()


def test_an_old_python_is_a_sentence(checkout: Checkout) -> None:
    """Too old: which version is needed, which is here, and how to name another."""
    checkout.put_python("3.9", too_old=True)
    done = checkout.run("scripts/serve")
    assert done.returncode == 3
    assert done.stderr == (
        "Sandbank needs Python 3.11 or newer, and python3 is 3.9. Name another: PYTHON=python3.11 scripts/serve\n"
    )


def test_a_python_that_does_not_run_is_a_sentence(checkout: Checkout) -> None:
    """PYTHON may name what is not there."""
    done = checkout.run("scripts/serve", PYTHON="no-such-python")
    assert done.returncode == 3
    assert done.stderr.startswith("Sandbank needs Python 3.11 or newer, and no-such-python does not run here")


def test_the_python_that_was_named_is_the_one_that_serves(checkout: Checkout) -> None:
    """PYTHON= also overrules an environment that another Python made."""
    checkout.put_python("3.13")
    checkout.put_python("3.11")
    checkout.run("scripts/serve")
    done = checkout.run("scripts/serve", PYTHON="python3.13")
    assert (done.returncode, checkout.installs) == (0, 2)
    assert "with Python 3.13" in done.stderr
