"""The wheel in an empty environment: pytest finds the plugin by itself, and the README's contract test passes."""

import re
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.plugin.conftest import ROOT, Ran, run_pytest


@dataclass(frozen=True)
class Installed:
    """An environment with Sandbank in it as a user has it."""

    python: Path
    site: Path


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """Only Sandbank is installed, from the wheel; what it depends on is seen in the environment of this run."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", symlinks=True)
    python = folder / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-qq", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True, timeout=120)
    (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
    # A line of a .pth file is looked in after the environment's own folder, and no .pth file in there is read: the
    # Sandbank that may be installed in this run's environment stays out of sight.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return Installed(python=python, site=site)


@pytest.fixture(scope="session")
def contract():
    """The contract test of the README."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"<!-- contract -->\n```python\n(.*?)```", readme, re.DOTALL)
    assert len(found) == 1, "README.md has one block of Python after <!-- contract -->"
    return found[0]


@pytest.fixture
def run(installed, tmp_path, contract):
    def run(*arguments: str) -> Ran:
        (tmp_path / "tests").mkdir()
        (tmp_path / "tests" / "test_contract.py").write_text(contract, encoding="utf-8")
        ours = str(installed.site / "sandbank.py")
        where = f"import sandbank\n\ndef test_where():\n    assert sandbank.__file__ == {ours!r}\n"
        (tmp_path / "tests" / "test_theirs.py").write_text(where, encoding="utf-8")
        return run_pytest(tmp_path, *arguments, python=installed.python)

    return run


def test_the_contract_test_is_fifteen_lines(contract):
    """As long as the page promises, blank lines aside."""
    assert len([line for line in contract.splitlines() if line]) <= 15


@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["in one process", "with workers"])
def test_the_contract_test_passes(run, arguments):
    """Nothing to configure: the plugin is found by its entry point, in one process and in the workers of xdist."""
    ran = run(*arguments)
    assert (ran.code, ran.counts("2 passed")) == (0, True), ran.text


def test_the_pages_are_in_the_wheel(installed):
    """Templates, style sheet and script are installed beside the modules that use them, each of them."""
    ours, theirs = ROOT / "sandbox" / "hub", installed.site / "sandbox" / "hub"
    files = [path.relative_to(ours) for path in ours.rglob("*") if path.suffix in {".html", ".css", ".js", ".svg"}]
    assert len(files) > 15 and [file for file in files if not (theirs / file).exists()] == []


@pytest.mark.parametrize(("name", "imported"), [("sandbox", False), ("sandbox", True), ("ca", False)])
def test_a_folder_of_their_own_that_hides_ours_is_named(run, tmp_path, name, imported):
    """Tests that use the fixture say which folder hides ours, and nothing else; all others are not touched."""
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("THEIRS = True\n")
    (tmp_path / name / "plugin.py").write_text("")
    (tmp_path / "conftest.py").write_text(f"from {name} import THEIRS\n" if imported else "")
    ran = run()
    assert (ran.code, ran.counts("1 passed, 1 error")) == (1, True), ran.text
    (said,) = [line for line in ran.text.splitlines() if line.startswith(f"Sandbank's own package '{name}' is hidden")]
    assert f"Python finds {tmp_path / name}." in said
    assert "Traceback" not in ran.text
    assert "sandbank.py:" not in ran.text


def test_what_type_checkers_and_the_store_need_is_in_the_wheel(installed):
    """The marker of typed packages (PEP 561), and the SQL beside the modules."""
    for file in ("ca/py.typed", "sandbox/py.typed", "sandbox/storage/sql/queries.sql", "sandbank.py"):
        assert (installed.site / file).exists()
