"""CSRs to certificates as fast as all cores together do them: on one connection, on eight, and with two processes.

Nobody is told which core to take, neither the servers nor the client: a server of two processes wants them all."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial

from scripts.measure import servers
from scripts.measure.figures import Bound, Sample
from scripts.measure.home import add_clients, home_of, make_client
from scripts.measure.load import Loader
from scripts.measure.probes import Probe, alone, signings
from scripts.measure.scenarios import Scenario, parse_verify_sign
from scripts.measure.stage import Stage, Stock, signing

PROCESSES = {"one": 1, "two": 2}
SAMPLES = {"one": 2, "two": 1}
"""Rows of the table that each server has to answer in a round."""


@contextmanager
def with_several(stage: Stage, say: Callable[[str], None]) -> Iterator[Stage]:
    """The stage with a server of one process and one of two, on all cores; both are stopped at the end."""
    with ExitStack() as stack:
        halves = {name: stack.enter_context(_served(stage, name, say)) for name in PROCESSES}
        yield replace(stage, halves={**stage.halves, **halves})


@contextmanager
def _served(stage: Stage, name: str, say: Callable[[str], None]) -> Iterator[Stage]:
    say(f"preparing a server of {name} ...")
    folder = stage.folder / name
    folder.mkdir()
    state, ready_file = folder / "state", folder / "ready.json"
    client = make_client(state)
    paths = add_clients(state, SAMPLES[name] * stage.length.signings * (stage.length.rounds + 1))
    running = servers.ours(state, frozenset(), ready_file=ready_file, workers=PROCESSES[name]).start()
    try:
        home = home_of(state, client, servers.wait_for_file(running, ready_file))
        yield replace(
            stage,
            folder=folder,
            cores=replace(stage.cores, client=frozenset()),
            loader=Loader(folder, frozenset()),
            home=home,
            running={"ours": running},
            port={"ours": home.mtls},
            csrs=Stock([signing(home, path) for path in paths]),
        )
    finally:
        running.stop()


def _over(name: str, probe: Probe) -> Probe:
    def measure(stage: Stage) -> Sample:
        return probe(replace(stage.halves[name], length=stage.length))

    return measure


def _row(name: str, title: str, server: str, connections: int, least: int) -> Scenario:
    return Scenario(
        name=name,
        title=f"CSR to stored certificate, all cores, {title}",
        unit="/s",
        ours=_over(server, partial(signings, connections=connections)),
        other=alone(parse_verify_sign),
        beside="parse, verify, sign alone, one core",
        bound=Bound(side="at least", limit=least, of="ours"),
    )


SEVERAL = (
    _row("certificates-one", "1 connection", "one", 1, 600),
    _row("certificates-eight", "8 connections", "one", 8, 800),
    _row("certificates-workers", "16 connections, --workers 2", "two", 16, 1200),
)
