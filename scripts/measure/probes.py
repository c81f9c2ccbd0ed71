"""The kinds of measurement: load on a running server, the same work alone, a start, a peak of memory.

A probe takes the stage and gives one sample; which probes stand against each other is scenarios'."""

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from scripts.measure.cores import on
from scripts.measure.figures import Sample
from scripts.measure.following import following
from scripts.measure.load import Mode, Order, write_requests
from scripts.measure.servers import Running
from scripts.measure.stage import Side, Stage

Probe = Callable[[Stage], Sample]
Requests = Callable[[Stage, int], Sequence[bytes]]
"""What to send to a port; sent over and over when it is fewer than the calls."""

MANY = 500_000
"""Calls that no sample reaches in its seconds."""
START_SECONDS = 20.0
PATIENCE_SECONDS = 30.0
"""For a sample that ends after a count of calls."""

SETTLE_SECONDS = 0.3
"""After the last answer: the journal writes at most a tenth of a second behind, and that work counts as well."""

_numbers = itertools.count()


def load(mode: Mode, side: Side, requests: Requests, *, connections: int = 8) -> Probe:
    """Calls per second on a mutual-TLS door, for the seconds of a sample."""

    def measure(stage: Stage) -> Sample:
        port = stage.port[side]
        order = Order(
            mode=mode,
            port=port,
            requests=_written(stage, requests(stage, port)),
            count=MANY,
            seconds=stage.length.seconds,
            connections=connections,
            tls=stage.home.client.tls,
        )
        return _measured(stage, order, side)

    return measure


def followed(probe: Probe) -> Probe:
    """The same while a page of the hub follows the journal; how far that was behind is a detail of the sample."""

    def measure(stage: Stage) -> Sample:
        with following(stage.home.control) as follower:
            sample = probe(stage)
        return replace(sample, detail={**sample.detail, "behind_us": follower.behind_us})

    return measure


def playground(stage: Stage, port: int) -> Sequence[bytes]:
    """The one call that the mutual-TLS guide ends with, with its token."""
    return [stage.home.playground(port)]


def signings(stage: Stage, *, connections: int = 4) -> Sample:
    """CSRs per second over the control API, each answered when its certificate is committed."""
    order = Order(
        mode="keep",
        port=stage.home.control,
        requests=_written(stage, stage.csrs.take(stage.length.signings)),
        count=stage.length.signings,
        seconds=PATIENCE_SECONDS,
        expect=201,
        connections=connections,
    )
    return _measured(stage, order, "ours")


def fundings(stage: Stage) -> Sample:
    """Signed calls per second on the mutual-TLS door, each of which pays for another transfer."""
    order = Order(
        mode="keep",
        port=stage.port["ours"],
        requests=_written(stage, stage.fundings.take(stage.length.fundings)),
        count=stage.length.fundings,
        seconds=PATIENCE_SECONDS,
        expect=201,
        tls=stage.home.client.tls,
    )
    return _measured(stage, order, "ours")


def alone(prepare: Callable[[Stage], Callable[[], object]]) -> Probe:
    """How often per second one core does a piece of work, with nothing around it."""

    def measure(stage: Stage) -> Sample:
        work = prepare(stage)
        with on(stage.cores.server):
            began, cpu_before = time.perf_counter(), time.process_time()
            done, until = 0, began + stage.length.seconds
            while time.perf_counter() < until:
                work()
                done += 1
            cpu = time.process_time() - cpu_before
            return Sample(value=done / (time.perf_counter() - began), alone=done / cpu)

    return measure


def start(side: Side) -> Probe:
    """Milliseconds from the start of a process to the first answer over mutual TLS. Somebody knocks all the time."""

    def measure(stage: Stage) -> Sample:
        port, home = stage.start_port[side], stage.start_home if side == "ours" else stage.home
        order = Order(
            mode="first",
            port=port,
            requests=_written(stage, [home.playground(port)]),
            count=1,
            seconds=START_SECONDS,
            connections=1,
            tls=home.client.tls,
        )
        knocking = stage.loader.start(order)
        began = time.monotonic()
        running = stage.starters[side].start()
        try:
            answered = stage.loader.finish(knocking, order).ended
            return Sample(value=(answered - began) * 1000, alone=running.cpu_seconds() * 1000)
        finally:
            running.stop() if side == "ours" else running.kill()

    return measure


def peak(side: Side) -> Probe:
    """Megabytes: the most memory that a server had resident until now."""

    def measure(stage: Stage) -> Sample:
        return Sample(value=stage.running[side].peak_bytes() / 1e6)

    return measure


def _measured(stage: Stage, order: Order, side: Side) -> Sample:
    return measured(stage, order, stage.running[side])


def measured(stage: Stage, order: Order, server: Running) -> Sample:
    """One run of the load generator, with the CPU time that the server used for it."""
    before = server.cpu_seconds()
    seen = stage.loader.run(order)
    time.sleep(SETTLE_SECONDS)
    used = server.cpu_seconds() - before
    return seen.rate(server_cpu=used, client_cores=len(stage.cores.client) or 1)


def _written(stage: Stage, requests: Sequence[bytes]) -> Path:
    return write_requests(stage.folder / f"requests-{next(_numbers)}", requests)
