"""What an attacker found once stays mended: secrets in odd places, half-sent bodies, odd certificates, held stores."""

import json
import socket
import sqlite3
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbank import Sandbox
from tests.guide.conftest import curl, make_partner, on_disk
from tests.guide.test_jws import JOSE, PAYMENT, signer_of
from tests.waiting import until


def talk(partner, *pieces: bytes, between=lambda: None) -> bytes:
    """Bytes over mutual TLS, with something done between the first piece and the rest; the whole answer."""
    context = ssl.create_default_context(cafile=partner.sandbox.ca_file)
    context.load_cert_chain(partner.certificate, partner.key)
    port = partner.sandbox.ports["wise.mtls"]
    with (
        socket.create_connection(("127.0.0.1", port), timeout=60) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        for number, piece in enumerate(pieces):
            secure.sendall(piece)
            if number == 0:
                between()
        answer = b""
        while part := secure.recv(65_536):
            answer += part
    return answer


SECRET = "5ca17bba-e50d-47a8-86b3-5b0aa5811d3c"


@pytest.mark.parametrize(
    "head",
    [
        f"POST /oauth/token HTTP/1.1\r\nHost: x\r\nAuthorization : Basic {SECRET}\r\n\r\n",
        f"POST /oauth/token HTTP/1.1\r\nHost: x\r\nAuthorization Bearer {SECRET}\r\n\r\n",
        f"GET /x?token={SECRET} y HTTP/1.1\r\nHost: x\r\n\r\n",
        f"GET /v1/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {SECRET}\r\n\r\n",
        f"GET https://{SECRET}@localhost/v1/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ],
)
def test_a_secret_in_an_odd_place_is_not_kept(partner, head):
    """A head that is no HTTP, a token without its scheme, credentials in the target: refused, and not written down."""
    answer = talk(partner, head.encode())
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 401", b"HTTP/1.1 404")), answer
    assert partner.sandbox.journal.last(client=partner.id, refused=True)
    assert SECRET.encode() not in on_disk(partner.sandbox, "journal.sqlite*")
    assert partner.playground(token=partner.token()).status == 200


def test_a_secret_in_the_wrong_field_is_not_kept(partner):
    """Id and secret swapped, the secret as the grant, the token as the scheme."""
    url = partner.url("/oauth/token")
    curl(*partner.tls, "-u", f"{SECRET}:{partner.id}", "-d", "grant_type=client_credentials", url)
    curl(*partner.tls, "-u", f"{partner.id}:{partner.secret}", "-d", f"grant_type={SECRET}", url)
    curl(*partner.tls, partner.url("/v1/authenticated/playground"), "-H", f"Authorization: {SECRET}")
    kept = on_disk(partner.sandbox, "journal.sqlite*")
    assert partner.id.encode() in kept
    assert SECRET[:20].encode() not in kept


def test_a_proxys_way_to_write_the_target(partner):
    """RFC 9112 section 3.2.2: a target with scheme and authority is the same call."""
    bearer = f"Authorization: Bearer {partner.token()}"
    path = "https://localhost/v1/authenticated/playground"
    said = curl(*partner.tls, "--http1.1", "--request-target", path, "-H", bearer, partner.url("/ignored"))
    assert said.status == 200


def test_a_client_removed_while_it_sends_gets_nothing(sandbox):
    """Judged when the body is there, not when it began to come."""
    partner = make_partner(sandbox, "half-sent")
    import base64

    basic = base64.b64encode(f"{partner.id}:{partner.secret}".encode()).decode()
    body = b"grant_type=client_credentials"
    head = (
        f"POST /oauth/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Basic {basic}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    client = sandbox.wise.client(partner.name)

    def let_in():
        # Nobody's handshakes are in every client's view.
        seen = {(entry.kind, entry.client) for entry in sandbox.journal.entries(client=partner.id)}
        return ("handshake", partner.id) in seen

    def remove():
        """When the server is through with the handshake, which a client of TLS 1.3 can not tell."""
        until(let_in, 60)
        client.remove()

    answer = talk(partner, head.encode() + body[:3], body[3:], between=remove)
    assert answer.startswith(b"HTTP/1.1 401"), answer
    assert b"access_token" not in answer


def test_a_websocket_is_refused_and_told(partner):
    """No imitated provider speaks it; the journal has the call all the same."""
    head = (
        "GET /v1/stream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert talk(partner, head.encode()).startswith(b"HTTP/1.1 403")
    entry = partner.sandbox.journal.last(client=partner.id, refused=True)
    assert (entry.status, entry.reasons[0].code) == (403, "route.not_imitated")


@pytest.mark.parametrize(
    ("key", "data"),
    [("", b""), ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b"\x81\x00")],
    ids=["no key", "early"],
)
def test_a_websocket_that_is_none_is_closed_and_told(partner, key, data):
    """A handshake without a key, and data before there is an answer: the connection ends with the 400."""
    head = (
        "GET /v1/early HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\n"
    )
    assert talk(partner, f"{head}{key}\r\n".encode() + data).startswith(b"HTTP/1.1 400")
    told = [one for one in partner.sandbox.journal.entries(refused=True, limit=4) if one.status == 400]
    assert told and "WebSocket" in told[-1].reasons[0].seen


def test_half_a_surrogate_pair_is_no_fault(partner):
    """What JSON can spell and UTF-8 cannot is answered, not a 500."""
    signer = signer_of(partner)
    path = "/v1/auth/jose/playground/jws"
    said = signer.post(signer.jws(b'{"message":"\\ud800"}', url=path), path, JOSE)
    assert said.status == 200, said


def test_many_fundings_at_once_move_the_money_once(partner):
    """Twenty identical calls: one 201, nineteen times 422, and the balance is a thousand lower."""
    signer = signer_of(partner)
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _: signer.post(signer.jws()).status, range(20)))
    assert sorted(said) == [201] + [422] * 19
    (gbp,) = [b for b in signer.get("/v4/profiles/12345/balances?types=STANDARD").json if b["currency"] == "GBP"]
    assert gbp["amount"]["value"] == 999_000
    assert signer.get(f"{PAYMENT}?x").status == 405


def test_a_command_that_did_its_work_says_so_whatever_the_journal(tmp_path):
    """The journal entry of a service can be lost; the service is done and answered all the same."""
    with Sandbox(state=tmp_path / "state") as sandbox:
        files = sandbox.wise.client().new_certificate("first")
        csr = files.certificate.with_suffix(".csr")
    held = sqlite3.connect(tmp_path / "state" / "journal.sqlite", isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    command = [sys.executable, "-m", "sandbox.cli", "certificate", "sign", str(csr), "--name", "second"]
    done = subprocess.run(
        [*command, "--state", str(tmp_path / "state")], capture_output=True, text=True, timeout=60, check=False
    )
    held.close()
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("BEGIN CERTIFICATE") == 2


def test_a_second_server_over_one_state_is_refused(tmp_path):
    """Exit code 3 and a sentence: it would tell other ports of the same state."""
    with Sandbox(state=tmp_path / "state"):
        command = [sys.executable, "-m", "sandbox.cli", "serve", "--port-base", "0", "--json"]
        done = subprocess.run(
            [*command, "--state", str(tmp_path / "state")], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 3
        assert json.loads(done.stderr)["error"]["code"] == "sandbank.state_locked"
        assert f"a server runs over {tmp_path / 'state'}" in done.stderr


def test_advice_names_the_client_that_was_refused(partner):
    """Following it for the demo client would mend nothing."""
    token = partner.token()
    bearer = ("-H", f"Authorization: Bearer {token}")
    headers = ("-H", "Content-Type: application/jose+json", *JOSE[2:])
    curl(*partner.tls, *bearer, *headers, "-d", "eyJhbGciOiJFUzI1NiJ9.e30.AA", partner.url(PAYMENT))
    entry = partner.sandbox.journal.last(client=partner.id, refused=True)
    assert f"sandbox.wise.client({partner.name!r}).add_key(pem" in entry.explain()
    assert "demo" not in entry.explain().rpartition("next")[2]
