"""The queue: what was queued is tried at its due times as the sandbox's clock shows them, and never forgotten."""

import contextlib
import itertools
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbank import Sandbox
from sandbox.providers.nuapay.notifications import SENDING
from sandbox.services import dispatching, webhooks
from sandbox.services.postbox import Postbox
from sandbox.services.resources import put_resource
from sandbox.services.rows import find_client
from sandbox.services.state import open_state
from sandbox.webhooks.event import Delivery
from tests.live.receivers import answers, hangs, receiver
from tests.live.served import PATIENCE, Served, starting
from tests.waiting import until

HALF_HOUR = timedelta(minutes=30)
ROUNDS = 20


def subscribe(state: Any, client: str, url: str, *, days: int = 1, id: str = "0123456789") -> None:
    given = {"targetUrl": url, "eventTypes": "AccountEntry", "signKey": "k", "retryNumberOfDays": str(days)}
    put_resource(state, "nuapay", client, "webhook", id, given)


def test_each_due_time_that_a_move_has_passed_is_tried_at_its_own_time() -> None:
    """A receiver that fails for a day is tried 49 times, half an hour apart, and then no more."""
    with Sandbox() as sandbox, receiver(None, answers(500)) as there:
        client = sandbox.nuapay.client()
        subscribe(sandbox.state, client.id, there.url)
        (queued,) = webhooks.send_test(sandbox.state, "nuapay", client.id)
        until(lambda: webhooks.show_delivery(sandbox.state, queued.id).attempts, PATIENCE)
        sandbox.clock.move(timedelta(hours=2, minutes=5))
        until(lambda: len(webhooks.show_delivery(sandbox.state, queued.id).attempts) == 5, PATIENCE)
        sandbox.clock.move(timedelta(days=1))
        done = until(lambda: ended(sandbox.state, queued), PATIENCE)
        assert done.status == "dead" and len(done.attempts) == 49 == len(there.came)
        times = [attempt.at for attempt in done.attempts]
        assert times[0] == queued.queued_at
        assert {after - before for before, after in itertools.pairwise(times)} == {HALF_HOUR}
        assert [one.next_at for one in done.attempts] == [*times[1:], None]
        assert {came.headers["x-request-id"] for came in there.came} == {queued.id}


def test_a_receiver_that_timed_out_in_a_move_is_not_waited_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two are waited for, the first and the first of the move; all others are recorded as what they would have been."""
    monkeypatch.setattr(dispatching, "_sending", lambda provider: replace(SENDING, seconds=0.5))
    with Sandbox() as sandbox, receiver(None, hangs) as there:
        client = sandbox.nuapay.client()
        subscribe(sandbox.state, client.id, there.url)
        (queued,) = webhooks.send_test(sandbox.state, "nuapay", client.id)
        until(lambda: webhooks.show_delivery(sandbox.state, queued.id).attempts, PATIENCE)
        sandbox.clock.move(timedelta(days=2))
        done = until(lambda: ended(sandbox.state, queued), PATIENCE)
        assert [one.outcome.waited for one in done.attempts] == [True, True, *[False] * 47]
        assert {one.outcome.failed.code for one in done.attempts if one.outcome.failed} == {"webhook.timeout"}
        assert len(there.came) == 2


def test_a_slow_receiver_holds_nobody_else_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """While one receiver is waited for, another has its message."""
    monkeypatch.setattr(dispatching, "_sending", lambda provider: replace(SENDING, seconds=3 * PATIENCE))
    with Sandbox() as sandbox, receiver(None, hangs) as slow, receiver(None) as quick:
        client = sandbox.nuapay.client()
        subscribe(sandbox.state, client.id, slow.url)
        subscribe(sandbox.state, client.id, quick.url, id="9876543210")
        queued = webhooks.send_test(sandbox.state, "nuapay", client.id)
        quick.wait()
        assert slow.arrived.acquire(timeout=PATIENCE)
        until(lambda: any(ended(sandbox.state, one) for one in queued), PATIENCE)
        assert sorted(webhooks.show_delivery(sandbox.state, one.id).status for one in queued) == [
            "delivered",
            "waiting",
        ]


def ended(state: Any, queued: Delivery) -> Delivery | None:
    found = webhooks.show_delivery(state, queued.id)
    return None if found.status == "waiting" else found


@contextlib.contextmanager
def opened(server: Served) -> Iterator[Any]:
    state = open_state(server.state, make_new=False)
    try:
        yield state
    finally:
        state.close()


def kill_all(server: Served) -> None:
    """The server, and its workers with it."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    server.kill()
    for child in map(int, children):
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def test_twenty_kills_lose_nothing_and_send_nothing_under_a_second_id(tmp_path: Path) -> None:
    """`kill -9` right after something was queued, or while it is being sent: the next server sends it, under the same
    id; whatever came twice has the same id and body, and every delivery ends as delivered."""
    queued: dict[str, bytes] = {}
    with receiver(None) as there:
        for turn in range(ROUNDS):
            workers = ("--workers", "2") if turn % 4 == 3 else ()
            with starting(tmp_path, *workers) as server, opened(server) as state:
                (client,) = [one for one in server.ready["providers"]["nuapay"]["clients"] if one["name"] == "demo"]
                subscribe(state, client["id"], there.url)
                for _ in range(5):
                    (one,) = webhooks.send_test(state, "nuapay", client["id"])
                    queued[one.id] = one.body
                if turn % 2:
                    there.wait()  # some are on their way
                kill_all(server)
        with starting(tmp_path) as server, opened(server) as state:
            until(lambda: webhooks.open_deliveries(state, state.clock.now()) == 0, PATIENCE)
            found = webhooks.list_deliveries(state, provider="nuapay")
    assert {one.id for one in found} == set(queued)
    assert {one.status for one in found} == {"delivered"}
    came = [(one.headers["x-request-id"], one.body) for one in there.came]
    assert set(came) == set(queued.items())
    repeated = len(came) - len(set(came))
    assert repeated <= ROUNDS * 8, "at most what was on its way at each kill"


def test_two_machines_over_one_database_deliver_each_once(tmp_path: Path, database: str) -> None:
    """Whoever queues it; and when the one that sends is gone, the other goes on."""
    one = Sandbox(state=tmp_path / "a", database=database)
    with receiver(None) as there, Sandbox(state=tmp_path / "b", database=database) as two:
        one.start()
        client = two.nuapay.client()
        subscribe(two.state, client.id, there.url)
        ids = [webhooks.send_test(each.state, "nuapay", client.id)[0].id for each in (one, two) * 20]
        until(lambda: webhooks.open_deliveries(two.state, two.state.clock.now()) == 0, PATIENCE)
        assert sorted(came.headers["x-request-id"] for came in there.came) == sorted(ids)
        one.stop()
        (last,) = webhooks.send_test(two.state, "nuapay", client.id)
        until(lambda: ended(two.state, last), PATIENCE)
        assert there.came[-1].headers["x-request-id"] == last.id


def test_what_waits_goes_out_when_the_leading_machine_ends(tmp_path: Path, database: str) -> None:
    """The second machine cannot send while the first leads; it does as soon as that has ended."""
    one, two = Sandbox(state=tmp_path / "a", database=database), Sandbox(state=tmp_path / "b", database=database)
    one.start()
    try:
        with receiver(None) as there:
            until(lambda: webhooks.anybody_sends(one.state), PATIENCE)
            two.start()
            client = two.nuapay.client()
            one.stop()
            subscribe(two.state, client.id, there.url)
            webhooks.send_test(two.state, "nuapay", client.id)
            there.wait()
            assert json.loads(there.came[0].body)["eventType"] == "AccountEntry"
    finally:
        two.stop()


def test_what_is_sent_again_after_a_restart_goes_where_the_subscription_points_now(tmp_path: Path) -> None:
    """The attempts of before are there, the numbers go on, and the id is the same; as a new one it is another."""
    with Sandbox(state=tmp_path / "s") as sandbox, receiver(None, answers(500)) as there:
        client = sandbox.nuapay.client()
        subscribe(sandbox.state, client.id, there.url)
        (queued,) = webhooks.send_test(sandbox.state, "nuapay", client.id)
        until(lambda: webhooks.show_delivery(sandbox.state, queued.id).attempts, PATIENCE)
    with Sandbox(state=tmp_path / "s") as sandbox, receiver(None) as other:
        subscribe(sandbox.state, client.id, other.url)
        again = webhooks.resend(sandbox.state, queued.id)
        assert again.id == queued.id and len(again.attempts) == 1
        done = until(lambda: ended(sandbox.state, queued), PATIENCE)
        assert (done.status, done.url, [one.number for one in done.attempts]) == ("delivered", other.url, [1, 2])
        new = webhooks.resend(sandbox.state, queued.id, as_new=True)
        assert new.id != queued.id and new.body == queued.body
        until(lambda: ended(sandbox.state, new), PATIENCE)
        assert [came.headers["x-request-id"] for came in other.came] == [queued.id, new.id]


def test_what_waits_for_a_subscription_ends_with_it() -> None:
    """Disabled or removed: nothing more comes there, and the record says why."""
    with Sandbox() as sandbox, receiver(None, answers(500)) as there:
        client = sandbox.nuapay.client()
        subscribe(sandbox.state, client.id, there.url)
        with sandbox.state.store.write() as work:
            owner = find_client(work, "nuapay", client.id)
            ids, now = sandbox.state.ids, sandbox.state.clock.now()
            box = Postbox(work=work, vault=sandbox.state.vault, client=owner, ids=ids, now=now)
            (queued,) = box.send("AccountEntry", lambda _: {})
        sandbox.webhooks.drain()
        client.put("webhook", "0123456789", targetUrl=there.url, eventTypes="AccountEntry", active="false")
        sandbox.clock.move(timedelta(days=1))
        sandbox.webhooks.drain()
        found = webhooks.show_delivery(sandbox.state, queued.id)
        assert found.status == "dead" and len(there.came) == 1 and len(found.attempts) == 2
        failed = found.attempts[1].outcome.failed
        assert failed and failed.code == "webhook.unsubscribed"
