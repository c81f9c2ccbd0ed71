"""What a command says when it fails, and its exit code: for people one or two lines, for programs JSON.

Exit codes: 0 done, 1 refused or not found, 2 usage, 3 environment, 130 interrupted."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace

import click

from ca.errors import AuthorityError, NotIssued, Refusal
from sandbox.cli.failed import Failed
from sandbox.cli.output import folded, give_up_output, say
from sandbox.errors import PortTaken, Refused, SandbankError, SeedRefused, StateMissing


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
        from sandbox.cli.elsewhere import missing

        _error(error.code, *missing(error, failed), failed.as_json)
    elif isinstance(error, PortTaken):
        from sandbox.cli.elsewhere import taken

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
    from sandbox.cli.guide import own_name

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
