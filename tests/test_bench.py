"""The benchmark's arithmetic and what it prints; what it measures is measured by running it."""

import os
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography import x509

from ca.authority import CLIENT_CA
from ca.records import CertificateRecord, Claim, record_of
from sandbox.errors import Refused
from sandbox.jose.jws import seal_compact
from sandbox.services.authority import current_crl
from sandbox.services.certificates import list_certificates
from sandbox.services.clients import show_client
from sandbox.services.issuing import sign
from sandbox.services.keys import list_keys
from sandbox.services.resources import show_resource
from sandbox.services.state import opened
from scripts.measure.__main__ import chosen, read_options
from scripts.measure.cores import choose, on
from scripts.measure.figures import Bound, Figure, Pair, Sample
from scripts.measure.filler import fill
from scripts.measure.funding import ALGORITHM, Fundings, add_transfers, verify_sign
from scripts.measure.home import Client, Home, make_client
from scripts.measure.http import request
from scripts.measure.large import LARGE
from scripts.measure.load import Failed, Order, Pass, Seen, write_requests
from scripts.measure.material import issuing
from scripts.measure.report import HEADINGS, Result, aim, amount, as_json, table
from scripts.measure.scenarios import SCENARIOS
from scripts.measure.stage import QUICK, WARM_UP, Stock
from scripts.measure.transfers import CROWDED


def pair(ours: float, other: float, *, busy: float = 0.0) -> Pair:
    return Pair(
        ours=Sample(value=ours, alone=ours * 2, busy=busy, detail={"p50_us": ours}),
        other=Sample(value=other, alone=other, detail={"p50_us": other}),
    )


def result(*pairs: Pair, bound: Bound, unit: str = "/s") -> Result:
    return Result(name="calls", title="calls", unit=unit, beside="bare", bound=bound, figure=Figure(pairs=pairs))


AT_LEAST = Bound(side="at least", limit=1.2)


def test_the_ratio_is_the_median_of_the_rounds() -> None:
    """A machine that slows down between rounds changes no ratio, and one bad round moves nothing."""
    figure = Figure(pairs=[pair(1000, 500), pair(100, 50), pair(10, 500)])
    assert figure.ratio == 2
    assert (figure.ours, figure.other) == (100, 500)
    assert figure.spread == (0.02, 2)
    assert figure.ratio_alone == 4


def test_a_ratio_by_cpu_time_is_given_only_where_every_round_has_one() -> None:
    """Memory has no CPU time; neither side's is guessed."""
    without = Pair(ours=Sample(value=60), other=Sample(value=90))
    assert Figure(pairs=[without]).ratio_alone is None
    assert Figure(pairs=[pair(2, 1), without]).ratio_alone is None


@pytest.mark.parametrize(
    ("bound", "holds"),
    [
        (Bound(side="at least", limit=2), True),
        (Bound(side="at least", limit=2.01), False),
        (Bound(side="at most", limit=2), True),
        (Bound(side="at most", limit=1.99), False),
        (Bound(side="at most", limit=100, of="ours"), True),
        (Bound(side="at most", limit=99, of="ours"), False),
    ],
)
def test_a_bound_includes_its_limit(bound: Bound, holds: bool) -> None:
    """Of the ratio, or of our own value."""
    assert bound.holds(Figure(pairs=[pair(100, 50)])) is holds


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (9512.4, "/s", "9,512/s"),
        (45.67, "/s", "45.7/s"),
        (0.1234, "/s", "0.12/s"),
        (465.4, "ms", "465 ms"),
        (67.6, "MB", "67.6 MB"),
    ],
)
def test_amounts_have_three_digits_that_mean_something(value: float, unit: str, text: str) -> None:
    """Thousands are apart, rates stick to their unit."""
    assert amount(value, unit) == text


def test_the_table_has_a_line_for_each_figure() -> None:
    """Figure, both sides, the ratio with its range, what was aimed at, and whether it holds."""
    lines = table([result(pair(600, 400), pair(500, 500), bound=AT_LEAST)]).splitlines()
    assert lines[0].split() == " ".join(HEADINGS).split()
    assert set(lines[1]) == {"-", " "}
    cells = re.split(" {2,}", lines[2])
    assert cells == ["calls", "550/s", "450/s (bare)", "1.25x", "1.00-1.50", "2.50x", "at least 1.2x", "yes"]
    assert len(lines) == 3


def test_a_missed_aim_is_said() -> None:
    """NO stands out; an aim for our own value is told in its unit."""
    (line,) = table(
        [result(pair(130, 200), bound=Bound(side="at most", limit=120, of="ours"), unit="MB")]
    ).splitlines()[2:]
    assert line.endswith("at most 120 MB  NO")
    assert aim(Bound(side="at most", limit=2.5), "ms") == "at most 2.5x"


def test_a_busy_client_makes_a_figure_doubtful() -> None:
    """When the client had no time left, the server was perhaps not what was measured: that is said below the table."""
    assert "the client was busy 95%" in table([result(pair(2, 1, busy=0.95), bound=AT_LEAST)])
    assert "busy" not in table([result(pair(2, 1, busy=0.5), bound=AT_LEAST)])


def test_json_has_everything_that_was_seen() -> None:
    """Every round's ratio, the aim, the medians of the details; and what the caller says of the run."""
    said = as_json([result(pair(600, 400), pair(500, 500), bound=AT_LEAST)], {"rounds": 2})
    (figure,) = said["figures"]
    assert (said["version"], said["rounds"]) == (1, 2)
    assert (figure["ratio"], figure["ratio_by_cpu"], figure["ratios"], figure["ok"]) == (1.25, 2.5, [1.5, 1.0], True)
    assert figure["aim"] == {"side": "at least", "limit": 1.2, "of": "ratio"}
    assert (figure["ours_detail"], figure["other_detail"]) == ({"p50_us": 550}, {"p50_us": 450})


def test_a_rate_is_calls_by_time_and_by_the_servers_own_time() -> None:
    """300 calls in 2 s, for which the server worked 1.5 s and the client 1 s on one of its two cores."""
    seen = Seen(done=300, errors=0, seconds=2, cpu=1, p50_us=40, p99_us=90, ended=0, first_error="")
    sample = seen.rate(server_cpu=1.5, client_cores=2)
    assert (sample.value, sample.alone, sample.busy) == (150, 200, 0.25)
    assert sample.detail["server_cpu_us"] == 5000


def test_the_load_generator_is_told_a_count_and_a_time() -> None:
    """No order is without both ends; TLS comes with everything that it needs."""
    plain = Order(mode="keep", port=1, requests=Path("r"), count=10, seconds=2)
    assert plain.words()[:2] == ["--mode", "keep"]
    assert {"--count", "--seconds"} <= set(plain.words())
    assert "--cert" not in plain.words()
    secure = Pass(certificate=Path("c"), key=Path("k"), authority=Path("a"))
    words = Order(mode="new", port=1, requests=Path("r"), count=10, seconds=2, tls=secure).words()
    assert words[-6:] == ["--cert", "c", "--key", "k", "--ca", "a"]


def test_requests_are_written_with_their_lengths(tmp_path: Path) -> None:
    """As the load generator reads them: a line with the number of bytes, then the bytes."""
    sent = [request("GET", "/a", 8443, {}), request("POST", "/b", 8440, {"X-Y": "z"}, b"{}\n")]
    written = write_requests(tmp_path / "requests", sent).read_bytes()
    assert written == b"%d\n%b%d\n%b" % (len(sent[0]), sent[0], len(sent[1]), sent[1])
    assert sent[0].startswith(b"GET /a HTTP/1.1\r\nHost: localhost:8443\r\n")
    assert sent[1].endswith(b"X-Y: z\r\nContent-Length: 3\r\n\r\n{}\n")


def test_a_stock_gives_nothing_twice() -> None:
    """A CSR can be signed once under its name; the stock that is prepared lasts for all rounds and the warm-up."""
    stock = Stock([b"1", b"2", b"3"])
    assert [*stock.take(2), *stock.take(1)] == [b"1", b"2", b"3"]
    with pytest.raises(Failed, match="0 are left"):
        stock.take(1)
    assert min(QUICK.signings, QUICK.fundings) // WARM_UP >= 1


def stub_home(folder: Path) -> Home:
    tls = Pass(certificate=folder / "c", key=folder / "k", authority=folder / "a")
    client = Client(id="i", secret="s", tls=tls, csr=b"")
    return Home(folder=folder, client=client, mtls=8443, control=8440, authority=8441, token="t")


def answered(fundings: Fundings, said: bytes, folder: Path, patch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """Path and body of every funding call, the one first that is made to see how it is answered: with *said*."""
    tried: list[tuple[str, bytes]] = []

    def call(_port: int, _tls: Pass, _method: str, path: str, _headers: Any, body: bytes, *, expect: int) -> bytes:
        assert expect == 201
        tried.append((path, body))
        return said

    patch.setattr("scripts.measure.funding.http.call", call)
    for sent in fundings.requests(stub_home(folder)):
        head, body = sent.split(b"\r\n\r\n")
        tried.append((head.split()[1].decode(), body))
    return tried


def test_each_funding_call_pays_for_another_transfer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each signs its own path with the key that is registered, as PyJWT sees it, and finds a transfer that waits."""
    with opened(tmp_path / "state") as state:
        client_id = show_client(state, "wise", "demo").id
    fundings = add_transfers(tmp_path / "state", client_id, 3)
    reply = seal_compact(b"{}", key=fundings.key, header={"alg": ALGORITHM}).encode()
    calls = answered(fundings, reply, tmp_path, monkeypatch)
    assert [path for path, _ in calls] == list(fundings.paths)
    assert len(set(fundings.paths)) == 4
    public_key = fundings.key.public_key
    with opened(tmp_path / "state") as state:
        (key,) = list_keys(state, "wise", client_id)
        for path, body in calls:
            assert jwt.api_jws.decode(body, public_key, algorithms=[ALGORITHM]) == b'{"type":"BALANCE"}'
            header = jwt.get_unverified_header(body)
            assert (header["kid"], header["url"]) == (key.kid, path)
            transfer = show_resource(state, "wise", client_id, "transfer", path.split("/")[5]).body
            assert (transfer["status"], transfer["business"]) == ("incoming_payment_waiting", 12345)


def test_funding_is_not_measured_when_replies_are_not_signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 201 in plain JSON, or signed with a cheaper algorithm, would make a figure that says something else."""
    state = tmp_path / "state"
    with opened(state) as one:
        fundings = add_transfers(state, show_client(one, "wise", "demo").id, 1)
    with pytest.raises(Refused):
        answered(fundings, b'{"status":"COMPLETED"}', tmp_path, monkeypatch)
    cheaper = jwt.api_jws.encode(b"{}", "k" * 32, algorithm="HS256").encode()
    with pytest.raises(Failed, match="not signed with ES512"):
        answered(fundings, cheaper, tmp_path, monkeypatch)


def test_what_funding_stands_beside_is_done_each_time() -> None:
    """A signature is made anew: no two are the same."""
    work = verify_sign()
    assert work() != work()


def test_scenarios_are_told_apart() -> None:
    """By name, for --only and for whoever reads the JSON; what is read once stands at the end."""
    names = [scenario.name for scenario in SCENARIOS]
    assert len(set(names)) == len(names)
    assert [scenario.once for scenario in SCENARIOS] == sorted(scenario.once for scenario in SCENARIOS)


def test_a_process_goes_back_to_its_cores() -> None:
    """Choosing a core for a child leaves the parent as it was; one core, or none to choose, is no error."""
    with on(frozenset()):
        pass
    cores = choose()
    assert not cores.server & cores.client
    if cores.server:
        before = os.sched_getaffinity(0)
        with on(cores.server):
            assert os.sched_getaffinity(0) == cores.server
        assert os.sched_getaffinity(0) == before


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the benchmark is for Linux")
def test_the_cpu_time_of_another_process_can_be_read() -> None:
    """The number that the C library computes for a process's clock: here of our own, which we can compare."""
    low = time.process_time()
    assert low <= time.clock_gettime((~os.getpid() << 3) | 2) <= time.process_time()


def test_a_filled_store_is_what_signing_and_revoking_leave(tmp_path: Path) -> None:
    """Each row is a certificate of the issuing CA, whose CRL has every tenth; a client's next one is judged by its."""
    state = tmp_path / "state"
    client = make_client(state)
    good = fill(state, 30)
    with opened(state) as one:
        crl = x509.load_der_x509_crl(current_crl(one, f"{CLIENT_CA}wise").der)
        records = [record for record in list_certificates(one, "wise") if record.name.startswith("certificate-")]
        holder = records[0].holder
        with pytest.raises(Refused) as refused:
            sign(one, "wise", holder, client.csr, name="certificate-0")
    issuer = issuing(state).certificate
    for record in records:
        certificate = x509.load_der_x509_certificate(record.der)
        certificate.verify_directly_issued_by(issuer)
        assert record_of(certificate, claim_of(record), record.profile, record.issued_at) == replace(
            record, revoked_at=None, reason=""
        )
        assert (crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is None) == (record in good)
    assert (len(records), len(good), len(crl)) == (30, 27, 3)
    assert [refusal.code for refusal in refused.value.reasons] == ["certificate.name_taken"]


def claim_of(record: CertificateRecord) -> Claim:
    return Claim(provider=record.provider, holder=record.holder, name=record.name)


def test_the_large_figures_have_to_be_asked_for() -> None:
    """A look stays a look; with --large they stand before what is read once at the end."""
    names = [one.name for one in chosen(read_options([]))]
    assert not any("large" in name for name in names)
    assert [one.name for one in chosen(read_options(["--only", "large-ocsp"]))] == ["large-ocsp"]
    large = [one.name for one in chosen(read_options(["--large"]))]
    assert set(large) == {*names, *(one.name for one in (*LARGE, *CROWDED))} and large[-1] == "memory"
    payments = [one.name for one in chosen(read_options(["--only", "payments"]))]
    assert payments == ["payments", "payments-large"], "over both kinds of store in the same run"
