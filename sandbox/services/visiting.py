"""Who visits the hub: the token by which its own forms are known. The control door's guard asks for the rest."""

import hmac
import secrets

from sandbox.services.state import State
from sandbox.storage import facts

_KEY = "hub_key"


def form_token(state: State) -> str:
    """What every form of the hub carries: no page of another origin can read it. The same for all processes that serve
    the state, and as long as the state is there."""
    return hmac.digest(_key(state), b"form", "sha256").hex()


def _key(state: State) -> bytes:
    with state.store.read() as work:
        kept = facts.get(work, _KEY)
    if kept is None:
        with state.store.write() as work:
            # Another process may have been faster. By chance and not from the state's ids, which a seed makes alike.
            kept = facts.get(work, _KEY) or secrets.token_hex(32)
            facts.put(work, _KEY, kept)
    return bytes.fromhex(kept)
