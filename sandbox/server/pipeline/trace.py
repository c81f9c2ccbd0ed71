"""The notes of one call on its way: stages, client, outcome. They become its entry in the journal."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from time import perf_counter_ns

from ca.clock import write_time
from ca.records import CertificateRecord, days_left, notice
from sandbox.errors import Refusal
from sandbox.journal.entry import Entry, Stage
from sandbox.providers.declare import Endpoint
from sandbox.server.pipeline.message import RequestHead

REMEMBERED = 10_000
"""Certificates near their end: as many as the read cache keeps. A forgotten one is reported once more."""


class Reminders:
    """The step that was last told of each certificate, since this server began."""

    def __init__(self) -> None:
        self._told: OrderedDict[str, int] = OrderedDict()
        """By the record's id: a certificate of two providers is told of at each."""

    def due(self, record: CertificateRecord, now: datetime) -> int | None:
        """The step to be told of now; None when there is none, or it was told. Anew after the clock went back."""
        step = notice(record, now)
        if step is None:
            self._told.pop(record.id, None)
            return None
        if self._told.get(record.id) == step:
            return None
        self._told[record.id] = step
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return step


def reminder(record: CertificateRecord, *, door: str, now: datetime, id: str) -> Entry:
    """What the journal has of it."""
    left = days_left(record, now)
    return Entry(
        id=id,
        at=now,
        kind="certificate",
        provider=record.provider,
        door=door,
        client=record.holder,
        certificate=f"{record.subject}, serial {record.serial}",
        title=f"{record.name!r} is near its end",
        outcome="ends today" if left == 0 else f"ends in {left} day{'s' if left > 1 else ''}",
        stages=(
            Stage(name="renewal", ok=True, note=f"good until {write_time(record.not_after)}: have another signed"),
        ),
    )


class Trace:
    """Written to as the call goes on; read once, at its end."""

    __slots__ = (
        "_advised",
        "answers",
        "certificate",
        "changes",
        "client",
        "counted",
        "endpoint",
        "generation",
        "id",
        "now",
        "outlived",
        "queued",
        "reasons",
        "stages",
        "started",
    )

    def __init__(self, *, id: str, now: datetime, advised: Callable[[Refusal], Refusal]) -> None:
        self.now = now
        self.id = id
        self._advised = advised
        self.started = perf_counter_ns()
        self.stages: list[Stage] = []
        self.endpoint: Endpoint | None = None
        self.certificate: CertificateRecord | None = None
        self.outlived = False
        """Whether the connection's certificate has been replaced by a newer one: then it is closed after the answer."""
        self.client: str | None = None
        self.reasons: tuple[Refusal, ...] = ()
        self.changes = self.generation = -1
        """Of the read cache and of the store, when the call was judged."""
        self.counted = False
        """Whether it counts as one of the calls that its client may make."""
        self.queued = False
        """Whether it has queued webhooks."""
        self.answers: dict[str, Refusal | None] = {}
        """What came of calling the addresses of the subscriptions that it makes: each is called once."""

    def begin_again(self) -> None:
        """It is judged again, and what was found before counts no more."""
        self.stages.clear()
        self.client = None

    def admitted(self, client: str, stages: tuple[Stage, ...]) -> None:
        """It comes as another one did, with whose stages."""
        self.client = client
        self.stages += stages

    def passed(self, stage: str, note: str = "") -> None:
        self.stages.append(Stage(name=stage, ok=True, note=note))

    def failed(self, stage: str, reasons: tuple[Refusal, ...]) -> None:
        self.stages.append(Stage(name=stage, ok=False, note=reasons[0].code))
        self.reasons = tuple(map(self._advised, reasons))

    def worked(self, name: str, reasons: tuple[Refusal, ...]) -> None:
        """The handler answered: with what was asked for, or with the provider's own no."""
        if reasons:
            self.failed("sca" if reasons[0].code.startswith("sca.") else "work", reasons)
        else:
            self.passed("work", name)

    def entry(self, call: RequestHead, *, provider: str | None, door: str, status: int) -> Entry:
        certificate = self.certificate
        own = certificate is not None and certificate.provider == provider  # the ids of another's clients are not ours
        return Entry(
            id=self.id,
            at=self.now,
            kind="call",
            provider=provider,
            door=door,
            # A call whose token was wrong still belongs to the client whose certificate it came with.
            client=self.client or (certificate.holder if certificate and own else None),
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
