import sys
from pathlib import Path

import pytest

from sandbox.cli import guide


def made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_a_command_on_the_path_is_called_by_its_name(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the guide's reader will type it."""
    program = made(nowhere / "bin" / "sandbank")
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setattr(sys, "argv", [str(program)])
    assert guide.command("ca") == "sandbank ca"


def test_a_command_beside_the_path_is_called_by_its_place(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`scripts/serve` runs the one in .venv; the second terminal does not find that by its name."""
    program = made(nowhere / ".venv" / "bin" / "sandbank")
    monkeypatch.setenv("PATH", str(nowhere))
    monkeypatch.setattr(sys, "argv", [str(program)])
    assert guide.sign(Path(".sandbank")).startswith(".venv/bin/sandbank certificate sign ")


def test_a_module_is_called_as_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m sandbank`, and its longer name."""
    monkeypatch.setattr(sys, "argv", [str(Path(guide.__file__).with_name("__main__.py"))])
    assert guide.command("ca").endswith(" -m sandbank ca")


def test_a_command_names_what_is_unusual(nowhere: Path) -> None:
    """Another state, another provider; paths from here, and quoted."""
    assert guide.command("ca", state=nowhere / "my state", provider="other").endswith(
        " ca --provider other --state 'my state'"
    )
    assert guide.quoted(Path("/elsewhere/ca.pem")) == "/elsewhere/ca.pem"
