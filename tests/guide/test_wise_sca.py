"""Strong customer authentication over the doors, as public clients of Wise do it: openssl signs, curl calls."""

import json
from threading import current_thread
from typing import Any

import pytest

from sandbox.errors import Refused
from sandbox.server.pipeline import reading, work
from sandbox.services.clients import set_client
from tests.guide.conftest import curl, make_partner, openssl

JSON = ("-H", "Content-Type: application/json")
PAY = "/v3/profiles/12345/transfers/12345/payments"


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """A folder with two key pairs of RSA: one to be registered, one of a stranger."""
    folder = tmp_path_factory.mktemp("sca")
    for name in ("own", "stranger"):
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", f"{name}.key", cwd=folder)
        openssl("pkey", "-in", f"{name}.key", "-pubout", "-out", f"{name}.pem", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def partner(sandbox, keys):
    """A client whose users approve, with one registered key."""
    made = make_partner(sandbox, "sca")
    set_client(sandbox.state, "wise", made.id, sca=True)
    sandbox.wise.client(made.name).add_key((keys / "own.pem").read_bytes(), algorithm="RS256", kid="phone")
    return made


@pytest.fixture(scope="module")
def call(sandbox, partner):
    """A program with a personal token on the TLS door."""
    token = sandbox.wise.client(partner.name).personal_token()

    def called(path, *more):
        bearer = ("-H", f"Authorization: Bearer {token}")
        return curl("--cacert", sandbox.ca_file, *bearer, *more, partner.url(path, door="api"))

    return called


def signed(keys, token, name="own"):
    """``X-Signature`` as openssl makes it."""
    (keys / "token").write_text(token)
    openssl("dgst", "-sha256", "-sign", f"{name}.key", "-out", "signature", "token", cwd=keys)
    signature = openssl("base64", "-A", "-in", "signature", cwd=keys)
    return ("-H", f"x-2fa-approval: {token}", "-H", f"X-Signature: {signature}")


def cause(said):
    return said.headers.get("x-sandbank-cause", "")


def test_the_recorded_exchange(sandbox, partner, call, keys):
    """403 with a one-time token, then 201: status, headers and bodies as they were recorded. A stranger's signature of
    the same token is refused before, and nothing is paid; the journal says what was seen."""
    pay = (PAY, *JSON, "-d", '{"type":"BALANCE"}')
    asked = call(*pay)
    assert (asked.status, asked.text, cause(asked)) == (403, '{"error":"forbidden"}', "sca.required")
    assert asked.headers["x-2fa-approval-result"] == "REJECTED"
    token = asked.headers["x-2fa-approval"]
    refused = call(*pay, *signed(keys, token, "stranger"))
    assert (refused.status, refused.text, cause(refused)) == (403, '{"error":"forbidden"}', "sca.signature_key")
    assert refused.headers["x-2fa-approval"] == token
    assert call("/v1/transfers/12345").json["status"] == "incoming_payment_waiting"
    paid = call(*pay, *signed(keys, token))
    assert (paid.status, paid.headers["x-2fa-approval-result"]) == (201, "APPROVED")
    assert "x-2fa-approval" not in paid.headers
    recorded = ("type", "status", "errorCode", "errorMessage", "balanceTransactionId")
    assert (tuple(paid.json), paid.json["status"]) == (recorded, "COMPLETED")
    assert call("/v1/transfers/12345").json["status"] == "processing"
    again = call(*pay, *signed(keys, token))
    assert (again.status, cause(again)) == (403, "sca.token_used")
    found = sandbox.journal.find
    assert [(one.name, one.note) for one in found(paid.headers["x-trace-id"]).stages[-2:]] == [
        ("sca", "approved"),
        ("work", "fund"),
    ]
    entry = found(refused.headers["x-trace-id"])
    assert (entry.stages[-1].name, entry.stages[-1].ok) == ("sca", False)
    assert entry.reasons[0].seen == "256 bytes that the registered key did not sign"
    told = json.dumps(entry.as_json(partner.name))
    assert "add_key(pem, algorithm='RS256')" in told and token not in told


def test_a_statement_is_asked_for_once_and_approved_by_a_code(call, monkeypatch):
    """Which is a call that only reads: its one-time token is kept all the same, and used up. The statement itself is
    looked up beside the thread that writes, as any other: it may be long."""
    looked: list[str] = []

    def look(*call: Any, **named: Any) -> Any:
        looked.append(current_thread().name)
        return reading.look(*call, **named)

    monkeypatch.setattr(work, "look", look)
    balance = call("/v4/profiles/12345/balances?types=STANDARD").json[0]
    path = (
        f"/v1/profiles/12345/balance-statements/{balance['id']}/statement.json?currency={balance['currency']}"
        "&intervalStart=2026-01-01T00:00:00.000Z&intervalEnd=2026-02-01T00:00:00.000Z"
    )
    asked = call(path)
    assert (asked.status, cause(asked)) == (403, "sca.required")
    token = asked.headers["x-2fa-approval"]
    about = ("-H", f"One-Time-Token: {token}")
    assert call("/v1/one-time-token/status", *about).json["oneTimeTokenProperties"]["challenges"][0]["required"]
    assert cause(call(path, "-H", f"x-2fa-approval: {token}")) == "sca.not_cleared"
    assert call("/2026Q3/one-time-token/sms/trigger", *about, "-X", "POST").json["obfuscatedPhoneNo"].startswith("****")
    verified = call("/2026Q3/one-time-token/sms/verify", *about, *JSON, "-d", '{"otpCode":"111111"}')
    assert verified.json["oneTimeTokenProperties"]["challenges"] == []
    shown = call(path, "-H", f"x-2fa-approval: {token}")
    assert (shown.status, shown.headers["x-2fa-approval-result"]) == (200, "APPROVED")
    assert call(path).status == 200  # open for 90 days
    assert len(looked) == 4 and all(name.startswith("asyncio") for name in looked[-2:]), "balances, status, statements"


def test_client_credentials_are_not_asked(partner):
    """On the mTLS door, with the client's own token: the transfer is paid, or was by then."""
    bearer = ("-H", f"Authorization: Bearer {partner.token()}")
    said = curl(*partner.tls, *bearer, *JSON, "-d", '{"type":"BALANCE"}', partner.url(PAY))
    assert said.status == 201 or said.text == "transfer.invalid-state"
    assert not [name for name in said.headers if name.startswith("x-2fa")]


def test_keys_for_approvals_are_no_keys_for_signed_calls(sandbox, partner, keys):
    """Five at most; Wise's call that registers keys takes none of them. That no call is judged by one, others test."""
    client = sandbox.wise.client(partner.name)
    pem = (keys / "stranger.pem").read_bytes()
    for number in range(4):
        client.add_key(pem, algorithm="RS256", kid=f"more-{number}")
    with pytest.raises(Refused) as refused:
        client.add_key(pem, algorithm="RS256")
    assert refused.value.code == "sca.too_many_keys"
    body = {"scope": "PAYLOAD_SIGNING", "publicKeyMaterial": {"algorithm": "RS256", "keyMaterial": pem.decode()}}
    bearer = ("-H", f"Authorization: Bearer {partner.token()}")
    path = partner.url("/v1/auth/jose/request/public-keys")
    said = curl(*partner.tls, *bearer, *JSON, "-d", json.dumps(body), path)
    assert (said.status, cause(said)) == (400, "signature.alg_unsupported")
