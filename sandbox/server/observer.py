"""Writes journal entries that belong to no call: handshakes, broken connections, trouble on the event loop.

And knows whose connections talk, so that one that was opened beside another and never used is no entry."""

import asyncio
import errno
import re
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache, lru_cache, partial
from socket import socket
from typing import Any

from cryptography import x509

from ca.records import CertificateRecord, fingerprint, write_serial
from ca.x509.der import subject_of
from ca.x509.names import rfc4514
from sandbox.errors import Refusal, Surroundings
from sandbox.journal.entry import Entry, Stage
from sandbox.providers import hinted, named
from sandbox.providers.known import in_production
from sandbox.server.cache import ReadCache
from sandbox.server.pipeline.message import DESCRIBED, Peer
from sandbox.server.pipeline.trace import Reminders, reminder
from sandbox.services import journal
from sandbox.services.state import State
from sandbox.tls.stream import TlsStream
from sandbox.tls.verdict import Handshake

TOLD_SECONDS = 60.0
"""Between two entries of the same trouble: asyncio tries each door again every second."""
CAUSE = "http.no_descriptors"
_NOTHING_LEFT = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class LoopTrouble:
    """The exception handler of a server's loop."""

    def __init__(self, state: State, sockets: Mapping[str, list[socket]]) -> None:
        """*sockets* are those of each door."""
        self._state = state
        self._sockets = sockets
        self._told: float | None = None

    def __call__(self, loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _NOTHING_LEFT:
            self._tell(loop.time, error, context.get("socket"))
        else:
            message = str(context.get("message", "an error on the event loop"))
            journal.keep(error or RuntimeError(message), state=self._state.folder.path, doing=message)

    def _tell(self, time: Callable[[], float], error: OSError, where: Any) -> None:
        if self._told is not None and time() - self._told < TOLD_SECONDS:
            return
        self._told = time()
        seen, expected = error.strerror or str(error), "a descriptor for each connection"
        from sandbox.journal.causes import at_provider

        reason = at_provider(Refusal(code=CAUSE, seen=seen, expected=expected), name="", advice={})
        self._state.journal.append(
            Entry(
                id=self._state.ids.trace(),
                at=self._state.clock.now(),
                kind="call",
                provider=None,
                door=self._door(where),
                title="a connection that could not be accepted",
                outcome="waits",
                stages=(Stage(name="http", ok=False, note=CAUSE),),
                reasons=(reason,),
            )
        )

    def _door(self, where: Any) -> str:
        number = where.fileno() if where is not None else -1
        return next((door for door, some in self._sockets.items() if number in [one.fileno() for one in some]), "")


_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
"""A name as it may stand in a command (RFC 1123 section 2.1): what a client sent is not pasted into one unread."""


class JournalObserver:
    """The listener's witness."""

    def __init__(self, state: State, register: ReadCache) -> None:
        self._state = state
        self._register = register
        self._reminders = Reminders()

    def handshake(self, door: str, address: tuple[str, int], handshake: Handshake) -> None:
        reasons = () if handshake.ok else (self._refused(door, handshake),)
        alert = f"alert {handshake.alert}" if handshake.alert else "closed"
        stages = [Stage(name="hello", ok=bool(handshake.version), note=_hello(handshake))]
        if handshake.certificate is not None:
            stages.append(Stage(name="certificate", ok=handshake.ok, note=_words(handshake.certificate)))
        self._append(
            door,
            address,
            kind="handshake",
            title=" ".join(filter(None, (handshake.version or "TLS", handshake.alpn))),
            outcome="done" if handshake.ok else alert,
            certificate=handshake.certificate,
            microseconds=handshake.duration_us,
            stages=tuple(stages),
            reasons=reasons,
        )
        if handshake.ok:
            self._remind(door, handshake.certificate)

    def _refused(self, door: str, handshake: Handshake) -> Refusal:
        """Why there is no connection, with what the register knows of the certificate."""
        reason = by_name(_reason(handshake.cause, handshake.seen, handshake.expected), handshake)
        record = self._record(door, handshake.certificate, anywhere=True)
        if record is None:
            return reason
        from sandbox.server.pipeline.holders import (
            rotated,
            whose,  # only after a failure
        )

        if reason.code in ("tls.certificate_expired", "tls.certificate_revoked"):
            with suppress(Surroundings):
                return rotated(reason, record, self._register, self._state.clock.now())
        if reason.code == "tls.certificate_unknown_issuer" and record.provider != door.partition(".")[0]:
            with suppress(Surroundings):
                return replace(reason, code="tls.certificate_of_other_provider", seen=whose(record, self._register))
        return reason

    def broken(self, door: str, peer: Peer, cause: str, seen: str, expected: str, status: int) -> None:
        of_tls = peer.handshake if cause.startswith("tls.") else None
        self._append(
            door,
            peer.address,
            kind="handshake" if of_tls else "call",
            title=f"{of_tls.version} after its handshake" if of_tls else "a call that never became one",
            outcome=str(status) if status else "closed",
            status=status,
            certificate=peer.handshake.certificate if peer.handshake else None,
            stages=(Stage(name="tls" if of_tls else "http", ok=False, note=cause),),
            reasons=(by_name(_reason(cause, seen, expected), peer.handshake),),
        )

    def _append(
        self,
        door: str,
        address: tuple[str, int],
        *,
        kind: str,
        title: str,
        outcome: str,
        certificate: x509.Certificate | None,
        stages: tuple[Stage, ...],
        reasons: tuple[Refusal, ...],
        status: int = 0,
        microseconds: int = 0,
    ) -> None:
        host, port = address[:2]
        self._state.journal.append(
            Entry(
                id=self._state.ids.trace(),
                at=self._state.clock.now(),
                kind="handshake" if kind == "handshake" else "call",
                provider=door.partition(".")[0] if "." in door else None,
                door=door,
                client=self._holder(door, certificate),
                peer=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
                certificate=_words(certificate) if certificate is not None else "",
                title=title,
                status=status,
                outcome=outcome,
                microseconds=microseconds,
                stages=stages,
                reasons=tuple(map(_advised(door), reasons)) if reasons else (),
            )
        )

    def _remind(self, door: str, certificate: x509.Certificate | None) -> None:
        """Here and not at each call: a call costs a fraction of a handshake, and clients come back often enough."""
        now, record = self._state.clock.now(), self._record(door, certificate)
        if record is not None and self._reminders.due(record, now) is not None:
            self._state.journal.append(reminder(record, door=door, now=now, id=self._state.ids.trace()))

    def _holder(self, door: str, certificate: x509.Certificate | None) -> str | None:
        record = self._record(door, certificate)
        return record.holder if record else None

    def _record(
        self, door: str, certificate: x509.Certificate | None, *, anywhere: bool = False
    ) -> CertificateRecord | None:
        """What the door's provider knows of it; or, *anywhere*, another provider."""
        if certificate is None:
            return None
        provider, mark = door.partition(".")[0], _fingerprint(certificate)
        # Where the store does not answer, the entry says less; the handshake is over, and each call will be refused.
        with suppress(Surroundings):
            found = self._register.certificate(provider, mark)
            return found or (self._register.certificate_elsewhere(provider, mark) if anywhere else None)
        return None


@cache
def _advised(door: str) -> Callable[[Refusal], Refusal]:
    """How a reason is told at this door: the control door is no provider's."""
    provider = door.partition(".")[0] if "." in door else ""
    from sandbox.journal.causes import at_provider  # a long table, with the first refusal

    return partial(at_provider, name=hinted(provider), advice=named(provider).advice if provider else {})


def _reason(cause: str, seen: str, expected: str) -> Refusal:
    return Refusal(code=cause, seen=seen, expected=expected)


def by_name(reason: Refusal, handshake: Handshake | None) -> Refusal:
    """The reason with the very command, where a name was called that our certificate lacks, or one of a provider's live
    names; an address is not known here, and stands in what was seen."""
    if handshake is None or reason.code not in _ABOUT_NAMES or not _HOST.fullmatch(handshake.sni):
        return reason
    if in_production(handshake.sni) and not _live_already(reason):
        return replace(reason, next=_PRODUCTION[reason.code])
    if reason.code != "tls.name_not_covered":
        return reason
    step = (
        f"start the server with that name: sandbank serve --server-name {handshake.sni}; or call the door as localhost"
    )
    return replace(reason, next=step)


def _live_already(reason: Refusal) -> bool:
    """Whether a front door has said that it answers to live names: then the name was called at another's port."""
    return reason.code == "tls.front_name_unknown" and any(map(in_production, re.split("[ ,]+", reason.expected)))


_TRUST = "give the client this file in place of the usual CA: sandbank ca --production > production.pem"
_SERVE = (
    "call the provider's sandbox host, or localhost at a usual door; or have the server answer to live names as well: "
    f"sandbank serve --production-names; then {_TRUST}"
)
_PRODUCTION = {
    "tls.name_not_covered": _SERVE,
    "tls.front_name_unknown": _SERVE,
    "tls.client_distrusts_server": _TRUST,
}
"""What a client does that called a provider by a live name, by cause."""
_ABOUT_NAMES = frozenset(_PRODUCTION)


def _hello(handshake: Handshake) -> str:
    server_name = f"server name {handshake.sni[:100]}" if handshake.sni else "no server name"
    return ", ".join(filter(None, (handshake.version, handshake.cipher, handshake.alpn, server_name)))


# A client comes back with the same certificate again and again: what is told of it is reckoned once.
_fingerprint = lru_cache(maxsize=DESCRIBED)(fingerprint)


@lru_cache(maxsize=DESCRIBED)
def _words(certificate: x509.Certificate) -> str:
    return f"{rfc4514(subject_of(certificate))[:200]}, serial {write_serial(certificate.serial_number)}"


TALKERS_REMEMBERED = 1_000
"""Clients whose last call is remembered; a client that is forgotten is told of once too often."""

Caller = tuple[str, str, str]


class Talking:
    """Which clients talk over a connection of theirs: another that they opened beside it and never used says nothing.

    Told of each TLS connection's beginning and end. A client is whoever comes to one door from one address with one
    certificate; the times are the loop's."""

    def __init__(self) -> None:
        self._open: defaultdict[Caller, set[TlsStream]] = defaultdict(set)
        self._talked: OrderedDict[Caller, float] = OrderedDict()

    def begins(self, stream: TlsStream, peer: Peer) -> None:
        self._open[_caller(peer)].add(stream)

    def ends(self, stream: TlsStream, peer: Peer, now: float) -> None:
        caller = _caller(peer)
        self._open[caller].discard(stream)
        if not self._open[caller]:
            del self._open[caller]
        if stream.heard:
            self._talked[caller] = now
            self._talked.move_to_end(caller)
            if len(self._talked) > TALKERS_REMEMBERED:
                self._talked.popitem(last=False)

    def beside(self, peer: Peer, since: float) -> bool:
        """Whether the client has talked over another connection that was open at the same time."""
        caller = _caller(peer)
        others = self._open.get(caller, ())
        return any(one.heard for one in others) or self._talked.get(caller, since - 1) >= since


def _caller(peer: Peer) -> Caller:
    return peer.door, peer.address[0], peer.handshake.fingerprint_sha256 if peer.handshake else ""
