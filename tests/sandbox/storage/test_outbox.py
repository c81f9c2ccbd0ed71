"""The outbox in both databases: what is due, who sends it, what came of it, and what is let go of."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox.errors import Refusal
from sandbox.settings import Database
from sandbox.storage import outbox
from sandbox.storage.facts import make_tables
from sandbox.storage.outbox import Search, WebhookSettings
from sandbox.storage.postgresql import PostgresqlStore
from sandbox.webhooks.event import Attempt, Outcome
from tests.sandbox.webhooks.providers import AT, delivery
from tests.waiting import until

LATER = AT + timedelta(hours=1)
REAL = datetime.fromisoformat("2026-01-01T00:00:00Z")
LEASE = REAL + timedelta(minutes=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def base(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "sqlite":
        yield request.getfixturevalue("store")
        return
    store = PostgresqlStore(Database(request.getfixturevalue("database")), "here")
    make_tables(store)
    yield store
    store.close()


def queue(work: Any, **changed: Any) -> Any:
    number = outbox.next_number(work)
    one = delivery(**{"id": f"d{number}", "number": number, **changed})
    outbox.add(work, one)
    return one


def claim(work: Any, who: str = "a", at: datetime = AT, real: datetime = REAL, limit: int = 10) -> list[str]:
    return [one.id for one in outbox.claim(work, who, at, real, real + timedelta(minutes=1), limit)]


def test_what_was_queued_is_found_as_it_was(base: Any) -> None:
    """Every field, the body to the byte."""
    with base.write() as work:
        one = queue(
            work, body=b"\x00\xff{}", headers={"x-signature": "00"}, lasting=timedelta(days=2), mtls=True, test=True
        )
    with base.read() as work:
        assert outbox.find(work, one.id) == one
        assert outbox.find(work, "nobody") is None


def test_only_what_is_due_is_claimed_and_only_once(base: Any) -> None:
    """The longest due first; what another sends is left to it until its lease is over."""
    with base.write() as work:
        queue(work, due_at=AT)
        queue(work, due_at=AT - timedelta(minutes=1))
        queue(work, due_at=LATER)
        assert outbox.anything_due(work, AT, REAL)
        assert claim(work, limit=1) == ["d2"]
        assert claim(work, "b") == ["d1"]
        assert claim(work, "b") == [] and not outbox.anything_due(work, AT, REAL)
        assert claim(work, "b", at=LATER) == ["d3"]
        over = LEASE + timedelta(seconds=1)
        assert claim(work, "c", at=LATER, real=over) == ["d2", "d1", "d3"]
        outbox.release_others(work, "d")
        assert claim(work, "d", at=LATER, real=REAL) == ["d2", "d1", "d3"]
        outbox.release(work, "d")
        assert outbox.anything_due(work, AT, REAL)


def test_who_has_lost_a_claim_cannot_settle(base: Any) -> None:
    """So that no attempt is counted twice."""
    with base.write() as work:
        one = queue(work)
        claim(work, "a")
        after = replace(one, status="delivered", tries=1, first_at=AT)
        assert not outbox.settle(work, "b", after)
        assert outbox.settle(work, "a", after) and not outbox.settle(work, "a", after)
        assert outbox.find(work, one.id) == after


def test_attempts_are_kept_whole(base: Any) -> None:
    """With every reason, in their order."""
    failed = Refusal(code="webhook.timeout", seen="a", expected="b", next="c")
    outcome = Outcome(
        address="127.0.0.1:1", tls="TLSv1.3", asked=False, listed=("CN=a",), failed=failed, remarks=(failed,)
    )
    attempts = (
        Attempt(number=1, at=AT, outcome=outcome, next_at=LATER),
        Attempt(number=2, at=LATER, outcome=Outcome(status=200, answer="ok", asked=None), next_at=None),
    )
    with base.write() as work:
        one = queue(work)
        for attempt in reversed(attempts):
            outbox.add_attempt(work, one.id, attempt)
        found = outbox.find(work, one.id)
        assert found is not None and found.attempts == attempts and outbox.newest_attempt(work, one.id) == 2


def test_a_delivery_and_its_attempts_are_of_one_moment(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt that ends between the two looks is seen with its end, or not at all."""
    with base.write() as work:
        one = queue(work)
        claim(work)
    really, ended = outbox._delivery, []

    def slowly(row: Any) -> Any:
        found = really(row)
        if not ended:
            ended.append(True)
            with base.write() as work:
                outbox.settle(work, "a", replace(one, status="delivered", tries=1, first_at=AT))
                outbox.add_attempt(work, one.id, Attempt(number=1, at=AT, outcome=Outcome(status=200), next_at=None))
        return found

    monkeypatch.setattr(outbox, "_delivery", slowly)
    with base.read() as work:
        found = outbox.find(work, one.id)
    assert found is not None and (found.status, len(found.attempts)) == ("delivered", 1)


def test_searching(base: Any) -> None:
    """By provider, client, event and status; the newest of many, oldest first."""
    with base.write() as work:
        for number in range(4):
            queue(work, client="c" if number % 2 else "d", event=f"e{number}")
        found = {
            "all": outbox.search(work, Search()),
            "client": outbox.search(work, Search(provider="p", client="c")),
            "event": outbox.search(work, Search(event="e2")),
            "status": outbox.search(work, Search(status="dead")),
            "after": outbox.search(work, Search(after=3)),
            "two": outbox.search(work, Search(limit=2)),
        }
        assert {name: [one.id for one in some] for name, some in found.items()} == {
            "all": ["d1", "d2", "d3", "d4"],
            "client": ["d2", "d4"],
            "event": ["d3"],
            "status": [],
            "after": ["d4"],
            "two": ["d3", "d4"],
        }
        assert (outbox.open_until(work, AT), outbox.open_until(work, AT, "p", "c")) == (4, 2)
        assert outbox.open_until(work, AT - timedelta(seconds=1)) == 0
        outbox.remove_of(work, "p", "c")
        assert len(outbox.search(work, Search())) == 2


def test_what_is_blocked_ends_and_the_last_end_is_known(base: Any) -> None:
    """By subscription; what is under way is left alone."""
    with base.write() as work:
        first = queue(work)
        claim(work)
        queue(work)
        other = queue(work, subscription="t")
        outbox.end_waiting(work, "p", "c", "s")
        assert [one.status for one in outbox.search(work, Search())] == ["waiting", "dead", "waiting"]
        assert outbox.last_ended(work, "p", "c", "s") == "", "what was never tried has not ended by trying"
        outbox.settle(work, "a", replace(first, status="dead", tries=4, first_at=AT))
        assert outbox.last_ended(work, "p", "c", "s") == "dead" and outbox.last_ended(work, "p", "c", "t") == ""
        outbox.send_again(work, first.id, LATER)
        assert claim(work, "z", at=LATER) == [other.id, first.id]


def test_the_oldest_that_are_done_are_let_go_of(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never what still waits."""
    monkeypatch.setattr(outbox, "KEPT_DELIVERIES", 2)
    monkeypatch.setattr(outbox, "TRIM_EVERY", 5)
    with base.write() as work:
        for number in range(5):
            one = queue(work, status="waiting" if number == 1 else "delivered")
            outbox.add_attempt(work, one.id, Attempt(number=1, at=AT, outcome=Outcome(), next_at=None))
        assert [one.id for one in outbox.search(work, Search())] == ["d2", "d4", "d5"]
        assert outbox.newest_attempt(work, "d1") == 0 and outbox.newest_attempt(work, "d2") == 1


def test_settings_are_the_usual_until_they_are_set(base: Any) -> None:
    """And again when they are removed."""
    said = WebhookSettings(mtls=False, ca="A", certificate="B")
    with base.write() as work:
        assert outbox.settings(work, "p", "c") == WebhookSettings()
        outbox.put_settings(work, "p", "c", WebhookSettings(mtls=True))
        outbox.put_settings(work, "p", "c", said)
        assert outbox.settings(work, "p", "c") == said
        outbox.remove_settings_of(work, "p", "c")
        assert outbox.settings(work, "p", "c") == WebhookSettings()


def test_one_leads_and_the_next_when_it_lets_go(base: Any) -> None:
    """However often it asks."""
    one, two = base.lead(), base.lead()
    assert one.held() and one.held() and one.sure
    assert not two.held()
    one.close()
    assert until(two.held, 60)
    two.close()
