"""Whether an account can be, and what its numbers say."""

import pytest

from tests.sandbox.providers.nuapay.bench import GB35, refusal

EXAMPLE = {
    "uri": "/iban/validate",
    "iban": GB35,
    "domesticAccountNumber": "03769154",
    "accountCountry": "GB",
    "domesticBankCode": None,
    "domesticBranchCode": "009999",
    "domesticCheckSum": None,
    "bic": "SELNGB21XXX",
    "holdingBank": {
        "institutionName": "SENTENIAL LTD",
        "branchName": "Sentenial Ltd T/A Nuapay",
        "address": {"line1": "4th Floor", "line2": "35 Great St Helen's", "line3": "London", "postCode": "EC3A 6AP"},
        "telephoneNumber": "0203 1788729",
        "faxNumber": None,
        "closureDate": None,
        "redirectedTo": None,
    },
    "links": [],
}
"""The data of the description's example."""


@pytest.mark.parametrize(
    "asked",
    [
        {"iban": GB35},
        {"iban": GB35.lower()},
        {"accountCountry": "GB", "domesticBranchCode": "009999", "domesticAccountNumber": "03769154"},
    ],
)
def test_an_account_at_nuapay_is_as_the_example_shows_it(organisation, asked):
    """By its IBAN, or by the domestic numbers that are in it."""
    assert organisation.good("POST", "/iban/validate", asked) == {"uri": "/iban/validate", "data": EXAMPLE}


def test_of_an_account_elsewhere_only_what_the_numbers_say(organisation):
    """The domestic parts of a British IBAN; no bank, and no BIC but the one that was given."""
    data = organisation.good("POST", "/iban/validate", {"iban": "GB33BUKB20201555555555", "bic": "BUKBGB22"})["data"]
    assert (data["domesticBranchCode"], data["domesticAccountNumber"]) == ("202015", "55555555")
    assert (data["bic"], data["holdingBank"]) == ("BUKBGB22", None)
    other = {"accountCountry": "DE", "domesticBankCode": "37040044", "domesticAccountNumber": "0532013000"}
    assert organisation.good("POST", "/iban/validate", other)["data"]["iban"] is None


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"iban": "GB36SELN00999903769154"}, "7098"),
        ({"iban": 7}, "7098"),
        ({"iban": GB35, "domesticBranchCode": "009999"}, "7099"),
        ({}, "7075"),
        ({"domesticAccountNumber": "1"}, "7077"),
        ({"domesticAccountNumber": "1", "accountCountry": "gb"}, "7067"),
        ({"domesticAccountNumber": "x" * 21, "accountCountry": "GB"}, "7076"),
    ],
)
def test_what_cannot_be_is_400_with_its_code(organisation, asked, code):
    assert refusal(organisation.call("POST", "/iban/validate", asked)) == (400, code, None)
