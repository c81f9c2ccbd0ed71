"""What ``serve`` says when its doors are open: one screen with all that the next minute needs."""

import ipaddress
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox.cli.guide import OPENSSL, curl, quoted, reader, shell_lines, sign
from sandbox.cli.options import DEFAULT_CLIENT, DEFAULT_PROVIDER
from sandbox.cli.output import line_columns
from sandbox.journal.reader import fold, labelled
from sandbox.services.clock import Shown
from sandbox.services.providers import guide
from sandbox.settings import Settings

WIDEST = 100
"""Columns of the screen where no terminal says how many it has."""
NOT_REAL = "Not for real money, not for real trust."


def screen(ready: Mapping[str, Any], state: Path, *, hub: str = "") -> list[str]:
    """At most 24 lines of at most 100 columns, as long as the state's path is not a long one. *hub* is the link to the
    pages, where they are not open to everybody who reaches the control door."""
    provider = ready["providers"][DEFAULT_PROVIDER]
    ca_file = quoted(Path(ready["ca_file"]))
    rows = [
        ("hub", hub or f"{ready['control']}/  (pages for a browser, and the control API)"),
        *((name, "  ".join(map(" ".join, one["doors"].items()))) for name, one in ready["providers"].items()),
        *([("control", ready["control"])] if hub else []),
        ("CA file", ca_file),
    ]
    demo = next((one for one in provider["clients"] if one["name"] == DEFAULT_CLIENT), None)
    if demo:
        rows += [("demo's id", demo["id"] + (f"  secret {demo['secret']}" if demo["secret"] else ""))]
    width = max(len(name) for name, _ in rows)
    return [
        *fold(f"Sandbank stands in for the providers, offline. {NOT_REAL}", line_columns()),
        "",
        *(line for row in rows for line in labelled(*row, line_columns(), indent="  ", column=width + 1)),
        "",
        *_second_terminal(provider["doors"], demo, ca_file, state),
        "Ctrl-C stops it. Handshakes and calls follow, each refusal with its reason:",
    ]


def _second_terminal(
    doors: Mapping[str, str], demo: Mapping[str, str] | None, ca_file: str, state: Path
) -> Iterator[str]:
    """The next commands to copy: key and CSR, certificate, and the calls of the provider's guide, where it has one."""
    if (shown := guide()) is None:
        return
    known = demo is not None and demo["secret"]
    login = shlex.quote(f"{demo['id']}:{demo['secret']}") if demo and known else "ID:SECRET"
    calls = (call.format(curl=curl(ca=ca_file), login=login, **doors) for call in shown.calls)
    yield from (f"In a second terminal, what {shown.title} does:", "")
    for typed in (OPENSSL, sign(state), *calls):
        yield from shell_lines(typed.replace("\n", " "), line_columns() or WIDEST, indent="  ")
    yield ""


def warnings(
    settings: Settings, refounded: Sequence[str], clock: Shown, *, production_refounded: bool = False
) -> list[str]:
    """What the person must know before anything else; said on standard error also when the server is quiet."""
    said = []
    if refounded:
        said.append(
            f"the server CA may not issue for {', '.join(refounded)}, so a new server root was made. "
            "Give the new CA file to everyone who trusts the old one; until then they refuse this server."
        )
    if settings.production_names:
        said.append(
            "the doors also answer to the providers' live host names, under a root of their own: sandbank ca "
            "--production prints it. Trust it in the program under test only, never on a whole machine."
        )
    if production_refounded:
        said.append("that root is a new one: the old one lacked a name. Give it to everyone who trusts the old one.")
    beyond = [address for address in settings.bind if not ipaddress.ip_address(address).is_loopback]
    if beyond:
        said.append(
            f"the doors listen on {', '.join(beyond)}: anybody who reaches this machine can call them. "
            "Clients must use a name in the certificate; --server-name HOST adds one."
        )
    if not settings.control_is_loopback:
        said.append("the control door listens beyond loopback; its token travels unencrypted.")
    if not clock.real:
        said.append(
            f"the sandbox's clock {clock.words()}, as it was left: {clock.now:%Y-%m-%d %H:%M:%S} UTC. "
            "sandbank clock reset brings back real time."
        )
    return [reader(settings.state).step(one) for one in said]


def ready_event(ready: Mapping[str, Any]) -> dict[str, Any]:
    """The screen for programs: the ready file without the clients' secrets, for logs are kept and sent around."""
    providers = {
        name: {
            "doors": provider["doors"],
            "clients": [{"name": one["name"], "id": one["id"]} for one in provider["clients"]],
        }
        for name, provider in ready["providers"].items()
    }
    return {"ready": {**ready, "providers": providers}}
