"""``sandbank hub``: the way into the hub for a browser; what is in it is `sandbox.hub`'s."""

from pathlib import Path

import click

from sandbox.cli.commands import Verb, opened_state
from sandbox.cli.options import common
from sandbox.cli.output import note, put, put_json
from sandbox.errors import NotThere


@click.command("hub", cls=Verb, short_help="The address of the hub, for a browser.")
@common
def hub(state: Path, as_json: bool) -> None:
    """Print a link that opens the hub of a running server in one browser. It works once, within five minutes.

    \b
    sandbank hub

    You need it only if the control door has a token. Else open the address that `serve` prints.
    """
    from sandbox.cli.ready import answer
    from sandbox.services.doors import last_served
    from sandbox.services.visiting import hub_link

    with opened_state(state) as opened:
        served = last_served(opened)
        if not served.url:
            raise NotThere("no server has run over this state yet", next_step="sandbank serve")
        if answer(served.url, authority=served.authority) is None:
            raise NotThere("no server runs over this state, so a link would open nothing", next_step="sandbank serve")
        link = hub_link(opened)
    if as_json:
        put_json({"hub": link})
        return
    put(link)
    note("it works once, within five minutes")
