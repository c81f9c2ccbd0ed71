"""The same server over a large store and over an empty one, side by side: what is prepared, and the table of it.

What a large store is, is filler's; the probes are those of every other figure."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca.authority import CLIENT_CA
from ca.records import CertificateRecord
from ca.status.ocsp import REQUEST_TYPE
from scripts.measure import http, servers
from scripts.measure.figures import Bound, Sample
from scripts.measure.filler import ISSUED, fill
from scripts.measure.growth import REVOCATIONS, growth
from scripts.measure.home import PROVIDER, Home, add_clients, home_of, make_client
from scripts.measure.load import Order, write_requests
from scripts.measure.material import issuing
from scripts.measure.probes import MANY, Probe, load, measured, playground, signings, start
from scripts.measure.scenarios import Scenario
from scripts.measure.stage import Stage, Stock, ran_once, signing

BESIDE = "empty store"
QUESTIONS = 2_000
"""Certificates that are asked about in turn: their rows lie all over the store."""
KEEPS = 0.9
"""Of its speed with an empty store, a server keeps at least so much."""
MAY_GROW = 50
"""Megabytes, with a hundred connections held open over twenty revocations."""


@contextmanager
def with_halves(stage: Stage, say: Callable[[str], None]) -> Iterator[Stage]:
    """The stage with a server over a large store and one over an empty store, which are stopped at the end."""
    with ExitStack() as stack:
        halves = {}
        for size, issued in (("large", ISSUED), ("empty", 0)):
            folder = stage.folder / size
            folder.mkdir()
            say(f"preparing a state with {issued:,} certificates ...")
            halves[size] = stack.enter_context(_half(stage, folder, issued))
        yield replace(stage, halves={**stage.halves, **halves})


@contextmanager
def _half(stage: Stage, folder: Path, issued: int) -> Iterator[Stage]:
    state, start_state, ready_file = folder / "state", folder / "start", folder / "ready.json"
    client = make_client(state)
    good = fill(state, issued)
    shutil.copytree(state, start_state)
    start_home = ran_once(start_state, client, stage.cores)
    spare = fill(state, REVOCATIONS, revoked_of_ten=0, name="spare")
    paths = add_clients(state, stage.length.signings * (stage.length.rounds + 1))
    running = servers.ours(state, stage.cores.server, ready_file=ready_file).start()
    try:
        home = home_of(state, client, servers.wait_for_file(running, ready_file))
        yield replace(
            stage,
            home=home,
            running={"ours": running},
            port={"ours": home.mtls},
            starters={"ours": servers.ours(start_state, stage.cores.server)},
            start_home=start_home,
            start_port={"ours": start_home.mtls},
            csrs=Stock([signing(home, path) for path in paths]),
            questions=_questions(home, good[:: max(1, len(good) // QUESTIONS)] or spare[:1]),
            spare=[record.serial for record in spare],
        )
    finally:
        running.stop()


def _questions(home: Home, records: Sequence[CertificateRecord]) -> Sequence[bytes]:
    """For each of the certificates, what a client would ask the authority's door about it (RFC 6960 A.1, by POST)."""
    issuer, path = issuing(home.folder).certificate, f"/ocsp/{CLIENT_CA}{PROVIDER}"
    requests = (_question(x509.load_der_x509_certificate(record.der), issuer) for record in records)
    return [http.request("POST", path, home.authority, {"Content-Type": REQUEST_TYPE}, one) for one in requests]


def _question(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    # SHA-1, as the clients of RFC 5019 section 2.1.1 ask.
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA1())
    return builder.build().public_bytes(Encoding.DER)


def questions(stage: Stage) -> Sample:
    """OCSP answers per second on 8 plain connections that stay, about one certificate after the other."""
    order = Order(
        mode="keep",
        port=stage.home.authority,
        requests=write_requests(stage.folder / "questions", stage.questions),
        count=MANY,
        seconds=stage.length.seconds,
    )
    return measured(stage, order, stage.running["ours"])


def over(size: str, probe: Probe) -> Probe:
    """The probe over that half of the stage, for as long as the run wants."""

    def measure(stage: Stage) -> Sample:
        return probe(replace(stage.halves[size], length=stage.length))

    return measure


def _row(name: str, title: str, probe: Probe, bound: Bound, *, unit: str = "/s", once: bool = False) -> Scenario:
    return Scenario(
        name=name,
        title=f"{title}, {ISSUED:,} certificates",
        unit=unit,
        ours=over("large", probe),
        other=over("empty", probe),
        beside=BESIDE,
        bound=bound,
        once=once,
    )


_KEEPS = Bound(side="at least", limit=KEEPS)

LARGE = (
    _row("large-issuing", "CSR to stored certificate", signings, _KEEPS),
    _row("large-handshake", "new mTLS connections", load("new", "ours", playground), _KEEPS),
    _row("large-ocsp", "OCSP answers", questions, _KEEPS),
    _row("large-start", "start", start("ours"), Bound(side="at most", limit=1 / KEEPS), unit="ms"),
    _row(
        "large-memory",
        f"growth with 100 connections over {REVOCATIONS} revocations",
        growth,
        Bound(side="at most", limit=MAY_GROW, of="ours"),
        unit="MB",
        once=True,
    ),
)
