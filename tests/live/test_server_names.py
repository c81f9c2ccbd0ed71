"""Machines over one database with different server names: one certificate, one root, good for all of them."""

import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from tests.live.machine import PATIENCE, Machine, machine
from tests.waiting import until


def speaks_for(one: Machine, name: str, root: str) -> bool:
    """Whether a client that trusts this root accepts the machine's api door by that name."""
    context = ssl.create_default_context(cadata=root)
    port = urlsplit(one.ready["providers"]["wise"]["doors"]["api"]).port
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as raw:
        try:
            context.wrap_socket(raw, server_hostname=name).close()
        except ssl.SSLCertVerificationError:
            return False
    return True


def root_of(one: Machine) -> str:
    return (one.state / "ca.pem").read_text()


def warned(one: Machine) -> bool:
    """Whether it said at its start that it had to make a new root."""
    return "a new server root was made" in (one.folder / "err.txt").read_text()


def test_a_second_machine_takes_no_name_from_the_first(tmp_path: Path, database: str) -> None:
    """A running server shows what the other one made, and says so; after a restart of either nothing is new."""
    names = {"a": ("--server-name", "a.internal"), "b": ("--server-name", "b.internal", "--server-name", "10.1.2.3")}
    with machine(tmp_path / "a", database, *names["a"]) as one:
        old = root_of(one)
        assert speaks_for(one, "a.internal", old) and not speaks_for(one, "b.internal", old)
        with machine(tmp_path / "b", database, *names["b"], warns=True) as other:
            assert warned(other)
            new = root_of(other)
            until(lambda: root_of(one) == new, PATIENCE)
            until(lambda: speaks_for(one, "a.internal", new), PATIENCE)
            for each in (one, other):
                for name in ("a.internal", "b.internal", "10.1.2.3", "localhost"):
                    assert speaks_for(each, name, new)
                assert not speaks_for(each, "c.internal", new) and not speaks_for(each, "a.internal", old)
            entries = one.control("GET", "/api/journal").json["entries"]
            (told,) = [entry for entry in entries if entry["title"] == "the server root is another one"]
            assert "ca.pem" in told["stages"][0]["note"]
            assert one.token().status == other.token().status == 200
    with machine(tmp_path / "a", database, *names["a"]) as one, machine(tmp_path / "b", database, *names["b"]) as other:
        assert root_of(one) == root_of(other) == new
        assert speaks_for(one, "b.internal", new) and speaks_for(other, "a.internal", new)
