"""``sandbank certificate bundle``: a certificate as a file, and how that file is written."""

import base64
from pathlib import Path

import click

from sandbox.cli import output
from sandbox.cli.commands import Verb, opened_state
from sandbox.cli.completing import complete_certificates
from sandbox.cli.options import client_option, common, option, provider_option
from sandbox.cli.output import put_bytes, put_json
from sandbox.cli.signing import out_option

BUNDLE_FORMATS = ("pem", "leaf", "chain", "der", "p12", "p12-legacy", "zip")
MAX_KEY_FILE = 65_536


@click.command("bundle", cls=Verb, short_help="A certificate as the file that a program wants.")
@click.argument("certificate", metavar="SERIAL|NAME", shell_complete=complete_certificates)
@option(
    "--format",
    type=click.Choice(BUNDLE_FORMATS),
    default="pem",
    show_default=True,
    metavar="FORM",
    help="pem: with the issuing CA; leaf: without; chain: the CAs above it; der: binary; p12: with key and chain "
    "(PKCS#12); p12-legacy: the same for old Java and Windows; zip: everything, with a page of examples.",
)
@option("--key", type=click.Path(path_type=Path), metavar="FILE", help="Its private key. [certificate new's]")
@option("--key-password", default="", metavar="PASSWORD", help="Password of an encrypted --key file.")
@option("--password", default="changeit", show_default=True, help="Password of the p12 file.")
@out_option
@client_option(help="Whose it is, where several clients have one of that name.")
@provider_option()
@common
def bundle(
    certificate: str,
    format: str,
    key: Path | None,
    key_password: str,
    password: str,
    out: Path | None,
    client: str | None,
    provider: str,
    state: Path,
    as_json: bool,
) -> None:
    """Write a certificate in the form that a program wants. Name it as in certificate show.

    \b
    sandbank certificate bundle laptop > sandbox-CERTIFICATE.pem
    sandbank certificate bundle laptop --format p12 \\
      --key sandbox-PRIVATE-KEY.key --out keystore.p12
    sandbank certificate bundle laptop --format zip --out laptop.zip

    Only p12 and zip contain a private key: the one that certificate new left in the state, or the --key that you
    name, which is not stored.
    """
    from sandbox.services.bundling import WITH_KEY, Given, bundle_with_key

    if out is not None:
        output.may_write(out)
    data = (
        output.read(str(key), limit=MAX_KEY_FILE, missing="give the key that you made: --key FILE")
        if key and format in WITH_KEY
        else None
    )
    given = Given(key=data, password=key_password)
    with opened_state(state) as opened:
        made = bundle_with_key(
            opened, provider, certificate, format=format, password=password, given=given, client=client or ""
        )
    hand_over(made.data, out, format=format, as_json=as_json, private=made.private)


def hand_over(data: bytes, out: Path | None, *, format: str, as_json: bool, private: bool = False) -> None:
    """A file's content to where it was asked for. *private*: a key is in it, the file is for its owner's eyes only."""
    if out is not None:
        output.write(out, data, private=private)
    if as_json:
        said = {"text": data.decode("ascii")} if data.isascii() else {"base64": base64.b64encode(data).decode("ascii")}
        put_json({"format": format, **said})
    elif out is None:
        put_bytes(data)
