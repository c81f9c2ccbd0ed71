"""Those who are paid, under both addresses."""

import pytest

from sandbox.providers.nuapay.errors import SENTENCES
from tests.sandbox.providers.nuapay.bench import refusal

GOOD = {
    "beneficiary": {
        "name": "Beneficiary Name",
        "address": {
            "line1": "Beneficiary Address Line1",
            "line2": "Beneficiary Address Line2",
            "town": "Beneficiary Town",
            "postCode": "123123",
            "state": "Beneficiary State",
            "country": "IE",
        },
        "language": "en",
        "email": "beneficiary@mail.com",
        "mobileNumber": "0360321321321",
        "phoneNumber": "0360123123123",
        "descriptionOfPurpose": "Description of Purpose",
    },
    "beneficiaryAccount": {"iban": "GB47SELN00999912345678", "bic": "SELNGB21"},
}
"""The example of the description."""


def changed(part, **change):
    return {**GOOD, part: {**GOOD[part], **change}}


@pytest.mark.parametrize("version", ["", "/v2"])
def test_a_beneficiary_is_answered_as_the_example_shows_it(organisation, version):
    """Member for member; and the addresses have no version."""
    reply = organisation.call("POST", f"{version}/beneficiaries", GOOD)
    made = reply.json["data"]["id"]
    assert reply.status == 201 and reply.json["uri"] == f"/beneficiaries/{made}"
    assert reply.json["data"] == {
        "id": made,
        "uri": f"/beneficiaries/{made}",
        "beneficiary": GOOD["beneficiary"],
        "beneficiaryAccount": {
            "iban": "GB47SELN00999912345678",
            "domesticAccountNumber": "12345678",
            "domesticBankCode": None,
            "domesticBranchCode": "009999",
            "domesticCheckSum": None,
            "domesticAccountCountry": "GB",
            "bic": "SELNGB21",
        },
        "links": [],
    }


def test_both_addresses_have_the_same_beneficiaries(organisation):
    """One that was made under the one is found under the other."""
    made = organisation.good("POST", "/v2/beneficiaries", GOOD)
    assert organisation.good("GET", made["uri"]) == organisation.good("GET", f"/v2{made['uri']}") == made
    assert organisation.good("GET", "/beneficiaries") == organisation.good("GET", "/v2/beneficiaries")


def test_one_that_is_not_there_is_404(organisation):
    assert refusal(organisation.call("GET", "/v2/beneficiaries/nothing")) == (404, "10093", None)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "7084"),
        ({"beneficiary": GOOD["beneficiary"]}, "7085"),
        ({**GOOD, "beneficiary": "text"}, "7084"),
        (changed("beneficiary", name=None), "7086"),
        (changed("beneficiary", name="x" * 71), "7100"),
        (changed("beneficiary", language="xx"), "7088"),
        (changed("beneficiary", email="nobody"), "7089"),
        (changed("beneficiary", mobileNumber="1" * 31), "7020"),
        (changed("beneficiary", phoneNumber="1" * 31), "7019"),
        (changed("beneficiary", descriptionOfPurpose="x" * 141), "7096"),
        (changed("beneficiary", lei="x"), "7131"),
        (changed("beneficiary", address={"line1": "x" * 71}), "7011"),
        (changed("beneficiary", address={"line2": "x" * 71}), "7012"),
        (changed("beneficiary", address={"town": "x" * 36}), "7013"),
        (changed("beneficiary", address={"postCode": "x" * 17}), "7014"),
        (changed("beneficiary", address={"state": "x" * 36}), "7015"),
        (changed("beneficiary", address={"country": "Ireland"}), "7016"),
        (changed("beneficiary", address={"streetName": "x" * 71}), "7173"),
        (changed("beneficiary", address={"buildingNumber": "x" * 17}), "7174"),
        (changed("beneficiaryAccount", iban="GB47SELN00999912345679"), "7081"),
        (changed("beneficiaryAccount", bic="seln"), "7082"),
        ({**GOOD, "beneficiaryAccount": {}}, "7083"),
        ({**GOOD, "beneficiaryAccount": {"domesticAccountNumber": "1" * 21}}, "7076"),
        ({**GOOD, "beneficiaryAccount": {"domesticBankCode": ""}}, "7065"),
        ({**GOOD, "beneficiaryAccount": {"domesticBranchCode": "1" * 11}}, "7066"),
        ({**GOOD, "beneficiaryAccount": {"domesticCheckSum": "123"}}, "7068"),
        ({**GOOD, "beneficiaryAccount": {"domesticAccountCountry": "gb"}}, "7067"),
    ],
)
def test_a_wrong_field_is_400_with_its_own_code(organisation, body, code):
    """``{"returnCode":"7081","returnDescription":"Beneficiary IBAN is invalid","details":null}``."""
    reply = organisation.call("POST", "/beneficiaries", body)
    assert refusal(reply) == (400, code, None) and reply.json["returnDescription"] == SENTENCES[code]
    assert len(organisation.rows.all_of("beneficiary")) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (changed("beneficiaryAccount", domesticAccountNumber="12345678"), "7159"),
        (changed("beneficiary", address={"line1": "a", "streetName": "b", "country": "IE"}), "5010"),
        (changed("beneficiary", address={"town": "a"}), "5004"),
    ],
)
def test_a_broken_rule_is_422_with_its_own_code(organisation, body, code):
    """The first is the description's example."""
    assert refusal(organisation.call("POST", "/beneficiaries", body)) == (422, code, None)


def test_an_account_abroad_has_what_its_iban_says(organisation):
    """Its country; nothing is made up."""
    body = changed("beneficiaryAccount", iban="IE72TURU99100404712507", bic=None)
    account = organisation.good("POST", "/beneficiaries", body)["data"]["beneficiaryAccount"]
    assert (account["domesticAccountCountry"], account["domesticAccountNumber"], account["bic"]) == ("IE", None, None)
