"""Full payments over a store with 100,000 transfers and over one with none: what is prepared, and its row.

One payment is made by calls. What it leaves (a transfer, its quote, its entry in the books, the key by which it is
found again) is then put as often as wanted by the storage layer: a hundred thousand payments by calls would take
minutes and leave the same rows."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox.providers.context import Row
from sandbox.services.rows import keep
from sandbox.services.state import opened
from sandbox.storage import resources
from scripts.measure import servers
from scripts.measure.figures import Bound
from scripts.measure.home import PROVIDER, Home, home_of, make_client
from scripts.measure.large import BESIDE, KEEPS, over
from scripts.measure.payments import payments
from scripts.measure.scenarios import Scenario
from scripts.measure.stage import Stage

TRANSFERS = 100_000
TOGETHER = 500
"""Payments in one transaction: the server beside it waits half a second at most."""
FIRST = 1_000_000
"""The numbers of what is put are below those that calls give out."""


@contextmanager
def with_transfers(stage: Stage, say: Callable[[str], None]) -> Iterator[Stage]:
    """The stage with a server over each of the two stores, which are stopped at the end."""
    with ExitStack() as stack:
        halves = {}
        for name, count in (("many-transfers", TRANSFERS), ("no-transfers", 0)):
            say(f"preparing a state with {count:,} transfers ...")
            halves[name] = stack.enter_context(_half(stage, stage.folder / name, count))
        yield replace(stage, halves={**stage.halves, **halves})


@contextmanager
def _half(stage: Stage, folder: Path, count: int) -> Iterator[Stage]:
    folder.mkdir()
    state, ready_file = folder / "state", folder / "ready.json"
    client = make_client(state)
    running = servers.ours(state, stage.cores.server, ready_file=ready_file).start()
    try:
        home = home_of(state, client, servers.wait_for_file(running, ready_file))
        half = replace(stage, home=home, running={"ours": running}, port={"ours": home.mtls})
        payments(replace(half, length=replace(stage.length, fundings=1)))
        put_payments(home, count)
        yield half
    finally:
        running.stop()


def put_payments(home: Home, count: int) -> None:
    """So many payments like the newest one, all of them older."""
    client = home.client.id
    with opened(home.folder) as state:
        with state.store.read() as work:
            one = {kind: _newest(resources.all_of(work, PROVIDER, client, kind)) for kind in _COPIES}
        for first in range(0, count, TOGETHER):
            with state.store.write() as work:
                for number in range(first, min(first + TOGETHER, count)):
                    for row in _copies(one, number):
                        keep(work, PROVIDER, client, row, new=True)


_COPIES = ("quote", "transfer", "transfer_key", "transaction")


def _newest(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> Mapping[str, Any]:
    return max(rows, key=lambda row: row[1].get("id", ""), default=("", {}))[1]


def _copies(one: Mapping[str, Mapping[str, Any]], number: int) -> Iterator[Row]:
    """The rows of the payment with that number."""
    quote, key, own = str(uuid.uuid4()), str(uuid.uuid4()), FIRST + number
    notes = one["transfer"]["sandbox"]
    changed = {"id": own, "quoteUuid": quote, "customerTransactionId": key, "sandbox": {**notes, "order": own}}
    yield Row(kind="quote", id=quote, body={**one["quote"], "id": quote})
    yield Row(kind="transfer", id=str(own), body={**one["transfer"], **changed})
    yield Row(kind="transfer_key", id=key, body={"id": key, "transfer": own})
    yield Row(kind="transaction", id=str(own), body={**one["transaction"], "id": own, "transfer": own})


CROWDED = (
    Scenario(
        name="payments-large",
        title=f"full payments, {TRANSFERS:,} transfers in the store",
        unit="/s",
        ours=over("many-transfers", payments),
        other=over("no-transfers", payments),
        beside=BESIDE,
        bound=Bound(side="at least", limit=KEEPS),
    ),
)
