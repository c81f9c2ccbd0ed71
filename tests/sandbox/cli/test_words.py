"""What must not mislead whoever types: status and stop, help, GitHub's form, the README's first block."""

import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from sandbox.cli.environment import github_line
from sandbox.journal.reader import fold
from sandbox.services.doors import server_of
from sandbox.storage.folder import Folder, hold_alone, hold_as_server
from tests.sandbox.cli.running import ROOT, environment, sandbank, started


def test_help_by_every_word_for_it() -> None:
    """`-h`, `help` and `--help` show the same; further words are not in the way."""
    shown = sandbank("certificate", "sign", "--help").text
    assert shown == sandbank("certificate", "sign", "-h").text == sandbank("help", "certificate", "sign").text
    assert shown == sandbank("help", "certificate", "sign", "FILE").text
    assert sandbank("help").text == sandbank("-h").text and sandbank("help", "sgn").code == 2


def test_the_nearest_command_is_named() -> None:
    """By its beginning or its spelling; nothing is made up for a word that is like none."""
    assert "Did you mean certificate?" in sandbank("cert").err
    assert "Did you mean journal?" in sandbank("jurnal").err
    assert "Did you mean" not in sandbank("xyzzy").err


def test_the_module_is_the_command() -> None:
    """`python -m sandbank`, from any folder."""
    command = [sys.executable, "-m", "sandbank", "--version"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.startswith("sandbank")


def test_status_and_stop_without_a_server(here: Path) -> None:
    """Exit code 1, and the command that starts one."""
    said = sandbank("status")
    assert said.code == 1 and "does not run" in said.text and said.err.endswith("start one: sandbank serve\n")
    assert sandbank("status", "--json").json["answers"] is False and sandbank("stop").code == 1
    assert sandbank("status", "--state", "other").code == 3


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such locks")
def test_stop_ends_a_server_and_nothing_else(here: Path) -> None:
    """The process that has the lock, and that says that it is a server; not a program that has a sandbox in it."""
    folder = Folder(path=here / ".sandbank")
    for take in (partial(hold_as_server, what="program"), hold_alone):
        hold = take(folder)
        found = server_of(here / ".sandbank")
        assert found is not None and (found.pid, found.serves, found.here) == (os.getpid(), False, True)
        assert sandbank("stop").code == 3
        hold.let_go()
    with started("serve", "--port-base", "0", "--ready-file", "ready.json", "--quiet") as process:
        assert sandbank("wait", "--ready-file", "ready.json", "--timeout", "20").code == 0
        said = sandbank("status", "--json")
        assert said.code == 0 and said.json["pid"] == process.pid and said.json["doors"]["wise"]["mtls"]
        assert said.json["hub"] == f"{said.json['control']}/"
        assert sandbank("stop", "--json").json == {"stopped": process.pid}
        assert process.wait(10) == 0 and server_of(here / ".sandbank") is None


def test_github_gets_lines_and_a_masked_secret(here: Path) -> None:
    """The lines on standard output, for the file; the mask on standard error, for the log."""
    said = sandbank("client", "env", "demo", "--format", "github")
    variables = dict(line.split("=", 1) for line in said.text.splitlines())
    assert f"::add-mask::{variables['WISE_CLIENT_SECRET']}\n" in said.err
    assert github_line("A", "one\ntwo END") == "A<<END_\none\ntwo END\nEND_"


def test_the_readmes_first_block_can_be_run_again(here: Path, csr: bytes, bad_csr: bytes) -> None:
    """No name that is taken, and a refused CSR leaves the certificate that is there."""
    (block,) = re.findall(r"<!-- run -->\n```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)[:1]
    (line,) = (line for line in block.splitlines() if line.startswith("sandbank certificate sign "))
    words = line.split()[1:]
    Path(words[2]).write_bytes(csr)
    assert sandbank(*words).code == sandbank(*words).code == 0
    there = Path(words[-1]).read_bytes()
    Path(words[2]).write_bytes(bad_csr)
    assert sandbank(*words).code == 1 and Path(words[-1]).read_bytes() == there
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    for name in re.findall(r"(?:-keyout|-out|--out|>) (\S+)", block):
        assert f"/*{Path(name).suffix}" in ignored


def test_nothing_is_folded_within_a_word_or_a_command() -> None:
    """A command that is wider than the terminal has a line of its own."""
    text = f"take another; or: sandbank certificate new --client {'a' * 60} --purpose signature; then a-word-of-parts"
    lines = fold(text, 40, first="next: ", hang="  ")
    assert lines[0] == "next: take another; or:" and lines[1].startswith("  sandbank") and lines[1].endswith(";")
    assert " ".join(line.strip() for line in lines) == f"next: {text}"
