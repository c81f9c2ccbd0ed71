"""What is measured: the table. A new scenario is a row with a probe for each side and the bound that we aim at."""

from collections.abc import Callable
from dataclasses import dataclass

from ca.clock import SystemClock
from ca.issuance.issue import issue, random_serial
from ca.issuance.profile import plan
from ca.policy.requests import Approved, Claim, judge
from ca.records import HolderStatus
from ca.request.csr import read_csr
from scripts.measure.contract import contract_tests, keys_alone
from scripts.measure.figures import Bound
from scripts.measure.filler import offer
from scripts.measure.funding import verify_sign
from scripts.measure.home import PROVIDER
from scripts.measure.load import Failed
from scripts.measure.material import issuing
from scripts.measure.payments import payments
from scripts.measure.probes import Probe, alone, followed, fundings, load, peak, playground, signings, start
from scripts.measure.stage import Stage
from scripts.measure.webhooks import deliveries, plain_sending

BARE = "bare Hypercorn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One row: our side, what it stands beside, and what we aim at."""

    name: str
    title: str
    unit: str
    ours: Probe
    other: Probe
    beside: str
    """What the other side is."""
    bound: Bound
    once: bool = False
    """Read once, after every round, instead of in each."""


def parse_verify_sign(stage: Stage) -> Callable[[], object]:
    """What no signing of a CSR can do without: parse it, verify its signature, sign a certificate. Nothing is judged,
    read back or stored."""
    declared, csr, issuer = offer(), stage.home.client.csr, issuing(stage.home.folder)
    claim = Claim(provider=PROVIDER, holder=stage.home.client.id, name="alone")
    approved = judge(read_csr(csr), declared.policy, claim, HolderStatus())
    if not isinstance(approved, Approved):
        raise Failed(f"our own CSR was refused: {approved}")
    planned = plan(approved, declared.profile, SystemClock().now())

    def work() -> object:
        read_csr(csr)
        return issue(approved, planned, issuer, random_serial())

    return work


SCENARIOS = (
    Scenario(
        name="new-connections",
        title="new mTLS connections: full handshake, one call, close",
        unit="/s",
        ours=load("new", "ours", playground),
        other=load("new", "bare", playground),
        beside=BARE,
        bound=Bound(side="at least", limit=1.2),
    ),
    Scenario(
        name="keep-alive",
        title="calls on 8 connections that stay, journal on",
        unit="/s",
        ours=load("keep", "ours", playground),
        other=load("keep", "bare", playground),
        beside=BARE,
        bound=Bound(side="at least", limit=0.7),
    ),
    Scenario(
        name="live",
        title="the same while a page follows the journal",
        unit="/s",
        ours=followed(load("keep", "ours", playground)),
        other=load("keep", "ours", playground),
        beside="without the page",
        bound=Bound(side="at least", limit=0.85),
    ),
    Scenario(
        name="funding",
        title="signed funding calls (ES512) on 8 connections that stay",
        unit="/s",
        ours=fundings,
        other=alone(lambda _: verify_sign()),
        beside="verify, sign alone",
        bound=Bound(side="at least", limit=0.5),
    ),
    Scenario(
        name="payments",
        title="full payments, quote to signed funding (ES512), on one connection",
        unit="/s",
        ours=payments,
        other=alone(lambda _: verify_sign()),
        beside="verify, sign alone",
        bound=Bound(side="at least", limit=0.1),
    ),
    Scenario(
        name="certificates",
        title="CSR to stored certificate over the control API",
        unit="/s",
        ours=signings,
        other=alone(parse_verify_sign),
        beside="parse, verify, sign alone",
        bound=Bound(side="at least", limit=0.1),
    ),
    Scenario(
        name="webhooks",
        title="webhooks over mutual TLS, from the queue to the record",
        unit="/s",
        ours=deliveries,
        other=plain_sending,
        beside="http.client, one by one",
        bound=Bound(side="at least", limit=0.5),
    ),
    Scenario(
        name="contract",
        title="one whole contract test: client, certificate, token, signed call",
        unit="ms",
        ours=contract_tests,
        other=keys_alone,
        beside="keys and signatures alone",
        bound=Bound(side="at most", limit=25, of="ours"),
    ),
    Scenario(
        name="start",
        title="start to the first answered mTLS call",
        unit="ms",
        ours=start("ours"),
        other=start("bare"),
        beside=BARE,
        bound=Bound(side="at most", limit=2.5),
    ),
    Scenario(
        name="memory",
        title="peak memory after all of that",
        unit="MB",
        ours=peak("ours"),
        other=peak("bare"),
        beside=BARE,
        bound=Bound(side="at most", limit=120, of="ours"),
        once=True,
    ),
)
