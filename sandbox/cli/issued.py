"""``sandbank certificate list``, ``show``, ``bundle``, ``revoke`` and ``release``: what was issued, and its end.

The ways to a certificate are in `certificate`."""

import base64
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ca.errors import REASONS
from sandbox.cli import output
from sandbox.cli.commands import Verb, opened_state
from sandbox.cli.guide import command
from sandbox.cli.options import client_option, common, complete_certificates, option, out_option, provider_option
from sandbox.cli.output import followed, note, printable, put, put_bytes, put_json, put_json_list, put_table, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ca.records import CertificateRecord
    from sandbox.services.state import State

BUNDLE_FORMATS = ("pem", "leaf", "chain", "der", "p12", "p12-legacy", "zip")
MAX_KEY_FILE = 65_536
_HEADING = ("NAME", "CLIENT", "FOR", "STATUS", "UNTIL", "SERIAL")

_wanted = click.argument("certificate", metavar="SERIAL|NAME", shell_complete=complete_certificates)


_whose = client_option(help="Whose it is, where several clients have one of that name.")


@click.command("list", cls=Verb, short_help="What was issued.")
@client_option(help="Only this client's.")
@provider_option()
@common
def list_(client: str | None, provider: str, state: Path, as_json: bool) -> None:
    """List the issued and uploaded certificates, oldest first, with the days left from 28 days before the end."""
    from sandbox.services.certificates import certificate_pages, view

    with opened_state(state) as opened:
        pages = followed(certificate_pages(opened, provider, client))
        now = opened.clock.now()
        if as_json:
            put_json_list("certificates", ([view(record, now) for record in page] for page in pages))
        elif not put_table(_HEADING, (_rows(opened, provider, page, now) for page in pages)):
            new = f"certificate new --client {shlex.quote(client)}" if client else "certificate new"
            note(f"no certificate has been issued yet; make one: {command(new, state=state, provider=provider)}")


def _rows(state: "State", provider: str, page: "Sequence[CertificateRecord]", now: "datetime") -> list[tuple[str, ...]]:
    """The page as people read it, with the names that clients have now."""
    from sandbox.services.clients import client_names

    names = client_names(state, provider, {record.holder for record in page})
    return [
        (r.name, names.get(r.holder, "(removed)"), r.purpose, r.status(now), _until(r, now), r.serial) for r in page
    ]


@click.command("show", cls=Verb, short_help="One certificate.")
@_wanted
@_whose
@provider_option()
@common
def show(certificate: str, client: str | None, provider: str, state: Path, as_json: bool) -> None:
    """Show a certificate, named by its serial or SHA-256 fingerprint (the beginning will do) or by its name (the newest
    of that name). Where several clients have one of that name, --client says whose."""
    from sandbox.services.certificates import show_certificate, view, view_with_pem
    from sandbox.services.clients import client_names

    with opened_state(state) as opened:
        record = show_certificate(opened, provider, certificate, client=client or "")
        names, now = client_names(opened, provider, [record.holder]), opened.clock.now()
    if as_json:
        put_json(view_with_pem(record, now))
        return
    facts = {**view(record, now), "client": names.get(record.holder, f"{record.holder} (removed)")}
    rows = [(name.replace("_", " "), str(said)) for name, said in facts.items() if said not in (None, "")]
    put(*map(printable, table(rows)))


@click.command("bundle", cls=Verb, short_help="A certificate as the file that a program wants.")
@_wanted
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
@_whose
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


@click.command("revoke", cls=Verb, short_help="Refuse a certificate for good.")
@_wanted
@option(
    "--reason",
    type=click.Choice(tuple(REASONS)),
    default="unspecified",
    show_default=True,
    metavar="REASON",
    help=f"Why (RFC 5280 section 5.3.1): {', '.join(REASONS)}.",
)
@_whose
@provider_option()
@common
def revoke(certificate: str, reason: str, client: str | None, provider: str, state: Path, as_json: bool) -> None:
    """Refuse a certificate from now on, for good, also at a running server.

    \b
    sandbank certificate revoke laptop --reason keyCompromise

    Name it as in certificate show. It no longer counts among the client's active certificates.
    """
    _end(certificate, reason, client, provider, state, as_json)


@click.command("release", cls=Verb, short_help="Give up a certificate that is no longer used.")
@_wanted
@_whose
@provider_option()
@common
def release(certificate: str, client: str | None, provider: str, state: Path, as_json: bool) -> None:
    """Give up a certificate that is no longer used: revoke it with the reason cessationOfOperation."""
    _end(certificate, "cessationOfOperation", client, provider, state, as_json)


def _end(certificate: str, reason: str, client: str | None, provider: str, state: Path, as_json: bool) -> None:
    from sandbox.services.certificates import revoke, view

    with opened_state(state) as opened:
        record = revoke(opened, provider, certificate, reason=reason, client=client or "")
        now = opened.clock.now()
    if as_json:
        put_json(view(record, now))
    note(printable(f"{record.name} is refused from now on: serial {record.serial}, {reason}"))


def _until(record: "CertificateRecord", now: "datetime") -> str:
    """The date of its end; near it, also how far away that is."""
    from ca.records import days_left, notice

    day = f"{record.not_after:%Y-%m-%d}"
    if notice(record, now) is None:
        return day
    left = days_left(record, now)
    return f"{day}, {'today' if left == 0 else '1 day' if left == 1 else f'{left} days'}"
