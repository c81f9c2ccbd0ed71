"""``sandbank ca``: the certificates to trust, in the forms that programs want; the authority itself is `ca`'s."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.cli import output
from sandbox.cli.commands import Verb, opened_state
from sandbox.cli.issued import hand_over
from sandbox.cli.options import common, option, out_option

if TYPE_CHECKING:
    from sandbox.services.state import State

CA_FORMATS = ("pem", "der", "p12")


@click.command("ca", cls=Verb, short_help="The CA certificate to trust.")
@option("--clients", is_flag=True, help="The root of the clients' certificates. Nobody needs to trust it.")
@option("--webhooks", is_flag=True, help="The CA that a webhook receiver trusts: it issued the senders' certificates.")
@option("--production", is_flag=True, help="The root above the providers' live names (serve --production-names).")
@option("--crl", is_flag=True, help="The CRLs of the clients' certificates, in PEM.")
@option("--format", type=click.Choice(CA_FORMATS), default="pem", show_default=True, help="p12: a Java trust store.")
@option("--password", default="changeit", show_default=True, help="Password of the p12 file.")
@out_option
@common
def ca(
    clients: bool,
    webhooks: bool,
    production: bool,
    crl: bool,
    format: str,
    password: str,
    out: Path | None,
    state: Path,
    as_json: bool,
) -> None:
    """Print the CA certificate that your programs must trust: "Get Wise Certificate" in Wise's guide.

    \b
    sandbank ca > wise.ca-certificate.sandbox.pem
    sandbank ca --format p12 --out truststore.p12
    sandbank ca --crl > revoked.pem
    sandbank ca --webhooks > webhooks-ca.pem      (for your server)
    sandbank ca --production > production.pem     (after serve --production-names)

    Trust it in programs under test only, never in a browser or an operating system.
    """
    if crl and format != "pem":
        raise click.UsageError("--crl writes several CRLs; only --format pem can hold them")
    if sum((clients, webhooks, production, crl)) > 1:
        raise click.UsageError("give only one of --clients, --webhooks, --production and --crl")
    if out is not None:
        output.may_write(out)
    with opened_state(state) as opened:
        which = {"clients": clients, "webhooks": webhooks, "production": production}
        data = _crls(opened) if crl else _root(opened, which, format, password)
    hand_over(data, out, format=format, as_json=as_json)


def _root(state: "State", which: dict[str, bool], format: str, password: str) -> bytes:
    from sandbox.services.authority import ca_certificate

    return ca_certificate(state, **which, format=format, password=password)


def _crls(state: "State") -> bytes:
    from sandbox.services.authority import client_crls

    return client_crls(state)
