"""Fifty submissions at one moment: by threads over HTTP, by threads over the services, by processes, by a mixture."""

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pytest

from ca.clock import SystemClock
from ca.issuance.issue import random_serial
from sandbox.cli.commands import COMMAND_SECONDS
from sandbox.errors import Refused
from sandbox.ids import Ids
from sandbox.journal.entry import View
from sandbox.services import issuing
from sandbox.services.certificates import list_certificates, revoke
from sandbox.services.clients import add_client
from sandbox.services.journal import read_journal
from sandbox.services.state import State, open_state
from tests.live.commands import Commands, Ended, together
from tests.live.served import CSR, Answer, Served, ask, openssl, served, signing

T = TypeVar("T")
MANY = 50
MOST_ACTIVE = 10  # Wise: "up to 10 active certificates"
ONE, REST = 1, MANY - 1
LIMIT, NAME = "certificate.limit_reached", "certificate.name_taken"


def at_once(*tasks: Callable[[], T], gate: Callable[[], object] = lambda: None) -> list[T]:
    """Every task in a thread of its own, all let go at one moment; *gate* is then called too."""
    barrier = threading.Barrier(len(tasks), action=gate)

    def run(task: Callable[[], T]) -> T:
        barrier.wait(30)
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


# Over HTTP


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served")) as running:
        yield running


def submit(server: Served, submissions: Sequence[tuple[str, str]]) -> list[Answer]:
    """A CSR for each client and name, all at one moment, each on a connection that is open already."""
    connections = [server.dial() for _ in submissions]
    for connection in connections:
        connection.connect()

    def task(number: int) -> Answer:
        client, name = submissions[number]
        with closing(connections[number]) as connection:
            return ask(connection, "POST", signing(client, name), CSR)

    return at_once(*(lambda n=n: task(n) for n in range(len(submissions))))


def with_certificates(server: Served, client: str, count: int) -> str:
    """A new client that has so many."""
    assert server.control("POST", "/api/wise/clients", f'{{"name": "{client}"}}').status == 201
    for number in range(count):
        assert server.sign(client, f"n{number}").status == 201
    return client


def counted(answers: Sequence[Answer]) -> Counter[tuple[int, tuple[str, ...]]]:
    """How often each status came, with all the codes of a refusal."""
    return Counter((one.status, tuple(each["code"] for each in one.json.get("refusals", ()))) for one in answers)


def active(server: Served, client: str) -> list[str]:
    return [one["name"] for one in server.certificates(client) if one["status"] == "active"]


def test_one_of_fifty_calls_gets_the_last_place(server: Served) -> None:
    """Nine active certificates and fifty submissions: one is signed, 49 hear of the limit and of nothing else. A place
    that is made free goes to one of fifty again."""
    client = with_certificates(server, "limit", MOST_ACTIVE - 1)
    for turn in range(2):
        answers = submit(server, [(client, f"p{turn}-{n}") for n in range(MANY)])
        assert counted(answers) == {(201, ()): ONE, (422, (LIMIT,)): REST}
        assert len(active(server, client)) == MOST_ACTIVE
        (signed,) = [one for one in answers if one.status == 201]
        assert server.revoke(signed.json["serial"]).status == 200


def test_one_of_fifty_calls_gets_the_name(server: Served) -> None:
    """All with one name: one is signed, 49 hear that the name is taken; another client may have it all the same."""
    client = with_certificates(server, "name", 0)
    answers = submit(server, [(client, "laptop")] * MANY)
    assert counted(answers) == {(201, ()): ONE, (422, (NAME,)): REST}
    assert active(server, client) == ["laptop"]
    assert server.sign(with_certificates(server, "another", 0), "laptop").status == 201


def test_fifty_calls_get_fifty_serials(server: Served) -> None:
    """Five clients with ten submissions each: all are signed, and openssl reads fifty serials."""
    clients = [with_certificates(server, f"serial-{n}", 0) for n in range(MANY // MOST_ACTIVE)]
    answers = submit(server, [(client, f"n{n}") for client in clients for n in range(MOST_ACTIVE)])
    assert counted(answers) == {(201, ()): MANY}
    read = [openssl(one.json["certificate"].encode(), "x509", "-noout", "-serial") for one in answers]
    assert len(set(read)) == MANY
    assert {f"serial={one.json['serial']}" for one in answers} == set(read)


# Over the services, by threads


class Stubborn(Ids):
    """Offers every serial ten times, whoever asks."""

    def __init__(self) -> None:
        super().__init__()
        self._serials = itertools.count()

    def serial(self, octets: int = 16, /) -> int:
        return next(self._serials) // 10 | 1 << (8 * octets - 2)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    # With the patience of a command: on a busy machine half a second is not always enough for fifty.
    state = open_state(tmp_path / "state", ids=Stubborn(), wait_seconds=COMMAND_SECONDS)
    yield state
    state.close()


def sign(state: State, client: str, name: str) -> str:
    """ "" or the codes of the refusal."""
    try:
        issuing.sign(state, "wise", client, CSR, name=name)
    except Refused as refused:
        return ",".join(reason.code for reason in refused.reasons)
    return ""


def signed(state: State, client: str, names: Sequence[str]) -> Counter[str]:
    return Counter(at_once(*(lambda name=name: sign(state, client, name) for name in names)))


def test_one_of_fifty_threads_gets_the_last_place_and_one_the_name(state: State) -> None:
    """Each with a connection of its own to the store, and no server between them."""
    for client, names, refusal in (
        ("limit", [f"p{n}" for n in range(MANY)], LIMIT),
        ("name", ["laptop"] * MANY, NAME),
    ):
        add_client(state, "wise", client)
        for number in range(MOST_ACTIVE - 1 if refusal == LIMIT else 0):
            assert sign(state, client, f"n{number}") == ""
        assert signed(state, client, names) == {"": ONE, refusal: REST}
        assert len(list_certificates(state, "wise", client)) == (MOST_ACTIVE if refusal == LIMIT else 1)


def test_fifty_threads_get_fifty_serials_though_each_is_offered_ten_times(state: State) -> None:
    """What is free is looked for in the transaction that takes it."""
    tasks: list[Callable[[], str]] = []
    for number in range(MANY // MOST_ACTIVE):
        add_client(state, "wise", f"c{number}")
        tasks += [lambda c=f"c{number}", n=f"n{n}": sign(state, c, n) for n in range(MOST_ACTIVE)]
    assert Counter(at_once(*tasks)) == {"": MANY}
    records = list_certificates(state, "wise")
    assert len({record.serial for record in records}) == len(records) == MANY


# By processes


def lines(path: Path, csr: Path, submissions: Sequence[tuple[str, str]]) -> list[list[str]]:
    words = ["certificate", "sign", str(csr), "--state", str(path), "--json"]
    return [[*words, "--client", client, "--name", name] for client, name in submissions]


@pytest.fixture
def csr(tmp_path: Path) -> Path:
    file = tmp_path / "the.csr"
    file.write_bytes(CSR)
    return file


def told(ended: Sequence[Ended]) -> Counter[tuple[int, tuple[str, ...]]]:
    return Counter((one.exit_code, tuple(one.codes)) for one in ended)


def test_one_of_fifty_processes_gets_the_last_place(tmp_path: Path, state: State, csr: Path) -> None:
    """Each is the command line and opens the state for itself: one exit code 0, 49 times 1 and the limit. Nobody is
    sent away because the others were quicker, and each has left its note in the journal."""
    add_client(state, "wise", "many")
    for number in range(MOST_ACTIVE - 1):
        assert sign(state, "many", f"n{number}") == ""
    for turn in range(2):
        names = [f"p{turn}-{n}" for n in range(MANY)]
        ended = together(tmp_path / f"turn{turn}", lines(state.folder.path, csr, [("many", name) for name in names]))
        assert told(ended) == {(0, ()): ONE, (1, (LIMIT,)): REST}
        there = list_certificates(state, "wise", "many")
        new = [record for record in there if record.name in names]
        assert [record.name for record in new] == [
            names[number] for number, one in enumerate(ended) if not one.exit_code
        ]
        now = SystemClock().now()
        assert sum(record.status(now) == "active" for record in there) == MOST_ACTIVE
        entries = [entry for _, entry in read_journal(state, View(limit=1000)) if f"'p{turn}-" in entry.title]
        warned = sum("1 entry of the journal is lost" in one.err for one in ended)
        assert Counter(entry.outcome for entry in entries) == {"signed": ONE, "refused": REST - warned}
        revoke(state, "wise", new[0].serial, reason="superseded")


def test_one_of_fifty_processes_gets_the_name(tmp_path: Path, state: State, csr: Path) -> None:
    """One exit code 0, 49 times 1 and the name."""
    add_client(state, "wise", "many")
    ended = together(tmp_path / "turn", lines(state.folder.path, csr, [("many", "laptop")] * MANY))
    assert told(ended) == {(0, ()): ONE, (1, (NAME,)): REST}
    assert [record.name for record in list_certificates(state, "wise", "many")] == ["laptop"]


def test_fifty_processes_that_draw_the_same_numbers_get_fifty_serials(tmp_path: Path, state: State, csr: Path) -> None:
    """Ten each for five clients; all random numbers come from one seed, and so would the serials."""
    submissions = [(f"c{client}", f"n{name}") for client in range(5) for name in range(MOST_ACTIVE)]
    for client in sorted({client for client, _ in submissions}):
        add_client(state, "wise", client)
    ended = together(tmp_path / "turn", lines(state.folder.path, csr, submissions), seed=7)
    assert told(ended) == {(0, ()): MANY}
    records = list_certificates(state, "wise")
    first = f"{random_serial(random_bits=Ids(7).bits):X}"
    assert len({record.serial for record in records}) == len(records) == MANY
    assert first in {record.serial for record in records}, "they did draw the same"


def test_one_of_fifty_gets_the_last_place_beside_a_server(tmp_path: Path, server: Served, csr: Path) -> None:
    """Half of them calls, half of them commands over the same state. A call that finds the store held is told to come
    again, and does."""
    client = with_certificates(server, "both", MOST_ACTIVE - 1)
    half = MANY // 2
    commands = Commands(tmp_path / "turn", lines(server.state, csr, [(client, f"p{n}") for n in range(half)]))

    def call(number: int) -> Answer:
        while (answer := server.sign(client, f"h{number}")).status == 503:
            assert answer.code == "provider.busy" and answer.json["error"]["next"].startswith("send the call again")
        return answer

    answers = at_once(*(lambda n=n: call(n) for n in range(half)), gate=commands.go)
    ended = commands.ended()
    assert sum(one.status == 201 for one in answers) + sum(one.exit_code == 0 for one in ended) == ONE
    refused = [one.code for one in answers if one.status != 201] + [c for one in ended for c in one.codes]
    assert refused == [LIMIT] * REST
    assert len(active(server, client)) == MOST_ACTIVE
