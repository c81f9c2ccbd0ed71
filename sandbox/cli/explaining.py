"""``sandbank explain``: a row of the table of causes, or all of them."""

from dataclasses import asdict
from pathlib import Path

import click

from sandbox.cli.commands import Verb
from sandbox.cli.guide import reader
from sandbox.cli.options import common, complete_causes, option
from sandbox.cli.output import folded, put, put_json, table


@click.command("explain", cls=Verb, short_help="What the code of a refusal means.")
@click.argument("code", required=False, shell_complete=complete_causes)
@option("--list", "listed", is_flag=True, help="Every code and what it means.")
@common
def explain(code: str | None, listed: bool, state: Path, as_json: bool) -> None:
    """Explain the code of a refusal, and what to do about it.

    \b
    sandbank explain tls.certificate_missing
    sandbank explain --list

    You find codes in the server's output, in the journal and in the x-sandbank-cause header of a reply.
    """
    from sandbox.journal import causes

    if listed == (code is not None):
        raise click.UsageError("give either the CODE of a refusal or --list")
    if listed and as_json:
        put_json({"causes": [asdict(cause) for cause in causes.CAUSES.values()]})
    elif listed:
        put(*table([(cause.code, cause.meaning) for cause in causes.CAUSES.values()]))
    else:
        found = causes.explain(code or "")
        step = reader(state).step(found.next)
        if as_json:
            put_json({**asdict(found), "next": step})
        else:
            put(found.code, *folded(found.meaning), *folded(step, first="next: ", hang="  "))
