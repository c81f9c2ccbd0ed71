"""``sandbank certificate``: ``sign``, ``upload`` and ``new``, the ways to a certificate. `ca` judges and makes it.

The other verbs are in `issued`."""

import re
import shlex
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sandbox.cli import output
from sandbox.cli.commands import Later, Noun, opened_state
from sandbox.cli.guide import NEW_REQUEST, command, curl, quoted, shell_lines
from sandbox.cli.options import DEFAULT_CLIENT, client_option, common, option, out_option, provider_option
from sandbox.cli.output import line_columns, note, printable, put, put_bytes, put_json, table
from sandbox.errors import Refused, SandbankError
from sandbox.services.providers import KEY_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from ca.issuance.issue import IssuedCertificate
    from ca.issuance.profile import Change
    from ca.records import CertificateRecord

SELF_SIGNED = (
    "openssl req -x509 -newkey rsa:2048 -nodes -keyout client-new.key -out client-new.pem -days 365 "
    '-subj "/CN=my-client"'
)

name_option = option("--name", metavar="NAME", help="Name of the certificate, unique for the client. [a new one]")
purpose_option = option(
    "--purpose",
    default="",
    metavar="WORD",
    help="Purpose of the certificate: transport, signature, or another of the provider's. [the usual one]",
)


@click.group(cls=Noun, short_help="Sign a CSR, or make a certificate.")
def certificate() -> None:
    """Client certificates: sign a CSR, upload a certificate, or make key and certificate in one step."""


certificate.commands = Later(dict.fromkeys(("list", "show", "bundle", "revoke", "release"), "issued"))


@certificate.command("sign", short_help="Sign a CSR.")
@click.argument("file", metavar="FILE|-", type=click.Path(allow_dash=True))
@client_option(DEFAULT_CLIENT)
@name_option
@purpose_option
@out_option
@provider_option()
@common
def sign(
    file: str, client: str, name: str | None, purpose: str, out: Path | None, provider: str, state: Path, as_json: bool
) -> None:
    """Sign a CSR: print the certificate, followed by the CA that issued it.

    \b
    openssl req -nodes -newkey rsa:4096 -keyout sandbox-PRIVATE-KEY.key \\
      -out sandbox-certificate-request.csr -subj "/C=EU/O=Acme"
    sandbank certificate sign sandbox-certificate-request.csr \\
      --client demo --out sandbox-CERTIFICATE.pem

    Standard error says what differs from the CSR, or every rule that the CSR breaks. --out leaves the file as it was
    when the CSR is refused, where > has emptied it; and > of Windows PowerShell writes UTF-16, which no TLS library
    reads.
    """
    from ca.request.csr import MAX_CSR_BYTES
    from sandbox.services import issuing

    if out is not None:
        output.may_write(out)
    csr = output.read(file, limit=MAX_CSR_BYTES, missing=f"make one: {NEW_REQUEST}")
    with opened_state(state) as opened:
        called = issuing.unnamed(opened) if name is None else name
        with _as_typed(file):
            issued = issuing.sign(opened, provider, client, csr, name=called, purpose=purpose)
        now = opened.clock.now()
    try:
        _hand_over(issued, out, _view(issued, now) if as_json else None)
    except SandbankError as error:
        again = command(f"certificate bundle {issued.serial} --out FILE", state=state, provider=provider)
        error.next_step = f"the certificate was signed; write it with: {again}"
        raise
    note(_done("signed", issued.record, client), *_changed(issued.changed))


@contextmanager
def _as_typed(file: str) -> "Iterator[None]":
    """Refusals whose next step reads the file that was given, where the tables name the file of the guide. What a step
    writes keeps its name: whoever gave the wrong file keeps that."""
    try:
        yield
    except Refused as refused:
        if file == "-":
            raise
        told = (
            replace(one, next=_READS.sub(lambda _: f"-in {quoted(Path(file))}", one.next)) for one in refused.reasons
        )
        raise Refused(*told) from None


_READS = re.compile(r"-in sandbox-(?:certificate-request\.csr|CERTIFICATE\.pem)(?= )")


def _view(issued: "IssuedCertificate", now: "datetime") -> "dict[str, Any]":
    from sandbox.services.certificates import view_of_issued

    return view_of_issued(issued, now)


def _hand_over(issued: "IssuedCertificate", out: Path | None, said: "dict[str, Any] | None") -> None:
    if out is not None:
        output.write(out, issued.bundle.encode("ascii"))
    if said is not None:
        put_json(said)
    elif out is None:
        put_bytes(issued.bundle.encode("ascii"))


@certificate.command("upload", short_help="Upload a certificate of your own.")
@click.argument("file", metavar="FILE|-", type=click.Path(allow_dash=True))
@client_option(DEFAULT_CLIENT)
@name_option
@purpose_option
@provider_option()
@common
def upload(file: str, client: str, name: str | None, purpose: str, provider: str, state: Path, as_json: bool) -> None:
    """Upload a certificate of your own, for providers that accept uploads. It works at once, also at a running server.

    \b
    openssl req -x509 -nodes -newkey rsa:2048 -keyout my.key -out my.pem \\
      -days 365 -subj "/CN=my-client"
    sandbank certificate upload my.pem --name laptop --provider NAME

    Standard error says every rule that the certificate breaks.
    """
    from ca.request.csr import MAX_CSR_BYTES
    from sandbox.services import issuing
    from sandbox.services.certificates import view

    pem = output.read(file, limit=MAX_CSR_BYTES, missing=f"make one: {SELF_SIGNED}")
    with opened_state(state) as opened:
        called = issuing.unnamed(opened) if name is None else name
        with _as_typed(file):
            record = issuing.upload(opened, provider, client, pem, name=called, purpose=purpose)
        now = opened.clock.now()
    if as_json:
        put_json({**view(record, now), "changed": []})
    note(_done("uploaded", record, client))


@certificate.command("new", short_help="Make key, CSR and certificate.")
@client_option(DEFAULT_CLIENT)
@name_option
@option("--key", type=click.Choice(KEY_KINDS), default="rsa-2048", show_default=True, help="Kind of key.")
@option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the files. Else the state.")
@purpose_option
@provider_option()
@common
def new(
    client: str, name: str | None, key: str, out: Path | None, purpose: str, provider: str, state: Path, as_json: bool
) -> None:
    """Make a key and a certificate in one step. The provider decides whether the certificate is signed from a CSR or
    self-signed and uploaded.

    \b
    sandbank certificate new
    sandbank certificate new --client acme --name laptop --key ec-p256 --out DIR
    """
    from sandbox.services import making
    from sandbox.services.certificates import view

    with opened_state(state) as opened:
        made = making.new_certificate(opened, provider, client, name=name or "", key=key, out=out, purpose=purpose)
        ca_file, now = opened.folder.ca_file, opened.clock.now()
    paths = {"key": made.key, **({"csr": made.csr} if made.csr else {}), "certificate": made.certificate}
    if as_json:
        files_made = {what: str(path.absolute()) for what, path in paths.items()}
        put_json({**view(made.record, now), **files_made, "changed": [change.as_dict() for change in made.changed]})
        return
    put(*table([(what, str(path)) for what, path in paths.items()]), "")
    put(
        *_first_call(
            provider,
            client,
            state,
            curl(key=quoted(made.key), certificate=quoted(made.certificate), ca=quoted(ca_file)),
        )
    )
    note(
        "", _done("signed" if made.csr else "uploaded", made.record, client)
    )  # what differs from a CSR that nobody has written interests nobody


def _first_call(provider: str, client: str, state: Path, call: str) -> tuple[str, ...]:
    """The provider's first calls, ready for a POSIX shell; the secret stays where it is."""
    from sandbox.services.environment import first_calls

    env = command(f"client env {shlex.quote(client)}", state=state, provider=provider)
    calls = (shell_lines(one, line_columns()) for one in first_calls(provider, curl=call))
    return (f'eval "$({env})"', *(line for lines in calls for line in lines))


def _done(what: str, record: "CertificateRecord", client: str) -> str:
    until = f"{record.not_after:%Y-%m-%dT%H:%M:%SZ}"
    return printable(f"{what} {record.name} for {client}: serial {record.serial}, valid until {until}")


def _changed(changed: "Sequence[Change]") -> list[str]:
    """What differs from the CSR, a line each."""
    if not changed:
        return []
    rows = [
        (change.field, f"{change.from_ or '(none)'} -> {change.to or '(dropped)'}", change.why) for change in changed
    ]
    return ["changed from the CSR:", *map(printable, table(rows, indent="  "))]
