"""Users, wallets, beneficiaries and cards: as the description has them, and refused in the published shapes."""

import re
from datetime import timedelta

import pytest

from sandbox.errors import refuse
from sandbox.journal.causes import CAUSES
from sandbox.providers.declare import Trouble
from sandbox.providers.treezor import ADVICE
from sandbox.providers.treezor.errors import TABLE, envelope
from sandbox.providers.treezor.provider import TREEZOR
from tests.sandbox.providers.memory import NOW
from tests.sandbox.providers.treezor.bench import IBAN, causes

DOC = "https://docs.treezor.com/guide/api-basics/response-codes.html"
USER = {"userTypeId": 1, "email": "new@example.com", "specifiedUSPerson": 0}
WALLET = {"walletTypeId": 10, "tariffId": 1, "userId": 101, "currency": "EUR", "eventName": "Second"}
CARD = {"userId": 101, "walletId": 1001, "permsGroup": "TRZ-CU-001", "cardPrint": "8"}


def missing(name: str) -> dict[str, str]:
    return {
        "type": "invalid_request",
        "code": "missing_parameter",
        "message": f"The {name} field is required",
        "docUrl": DOC,
    }


# --- what the description says of every call ---


def test_no_call_is_declared_twice():
    """The second would never be asked."""
    calls = [(endpoint.method, endpoint.path) for endpoint in TREEZOR.endpoints]
    assert len(set(calls)) == len(calls) == 42


@pytest.mark.parametrize(
    ("path", "body", "many", "id"),
    [
        ("/v1/users", USER, "users", "userId"),
        ("/v1/wallets", WALLET, "wallets", "walletId"),
        ("/v1/beneficiaries", {"userId": 101, "name": "Alex Oak"}, "beneficiaries", "id"),
        ("/v1/cards/CreateVirtual", CARD, "cards", "cardId"),
        (
            "/v1/transfers",
            {"walletId": 1001, "beneficiaryWalletId": 1002, "amount": 1.5, "currency": "EUR"},
            "transfers",
            "transferId",
        ),
        (
            "/v1/payouts",
            {"walletId": 1001, "beneficiaryId": 501, "amount": 1, "currency": "EUR"},
            "payouts",
            "payoutId",
        ),
    ],
)
def test_what_is_made_comes_back_in_a_plural_array(partner, path, body, many, id):
    """With 200, not 201; the same again when it is asked for; without a needed member 400, in the newer shape."""
    reply = partner.call("POST", path, body)
    assert reply.status == 200 and list(reply.json) == [many]
    (made,) = reply.json[many]
    assert re.fullmatch(r"2026-11-24 10:27:38", made["createdDate"])
    where = "/v1/cards" if many == "cards" else path
    (seen,) = partner.good("GET", f"{where}/{made[id]}")[many]
    assert seen[id] == made[id] and list(seen) == list(made)
    needed = next(iter(body))
    refused = partner.call("POST", path, {name: value for name, value in body.items() if name != needed})
    assert refused.status == 400 and refused.json == {"errors": [missing(needed)]}
    absent = partner.call("GET", f"{where}/999")
    assert (absent.status, absent.json["errors"][0]["code"]) == (404, "resource_not_found_error")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff"])
def test_a_body_that_is_no_object_is_a_400(partner, body):
    """In the newer shape."""
    refused = partner.call("POST", "/v1/users", body)
    assert (refused.status, refused.json["errors"][0]["type"]) == (400, "invalid_request")


# --- accessTag ---


def test_an_access_tag_is_good_for_a_day(partner):
    """The object that was made comes back; a day later, for another path and without a tag, another one is made."""
    said = {**WALLET, "accessTag": "one"}
    first = partner.good("POST", "/v1/wallets", said)
    assert partner.good("POST", "/v1/wallets", said) == first
    assert partner.good("POST", "/v1/wallets", WALLET, query="accessTag=one") == first
    assert partner.good("POST", "/v1/users", {**USER, "accessTag": "one"})["users"][0]["userId"] == 102
    assert partner.good("POST", "/v1/wallets", WALLET) != first
    partner.later(timedelta(hours=24))
    assert partner.good("POST", "/v1/wallets", said) != first


def test_an_access_tag_has_at_most_250_characters(partner):
    """One more is refused, and nothing is made."""
    partner.good("POST", "/v1/wallets", {**WALLET, "accessTag": "x" * 250})
    refused = partner.call("POST", "/v1/wallets", {**WALLET, "accessTag": "x" * 251})
    assert refused.status == 400 and refused.json["errors"][0]["code"] == "invalid_parameter_in_request"
    assert len(partner.rows.all_of("wallet")) == 3


# --- lists ---


def test_lists_have_pages_and_an_order(partner):
    """``totalRows`` stands in the first object only; ASC turns the order round; what cannot be is refused."""
    for number in range(3):
        partner.later(timedelta(seconds=1))
        partner.good("POST", "/v1/wallets", {**WALLET, "eventName": f"n{number}"})
    page = partner.good("GET", "/v1/wallets", query="userId=101&pageCount=2&pageNumber=1")["wallets"]
    assert [(one["eventName"], one["totalRows"]) for one in page] == [("n2", 5), ("n1", None)]
    last = partner.good("GET", "/v1/wallets", query="userId=101&pageCount=2&pageNumber=3&sortOrder=asc")["wallets"]
    assert [one["eventName"] for one in last] == ["n2"]
    since = "userId=101&createdDateFrom=2026-11-24%2010:27:40&createdDateTo=2026-11-24%2010:27:40"
    assert [one["eventName"] for one in partner.good("GET", "/v1/wallets", query=since)["wallets"]] == ["n1"]
    for wrong in ("sortOrder=up", "pageNumber=0", "pageCount=x", "createdDateFrom=today", "walletStatus=OPEN"):
        assert partner.call("GET", "/v1/wallets", query=f"userId=101&{wrong}").status == 400


@pytest.mark.parametrize("path", ["wallets", "transfers", "payouts", "payins", "balances", "cardtransactions"])
def test_some_lists_must_be_told_of_whom(partner, path):
    """ "The request must specify at least one of those fields"."""
    refused = partner.call("GET", f"/v1/{path}")
    assert refused.status == 400 and "is required" in refused.json["errors"][0]["message"]
    known = "cardId=1" if path == "cardtransactions" else "walletId=1001"
    assert isinstance(partner.good("GET", f"/v1/{path}", query=known)[path], list)


# --- the resources ---


def test_a_users_email_is_unique(partner):
    """Also after a change; what a change does not give stays."""
    (user,) = partner.good("POST", "/v1/users", USER)["users"]
    refused = partner.call("POST", "/v1/users", USER)
    assert causes(refused) == ["provider.not_unique"] and "errorCode" in refused.json["errors"][0]
    assert partner.call("PUT", f"/v1/users/{user['userId']}", {"email": "alex.oak@example.com"}).status == 400
    partner.later(timedelta(hours=1))
    (changed,) = partner.good("PUT", f"/v1/users/{user['userId']}", {"city": "Lyon"})["users"]
    assert changed == {**user, "city": "Lyon", "modifiedDate": "2026-11-24 11:27:38"}


def test_a_wallet_is_canceled_when_it_is_empty(partner):
    """For good: nothing is moved there any more; its owner and its currency do not change."""
    assert causes(partner.call("DELETE", "/v1/wallets/1001")) == ["provider.invalid_state"]
    assert partner.good("DELETE", "/v1/wallets/1002")["wallets"][0]["walletStatus"] == "CANCELED"
    assert causes(partner.call("DELETE", "/v1/wallets/1002")) == ["provider.invalid_state"]
    moved = {"walletId": 1001, "beneficiaryWalletId": 1002, "amount": 1, "currency": "EUR"}
    assert causes(partner.call("POST", "/v1/transfers", moved)) == ["provider.invalid_state"]
    (wallet,) = partner.good("PUT", "/v1/wallets/1001", {"userId": 7, "eventName": "Mine"})["wallets"]
    assert (wallet["userId"], wallet["eventName"], wallet["userLastname"]) == (101, "Mine", "Oak")


def test_a_beneficiary_for_transfers_has_an_account(partner):
    """``iban`` and ``bic`` are needed when ``usableForSct`` is true, in a change too; without them nothing is paid."""
    said = {"userId": 101, "name": "Acme Ltd"}
    refused = partner.call("POST", "/v1/beneficiaries", {**said, "usableForSct": True, "iban": IBAN})
    assert refused.json == {"errors": [missing("bic")]}
    (made,) = partner.good("POST", "/v1/beneficiaries", said)["beneficiaries"]
    payout = {"walletId": 1001, "beneficiaryId": made["id"], "amount": 1, "currency": "EUR"}
    assert partner.call("POST", "/v1/payouts", payout).status == 400
    assert partner.call("PUT", f"/v1/beneficiaries/{made['id']}", {"usableForSct": True}).status == 400
    partner.good("PUT", f"/v1/beneficiaries/{made['id']}", {"iban": IBAN, "bic": "AGRIFRPP", "usableForSct": True})
    partner.good("POST", "/v1/payouts", payout)
    partner.good("PUT", f"/v1/beneficiaries/{made['id']}", {"isActive": False})
    assert causes(partner.call("POST", "/v1/payouts", payout)) == ["provider.invalid_state"]
    assert partner.call("POST", "/v1/beneficiaries", {**said, "name": "Café"}).status == 400
    wrong = partner.call("POST", "/v1/beneficiaries", {**said, "iban": IBAN.replace("89", "88")})
    assert wrong.status == 400 and "must be an IBAN" in wrong.json["errors"][0]["message"]


def test_a_card_is_activated_and_locked(partner):
    """A lost card is not unlocked; a PIN is repeated nowhere; the wallet is the cardholder's."""
    made = partner.good("POST", "/v1/cards/CreateVirtual", {**CARD, "pin": "4711"})
    assert "4711" not in str(made) + str(partner.rows.texts) and made["cards"][0]["isLive"] == 0
    assert partner.good("PUT", "/v1/cards/1/Activate")["cards"][0]["isLive"] == 1
    assert partner.good("PUT", "/v1/cards/1/LockUnlock", {"lockStatus": 2})["cards"][0]["statusCode"] == "LOST"
    assert causes(partner.call("PUT", "/v1/cards/1/LockUnlock", {"lockStatus": 0})) == ["provider.invalid_state"]
    partner.good("POST", "/v1/users", USER)
    assert causes(partner.call("POST", "/v1/cards/CreateVirtual", {**CARD, "userId": 102})) == ["provider.not_yours"]


def test_simulations_have_shapes_of_their_own(partner):
    """Two that no other call has."""
    refused = partner.call("POST", "/simulation/payin-sct", {"iban": IBAN})
    assert refused.json == {
        "errorCode": 0,
        "errorMessage": "Input validation failed",
        "additionalInformation": ["The amount field is required"],
    }
    unknown = partner.call("POST", "/simulation/payin-sct", {"iban": IBAN, "amount": 1})
    assert (unknown.status, causes(unknown)) == (400, ["provider.not_found"])
    said = {"iban": IBAN, "amount": 1, "currency": "EUR"}
    instant = partner.call("POST", "/simulation/sct-inst/payin", said)
    assert instant.json == {"reason": "BAD REQUEST", "details": "The name field is required"}


def test_a_payin_names_its_wallet(partner):
    """By an id that is a text of digits, or a UUID where it is instant; amounts are texts."""
    (wallet,) = partner.good("GET", "/v1/wallets", query="walletId=1001")["wallets"]
    said = partner.good("POST", "/simulation/payin-sct", {"iban": wallet["iban"], "amount": 20})
    assert (said["id"], said["payinId"], len(said["txId"])) == (1, 1, 16)
    more = {"iban": wallet["iban"], "amount": 0.5, "name": "Alex", "currency": "EUR"}
    instant = partner.good("POST", "/simulation/sct-inst/payin", more)["sctInstID"]
    found = partner.good("GET", "/v1/payins", query="walletId=1001&sortOrder=ASC")["payins"]
    assert [(one["payinId"], one["amount"], one["walletId"], one["currency"]) for one in found] == [
        ("1", "20.00", "1001", "EUR"),
        (instant, "0.50", "1001", "EUR"),
    ]
    assert partner.good("GET", f"/v1/payins/{instant}")["payins"][0]["userId"] == "101"


# --- what the doors refuse ---


def trouble(code, expected="GET"):
    refused = refuse(code, seen="s", expected=expected)
    return Trouble(refused=refused, endpoint=None, path="/v1/x", token="", now=NOW, trace="00000000000000aa")


def test_every_cause_that_a_call_can_meet_has_an_answer():
    """In the newer shape. No call comes with Basic, with an API key or with a token for one resource, none takes some
    kinds of tokens only, and grants are refused in a handler's own words."""
    met = {code for code, cause in CAUSES.items() if cause.layer in ("route", "token", "binding", "body")}
    others = ("other_resource", "key_unknown", "credentials_malformed", "kind_wrong", "grant_refused")
    assert met - TABLE.keys() <= {f"token.{one}" for one in others}
    assert {"provider.busy", "provider.state_removed", "provider.uncertain", "provider.fault"} <= TABLE.keys()
    assert TABLE.keys() | ADVICE.keys() <= CAUSES.keys()
    for code, (status, type_, error, message) in TABLE.items():
        reply = envelope(trouble(code, expected="GET, POST"))
        said = {"type": type_, "code": error, "message": message, "docUrl": DOC}
        assert (reply.status, reply.json) == (status, {"errors": [said]})
    assert envelope(trouble("route.method_not_allowed", expected="GET, POST")).headers == {"allow": "GET, POST"}
