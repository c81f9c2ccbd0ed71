"""What a command says where there is no sandbox, or another one has the ports: which one answers there, and how to work
on that.

It is asked only after the failure, for a moment, and nothing is sent but the question."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from sandbox.cli.failed import Failed
from sandbox.cli.guide import own_name, quoted
from sandbox.cli.ready import answer
from sandbox.errors import PortTaken, StateMissing
from sandbox.settings import PORT_BASE

ASK_SECONDS = 0.3
"""A server on this machine answers within a hundredth; whoever waits has only mistyped."""
USUAL = f"http://127.0.0.1:{PORT_BASE}"
_SECRETS = ("--secret", "--password", "--key-password", "--control-token", "--database", "--set", "--body")
"""Options whose values are not repeated: what a command says may end in a log."""
_REMOVING = "state reset"


def missing(error: StateMissing, failed: Failed) -> tuple[str, str]:
    """What is wrong, and the next step."""
    said = answer(USUAL, ASK_SECONDS, path="/api/state")
    folder = said.get("folder") if isinstance(said, dict) else None
    if isinstance(folder, str) and folder and failed.command != _REMOVING:
        there = Path(folder)
        if there != failed.state.absolute():
            return f"{error.detail}; the server on {USUAL} works on {folder}", _again(failed, there)
        return f"{error.detail}: it was removed under the server on {USUAL}", "stop that server and start it again"
    return error.detail, failed.step(error.advice())


_CONTROL = re.compile(r"port (\d+) of the control door is in use")


def taken(error: PortTaken, failed: Failed) -> tuple[str, str]:
    """What is wrong where a port is taken, and the next step: of a sandbox that has it the folder is named."""
    found = _CONTROL.match(error.detail)
    said = answer(f"http://127.0.0.1:{found[1]}", ASK_SECONDS, path="/api/state") if found else None
    folder = said.get("folder") if isinstance(said, dict) else None
    if not isinstance(folder, str) or not folder:
        return error.detail, failed.step(error.advice())
    stop = f"{own_name()} stop --state {quoted(Path(folder))}"
    return (
        f"{error.detail} by the server that works on {folder}",
        f"stop it: {stop}; or choose other ports with --port-base N (0: any free)",
    )


def _again(failed: Failed, there: Path) -> str:
    """The same command for the other folder."""
    place = f"--state {quoted(there)}"
    if any(word.partition("=")[0] in _SECRETS for word in failed.words):
        return f"the same command with {place}"
    rest = _without_state(failed.words)[len(failed.command.split()) :]
    return " ".join((own_name(), failed.command, place, *map(shlex.quote, rest)))


def _without_state(words: Sequence[str]) -> list[str]:
    left = list(words)
    while "--state" in left:
        del left[left.index("--state") : left.index("--state") + 2]
    return [word for word in left if not word.startswith("--state=")]
