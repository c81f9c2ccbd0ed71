"""One sandbox in this process: a certificate of two providers at their doors, and a state that is taken away."""

import http.client
import json
import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import rmtree
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbank import Sandbox
from sandbox.errors import StateRemoved
from sandbox.providers.declare import STATE_REMOVED
from tests.live.stage import PATIENCE
from tests.waiting import until


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(state=tmp_path_factory.mktemp("taken") / "state") as running:
        yield running


def ask(url: str, path: str, tls: ssl.SSLContext | None = None) -> tuple[int, str]:
    """Status and body."""
    where = urlsplit(url)
    host, port = where.hostname or "", where.port
    connection = (
        http.client.HTTPSConnection(host, port, timeout=PATIENCE, context=tls)
        if where.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=PATIENCE)
    )
    with closing(connection):
        connection.request("GET", path)
        reply = connection.getresponse()
        return reply.status, reply.read().decode("latin-1")


def trusting(sandbox: Sandbox, files: Any = None) -> ssl.SSLContext:
    tls = ssl.create_default_context(cafile=sandbox.ca_file)
    if files:
        tls.load_cert_chain(files.certificate, files.key)
    return tls


def test_a_certificate_of_two_providers_opens_and_closes_each_door_for_itself(sandbox: Sandbox) -> None:
    """Of clients with the same id: it is a stranger at the second door until it is uploaded there; to give it up there
    leaves the first open, and an upload there does not bring it back to life at the first."""
    one = sandbox.wise.new_client("twin", id="the-same-id")
    two = sandbox.nuapay.new_client("twin", id="the-same-id")
    files = one.new_certificate("mine")
    pem = Path(files.certificate).read_text().partition("-----END CERTIFICATE-----\n")

    def at_wise() -> str:
        try:
            return str(ask(sandbox.wise.urls["mtls"], "/v1/authenticated/playground", trusting(sandbox, files))[0])
        except ssl.SSLError as error:
            return error.reason or ""

    def at_nuapay() -> str:
        ask(sandbox.nuapay.urls["mtls"], "/certificates", trusting(sandbox, files))
        return sandbox.journal.last(refused=True).reasons[0].code

    assert (at_wise(), at_nuapay()) == ("401", "certificate.of_other_provider")
    assert sandbox.journal.last(refused=True).client is None
    pinned = two.upload("".join(pem[:2]), name="mine too")
    assert (at_wise(), at_nuapay()) == ("401", "token.missing")
    assert sandbox.journal.last(refused=True).client == two.id
    two.revoke(pinned)
    assert (at_wise(), at_nuapay()) == ("401", "certificate.revoked")
    one.revoke("mine")
    two.upload("".join(pem[:2]), name="again")
    assert (at_wise(), at_nuapay()) == ("SSLV3_ALERT_CERTIFICATE_REVOKED", "token.missing")


def test_a_state_that_is_taken_away_is_noticed_and_told(sandbox: Sandbox) -> None:
    """Each door answers 503 with what happened and the mend, it is told once beside the journal, and nothing is made at
    the old place. The control: before, and after the folder was put back, none of them does."""
    told: list[str] = []
    sandbox.state.journal.complain(told.append)
    folder = sandbox.state.folder.path
    away = folder.with_name("elsewhere")
    tls = trusting(sandbox)
    asked = [
        (sandbox.control, "/api/wise/clients", None),
        (sandbox.control, "/", None),
        (sandbox.authority, "/crl/client-root.crl", None),
        *((getattr(sandbox, name).urls["api"], "/", tls) for name in sandbox.providers),
    ]

    def answers() -> list[tuple[int, str]]:
        return [ask(*one) for one in asked]

    before = answers()
    assert 503 not in dict(before)
    folder.rename(away)
    gone = answers()
    assert [status for status, _ in gone] == [503] * len(asked)
    assert json.loads(gone[0][1])["error"]["code"] == "provider.state_removed"
    assert all("removed" in said and "start" in said for _, said in gone)
    assert all(STATE_REMOVED in said for _, said in gone[3:])
    with pytest.raises(StateRemoved):
        sandbox.wise.new_client("into-the-void")
    until(lambda: told, PATIENCE)
    assert not folder.exists()
    away.rename(folder)
    assert [status for status, _ in answers()] == [status for status, _ in before]
    sandbox.wise.new_client("kept")
    (folder / "journal.sqlite").rename(folder / "journal.away")
    assert ask(*asked[0])[0] == 503
    rmtree(folder)
    assert [status for status, _ in answers()] == [503] * len(asked)
    assert len([one for one in told if "503" in one]) <= 2  # once for each time
