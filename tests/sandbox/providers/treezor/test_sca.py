"""Tokens of users and strong customer authentication: who is asked for a proof, and which one is good."""

import json
from datetime import timedelta

import pytest

from sandbox.errors import Refused
from tests.sandbox.providers.treezor.bench import causes

PAYOUT = {"walletId": 1001, "beneficiaryId": 501, "amount": 10.5, "currency": "EUR"}
WALLET = {"walletTypeId": 10, "tariffId": 1, "userId": 101, "currency": "EUR", "eventName": "Second"}
HOST = "https://demo.sandbox.treezor.co"


def claims(token: str) -> dict:
    return json.loads(token.rpartition(".")[0])


def test_the_partner_itself_is_asked_for_no_proof(partner):
    """Its token says ``trz:sca`` false and lives an hour; it has no refresh token."""
    said = partner.good("POST", "/oauth/token", {"grant_type": "client_credentials", "scope": "read_only admin"})
    assert list(said) == ["token_type", "expires_in", "access_token"] and said["expires_in"] == 3600
    told = claims(said["access_token"])
    assert (told["trz:sca"], told["scope"], told["exp"] - told["iat"]) == (False, "read_only admin", 3600)
    partner.token = partner.tokens.given[-1]
    partner.good("POST", "/v1/payouts", PAYOUT)
    partner.good("POST", "/v1/wallets", WALLET)


def test_a_payout_of_a_user_needs_a_proof_for_that_payout(partner):
    """For its address and its members: another amount, another address, six minutes later, and it is refused."""
    partner.log_in()
    refused = partner.call("POST", "/v1/payouts", PAYOUT)
    assert (refused.status, causes(refused)) == (403, ["provider.sca_required"])
    proof = partner.proof(f"{HOST}/v1/payouts", amount=10.5, walletId=1001)
    assert partner.call("POST", "/v1/payouts", {**PAYOUT, "amount": 11, "sca": proof}).status == 403
    beneficiary = {"userId": 101, "name": "Acme"}
    assert partner.call("POST", "/v1/beneficiaries", {**beneficiary, "sca": proof}).status == 403
    assert partner.call("POST", "/v1/payouts", {**PAYOUT, "sca": "x"}).status == 403
    assert partner.call("POST", "/v1/payouts", {**PAYOUT, "sca": {}}).status == 403
    partner.good("POST", "/v1/payouts", {**PAYOUT, "sca": proof})
    partner.later(timedelta(minutes=5))
    assert partner.call("POST", "/v1/payouts", {**PAYOUT, "sca": proof}).status == 403


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/beneficiaries", {"userId": 101, "name": "Acme"}),
        ("PUT", "/v1/beneficiaries/501", {"name": "Acme"}),
        ("PUT", "/v1/users/101", {"city": "Lyon"}),
        ("PUT", "/v1/cards/1/Activate", {}),
        ("PUT", "/v1/cards/1/LockUnlock", {"lockStatus": 1}),
    ],
)
def test_the_description_says_which_calls_need_one(partner, method, path, body):
    """Per operation: without it 403, with it done."""
    card = {"userId": 101, "walletId": 1001, "permsGroup": "TRZ-CU-001", "cardPrint": "8"}
    partner.good("POST", "/v1/cards/CreateVirtual", card)
    partner.log_in()
    assert causes(partner.call(method, path, body)) == ["provider.sca_required"]
    partner.good(method, path, {**body, "sca": partner.proof(HOST + path, **body)})


def test_a_session_may_be_a_strong_one(partner):
    """Per session: a token that was asked for with a proof makes wallets and moves money between the user's own; money
    to somebody else's needs a proof of its own."""
    partner.log_in()
    assert causes(partner.call("POST", "/v1/wallets", WALLET)) == ["provider.sca_required"]
    said = partner.log_in(sca=partner.proof(f"{HOST}/oauth/token"))
    assert claims(said["access_token"])["trz:sca"] is True
    partner.good("POST", "/v1/wallets", WALLET)
    partner.log_in()
    partner.good("PUT", "/v1/wallets/1001", {"eventName": "Mine"})
    partner.log_in(sca=partner.proof(f"{HOST}/oauth/token"))
    own = {"walletId": 1001, "beneficiaryWalletId": 1002, "amount": 1, "currency": "EUR"}
    partner.good("POST", "/v1/transfers", own)
    partner.put("user", "102")
    partner.put("wallet", "1009", userId=102)
    other = {**own, "beneficiaryWalletId": 1009}
    assert causes(partner.call("POST", "/v1/transfers", other)) == ["provider.sca_required"]
    partner.good("POST", "/v1/transfers", {**other, "sca": partner.proof(f"{HOST}/v1/transfers", amount=1)})


def test_a_refresh_token_is_good_once_and_for_a_month(partner):
    """Counted from the first authentication: its successor ends when it would have."""
    first = partner.log_in(scope="read_only")["refresh_token"]
    said = {"grant_type": "refresh_token", "refresh_token": first}
    second = partner.good("POST", "/oauth/token", said)
    assert claims(second["access_token"])["scope"] == "read_only"
    assert causes(partner.call("POST", "/oauth/token", said)) == ["provider.user_unknown"]
    partner.later(timedelta(days=29))
    third = partner.good("POST", "/oauth/token", {**said, "refresh_token": second["refresh_token"]})
    partner.later(timedelta(days=1, seconds=1))
    last = partner.call("POST", "/oauth/token", {**said, "refresh_token": third["refresh_token"]})
    assert (last.status, causes(last)) == (401, ["provider.user_unknown"])
    assert not any(third["refresh_token"] in text for text in partner.rows.texts.values())


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"username": "nobody@example.com"}, 401),
        ({"password": "wrong"}, 401),
        ({"password": ""}, 400),
        ({"scope": "everything"}, 400),
    ],
)
def test_who_is_no_user_gets_no_token(partner, fields, status):
    """And nothing of the password comes back."""
    said = {"grant_type": "password", "username": "alex.oak@example.com", "password": "demo", **fields}
    reply = partner.call("POST", "/oauth/token", {name: value for name, value in said.items() if value})
    assert reply.status == status and "wrong" not in str(reply)
    assert partner.tokens.given == []


def test_a_user_without_a_password_has_no_token(partner):
    """Calls set none: whoever was made by one cannot log in, whatever is sent."""
    user = {"userTypeId": 1, "email": "new@example.com", "specifiedUSPerson": 0, "password": "chosen"}
    partner.good("POST", "/v1/users", user)
    said = {"grant_type": "password", "username": "new@example.com", "password": "chosen"}
    assert partner.call("POST", "/oauth/token", said).status == 401


@pytest.mark.parametrize(("grant", "code"), [("", "token.grant_missing"), ("s3cret", "token.grant_unknown")])
def test_the_grant_is_one_of_three(partner, grant, code):
    """What was sent in its place is not repeated: it may be a secret."""
    with pytest.raises(Refused) as refused:
        partner.call("POST", "/oauth/token", {"grant_type": grant})
    assert refused.value.code == code and "s3cret" not in str(refused.value)
