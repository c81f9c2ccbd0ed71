"""What a run has at hand: both servers under way, a state for starting, the load generator, calls of single use."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from scripts.measure import http, servers
from scripts.measure.cores import Cores
from scripts.measure.funding import add_transfers
from scripts.measure.home import Client, Home, add_clients, home_of, make_client
from scripts.measure.load import Failed, Loader
from scripts.measure.material import export
from scripts.measure.servers import Running, Starter

Side = Literal["ours", "bare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """How long a run is."""

    rounds: int
    seconds: float
    """Of one sample."""
    signings: int
    """CSRs of one sample."""
    fundings: int
    """Signed calls of one sample."""


FULL = Length(rounds=15, seconds=1.0, signings=600, fundings=600)
QUICK = Length(rounds=3, seconds=0.5, signings=300, fundings=300)
WARM_UP = 4
"""A round before the first that counts is this many times shorter."""


class Stock:
    """Requests that can be sent once only."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        self._left = list(requests)

    def take(self, count: int) -> Sequence[bytes]:
        if count > len(self._left):
            raise Failed(f"{count} requests are wanted and {len(self._left)} are left")
        taken, self._left = self._left[:count], self._left[count:]
        return taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Everything that a probe may use."""

    folder: Path
    cores: Cores
    length: Length
    loader: Loader
    home: Home
    running: dict[Side, Running]
    port: dict[Side, int]
    """The mutual-TLS port of each side that runs."""
    starters: dict[Side, Starter]
    """For starting each side once more, beside those that run."""
    start_home: Home
    start_port: dict[Side, int]
    csrs: Stock
    fundings: Stock
    questions: Sequence[bytes] = ()
    """OCSP requests."""
    spare: Sequence[str] = ()
    """Serials of certificates that may be revoked."""
    halves: Mapping[str, "Stage"] = field(default_factory=dict)
    """The same stage over other servers, by their names; only where they are measured."""


@contextmanager
def staged(folder: Path, cores: Cores, length: Length) -> Iterator[Stage]:
    """Prepare everything in *folder*, and stop every server at the end."""
    loader = Loader(folder, cores.client)
    client = make_client(folder / "state")
    samples = length.rounds + 1  # with the warm-up
    paths = add_clients(folder / "state", length.signings * samples)
    transfers = add_transfers(folder / "state", client.id, length.fundings * samples)
    with ExitStack() as stack:
        ready_file = folder / "ready.json"
        running = servers.ours(folder / "state", cores.server, ready_file=ready_file).start()
        stack.callback(running.stop)
        home = home_of(folder / "state", client, servers.wait_for_file(running, ready_file))
        body = folder / "answer.json"
        body.write_bytes(home.playground_body())
        files = export(home.folder, folder)
        bare_port, bare_start_port = servers.free_port(), servers.free_port()
        bare = servers.bare(bare_port, files, body, cores.server).start()
        stack.callback(bare.stop)
        servers.wait_for_port(bare, bare_port)
        state = folder / "start"
        start_home = ran_once(state, make_client(state), cores)
        yield Stage(
            folder=folder,
            cores=cores,
            length=length,
            loader=loader,
            home=home,
            running={"ours": running, "bare": bare},
            port={"ours": home.mtls, "bare": bare_port},
            starters={
                "ours": servers.ours(start_home.folder, cores.server),
                "bare": servers.bare(bare_start_port, files, body, cores.server),
            },
            start_home=start_home,
            start_port={"ours": start_home.mtls, "bare": bare_start_port},
            csrs=Stock([signing(home, path) for path in paths]),
            fundings=Stock(transfers.requests(home)),
        )


def ran_once(state: Path, client: Client, cores: Cores) -> Home:
    """A state whose server ran once: its authority, its server certificate, its ports and a token are made."""
    ready_file = state.with_name(f"{state.name}.json")
    running = servers.ours(state, cores.server, ready_file=ready_file).start()
    try:
        return home_of(state, client, servers.wait_for_file(running, ready_file))
    finally:
        running.stop()


def signing(home: Home, path: str) -> bytes:
    """The call that sends the client's CSR to one of the paths of ``add_clients``."""
    return http.request("POST", path, home.control, {"Content-Type": "application/x-pem-file"}, home.client.csr)
