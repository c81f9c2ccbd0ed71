"""The certificates of the authority itself, in the forms in which people want to trust them."""

from ca import bundle
from ca.clock import SystemClock
from sandbox.errands.naming import keep_server_names, server_names
from sandbox.errands.state import State
from sandbox.errors import Misuse
from sandbox.providers import DOMAINS
from sandbox.storage.generation import move

FORMATS = ("pem", "der", "p12")
DEFAULT_PASSWORD = "changeit"
"""Java's own default for trust stores; there is nothing secret in one."""


def ca_certificate(
    state: State, *, clients: bool = False, format: str = "pem", password: str = DEFAULT_PASSWORD
) -> bytes:
    """The root to trust (servers), or with *clients* the root above the certificates that clients were given."""
    with state.store.read() as work:
        root = state.authority.client_root(work) if clients else state.authority.server_root(work)
    if format == "pem":
        return bundle.pem((root,)).encode()
    if format == "der":
        return bundle.der(root)
    if format == "p12":
        return bundle.truststore_p12((root,), password)
    raise Misuse(f"{format!r} is not a form of a certificate; there are: {', '.join(FORMATS)}")


def cover_server_names(state: State, names: tuple[str, ...]) -> tuple[str, ...]:
    """Make the server CA able to sign for *names*, besides all that were ever asked for by a machine over this state;
    returns those for which it had to be made anew.

    The constraint is part of the CA's certificate and its root's key was destroyed, so a name outside means a new
    server root, which everybody who trusted the old one must be given.
    """
    with state.store.write() as work:
        before = server_names(work)
        every = tuple(dict.fromkeys((*before, *names)))
        lacking = state.authority.covers(work, every)
        if lacking:
            kept = tuple(dict.fromkeys(("localhost", *DOMAINS, *every)))
            state.authority.refound_server(work, server_names=kept, now=SystemClock().now())
        if every != before:
            keep_server_names(work, every)
        if lacking or every != before:
            move(work)
    return lacking
