"""The notes of one call on its way: which stages it passed, whom it came from, how it ended; they become its entry."""

from collections.abc import Callable
from datetime import datetime
from time import perf_counter_ns

from ca.record import CertificateRecord
from sandbox.edge.call import Call
from sandbox.errors import Reason
from sandbox.journal.entry import Entry, Stage
from sandbox.providers.declare import Endpoint


class Walk:
    """Written to as the call goes on; read once, at its end."""

    __slots__ = ("_advised", "certificate", "client", "endpoint", "now", "reasons", "stages", "started", "trace")

    def __init__(self, *, now: datetime, trace: str, advised: Callable[[Reason], Reason]) -> None:
        self.now = now
        self.trace = trace
        self._advised = advised
        self.started = perf_counter_ns()
        self.stages: list[Stage] = []
        self.endpoint: Endpoint | None = None
        self.certificate: CertificateRecord | None = None
        self.client: str | None = None
        self.reasons: tuple[Reason, ...] = ()

    def passed(self, stage: str, note: str = "") -> None:
        self.stages.append(Stage(name=stage, ok=True, note=note))

    def failed(self, stage: str, reasons: tuple[Reason, ...]) -> None:
        self.stages.append(Stage(name=stage, ok=False, note=reasons[0].code))
        self.reasons = tuple(map(self._advised, reasons))

    def worked(self, name: str, reasons: tuple[Reason, ...]) -> None:
        """The handler answered: with what was asked for, or with the provider's own no."""
        if reasons:
            self.failed("work", reasons)
        else:
            self.passed("work", name)

    def entry(self, call: Call, *, provider: str | None, door: str, status: int) -> Entry:
        certificate = self.certificate
        return Entry(
            id=self.trace,
            at=self.now,
            kind="call",
            provider=provider,
            door=door,
            # A call whose token was wrong still belongs to the client whose certificate it came with.
            client=self.client or (certificate.holder if certificate else None),
            peer=call.address,
            certificate=f"{certificate.subject}, serial {certificate.serial}" if certificate else "",
            title=f"{call.method} {call.path[:200]}",
            status=status,
            outcome=str(status),
            microseconds=(perf_counter_ns() - self.started) // 1000,
            stages=tuple(self.stages),
            reasons=self.reasons,
            extra={"path": call.path[:200], "http": call.http_version},
        )
