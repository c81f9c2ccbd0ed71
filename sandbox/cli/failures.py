"""What a command says when it fails, and its exit code: for people one or two lines, for programs JSON.

Next steps are made for whoever typed the command. Where there is no sandbox, or another one has the ports, the control
door is asked, for a moment, which one answers there; nothing is sent but the question.

Exit codes: 0 done, 1 refused or not found, 2 usage, 3 environment, 130 interrupted."""

import json
import os
import re
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click

from ca.errors import AuthorityError, NotIssued, Refusal
from sandbox.cli.guide import own_name, quoted, reader
from sandbox.cli.options import DEFAULT_PROVIDER, DEFAULT_STATE, variable
from sandbox.cli.output import folded, give_up_output, say
from sandbox.cli.ready import answer
from sandbox.errors import PortTaken, Refused, SandbankError, SeedRefused, StateMissing
from sandbox.journal.reader import NEW
from sandbox.settings import PORT_BASE

ASK_SECONDS = 0.3
"""A server on this machine answers within a hundredth; whoever waits has only mistyped."""
USUAL = f"http://127.0.0.1:{PORT_BASE}"
_SECRETS = ("--secret", "--password", "--key-password", "--control-token", "--database", "--set", "--body")
"""Options whose values are not repeated: what a command says may end in a log."""
_REMOVING = "state reset"


def wants_json(args: Sequence[str]) -> bool:
    """Whether errors must be JSON. Reads the raw arguments, because some errors come before the options are read."""
    words = args[: args.index("--")] if "--" in args else args
    said = os.environ.get(variable("--json"), "").strip().lower()
    return "--json" in words or said in ("1", "true", "t", "yes", "y", "on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The command that failed, as far as it was understood: next steps are made for it."""

    words: Sequence[str] = ()
    """As they were typed, without the program."""
    command: str = ""
    """Which command it is: ``certificate sign``."""
    state: Path = DEFAULT_STATE
    client: str = ""
    provider: str = ""
    file: str = ""
    """The file that it was to read."""

    @property
    def as_json(self) -> bool:
        return wants_json(self.words)

    def step(self, said: str) -> str:
        """A next step that can be run as it stands: with the file, client, provider and state of this command."""
        said = self._with_file(said)
        if "sandbank" not in said and NEW not in said:
            return said
        from sandbox.journal.causes import for_client, with_provider

        other = "" if self.provider == DEFAULT_PROVIDER else self.provider
        return reader(self.state).step(with_provider(for_client(said, self.client), other))

    def _with_file(self, said: str) -> str:
        """Commands that read a file read this one. Standard input has no name, and what they write is not read."""
        if self.file in ("", "-") or Path(self.file).name.startswith("clean."):
            return said
        return _READ.sub(lambda found: f"{found[1]}{quoted(Path(self.file))}", said)


_READ = re.compile(
    r"(certificate (?:sign|upload) |< |-in |-inform DER -in |cp |puttygen |keystore |-f |--data-binary @)"
    r"(?:FILE|sandbox-certificate-request\.csr|sandbox-CERTIFICATE\.pem)(?![\w.])"
)
"""Where a command reads what the tables call FILE, or by the name that the providers' guides give it."""


def report(error: Exception, failed: Failed) -> int:
    """Say what went wrong; the exit code that goes with it."""
    if isinstance(error, BrokenPipeError):
        give_up_output()
        return 1
    if isinstance(error, Refused | NotIssued):
        reasons = error.refusals if isinstance(error, NotIssued) else error.reasons
        if reasons[0].detail:
            _refusals(reasons, failed)
        else:
            _refused(reasons[0], failed)
        return error.exit_code if isinstance(error, Refused) else 1
    if isinstance(error, SeedRefused):
        _seed(error, failed)
    elif isinstance(error, StateMissing):
        _error(error.code, *_missing(error, failed), failed.as_json)
    elif isinstance(error, PortTaken):
        _error(error.code, *taken(error, failed), failed.as_json)
    elif isinstance(error, SandbankError):
        _error(error.code, error.detail, failed.step(error.advice()), failed.as_json)
    elif isinstance(error, AuthorityError):
        from sandbox.journal.causes import CAUSES

        _error(error.code, str(error), failed.step(CAUSES[error.code].next), failed.as_json)
    else:
        _fault(error, failed)
    return error.exit_code if isinstance(error, SandbankError) else 1


def report_usage(error: click.ClickException, *, as_json: bool) -> int:
    """A command that was not understood."""
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    path = ctx.command_path if ctx else "sandbank"
    detail = " ".join(error.format_message().split())
    meant = " ".join(filter(None, (path.removeprefix("sandbank").strip(), getattr(error, "meant", ""), "--help")))
    _error("sandbank.usage", detail, f"{own_name()} {meant}", as_json, who=path)
    return error.exit_code


def _error(code: str, detail: str, advice: str, as_json: bool, *, who: str = "sandbank") -> None:
    if as_json:
        say(json.dumps({"error": {"code": code, "detail": detail, "next": advice}}, ensure_ascii=False))
        return
    say(*folded(_on_one_line(detail), first=f"{who}: ", hang="  "))
    say(*folded(_on_one_line(advice), first="next: ", hang="  ") if advice else ())


def _on_one_line(text: str) -> str:
    return " ".join(text.splitlines())


def _refusals(refusals: Sequence[Refusal], failed: Failed) -> None:
    told = [replace(refusal, next=failed.step(refusal.next)) for refusal in refusals]
    if failed.as_json:
        say(json.dumps({"refusals": [asdict(refusal) for refusal in told]}, ensure_ascii=False))
        return
    broken = "one rule is broken" if len(told) == 1 else f"{len(told)} rules are broken"
    say(f"sandbank: refused, {broken} and nothing was done")
    for refusal in told:
        say(*folded(refusal.detail, first=f"  {refusal.code}: ", hang="    "))
        rows = (("seen", refusal.seen), ("expected", refusal.expected), ("rule", refusal.rule), ("next", refusal.next))
        for name, said in rows:
            say(*folded(said, first=f"    {name:<8}  ", hang=" " * 14) if said else ())


def _seed(error: SeedRefused, failed: Failed) -> None:
    """Every problem of the file on a line of its own; for programs a list beside the usual three."""
    advice = failed.step(error.advice())
    problems = [failed.step(problem) for problem in error.problems]
    if failed.as_json:
        said = {"code": error.code, "detail": error.detail, "next": advice, "problems": problems}
        say(json.dumps({"error": said}, ensure_ascii=False))
        return
    many = "one problem" if len(error.problems) == 1 else f"{len(error.problems)} problems"
    say(*folded(f"sandbank: {error.file} has {many}", hang="  "))
    for problem in problems:
        say(*folded(_on_one_line(problem), first="  ", hang="    "))
    say(*folded(_on_one_line(advice), first="next: ", hang="  "))


def _refused(reason: Refusal, failed: Failed) -> None:
    """The meaning, and what was seen: the same words as the control door."""
    from sandbox.journal.causes import explained

    said = explained(reason)
    meant = f"{said['meaning']} Seen: {said['seen']}; expected: {said['expected']}."
    detail = meant if failed.as_json else f"{reason.code}: {meant}"
    _error(reason.code, detail, failed.step(said["next"]), failed.as_json)


def _fault(error: Exception, failed: Failed) -> None:
    """A fault of our own: one line for the person, the traceback in a file that can be sent to us."""
    from sandbox.services.journal import keep

    kept = keep(error, state=failed.state, doing="a command")
    where = f"please report it with {kept}" if kept else "please report it with the command that you ran"
    _error("sandbank.fault", f"a fault of Sandbank's own: {type(error).__name__}", where, failed.as_json)


def _missing(error: StateMissing, failed: Failed) -> tuple[str, str]:
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
