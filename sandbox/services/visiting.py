"""Who visits the hub: the token of its own forms, and beyond loopback the one-time link that lets a browser in.

What is kept in the store is known to all processes that serve it; a code is kept as its SHA-256, a session not at all.
"""

import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta

from ca.clock import SystemClock, read_time, write_time
from sandbox.services.doors import control_url
from sandbox.services.state import State
from sandbox.storage import facts
from sandbox.storage.work import Work

_KEY = "hub_key"
_CODES = "hub_codes"
CODE_LIFE = timedelta(minutes=5)
"""Of a link: long enough to carry it from a terminal to a browser, and short in a log that is sent around."""
SESSION_LIFE = timedelta(hours=12)
"""Of a browser that came in: a working day."""
MOST_CODES = 50
"""Links that are good at one time; with more, the oldest go."""


def form_token(state: State) -> str:
    """What every form of the hub carries: no page of another origin can read it. The same for all processes that serve
    the state, and as long as the state is there."""
    return hmac.digest(_key(state), b"form", "sha256").hex()


def hub_link(state: State) -> str:
    """An address that lets one browser into the hub, once, within the next five minutes."""
    code, now = secrets.token_urlsafe(24), SystemClock().now()
    with state.store.write() as work:
        codes = {**_codes(work, now), _digest(code): write_time(now + CODE_LIFE)}
        facts.put(work, _CODES, json.dumps(dict(list(codes.items())[-MOST_CODES:])))
    return f"{control_url(state)}/hub/enter?code={code}"


def spend_code(state: State, code: str) -> bool:
    """Whether it is the code of a link that was not used yet; from now on it is none."""
    now = SystemClock().now()
    with state.store.write() as work:
        codes = _codes(work, now)
        good = codes.pop(_digest(code), None) is not None
        facts.put(work, _CODES, json.dumps(codes))
    return good


class Sessions:
    """The browsers that came in. A session is its end and a MAC over that, so that nothing of it has to be kept; with
    another control token, none of those before is good."""

    def __init__(self, state: State, control_token: str) -> None:
        self._key = hmac.digest(_key(state), b"session " + control_token.encode(), "sha256")

    def begin(self) -> str:
        """A new one."""
        return self._sealed(write_time(SystemClock().now() + SESSION_LIFE))

    def good(self, session: str) -> bool:
        """Whether it is one of ours, and not over."""
        end = session.partition("~")[0]
        if not hmac.compare_digest(session.encode(), self._sealed(end).encode()):
            return False
        return SystemClock().now() < read_time(end)

    def _sealed(self, end: str) -> str:
        return f"{end}~{hmac.digest(self._key, end.encode(), 'sha256').hex()}"


def _codes(work: Work, now: datetime) -> dict[str, str]:
    """Those that are still good, with their ends."""
    kept: dict[str, str] = json.loads(facts.get(work, _CODES) or "{}")
    return {digest: end for digest, end in kept.items() if now < read_time(end)}


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _key(state: State) -> bytes:
    with state.store.read() as work:
        kept = facts.get(work, _KEY)
    if kept is None:
        with state.store.write() as work:
            # Another process may have been faster. By chance and not from the state's ids, which a seed makes alike.
            kept = facts.get(work, _KEY) or secrets.token_hex(32)
            facts.put(work, _KEY, kept)
    return bytes.fromhex(kept)
