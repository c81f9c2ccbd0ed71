"""`kill -9` in the middle of an issuing loop, twenty times over one state: what was answered is there, once."""

import itertools
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from tests.live.served import CSR, Served, ask, signing, starting

ROUNDS = 20
CONNECTIONS = 4
PER_CLIENT = 8  # of the ten that Wise allows


@dataclass
class Answered:
    """What a client was told, and may rely on."""

    signed: dict[str, str] = field(default_factory=dict)
    """Serial and PEM."""
    revoked: set[str] = field(default_factory=set)
    """Serials."""
    numbers: list[int] = field(default_factory=list)
    """Of the CRLs that were fetched."""

    def everything(self) -> int:
        return len(self.signed) + len(self.revoked)


class Loop:
    """Asks on several connections for certificates, and revokes every third, until the server is killed by
    whoever hears the last answer that is wanted; the others are then in the middle of something."""

    def __init__(self, server: Served, answered: Answered, names: Iterator[int], wanted: int) -> None:
        self._server = server
        self._answered = answered
        self._names = names
        self._wanted = answered.everything() + wanted
        self._lock = threading.Lock()
        self.broken = 0
        """Calls that got no answer."""

    def run(self) -> None:
        threads = [threading.Thread(target=self._ask) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive()
        self._server.process.wait()

    def _ask(self) -> None:
        connection = self._server.dial()
        try:
            while True:
                self._one_client(connection)
        except (OSError, HTTPException):
            with self._lock:
                self.broken += 1
        finally:
            connection.close()

    def _one_client(self, connection) -> None:  # type: ignore[no-untyped-def]
        client = f"c{next(self._names)}"
        assert ask(connection, "POST", "/api/wise/clients", f'{{"name": "{client}"}}').status == 201
        for number in range(PER_CLIENT):
            answer = ask(connection, "POST", signing(client, f"n{number}"), CSR)
            assert answer.status == 201, answer
            serial = answer.json["serial"]
            assert serial not in self._answered.signed
            self._note(self._answered.signed.__setitem__, serial, answer.json["certificate"])
            if number % 3 == 0:
                answer = ask(connection, "POST", f"/api/wise/certificates/{serial}/revoke")
                assert answer.status == 200, answer
                self._note(self._answered.revoked.add, serial)

    def _note(self, keep, *what: str) -> None:  # type: ignore[no-untyped-def]
        with self._lock:
            keep(*what)
            if self._answered.everything() >= self._wanted:
                self._server.process.kill()


def check(server: Served, answered: Answered) -> None:
    """Everything that was ever answered, through the doors of the server that was started again."""
    listed = server.control("GET", "/api/wise/certificates").json["certificates"]
    serials = [one["serial"] for one in listed]
    assert len(serials) == len(set(serials)), "none is there twice"
    assert set(answered.signed) <= set(serials)
    number, revoked = server.crl()
    assert {one["serial"] for one in listed if one["status"] == "revoked"} == revoked >= answered.revoked
    # Each round has revoked something that was answered, so that there is another list each time.
    assert number > max(answered.numbers, default=0), "the CRL's number went back"
    answered.numbers.append(number)


def shown(server: Served, answered: Answered, serials: list[str]) -> None:
    """Each of these, one by one: the very certificate that was handed out."""
    with closing(server.dial()) as connection:
        for serial in serials:
            said = ask(connection, "GET", f"/api/wise/certificates/{serial}")
            assert (said.status, said.json["pem"]) == (200, answered.signed[serial])


def whole(state: Path) -> None:
    """By SQLite's own word, in another process than the server."""
    for name in ("sandbank.sqlite", "journal.sqlite"):
        with closing(sqlite3.connect(state / name)) as base:
            assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)], name


def test_twenty_times_killed_in_a_loop_of_issuing(tmp_path: Path) -> None:
    """After each kill, of which every one comes at another answer: each certificate that was answered is there once and
    is the same, each answered revocation stands, both files are whole, and the CRL's number has not gone back."""
    answered, names = Answered(), itertools.count()
    broken = 0
    for turn in range(ROUNDS + 1):
        before = set(answered.signed)
        with starting(tmp_path) as server:
            whole(server.state)
            check(server, answered)
            if turn == ROUNDS:
                shown(server, answered, list(answered.signed))
                break
            # From 6 to 44 answers, in no order. With fewer there may be no revocation among them.
            loop = Loop(server, answered, names, wanted=6 + turn * 17 % 39)
            loop.run()
            broken += loop.broken
        assert set(answered.signed) > before
    assert broken == ROUNDS * CONNECTIONS, "every connection was cut off"
