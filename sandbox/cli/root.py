"""The root of the command line, and where each command is found: a command is imported when it is called, so that help
and completion are quick."""

import click

from sandbox.cli.commands import EPILOG, WIDTH, Later, Root
from sandbox.cli.output import put


def _version(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        put(f"sandbank {version('sandbank')}")
    except PackageNotFoundError:
        put("sandbank, not installed")
    ctx.exit()


@click.group(
    cls=Root,
    name="sandbank",
    invoke_without_command=True,
    context_settings={"max_content_width": WIDTH, "help_option_names": ["-h", "--help"]},
    epilog=EPILOG,
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
@click.pass_context
def root(ctx: click.Context) -> None:
    """Sandbank stands in for payment providers, offline, with a real certificate authority inside.

    Not for real money, not for real trust.

    \b
    sandbank serve                            opens the doors
    sandbank certificate sign FILE --name A   signs a CSR, as the provider does
    sandbank ca                               the CA that your programs must trust
    sandbank client env demo                  URLs, id and secret of a client
    sandbank journal --refused --explain      why you were refused

    Results go to standard output, everything else to standard error. With --json an error is an object on standard
    error too: {"error": {"code", "detail", "next"}}, or for a CSR {"refusals": [{"code", "detail", "seen", "expected",
    "rule", "next"}]}.

    Exit codes: 0 done, 1 refused or not found, 2 wrong usage, 3 environment (port taken, state locked or newer,
    permission denied), 130 interrupted.
    """
    if ctx.invoked_subcommand is None:
        put(ctx.get_help())


root.commands = Later(
    {
        "serve": "serve",
        "status": "status",
        "stop": "status",
        "wait": "waiting",
        "hub": "hub",
        "tour": "tour",
        "client": "client",
        "certificate": "certificate",
        "key": "key",
        "resource": "resource",
        "calls": "calls",
        "seed": "state",
        "webhook": "webhook",
        "ca": "authority",
        "journal": "journal",
        "explain": "explaining",
        "clock": "clock",
        "state": "state",
        "completion": "completion",
        "help": "helping",
    }
)
