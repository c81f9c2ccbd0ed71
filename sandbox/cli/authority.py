"""``sandbank ca``: the certificates to trust, in the forms that programs want; the authority itself is `ca`'s."""

from pathlib import Path

import click

from sandbox.cli import files
from sandbox.cli.bundle import hand_over
from sandbox.cli.commands import Verb, opened_state
from sandbox.cli.options import common, option
from sandbox.cli.signing import out_option

CA_FORMATS = ("pem", "der", "p12")


@click.command("ca", cls=Verb, short_help="The CA certificate to trust.")
@option("--clients", is_flag=True, help="The root above the clients' certificates. Nobody needs to trust it.")
@option("--format", type=click.Choice(CA_FORMATS), default="pem", show_default=True, help="p12: a Java trust store.")
@option("--password", default="changeit", show_default=True, help="Password of the p12 file.")
@out_option
@common
def ca(clients: bool, format: str, password: str, out: Path | None, state: Path, as_json: bool) -> None:
    """Print the CA certificate that your programs have to trust: "Get Wise Certificate" in Wise's guide.

    \b
    sandbank ca > wise.ca-certificate.sandbox.pem
    sandbank ca --format p12 --out truststore.p12

    Trust it in programs under test only, never in a browser or an operating system.
    """
    from sandbox.errands.authority import ca_certificate

    if out is not None:
        files.may_write(out)
    with opened_state(state, make_new=True) as opened:
        data = ca_certificate(opened, clients=clients, format=format, password=password)
    hand_over(data, out, format=format, as_json=as_json)
