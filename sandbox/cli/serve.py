"""``sandbank serve``: the options of a server. What it does and says is in `serving`."""

from pathlib import Path

import click

from sandbox.cli.commands import Verb
from sandbox.cli.options import common, database_of, option
from sandbox.errors import Misuse
from sandbox.settings import LOOPBACK, PORT_BASE, Settings

LOG_FORMATS = ("text", "json")


@click.command("serve", cls=Verb, short_help="Open the doors.")
@option(
    "--port-base",
    type=int,
    default=PORT_BASE,
    show_default=True,
    metavar="N",
    help="The control door listens on N, the authority's on N + 1, the providers' on N + 2 and up. 0: any free ports.",
)
@option(
    "--bind", multiple=True, default=LOOPBACK, metavar="ADDRESS", help="Address of the doors; repeatable. [loopback]"
)
@option(
    "--front",
    default="",
    metavar="PORTS",
    help="Ports at which the doors answer under the providers' own host names, such as 443,8443. A client then needs "
    "an entry in /etc/hosts and nothing else.",
)
@option(
    "--production-names",
    is_flag=True,
    help="Also answer to the providers' live host names, under a root of their own: sandbank ca --production. Trust "
    "that root nowhere but in the program under test.",
)
@option(
    "--server-name", multiple=True, metavar="HOST", help="Another name by which clients reach the doors; repeatable."
)
@option(
    "--control-bind",
    multiple=True,
    default=LOOPBACK,
    metavar="ADDRESS",
    help="Address of the control door; repeatable. Beyond loopback it needs a token. [loopback]",
)
@option("--control-token", default="", metavar="TOKEN", help="Token that calls of the control door must then carry.")
@option(
    "--authority-url",
    default="",
    metavar="URL",
    help="URL of CRL and OCSP responder in client certificates. [the authority's door, N + 1]",
)
@option(
    "--workers",
    type=int,
    default=1,
    show_default=True,
    metavar="N",
    help="Processes that share the doors and the state, to use more than one core. Not on Windows.",
)
@option(
    "--webhook-allow",
    multiple=True,
    metavar="HOST",
    help="Private host that may receive webhooks when doors listen beyond loopback: a name, an address or a network; "
    "repeatable.",
)
@option(
    "--ready-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Written when every door answers, removed at the stop: URLs, CA file, clients, known secrets, as JSON.",
)
@option(
    "--seed",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Seed file with clients, keys and rows (sandbank.toml); applied before the doors open.",
)
@option("--quiet", is_flag=True, help="Print warnings and errors only.")
@option(
    "--log-format",
    type=click.Choice(LOG_FORMATS),
    default="text",
    show_default=True,
    help="json: an object per line; the first one has the doors' URLs.",
)
@option(
    "--handshake-seconds",
    type=float,
    default=10.0,
    show_default=True,
    metavar="S",
    help="Time limit for a TLS handshake, a call's head and its body, each.",
)
@common
def serve(
    port_base: int,
    bind: tuple[str, ...],
    front: str,
    production_names: bool,
    server_name: tuple[str, ...],
    control_bind: tuple[str, ...],
    control_token: str,
    authority_url: str,
    workers: int,
    webhook_allow: tuple[str, ...],
    ready_file: Path | None,
    seed: Path | None,
    quiet: bool,
    log_format: str,
    handshake_seconds: float,
    state: Path,
    as_json: bool,
) -> None:
    """Open the doors (the listening addresses). Makes the state if there is none; Ctrl-C stops it.

    \b
    sandbank serve
    sandbank serve --port-base 0 --ready-file ready.json --quiet
    sandbank serve --seed sandbank.toml
    sandbank serve --workers 2
    sandbank serve --bind 0.0.0.0 --server-name sandbank.internal
    sandbank serve --front 443,8443 --port-base 9440
    sandbank serve --front 443,8443 --port-base 9440 --production-names

    The second is for a CI job, which then goes on with `sandbank wait`; the third begins with the clients and rows of
    a file, the fourth has a process for each core, the fifth is for other machines, the sixth serves at the
    providers' own sandbox host names, and the last at their live ones as well.
    """
    settings = Settings(
        state=state,
        database=database_of(click.get_current_context()),
        port_base=port_base,
        bind=bind,
        front=_ports(front),
        production_names=production_names,
        control_bind=control_bind,
        control_token=control_token,
        server_names=server_name,
        authority_url=authority_url,
        handshake_seconds=handshake_seconds,
        workers=workers,
        webhook_allow=webhook_allow,
    )
    from sandbox.cli.serving import Telling, serve_until_stopped

    telling = Telling(quiet=quiet, as_json=as_json or log_format == "json", ready_file=ready_file)
    serve_until_stopped(settings, telling, seed=seed)


def _ports(text: str) -> tuple[int, ...]:
    """``443,8443`` as ports. Raises Misuse."""
    try:
        return tuple(int(word) for word in text.split(",") if word.strip())
    except ValueError:
        raise Misuse(f"{text[:60]!r} are no ports", next_step="write them as: --front 443,8443") from None
