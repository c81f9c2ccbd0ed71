"""When the staple of a running server is made anew: openssl s_client -status reads it, at a real time that the test
holds."""

import asyncio
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ca.clock import SystemClock
from ca.status.ocsp import STAPLE_BACKDATE, STAPLE_LIFE
from sandbank import Sandbox
from sandbox.embed import sandbox as embedding
from sandbox.server import certificate as edge_showing
from sandbox.server import trust as edge_trust
from sandbox.server.lifecycle import Server
from sandbox.server.trust import STAPLE_AGE

SECOND = timedelta(seconds=1)


@dataclass(slots=True)
class Shifted:
    """The computer's clock, as the server's side believes it to be."""

    by: timedelta = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.by


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a client saw: the serial of the server's certificate, the serial in the staple, and since when it counts."""

    certificate: str
    stapled: str
    begin: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    sandbox: Sandbox
    server: Server
    loop: asyncio.AbstractEventLoop
    clock: Shifted
    """By which staples are made."""
    calendar: Shifted
    """By which the server's certificate is renewed."""

    def renew(self) -> None:
        """What a running server does four times a day, now, on its own loop."""
        asyncio.run_coroutine_threadsafe(self.server._showing.keep(self.server._showing.changes), self.loop).result(10)

    def shown(self, door: str = "mtls") -> Shown:
        address = self.sandbox.wise.urls[door].removeprefix("https://")
        command = ["openssl", "s_client", "-connect", address, "-CAfile", str(self.sandbox.ca_file), "-status"]
        done = subprocess.run(command, input="", capture_output=True, text=True, timeout=30, check=False)
        said = done.stdout
        assert "OCSP Response Status: successful" in said and "Cert Status: good" in said, said + done.stderr
        (pem,) = re.findall(r"\nServer certificate\n(-----BEGIN.*?-----END CERTIFICATE-----\n)", said, re.DOTALL)
        printed = subprocess.run(
            ["openssl", "x509", "-noout", "-serial"], input=pem, capture_output=True, text=True, check=True
        )
        (stapled,) = re.findall(r"Certificate ID:.*?Serial Number: ([0-9A-F]+)", said, re.DOTALL)[:1]
        (begin,) = re.findall(r"This Update: (.+)", said)
        at = datetime.strptime(begin, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
        return Shown(certificate=printed.stdout.strip().removeprefix("serial="), stapled=stapled, begin=at)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A running sandbox whose server believes what the test tells it of the time."""
    clock, calendar, made = Shifted(), Shifted(), []

    class Seen(Server):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            made.append((self, asyncio.get_running_loop()))

    monkeypatch.setattr(embedding, "Server", Seen)
    monkeypatch.setattr(edge_trust, "SystemClock", lambda: clock)
    monkeypatch.setattr(edge_showing, "SystemClock", lambda: calendar)
    with Sandbox() as sandbox:
        yield Stage(sandbox=sandbox, server=made[0][0], loop=made[0][1], clock=clock, calendar=calendar)


def test_a_staple_is_made_anew_at_its_age_and_not_before(stage: Stage) -> None:
    """The same until then; then, at the next handshake of any door, one that begins at the new time, long before the
    old one ends. A clock that was set back makes another too."""
    first = stage.shown()
    assert first.certificate == first.stapled
    assert abs(SystemClock().now() - STAPLE_BACKDATE - first.begin) < timedelta(minutes=2)
    stage.clock.by = STAPLE_AGE - timedelta(minutes=5)
    assert stage.shown() == first
    stage.clock.by = STAPLE_AGE + SECOND
    second = stage.shown()
    assert STAPLE_AGE <= second.begin - first.begin < STAPLE_LIFE / 2
    assert second.stapled == first.stapled
    assert stage.shown("api") == second
    stage.clock.by = timedelta()
    third = stage.shown()
    assert first.begin <= third.begin < second.begin


def test_a_new_server_certificate_has_a_staple_of_its_own(stage: Stage) -> None:
    """Renewed when its end comes near, and from the next handshake on the staple is about the new one, though the old
    staple was young; a renewal that finds nothing to do leaves the certificate."""
    first = stage.shown()
    stage.renew()
    assert stage.shown().certificate == first.certificate
    stage.calendar.by = timedelta(days=380)
    stage.renew()
    second = stage.shown()
    assert second.certificate != first.certificate
    assert second.certificate == second.stapled
    assert stage.shown("api") == second
