"""What a command says when it fails, and its exit code: for people one or two lines, for programs JSON.

Exit codes: 0 done, 1 refused or not found, 2 usage, 3 environment, 130 interrupted."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from ca.errors import AuthorityError, NotIssued, Refusal
from sandbox.cli.options import variable
from sandbox.cli.output import give_up_output, printable, say
from sandbox.errors import Refused, SandbankError, SeedRefused

INTERRUPTED = 130


def wants_json(args: Sequence[str]) -> bool:
    """Whether errors must be JSON. Reads the raw arguments, because some errors come before the options are read."""
    words = args[: args.index("--")] if "--" in args else args
    said = os.environ.get(variable("--json"), "").strip().lower()
    return "--json" in words or said in ("1", "true", "t", "yes", "y", "on")


def report(error: Exception, *, as_json: bool, state: Path) -> int:
    """Say what went wrong; the exit code that goes with it."""
    if isinstance(error, BrokenPipeError):
        give_up_output()
        return 1
    if isinstance(error, Refused) and error.reasons[0].detail:
        _refusals(error.reasons, as_json)
        return error.exit_code
    if isinstance(error, NotIssued):
        _refusals(error.refusals, as_json)
        return 1
    if isinstance(error, Refused):
        _refused(error, as_json)
        return error.exit_code
    if isinstance(error, SeedRefused):
        _seed(error, as_json)
        return error.exit_code
    if isinstance(error, SandbankError):
        _error(error.code, error.detail, error.advice(), as_json)
        return error.exit_code
    if isinstance(error, AuthorityError):
        from sandbox.journal.causes import CAUSES

        _error(error.code, str(error), CAUSES[error.code].next, as_json)
        return 1
    _fault(error, as_json, state)
    return 1


def report_usage(error: click.ClickException, *, as_json: bool) -> int:
    """A command that was not understood."""
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    path = ctx.command_path if ctx else "sandbank"
    detail = " ".join(error.format_message().split())
    _error("sandbank.usage", detail, f"{path} --help", as_json, who=path)
    return error.exit_code


def _error(code: str, detail: str, advice: str, as_json: bool, *, who: str = "sandbank") -> None:
    if as_json:
        say(json.dumps({"error": {"code": code, "detail": detail, "next": advice}}, ensure_ascii=False))
        return
    lines = [f"{who}: {detail}", *([f"next: {advice}"] if advice else [])]
    say(*(printable(" ".join(line.splitlines())) for line in lines))


def _refusals(refusals: Sequence[Refusal], as_json: bool) -> None:
    if as_json:
        say(json.dumps({"refusals": [asdict(refusal) for refusal in refusals]}, ensure_ascii=False))
        return
    broken = "one rule is broken" if len(refusals) == 1 else f"{len(refusals)} rules are broken"
    say(f"sandbank: refused, {broken} and nothing was done")
    for refusal in refusals:
        say(printable(f"  {refusal.code}: {refusal.detail}"))
        rows = (("seen", refusal.seen), ("expected", refusal.expected), ("rule", refusal.rule), ("next", refusal.next))
        say(*(printable(f"    {name:<8}  {said}") for name, said in rows if said))


def _seed(error: SeedRefused, as_json: bool) -> None:
    """Every problem of the file on a line of its own; for programs a list beside the usual three."""
    if as_json:
        said = {"code": error.code, "detail": error.detail, "next": error.advice(), "problems": error.problems}
        say(json.dumps({"error": said}, ensure_ascii=False))
        return
    many = "one problem" if len(error.problems) == 1 else f"{len(error.problems)} problems"
    lines = (f"sandbank: {error.file} has {many}", *(f"  {problem}" for problem in error.problems))
    say(*(printable(" ".join(line.splitlines())) for line in (*lines, f"next: {error.advice()}")))


def _refused(error: Refused, as_json: bool) -> None:
    """The meaning, and what was seen: the same words as the control door."""
    from sandbox.journal.causes import explained

    said = explained(error.reasons[0])
    meant = f"{said['meaning']} Seen: {said['seen']}; expected: {said['expected']}."
    _error(error.code, meant if as_json else f"{error.code}: {meant}", said["next"], as_json)


def _fault(error: Exception, as_json: bool, state: Path) -> None:
    """A fault of our own: one line for the person, the traceback in a file that can be sent to us."""
    from sandbox.services.journal import keep

    kept = keep(error, state=state, doing="a command")
    where = f"please report it with {kept}" if kept else "please report it with the command that you ran"
    _error("sandbank.fault", f"a fault of Sandbank's own: {type(error).__name__}", where, as_json)
