"""Money sent to beneficiaries, in both versions."""

from decimal import Decimal

import pytest

from tests.sandbox.providers.nuapay.bench import GB20, GB35, GBP25, TODAY, causes, codes, refusal

BELOW = "/beneficiaries/46pkx7o9n5/credittransfers"
PAYMENT = {"originatorAccount": {"iban": GB35}, "paymentAmount": 5000.01, "paymentCurrency": "EUR"}
BENEFICIARY = {
    "beneficiary": {"name": "Somebody"},
    "beneficiaryAccount": {"iban": "IE72TURU99100404712507"},
}
ULTIMATE = {
    "ultimateCreditor": {"name": "ultimate Creditor", "organisationId": {"bicOrBei": "SELNGB21"}},
    "ultimateDebtor": {
        "name": "ultimate Debtor",
        "privateId": {
            "dateAndPlaceOfBirth": {"birthDate": "2000-05-09", "cityOfBirth": "city", "countryOfBirth": "IE"}
        },
    },
}
EVERYWHERE = [BELOW, f"/v2{BELOW}", "/credittransfers", "/v2/credittransfers"]


def body_of(path, **change):
    """A good body for any of the four calls."""
    body = {**PAYMENT, **change}
    return body if "beneficiaries" in path else {**BENEFICIARY, **body}


@pytest.mark.parametrize("path", EVERYWHERE)
def test_money_goes_out_and_a_transaction_says_so(organisation, path):
    """The same amount leaves the account, stands in the transfer and in the transaction."""
    made = organisation.call("POST", path, body_of(path, endToEndId="E2E", remittanceInformation="R", **ULTIMATE))
    assert made.status == 201 and made.json["data"]["paymentAmount"] == 5000.01
    assert organisation.balance("6bee3razby") == Decimal("994999.99")
    transactions = organisation.good("POST", "/accounts/6bee3razby/transactions/list", {})["data"]
    assert [(item["amount"], item["creditDebitIndicator"], item["endToEndId"]) for item in transactions] == [
        (5000.01, "DEBIT", "E2E")
    ]
    later = organisation.good("GET", f"/v2/credittransfers/{made.json['data']['id']}")["data"]
    assert later["paymentStatus"] == "READY_FOR_EXPORT" and later["requestedExecutionDate"] == TODAY
    assert set(later["originalBeneficiaryAccount"].values()) == {None} and len(later["originalBeneficiaryAccount"]) == 7


def test_ultimate_parties_are_completed_with_nulls(organisation):
    """As in the examples: null for the kind of party that it is not, and inside for what was not given; ``lei``, which
    they do not have, only where it was given."""
    made = organisation.good("POST", BELOW, body_of(BELOW, **ULTIMATE))["data"]
    assert made["ultimateCreditor"] == {
        "name": "ultimate Creditor",
        "organisationId": {"bicOrBei": "SELNGB21", "other": None},
        "privateId": None,
    }
    born = ULTIMATE["ultimateDebtor"]["privateId"]["dateAndPlaceOfBirth"]
    assert made["ultimateDebtor"]["privateId"] == {"dateAndPlaceOfBirth": born, "other": None}
    assert made["ultimateDebtor"]["organisationId"] is None
    lei = "549300GKFG0RYRRQ1414"
    other = organisation.good("POST", BELOW, body_of(BELOW, ultimateDebtor={"organisationId": {"lei": lei}}))["data"]
    assert other["ultimateDebtor"]["organisationId"] == {"bicOrBei": None, "other": None, "lei": lei}
    assert other["ultimateCreditor"] is None


@pytest.mark.parametrize("sent", [12345678901330, 12345678901234567890])
def test_an_end_to_end_id_may_be_a_number(organisation, sent):
    """As the example of a direct debit has it; one with a point is refused."""
    assert organisation.good("POST", BELOW, body_of(BELOW, endToEndId=sent))["data"]["endToEndId"] == str(sent)
    assert organisation.call("POST", BELOW, body_of(BELOW, endToEndId=1.5)).status == 400


def test_v1_answers_with_the_state_and_v2_before_there_is_one(organisation):
    """READY_FOR_EXPORT and INITIATED, as in the examples; addresses as they have them."""
    first, second = (organisation.good("POST", path, body_of(path)) for path in (BELOW, f"/v2{BELOW}"))
    assert first["data"]["paymentStatus"] == "READY_FOR_EXPORT" and first["data"]["type"] == "STANDARD"
    assert first["uri"] == first["data"]["uri"] == f"{BELOW}/{first['data']['id']}"
    assert first["data"]["originatorIban"] == GB35 and first["data"]["originatorAccount"]["bic"] == "SELNGB21"
    assert second["data"]["paymentStatus"] == "INITIATED" and second["data"]["type"] == "FASTEST_POSSIBLE"
    assert second["uri"] == f"{BELOW}/{second['data']['id']}"
    assert second["data"]["uri"] == f"/credittransfers/{second['data']['id']}"
    assert "originatorIban" not in second["data"] and "bic" not in second["data"]["originatorAccount"]
    link = {"resourceType": "beneficiary", "id": "46pkx7o9n5", "uri": "/beneficiaries/46pkx7o9n5"}
    assert first["data"]["links"] == second["data"]["links"] == [link]


@pytest.mark.parametrize(
    ("account", "currency", "type", "scheme"),
    [
        (GB35, "EUR", "STANDARD", "SCT"),
        (GB35, "EUR", "EXPRESS", "SCT_INSTANT"),
        (GBP25, "GBP", "STANDARD", "BACS"),
        (GBP25, "GBP", "FASTEST_POSSIBLE", "FPS"),
    ],
)
def test_the_scheme_is_that_of_currency_and_type(organisation, account, currency, type, scheme):
    body = body_of(BELOW, originatorAccount={"iban": account}, paymentCurrency=currency, type=type)
    assert organisation.good("POST", BELOW, body)["data"]["paymentScheme"] == scheme


def test_a_beneficiary_is_made_only_where_there_is_none(organisation):
    """ "If none exists": of the same name and account."""
    for path in ("/credittransfers", "/v2/credittransfers"):
        organisation.good("POST", path, body_of(path))
    assert len(organisation.rows.all_of("beneficiary")) == 2
    other = {"beneficiary": {"name": "Another"}}
    organisation.good("POST", "/credittransfers", {**body_of("/credittransfers"), **other})
    assert len(organisation.rows.all_of("beneficiary")) == 3


@pytest.mark.parametrize("path", ["/credittransfers", "/v2/credittransfers"])
def test_a_beneficiary_is_not_made_when_the_transfer_is_refused(organisation, path):
    """All or nothing, each with its details."""
    for change in (
        {"paymentCurrency": "GBP"},
        {"beneficiaryAccount": {}},
        {"beneficiary": {"name": "A", "address": {"town": "T"}}},
    ):
        assert organisation.call("POST", path, {**body_of(path), **change}).status in (400, 422)
    assert len(organisation.rows.all_of("beneficiary")) == 1


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"paymentAmount": None}, "7037", "paymentAmount"),
        ({"paymentAmount": "1"}, "5006", "paymentAmount"),
        ({"paymentAmount": 0.1 + 0.2}, "5006", "paymentAmount"),
        ({"paymentAmount": 1_000_000_000}, "5006", "paymentAmount"),
        ({"paymentCurrency": None}, "7092", "paymentCurrency"),
        ({"paymentCurrency": "USD"}, "7093", "paymentCurrency"),
        ({"requestedExecutionDate": "14-10-2016"}, "5009", "requestedExecutionDate"),
        ({"remittanceInformation": "x" * 141}, "7035", "remittanceInformation"),
        ({"settlementDateShift": "true,"}, "7004", "settlementDateShift"),
        ({"originatorAccount": {"iban": "GB00"}}, "7111", "originatorAccount.iban"),
        ({"ultimateDebtor": {"name": "x" * 71}}, "7300", "ultimateDebtor.name"),
        (
            {"ultimateDebtor": {"privateId": {"dateAndPlaceOfBirth": {"birthDate": "x", "cityOfBirth": "c"}}}},
            "7306",
            "ultimateDebtor.privateId.dateAndPlaceOfBirth.birthDate",
        ),
    ],
)
def test_wrong_fields_are_400(organisation, path, change, code, field):
    """v1 below a beneficiary tells the code alone; the other three tell details."""
    reply = organisation.call("POST", path, body_of(path, **change))
    if path == BELOW:
        assert refusal(reply) == (400, code, None)
    else:
        assert refusal(reply)[:2] == (400, "8888") and codes(reply)[0] == (code, field)
    assert organisation.balance("6bee3razby") == 1_000_000


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize(
    ("change", "code", "cause"),
    [
        ({"originatorAccount": {"iban": "GB47SELN00999912345678"}}, "5007", "provider.not_found"),
        ({"paymentCurrency": "GBP"}, "5017", "provider.invalid_body"),
        ({"endToEndId": "with space"}, "5008", "provider.invalid_body"),
        ({"endToEndId": "x" * 36}, "5008", "provider.invalid_body"),
        (
            {"remittanceInformation": "a", "structuredRemittanceInformation": {"creditorReference": "b"}},
            "7354",
            "provider.invalid_body",
        ),
        (
            {"ultimateCreditor": {"organisationId": {"lei": None}, "privateId": {}}},
            "7330",
            "provider.invalid_body",
        ),
    ],
)
def test_broken_rules_are_422(organisation, path, change, code, cause):
    """In the same two manners."""
    reply = organisation.call("POST", path, body_of(path, **change))
    assert reply.status == 422 and causes(reply) == [cause]
    told = reply.json["returnCode"] if path == BELOW else codes(reply)[0][0]
    assert told == code and organisation.balance("6bee3razby") == 1_000_000


def test_an_account_that_is_suspended_pays_nothing(organisation):
    """5007, "or is not in a valid status"."""
    organisation.put("account", "6bee3razby", status="SUSPENDED")
    reply = organisation.call("POST", BELOW, PAYMENT)
    assert refusal(reply) == (422, "5007", None)
    assert reply.reasons[0].seen == "originatorAccount.iban: an account that is SUSPENDED"


def test_v1_names_the_account_that_pays_in_one_of_two_ways(organisation):
    """By ``originatorIban``, or by ``originatorAccount``; not by both, and not by none."""
    body = {name: value for name, value in PAYMENT.items() if name != "originatorAccount"}
    assert organisation.good("POST", BELOW, {**body, "originatorIban": GB20})["data"]["originatorIban"] == GB20
    assert refusal(organisation.call("POST", BELOW, body)) == (400, "7091", None)
    assert refusal(organisation.call("POST", BELOW, {**PAYMENT, "originatorIban": GB20})) == (422, "7158", None)
    assert refusal(organisation.call("POST", BELOW, {**body, "originatorIban": "x"})) == (400, "7111", None)


def test_v2_knows_only_one_of_them(organisation):
    """7172, whatever stands in ``originatorIban``."""
    body = {"paymentAmount": 1, "paymentCurrency": "EUR", "originatorIban": GB35}
    assert codes(organisation.call("POST", f"/v2{BELOW}", body)) == [("7172", "originatorAccount")]
    reply = organisation.call("POST", f"/v2{BELOW}", {**body, "originatorAccount": {}})
    assert codes(reply) == [("7172", "originatorAccount.iban")]


@pytest.mark.parametrize(
    ("change", "code", "cause"),
    [
        ({"paymentAmount": 1_000_000.01}, "5016", "provider.no_funds"),
        ({"requestedExecutionDate": "2026-11-23"}, "7125", "provider.invalid_body"),
    ],
)
def test_what_v1_refuses_v2_finds_out_later(organisation, change, code, cause):
    """v1: 422. v2: 201 INITIATED, and a later look shows FAILED with the code; no money leaves in either."""
    reply = organisation.call("POST", BELOW, body_of(BELOW, **change))
    assert refusal(reply) == (422, code, None) and causes(reply) == [cause]
    made = organisation.good("POST", f"/v2{BELOW}", body_of(BELOW, **change))["data"]
    assert made["paymentStatus"] == "INITIATED" and set(made["rejectDetails"].values()) == {None}
    later = organisation.good("GET", f"/v2/credittransfers/{made['id']}")["data"]
    assert later["paymentStatus"] == "FAILED"
    assert (later["rejectDetails"]["rejectReason"], later["rejectDetails"]["rejectDate"]) == (code, TODAY)
    assert organisation.balance("6bee3razby") == 1_000_000
    assert organisation.good("POST", "/accounts/6bee3razby/transactions/list", {})["data"] == []


@pytest.mark.parametrize("path", EVERYWHERE)
def test_everything_may_go_today_and_nothing_more(organisation, path):
    """To the last cent, in either version; a date to come is as good as today."""
    organisation.good("POST", path, body_of(path, paymentAmount=999_999.99, requestedExecutionDate=TODAY))
    organisation.good("POST", path, body_of(path, paymentAmount=0.01, requestedExecutionDate="2027-01-01"))
    transfers = organisation.good("GET", "/credittransfers")["data"]
    assert [item["paymentStatus"] for item in transfers] == ["READY_FOR_EXPORT"] * 2
    assert organisation.balance("6bee3razby") == 0


def test_a_beneficiary_that_is_not_there_is_404(organisation):
    path = BELOW.replace("46pkx7o9n5", "nothing")
    assert refusal(organisation.call("POST", path, PAYMENT)) == (404, "10093", None)
    assert refusal(organisation.call("GET", path)) == (404, None, None)
    assert refusal(organisation.call("GET", f"{BELOW}/nothing")) == (404, "10093", None)
    assert refusal(organisation.call("GET", "/v2/credittransfers/nothing")) == (404, "10093", None)
    assert refusal(organisation.call("POST", "/accounts/nothing/credittransfers/list", {})) == (404, "10093", None)


def test_a_transfer_is_found_only_below_its_beneficiary(organisation):
    """One of another beneficiary's is not there."""
    made = organisation.good("POST", "/credittransfers", body_of("/credittransfers"))["data"]
    assert organisation.good("GET", made["uri"])["data"] == made
    assert organisation.call("GET", f"{BELOW}/{made['id']}").status == 404
    assert organisation.good("GET", BELOW)["data"] == []


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("", 3),
        ("paymentstatus=ALL", 3),
        ("paymentstatus=FAILED", 1),
        ("paymentstatus=FAILED&paymentstatus=READY_FOR_EXPORT", 3),
        ("endtoendid=one", 1),
        ("beneficiaryname=BENEFICIARY", 3),
        ("beneficiaryiban=IE72TURU99100404712507", 0),
        (f"originatoriban={GB35}", 3),
        ("executiondatefrom=2026-11-24&executiondateto=2026-11-24", 2),
        ("executiondateto=2026-11-23", 1),
    ],
)
def test_lists_are_filtered(organisation, query, left):
    """All filters together; a repeated status is either of them."""
    organisation.good("POST", BELOW, body_of(BELOW, endToEndId="one"))
    organisation.good("POST", BELOW, body_of(BELOW))
    organisation.good("POST", f"/v2{BELOW}", body_of(BELOW, requestedExecutionDate="2026-11-23"))
    for path in ("/credittransfers", "/v2/credittransfers", BELOW, f"/v2{BELOW}"):
        assert len(organisation.good("GET", path, query=query)["data"]) == left


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("paymentstatus=NONE", 400, "7063"),
        ("executiondatefrom=x", 400, "7001"),
        ("executiondatefrom=2026-11-25&executiondateto=2026-11-24", 422, "7002"),
    ],
)
def test_filters_that_cannot_be_are_refused(organisation, query, status, code):
    assert refusal(organisation.call("GET", "/credittransfers", query=query)) == (status, code, None)


def test_an_account_lists_what_it_sent(organisation):
    """With filters in the body, and details in the refusals."""
    organisation.good("POST", BELOW, body_of(BELOW))
    organisation.good("POST", BELOW, body_of(BELOW, originatorAccount={"iban": GB20}))
    path = "/accounts/6bee3razby/credittransfers/list"
    said = organisation.good("POST", path, {})
    assert (said["uri"], len(said["data"])) == (path, 1)
    filters = [
        ({"beneficiaryAccount": "12345678"}, 1),
        ({"beneficiaryName": "name", "paymentStatuses": ["READY_FOR_EXPORT", "PENDING"]}, 1),
        ({"executionDateFrom": TODAY, "executionDateTo": TODAY}, 1),
        ({"paymentStatuses": ["FAILED"]}, 0),
    ]
    for wanted, left in filters:
        assert len(organisation.good("POST", f"/v2{path}", {"filter": wanted})["data"]) == left
    reply = organisation.call("POST", path, {"filter": {"executionDateFrom": "x", "paymentStatuses": []}})
    assert refusal(reply)[:2] == (400, "8888")
    assert codes(reply) == [("7001", "filter.executionDateFrom"), ("7063", "filter.paymentStatuses")]
    reversed_ = {"executionDateFrom": "2026-11-25", "executionDateTo": "2026-11-24"}
    reply = organisation.call("POST", path, {"filter": reversed_})
    assert refusal(reply)[:2] == (422, "9999") and codes(reply) == [("7002", "filter.executionDateFrom")]
