"""A running server whose database goes away: what it says meanwhile, what it holds up, and how it goes on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.ca.making import csr_pem
from tests.live.machine import PATIENCE, Answer, Machine, machine
from tests.postgresql import Server
from tests.waiting import until
from tests.wire import Wire

BOUND = 30.0
"""Seconds, of a busy computer's. What a call waits for an unreachable database at most is half of one where it reads,
two where it writes; without a bound of ours a swallowed packet would hold everything for a quarter of an hour."""
SIGNS = b"INSERT INTO ca_certificates"
"""What only the signing of a CSR sends; its own work for the doors a server does at any time."""
CSR = csr_pem(("C", "EU"), ("O", "Acme"))


@pytest.fixture
def wire(postgresql: Server) -> Iterator[Wire]:
    with Wire(postgresql.port) as one:
        yield one


def over(wire: Wire, postgresql: Server, database: str) -> str:
    """The URL of the database by way of the wire."""
    return database.replace(f":{postgresql.port}/", f":{wire.port}/")


def sign(one: Machine, client: str, name: str = "only") -> Answer:
    return one.control("POST", f"/api/wise/clients/{client}/certificates?name={name}", CSR)


def certificates(one: Machine, client: str) -> list[str]:
    """The serials of all that the client has."""
    answer = one.control("GET", f"/api/wise/clients/{client}/certificates")
    assert answer.status == 200
    return [each["serial"] for each in answer.json["certificates"]]


@dataclass
class Submitter:
    """Asks for one certificate for each of its clients, and again where it is told that nothing was done."""

    one: Machine
    clients: list[str]
    serials: dict[str, str] = field(default_factory=dict)
    refused: list[Answer] = field(default_factory=list)

    def run(self) -> None:
        for client in self.clients:
            while client not in self.serials:
                answer = sign(self.one, client)
                if answer.status == 201:
                    self.serials[client] = answer.json["serial"]
                    continue
                self.refused.append(answer)
                if answer.json["error"]["code"] == "provider.uncertain" and (kept := self._kept(client)):
                    (self.serials[client],) = kept

    def _kept(self, client: str) -> list[str]:
        """What is there after all, as soon as that can be asked."""
        path = f"/api/wise/clients/{client}/certificates"
        answer = until(lambda: said if (said := self.one.control("GET", path)).status == 200 else None, PATIENCE)
        assert answer is not None
        return [each["serial"] for each in answer.json["certificates"]]


@contextmanager
def submitting(one: Machine, count: int) -> Iterator[Submitter]:
    """A client after the other is given its certificate; at the end each has exactly the one that was answered."""
    clients = [f"client-{number}" for number in range(count)]
    for name in clients:
        assert one.control("POST", "/api/wise/clients", f'{{"name": "{name}"}}').status == 201
    submitter = Submitter(one, clients)
    thread = threading.Thread(target=submitter.run, daemon=True)
    thread.start()
    yield submitter
    thread.join(30)
    assert not thread.is_alive() and set(submitter.serials) == set(clients)
    assert len(set(submitter.serials.values())) == count
    for name in clients:
        assert certificates(one, name) == [submitter.serials[name]]


def says_what_to_do(answer: Answer) -> bool:
    """The control door's own sentence, and no word of where the database is."""
    error = answer.json["error"]
    assert "start it" in error["next"] and "finds it again by itself" in error["next"]
    assert "postgresql://" not in str(error) and "Nothing was changed" in error["detail"]
    return (answer.status, error["code"]) == (503, "provider.busy")


def test_a_crash_of_the_database_loses_nothing_that_was_answered(
    tmp_path: Path, database: str, postgresql: Server
) -> None:
    """In the middle of submissions: told in the envelope of each door, soon; then the same server goes on."""
    with machine(tmp_path / "a", database) as one, submitting(one, 30) as submitter:
        assert one.token().status == 200 and one.get("nuapay", "/schemes").status == 401
        until(lambda: len(submitter.serials) > 3, PATIENCE)
        postgresql.stop("immediate")
        try:
            until(lambda: submitter.refused, PATIENCE)
            assert len(submitter.serials) < 30
            wise, nuapay, control = one.token(), one.get("nuapay", "/schemes"), one.control("GET", "/api/wise/clients")
            assert (wise.status, wise.json["error"], wise.json["message"]) == (503, "Service Unavailable", "Try again")
            assert nuapay.status == 503 and set(nuapay.json) == {"returnCode", "returnDescription", "details"}
            assert says_what_to_do(control)
            one.shake_hands()
        finally:
            postgresql.start()
        until(lambda: one.token().status == 200, PATIENCE)
    assert all(answer.json["error"]["code"].startswith("provider.") for answer in submitter.refused)


def test_connections_that_the_database_ends(tmp_path: Path, database: str, postgresql: Server) -> None:
    """Between two calls nobody notices; in the middle of submissions nothing is lost and nothing done twice."""
    with machine(tmp_path / "a", database) as one:
        for _ in range(5):
            assert one.token().status == 200
            assert postgresql.terminate(database) > 1
            assert one.token().status == one.control("GET", "/api/wise/clients").status == 200
        with submitting(one, 30) as submitter:
            while len(submitter.serials) < 30:
                postgresql.terminate(database)


def test_a_network_that_swallows_everything_holds_nobody_up(
    tmp_path: Path, database: str, postgresql: Server, wire: Wire
) -> None:
    """Calls at all doors at once, and handshakes: each is answered in time, and all goes on after."""
    with machine(tmp_path / "a", over(wire, postgresql, database)) as one:
        assert one.token().status == 200
        wire.swallow()
        answers: list[Answer] = []
        shaken: list[float] = []
        threads = [threading.Thread(target=lambda: answers.append(one.token())) for _ in range(4)]
        threads += [threading.Thread(target=lambda: answers.append(sign(one, "demo"))) for _ in range(4)]
        threads += [threading.Thread(target=lambda: shaken.append(one.shake_hands())) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [answer.status for answer in answers] == [503] * 8
        assert all(answer.seconds < BOUND for answer in answers)
        assert len(shaken) == 4 and all(seconds < BOUND for seconds in shaken)
        assert says_what_to_do(sign(one, "demo"))
        wire.flow()
        until(lambda: one.token().status == 200, PATIENCE)
        assert sign(one, "demo").status == 201 and len(certificates(one, "demo")) == 1


def test_a_commit_without_an_answer_is_told_as_such(
    tmp_path: Path, database: str, postgresql: Server, wire: Wire
) -> None:
    """It was made, and nobody claims the contrary. The control: before the commit, nothing was."""
    with machine(tmp_path / "a", over(wire, postgresql, database)) as one:
        wire.break_after(SIGNS, b"COMMIT\0")
        kept = sign(one, "demo", "kept")
        assert (kept.status, kept.json["error"]["code"]) == (500, "provider.uncertain")
        assert "sandbank certificate list" in kept.json["error"]["next"]
        assert len(certificates(one, "demo")) == 1
        wire.break_after(SIGNS)
        assert says_what_to_do(sign(one, "demo", "lost"))
        until(lambda: one.token().status == 200, PATIENCE)
        assert len(certificates(one, "demo")) == 1
        wire.break_after(b"INSERT INTO sandbank_tokens", b"COMMIT\0")
        unsure = one.token()
        assert unsure.status == 500, unsure
        assert unsure.json["message"] == "An unexpected error occurred"
