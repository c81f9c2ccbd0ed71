"""Two running sandboxes over one database, as two machines have them."""

import json
import urllib.error
import urllib.request

from sandbank import Sandbox
from sandbox.services.clients import remove_client
from tests.live.machine import PATIENCE
from tests.waiting import until


def token(sandbox, client):
    """The status of a login at the api door, judged by urllib over TLS."""
    import base64
    import ssl

    credentials = base64.b64encode(f"{client.id}:{client.secret}".encode()).decode()
    call = urllib.request.Request(
        f"https://localhost:{sandbox.ports['wise.api']}/oauth/token",
        data=b"grant_type=client_credentials",
        headers={"Authorization": f"Basic {credentials}"},
    )
    context = ssl.create_default_context(cafile=sandbox.ca_file)
    try:
        with urllib.request.urlopen(call, context=context) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def test_what_one_machine_does_counts_on_the_other(tmp_path, database):
    """A client of one logs in at the other; removed, it is soon refused there."""
    with (
        Sandbox(state=tmp_path / "a", database=database) as one,
        Sandbox(state=tmp_path / "b", database=database) as two,
    ):
        assert set(one.ports.values()).isdisjoint(two.ports.values())
        acme = one.wise.new_client("acme")
        assert token(two, acme)[0] == 200
        remove_client(one.state, "wise", "acme")
        until(lambda: token(two, acme)[0] != 200, PATIENCE)


def test_calls_are_answered_while_the_database_is_away_and_go_on_after(tmp_path, database, postgresql):
    """The provider is busy, says the journal, without a restart of ours."""
    with Sandbox(state=tmp_path / "a", database=database) as sandbox:
        demo = sandbox.wise.client()
        assert token(sandbox, demo)[0] == 200
        postgresql.stop()
        try:
            status, _ = token(sandbox, demo)
            assert status == 503
            reason = sandbox.journal.last(refused=True).reasons[0]
            assert reason.code == "provider.busy" and "finds it again by itself" in reason.next
        finally:
            postgresql.start()
        until(lambda: token(sandbox, demo)[0] == 200, PATIENCE)
