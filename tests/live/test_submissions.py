"""Two servers in processes of their own, two folders, one database: fifty submissions at once, judged as one by one."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.ca.making import csr_pem
from tests.live.machine import PATIENCE, Answer, Machine, machine
from tests.postgresql import Server

EACH = 25
MOST_TRIES = 20
"""A machine waits half a second for the other, whose sixteen submissions in one transaction take a twentieth of that
on an idle computer and more on a busy one; what then gets no turn is told to come again."""
CSR = csr_pem(("C", "EU"), ("O", "Acme"))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, postgresql: Server) -> Iterator[tuple[Machine, Machine]]:
    folder, database = tmp_path_factory.mktemp("two"), postgresql.new_database()
    with machine(folder / "a", database) as one, machine(folder / "b", database) as other:
        yield one, other


def sign(one: Machine, client: str, name: str) -> Answer:
    return one.control("POST", f"/api/wise/clients/{client}/certificates?name={name}", CSR)


def add(one: Machine, client: str, active: int = 0) -> str:
    """A new client that has so many active certificates."""
    assert one.control("POST", "/api/wise/clients", f'{{"name": "{client}"}}').status == 201
    for number in range(active):
        assert sign(one, client, f"before-{number}").status == 201
    return client


def at_once(two: tuple[Machine, Machine], submissions: list[tuple[str, str]]) -> list[Answer]:
    """All of them, client and name, half of them at each machine, in one instant."""
    start = Barrier(len(submissions))

    def submit(number: int) -> Answer:
        start.wait(PATIENCE)
        return until_heard(two[number % 2], *submissions[number])

    with ThreadPoolExecutor(len(submissions)) as pool:
        return list(pool.map(submit, range(len(submissions))))


def until_heard(one: Machine, client: str, name: str) -> Answer:
    """The answer of a machine that had its turn at the store. Any other says that nothing was changed: so it is."""
    for _ in range(MOST_TRIES):
        answer = sign(one, client, name)
        if answer.status != 503:
            return answer
        assert answer.json["error"]["code"] == "provider.busy", answer.json
    return answer


def outcomes(answers: list[Answer]) -> Counter[str]:
    """ "signed", the codes of the broken rules, or of what else was in the way."""
    return Counter("signed" if answer.status == 201 else _codes(answer.json) for answer in answers)


def _codes(said: dict[str, Any]) -> str:
    return " ".join(each["code"] for each in said["refusals"]) if "refusals" in said else said["error"]["code"]


def serials(one: Machine, client: str) -> list[str]:
    return [
        each["serial"] for each in one.control("GET", f"/api/wise/clients/{client}/certificates").json["certificates"]
    ]


@pytest.mark.parametrize(("active", "free"), [(9, 1), (8, 2)])
def test_a_client_gets_as_many_as_the_provider_allows(two: tuple[Machine, Machine], active: int, free: int) -> None:
    """Ten active ones. Nine and fifty more at once leave one winner; the control: eight leave two."""
    client = add(two[0], f"with-{active}", active)
    answers = at_once(two, [(client, f"at-once-{number}") for number in range(2 * EACH)])
    assert outcomes(answers) == {"signed": free, "certificate.limit_reached": 2 * EACH - free}
    assert serials(two[0], client) == serials(two[1], client) and len(set(serials(two[0], client))) == 10


def test_a_name_is_given_once(two: tuple[Machine, Machine]) -> None:
    """Fifty times the same name for one client: one winner, whichever machine."""
    client = add(two[1], "one-name")
    answers = at_once(two, [(client, "laptop")] * (2 * EACH))
    assert outcomes(answers) == {"signed": 1, "certificate.name_taken": 2 * EACH - 1}
    assert len(serials(two[0], client)) == 1


def test_serials_are_unique_over_all_machines(two: tuple[Machine, Machine]) -> None:
    """Fifty clients are given one each, all at once and under one name; nobody is refused."""
    clients = [add(two[number % 2], f"client-{number}") for number in range(2 * EACH)]
    answers = at_once(two, [(client, "laptop") for client in clients])
    assert outcomes(answers) == {"signed": 2 * EACH}
    told = [answer.json["serial"] for answer in answers]
    assert len(set(told)) == 2 * EACH
    assert [serials(two[0], client) for client in clients] == [[serial] for serial in told]
