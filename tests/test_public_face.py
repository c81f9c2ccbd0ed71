"""`from sandbank import Sandbox`: exact, lazy, and clear about a hidden package."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sandbank

ROOT = Path(__file__).parents[1]


def run(code: str, *, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["", str(ROOT)])}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("name", sandbank.__all__)
def test_every_public_name_is_there(name):
    """What `__all__` promises can be imported, and is what it is called."""
    assert getattr(sandbank, name).__name__ == name


def test_another_name_is_not():
    """A misspelt name is an AttributeError like any other module's."""
    with pytest.raises(AttributeError, match="Sandbx"):
        _ = sandbank.Sandbx


@pytest.mark.parametrize("hidden", ["sandbox", "ca"])
def test_a_folder_that_hides_ours_is_named(tmp_path, hidden):
    """A user's own folder of the same name is said to be the reason, with its place; without it all is well."""
    (tmp_path / hidden).mkdir()
    (tmp_path / hidden / "__init__.py").write_text("")
    code = "import sandbank; sandbank.Sandbox"
    said = run(code, cwd=tmp_path)
    assert said.returncode == 1
    last = said.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: Sandbank's own package")
    assert str(tmp_path / hidden) in last
    (tmp_path / "elsewhere").mkdir()
    assert run(code, cwd=tmp_path / "elsewhere").returncode == 0


@pytest.mark.parametrize(
    "hiding",
    [
        "open('sandbox.py', 'w').close()",
        "import os; os.mkdir('sandbox'); [open(f'sandbox/{n}.py', 'w').close() for n in ('__init__', 'embed')]",
        "import sys, types; sys.modules['sandbox'] = types.ModuleType('sandbox')",
    ],
    ids=["a file", "a folder with a module of the same name", "a module made by hand"],
)
def test_whatever_hides_ours_is_said(tmp_path, hiding):
    """Also when it is no folder, and when the import itself succeeds but finds nothing of ours."""
    said = run(f"{hiding}; import sandbank; sandbank.Sandbox", cwd=tmp_path)
    last = said.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: Sandbank's own package 'sandbox' is hidden"), said.stderr


def test_another_fault_keeps_its_own_words(tmp_path):
    """A dependency that is missing is not blamed on a folder."""
    said = run("import sys; sys.modules['cryptography'] = None; import sandbank; sandbank.Sandbox", cwd=tmp_path)
    assert "cryptography" in said.stderr.strip().splitlines()[-1]
    assert "hidden" not in said.stderr.strip().splitlines()[-1]
