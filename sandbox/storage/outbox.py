"""The outbox: what is to be sent to clients, what came of each attempt, and how a client wants to be sent it.

A row is written in the transaction of its cause, so that there is neither a change that nobody is told of nor a
message about one that was undone. Who sends, and when, is others' business."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ca.clock import read_time, write_time
from sandbox.storage import texts
from sandbox.storage.work import Work, load
from sandbox.webhooks.event import Attempt, Delivery, Status, attempt_from_json

KEPT_DELIVERIES = 2_000
"""Of those that are done, about so many are kept with their attempts: some 4 MB, and where each was tried for three
days, every half hour, some 200 MB."""
TRIM_EVERY = 200
MOST_SHOWN = 1_000
"""For one answer."""
NO_END = 2**53
"""A number that no delivery reaches: JSON's readers agree on those up to it (RFC 8259 section 6)."""

MOST_LOOKS = 5
"""At a delivery and its attempts, until both are of one moment: an attempt takes milliseconds, the two looks none."""
_QUERIES = "webhooks_queries"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """How a client wants to be sent webhooks."""

    mtls: bool | None = None
    """Whether the sender shows its certificate; None: as the provider usually does."""
    ca: str = ""
    """PEM: by what the client's own server is judged; empty: by the system's CAs and the sandbox's own."""
    certificate: str = ""
    """PEM, leaf first: what the client's own CA has issued for the sender's key; empty: the provider's own is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which deliveries are meant; None asks nothing."""

    provider: str | None = None
    client: str | None = None
    event: str | None = None
    status: Status | None = None
    after: int = 0
    """Only those with a higher number."""
    before: int = NO_END
    """Only those with a lower number."""
    limit: int = MOST_SHOWN


def next_number(work: Work) -> int:
    """Writers take turns, so that no other process takes it."""
    return int(load(_QUERIES, work.driver).newest_number(work.connection)) + 1


def add(work: Work, delivery: Delivery) -> None:
    """Queue it, due at once; and let go of the oldest that are done."""
    queries = load(_QUERIES, work.driver)
    queries.add_delivery(
        work.connection,
        id=delivery.id,
        number=delivery.number,
        provider=delivery.provider,
        client=delivery.client,
        subscription=delivery.subscription,
        event=delivery.event,
        url=delivery.url,
        mtls=int(delivery.mtls),
        test=int(delivery.test),
        body=delivery.body,
        headers=texts.write(dict(delivery.headers)),
        queued_at=write_time(delivery.queued_at),
        status=delivery.status,
        due_at=write_time(delivery.due_at),
        lasting=None if delivery.lasting is None else round(delivery.lasting.total_seconds()),
    )
    if delivery.number % TRIM_EVERY == 0:
        queries.trim_attempts(work.connection, number=delivery.number - KEPT_DELIVERIES)
        queries.trim_deliveries(work.connection, number=delivery.number - KEPT_DELIVERIES)


def anything_due(work: Work, at: datetime, real: datetime) -> bool:
    return bool(load(_QUERIES, work.driver).anything_due(work.connection, at=write_time(at), real=write_time(real)))


def claim(work: Work, claimant: str, at: datetime, real: datetime, until: datetime, limit: int) -> tuple[Delivery, ...]:
    """Those that are due at *at* and that nobody else is sending, the longest due first: *claimant* is now."""
    queries = load(_QUERIES, work.driver)
    rows = queries.due(work.connection, at=write_time(at), real=write_time(real), limit=limit)
    found = tuple(_delivery(row) for row in rows)
    for one in found:
        queries.claim(work.connection, id=one.id, claimed_by=claimant, claimed_until=write_time(until))
    return found


def claim_again(work: Work, claimant: str, id: str, until: datetime) -> None:
    """Go on with one that has just been settled."""
    load(_QUERIES, work.driver).claim(work.connection, id=id, claimed_by=claimant, claimed_until=write_time(until))


def release_others(work: Work, claimant: str) -> None:
    """What was claimed by processes that are certainly gone is free again."""
    load(_QUERIES, work.driver).release_claims(work.connection, but=claimant)


def release(work: Work, claimant: str) -> None:
    """What *claimant* has claimed is free again."""
    load(_QUERIES, work.driver).release_own(work.connection, claimed_by=claimant)


def settle(work: Work, claimant: str, delivery: Delivery) -> bool:
    """Keep how *delivery* stands after an attempt; False when it is gone, or is being sent by another by now."""
    first_at = None if delivery.first_at is None else write_time(delivery.first_at)
    changed = load(_QUERIES, work.driver).settle(
        work.connection,
        id=delivery.id,
        claimed_by=claimant,
        status=delivery.status,
        due_at=write_time(delivery.due_at),
        tries=delivery.tries,
        first_at=first_at,
    )
    return bool(changed)


def add_attempt(work: Work, delivery: str, attempt: Attempt) -> None:
    load(_QUERIES, work.driver).add_attempt(
        work.connection, delivery=delivery, number=attempt.number, attempt=texts.write(attempt.as_json())
    )


def newest_attempt(work: Work, delivery: str) -> int:
    """The number of its last attempt; 0 before the first."""
    return int(load(_QUERIES, work.driver).newest_attempt(work.connection, delivery=delivery))


def send_again(work: Work, id: str, at: datetime) -> None:
    """Due at once, by a schedule that begins anew."""
    load(_QUERIES, work.driver).send_again(work.connection, id=id, due_at=write_time(at))


def point_to(work: Work, id: str, url: str, *, mtls: bool) -> None:
    """From now on it goes there."""
    load(_QUERIES, work.driver).point_to(work.connection, id=id, url=url, mtls=int(mtls))


def end_waiting(work: Work, provider: str, client: str, subscription: str) -> None:
    """Nothing more is sent to that subscription of what is queued for it."""
    load(_QUERIES, work.driver).end_waiting(
        work.connection, provider=provider, client=client, subscription=subscription
    )


def last_ended(work: Work, provider: str, client: str, subscription: str) -> str:
    """How the last one ended that was sent to that subscription; empty when none has."""
    found = load(_QUERIES, work.driver).last_ended(
        work.connection, provider=provider, client=client, subscription=subscription
    )
    return str(found or "")


def find(work: Work, id: str) -> Delivery | None:
    """With its attempts."""
    row = load(_QUERIES, work.driver).delivery(work.connection, id=id)
    return None if row is None else _with_attempts(work, row)


def begun(work: Work, beginning: str, limit: int) -> tuple[str, ...]:
    """The ids of deliveries that begin so, the newest first."""
    if not set(beginning) <= set("0123456789abcdef-"):
        return ()
    rows = load(_QUERIES, work.driver).begun(work.connection, id=f"{beginning}%", limit=limit)
    return tuple(found for (found,) in rows)


def search(work: Work, wanted: Search) -> tuple[Delivery, ...]:
    """The newest of those that are meant, oldest first, with their attempts."""
    rows = load(_QUERIES, work.driver).deliveries(
        work.connection,
        provider=wanted.provider,
        client=wanted.client,
        event=wanted.event,
        status=wanted.status,
        after=wanted.after,
        before=wanted.before,
        limit=max(1, min(wanted.limit, MOST_SHOWN)),
    )
    return tuple(_with_attempts(work, row) for row in reversed(list(rows)))


def open_until(work: Work, at: datetime, provider: str | None = None, client: str | None = None) -> int:
    """How many are due by then and neither delivered nor dead."""
    return int(
        load(_QUERIES, work.driver).open_until(work.connection, at=write_time(at), provider=provider, client=client)
    )


def remove_of(work: Work, provider: str, client: str) -> None:
    queries = load(_QUERIES, work.driver)
    queries.remove_attempts_of(work.connection, provider=provider, client=client)
    queries.remove_deliveries_of(work.connection, provider=provider, client=client)


def settings(work: Work, provider: str, client: str) -> WebhookSettings:
    row = load(_QUERIES, work.driver).settings(work.connection, provider=provider, client=client)
    if row is None:
        return WebhookSettings()
    mtls, ca, certificate = row
    return WebhookSettings(mtls=None if mtls is None else bool(mtls), ca=ca, certificate=certificate)


def put_settings(work: Work, provider: str, client: str, said: WebhookSettings) -> None:
    load(_QUERIES, work.driver).put_settings(
        work.connection,
        provider=provider,
        client=client,
        mtls=None if said.mtls is None else int(said.mtls),
        ca=said.ca,
        certificate=said.certificate,
    )


def remove_settings_of(work: Work, provider: str, client: str) -> None:
    load(_QUERIES, work.driver).remove_settings_of(work.connection, provider=provider, client=client)


def _with_attempts(work: Work, row: Sequence[Any]) -> Delivery:
    """Both are of one moment: each statement sees the newest commit, and an attempt may end between two."""
    queries, delivery = load(_QUERIES, work.driver), _delivery(row)
    attempts: list[Any] = []
    for _ in range(MOST_LOOKS):
        attempts = list(queries.attempts(work.connection, delivery=delivery.id))
        again = queries.delivery(work.connection, id=delivery.id)
        if again is None or (newer := _delivery(again)) == delivery:
            break
        delivery = newer
    return delivery.with_attempts([attempt_from_json(texts.read(text)) for (text,) in attempts])


def _delivery(row: Sequence[Any]) -> Delivery:
    (key, number, provider, client, subscription, event, url, mtls, test, body, headers, queued_at, status, due_at,
     tries, first_at, lasting) = row  # fmt: skip
    return Delivery(
        id=key,
        number=number,
        provider=provider,
        client=client,
        subscription=subscription,
        event=event,
        url=url,
        mtls=bool(mtls),
        test=bool(test),
        body=bytes(body),
        headers=texts.read(headers),
        queued_at=read_time(queued_at),
        status=status,
        due_at=read_time(due_at),
        tries=tries,
        first_at=None if first_at is None else read_time(first_at),
        lasting=None if lasting is None else timedelta(seconds=lasting),
    )
