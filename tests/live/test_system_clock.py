"""The computer's clock set back under a running server. libfaketime lies to it, and to curl and openssl, who judge."""

import re
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from http.client import HTTPSConnection
from pathlib import Path
from ssl import SSLError, create_default_context
from urllib.parse import quote, urlsplit

import pytest

from ca.clock import SystemClock, read_time
from tests.live.served import CLIENT_CA, Identity, Served, ask, served

PLAYGROUND = "/v1/authenticated/playground"
LIBRARY = "faketime/libfaketimeMT.so.1"
# libfaketime shifts absolute times of the monotonic clock too, until which Python sleeps: the sleep fails, or lasts.
SLEEPING = """
import select, time
time.sleep = lambda seconds: select.select([], [], [], seconds)
"""


class FalseTime:
    """The time that programs with its `environment` see: so far from the real one, moved while they run."""

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/usr/lib").glob(f"*/{LIBRARY}"))
        if not found:
            pytest.fail(f"this test needs {LIBRARY}: apt install libfaketime")
        self._file = folder / "time"
        self.environment = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",  # else it looks into the file every ten seconds
            # As with a real clock that is set: what has passed since the start goes on as before.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": str(folder / "python"),
        }
        (folder / "python").mkdir()
        (folder / "python" / "sitecustomize.py").write_text(SLEEPING)
        self.set(timedelta())

    def set(self, ahead: timedelta) -> None:
        """In place of what was said before, whole: the programs may be reading it."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{ahead.total_seconds():+.0f}\n")
        new.replace(self._file)

    def run(self, *words: object) -> "subprocess.CompletedProcess[str]":
        """Somebody else's program on the same computer."""
        command = ["env", *(f"{name}={value}" for name, value in self.environment.items()), *map(str, words)]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=30, check=False, stdin=subprocess.DEVNULL
        )


@pytest.fixture
def time(tmp_path: Path) -> FalseTime:
    return FalseTime(tmp_path)


def standing(server: Served, identity: Identity) -> HTTPSConnection:
    """A connection with that certificate."""
    context = create_default_context(cafile=server.ready["ca_file"])
    context.load_cert_chain(identity.certificate, identity.key)
    port = urlsplit(server.ready["providers"]["wise"]["doors"]["mtls"]).port
    connection = HTTPSConnection("localhost", port, timeout=20, context=context)
    connection.connect()
    return connection


def last_reason(server: Served) -> dict[str, str]:
    """Of the newest refusal in the journal."""
    entries = server.control("GET", "/api/journal?refused=true&limit=1").json["entries"]
    return dict(entries[-1]["reasons"][0])


def alert(call: Callable[[], object]) -> str:
    with pytest.raises(SSLError) as refused:
        call()
    return str(refused.value.reason).partition("ALERT_")[2].lower()


def served_by(time: FalseTime, server: Served) -> str:
    """What curl on the same computer thinks of the server's certificate and of the answer stapled to it; "" is good."""
    url = server.ready["providers"]["wise"]["doors"]["api"]
    return time.run("curl", "-sS", "--cert-status", "--cacert", server.ready["ca_file"], "-o", "/dev/null", url).stderr


def status_of(time: FalseTime, server: Served, identity: Identity) -> str:
    """What the authority's OCSP responder says, judged by openssl on the same computer."""
    url, folder = server.ready["authority"], server.folder
    assert time.run("curl", "-sSf", "-o", folder / "ca.crt", f"{url}/ca/{quote(CLIENT_CA)}.crt").returncode == 0
    time.run("openssl", "x509", "-inform", "DER", "-in", folder / "ca.crt", "-out", folder / "ca.pem")
    trust = ("-issuer", folder / "ca.pem", "-CAfile", folder / "ca.pem", "-partial_chain")
    asked = ("-cert", identity.certificate, "-url", f"{url}/ocsp/{quote(CLIENT_CA)}")
    done = time.run("openssl", "ocsp", *trust, *asked)
    assert "Response verify OK" in done.stdout + done.stderr, done
    assert "WARNING" not in done.stdout + done.stderr, done
    return done.stdout.partition(": ")[2].partition("\n")[0]


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=1)], ids=["an hour", "a day"])
def test_set_back_it_goes_on_and_names_the_clock(time: FalseTime, tmp_path: Path, jump: timedelta) -> None:
    """Who was there before is let in, with a token of the time to come. A certificate of that time is refused, in the
    handshake and on a connection that stands, and the reason names the clock. Issuing and revoking go on; staple, CRL
    and OCSP are of the new time, and the CRL's number goes up. When the clock is right again all of it is good, without
    a restart."""
    time.set(timedelta(days=-2))
    with served(tmp_path, env=time.environment) as server:
        old, gone = server.identity("old"), server.identity("gone")
        assert server.revoke(gone.serial).status == 200
        time.set(timedelta())
        fresh, token = server.identity("fresh"), server.token().json["access_token"]
        assert [server.playground(one, token).status for one in (old, fresh)] == [200, 200]
        assert (served_by(time, server), status_of(time, server, old)) == ("", "good")
        numbers, newest = [server.crl_number()], server.journal().json["newest"]
        bearer = {"authorization": f"Bearer {token}"}
        with closing(standing(server, fresh)) as connection:
            assert ask(connection, "GET", PLAYGROUND, head=bearer).status == 200
            time.set(-jump)
            shown = read_time(server.control("GET", "/api/clock").json["now"])
            assert abs(SystemClock().now() - jump - shown) < timedelta(minutes=5), "the server does see it"
            assert ask(connection, "GET", PLAYGROUND, head=bearer).status == 403
            reason = last_reason(server)
            assert reason["code"] == "certificate.not_yet_valid" and "sandbox's clock" in reason["meaning"]

        assert server.playground(old, token).status == 200
        assert alert(lambda: server.playground(fresh, token)) == "bad_certificate"
        reason = last_reason(server)
        assert reason["code"] == "tls.certificate_not_yet_valid" and "compare the clocks" in reason["next"]
        assert alert(lambda: server.playground(gone, token)) == "certificate_revoked"

        assert (served_by(time, server), status_of(time, server, old)) == ("", "good")
        numbers.append(server.crl_number())
        back, revoked = server.identity("back"), server.identity("revoked")
        assert server.playground(back, server.token().json["access_token"]).status == 200
        assert server.revoke(revoked.serial).status == 200
        assert alert(lambda: server.playground(revoked, token)) == "certificate_revoked"
        assert status_of(time, server, revoked) == "revoked"
        numbers.append(server.crl_number())

        time.set(timedelta())
        assert [server.playground(one, token).status for one in (old, fresh, back)] == [200, 200, 200]
        assert alert(lambda: server.playground(revoked, token)) == "certificate_revoked"
        assert (served_by(time, server), status_of(time, server, back)) == ("", "good")
        numbers.append(server.crl_number())
        assert numbers[0] < numbers[1] < numbers[2] <= numbers[3], "a number that is lower or used twice"

        entries = server.journal(newest).json["entries"]
        assert [entry["number"] for entry in entries] == list(range(newest + 1, newest + 1 + len(entries)))
        early = [read_time(entry["at"]) < shown + timedelta(minutes=5) for entry in entries]
        assert [early[0], early[-1]] == [False, False] and any(early), "in the order in which it happened"
    assert not (server.state / "faults.log").exists()


def test_the_server_shows_a_certificate_of_the_time_that_it_is(time: FalseTime, tmp_path: Path) -> None:
    """Set back to before it was made, or ahead to after its end: at the next handshake there is one that is in time,
    where the one before would have been refused; so also for fifty that come at once, who all get the same."""
    with served(tmp_path, env=time.environment) as server:
        ca_file = server.ready["ca_file"]
        authority = tmp_path / "server-ca.pem"
        authority.write_text("".join(chain(time, server)[1:]))
        for jump, verdict in (
            (timedelta(days=-1), "certificate is not yet valid"),
            (timedelta(days=400), "certificate has expired"),
            (timedelta(), "certificate is not yet valid"),
        ):
            assert served_by(time, server) == ""
            before = tmp_path / "before.pem"
            before.write_text(chain(time, server)[0])
            time.set(jump)
            judged = time.run("openssl", "verify", "-CAfile", ca_file, "-untrusted", authority, before)
            assert verdict in judged.stderr, judged
            with ThreadPoolExecutor(8) as pool:
                shown = set(pool.map(lambda _: chain(time, server)[0], range(50)))
            assert len(shown) == 1 and shown != {before.read_text()}
        assert served_by(time, server) == ""
        assert server.sign(server.demo["name"], "after it all").status == 201


def chain(time: FalseTime, server: Served) -> list[str]:
    """The certificates that the server shows, its own first, as openssl has them."""
    where = urlsplit(server.ready["providers"]["wise"]["doors"]["api"])
    shown = time.run("openssl", "s_client", "-connect", f"localhost:{where.port}", "-showcerts").stdout
    return re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", shown, re.DOTALL)
