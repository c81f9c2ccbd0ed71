"""A debtor's leave to collect: made, changed, activated, cancelled, listed."""

import pytest

from sandbox.providers.nuapay.errors import SENTENCES
from tests.sandbox.providers.nuapay.bench import GB35, GBP25, TODAY, causes, refusal

ALL = "/schemes/abxq9kq52l/mandates"
STARTING = f"{ALL}/w24y3dya2p"
GOOD = {
    "debtor": {
        "name": "Debtor Name",
        "address": {"line1": "Debtor Address Line1", "town": " Debtor Town", "country": "IE"},
        "language": "fr_BE",
        "email": "debtor@email.com",
        "phoneNumber": "0360123123123",
        "mobileNumber": "0360321312312",
    },
    "mandateInfo": {
        "mandateId": "1234567899",
        "contractReference": "Contract Reference",
        "signatureLocation": "Signature Location",
        "signatureDate": "2015-07-21",
        "migratingMandate": False,
    },
    "debtorAccount": {"iban": "GB94SELN00999976543215", "bic": "SELNGB21"},
    "creditorAccount": {"iban": GB35, "bic": "SELNGB21"},
}
"""The example of the description, with the organisation's own account."""

SIGNED = {
    "authorizationMethod": "SMS_PASSWORD",
    "authorizationToken": "1234",
    "authorizationEmail": "debtor@email.com",
    "authorizationMobileNumber": "0360321312312",
    "ipAddress": "192.168.8.1",
    "geographicLocation": "Geo Location",
}


def changed(part, **change):
    return {**GOOD, part: {**GOOD[part], **change}}


def test_the_schemes_are_those_that_the_organisation_has(organisation):
    """Without pages, as in the example."""
    organisation.put("scheme", "bacs000001", schemeType="BACS")
    said = organisation.good("GET", "/schemes")
    assert list(said) == ["uri", "data"] and {item["schemeType"] for item in said["data"]} == {"CORE", "BACS"}
    assert {
        "id": "abxq9kq52l",
        "uri": "/schemes/abxq9kq52l",
        "creditorSchemeId": "BE31ZZZ12345",
        "schemeType": "CORE",
        "creditorSchemeName": "Nuapay Scheme",
        "links": [],
    } in said["data"]


def test_a_new_mandate_is_pending(organisation):
    """As in the example: what was given, and a state and a first day."""
    reply = organisation.call("POST", ALL, GOOD)
    data = reply.json["data"]
    assert reply.status == 201 and reply.json["uri"] == data["uri"] == f"{ALL}/{data['id']}"
    assert data["mandateInfo"] == {
        **GOOD["mandateInfo"],
        "mandateType": "RCUR",
        "electronicSignatureDetails": dict.fromkeys(SIGNED),
        "emandateAuthenticationDetails": {"authenticationMethod": None, "authenticationReference": None},
        "status": "PENDING",
        "creationDate": TODAY,
    }
    assert (data["debtor"], data["debtorAccount"]) == (GOOD["debtor"], GOOD["debtorAccount"])
    assert organisation.good("GET", data["uri"])["data"] == data


def test_a_mandate_keeps_how_the_debtor_gave_leave(organisation):
    """Of the signature and of the authentication what was given, and null for the rest; an activation that gives more
    changes them."""
    asked = {"authenticationMethod": "AISP", "authenticationReference": "2c8f2c6e9002"}
    body = changed("mandateInfo", emandateAuthenticationDetails=asked, electronicSignatureDetails=SIGNED)
    made = organisation.good("POST", ALL, body)["data"]
    assert made["mandateInfo"]["electronicSignatureDetails"] == SIGNED
    assert made["mandateInfo"]["emandateAuthenticationDetails"] == asked
    again = {"electronicSignatureDetails": {"authorizationMethod": "CHECK_BOX"}}
    active = organisation.good("POST", f"{made['uri']}/activate", again)["data"]["mandateInfo"]
    assert active["electronicSignatureDetails"] == {**dict.fromkeys(SIGNED), "authorizationMethod": "CHECK_BOX"}
    assert active["emandateAuthenticationDetails"] == asked and active["status"] == "ACTIVE"
    assert organisation.good("GET", made["uri"])["data"]["mandateInfo"] == active


def test_a_mandate_needs_little(organisation):
    """An id is made up; the money goes to the oldest account in the scheme's currency."""
    body = {"debtor": {"name": "D"}, "debtorAccount": {"domesticAccountNumber": "1"}}
    data = organisation.good("POST", ALL, body)["data"]
    assert len(data["mandateInfo"]["mandateId"]) == 16 and data["creditorAccount"]["iban"] == GB35
    organisation.put("scheme", "bacs000001", schemeType="BACS")
    assert organisation.good("POST", "/schemes/bacs000001/mandates", body)["data"]["creditorAccount"]["iban"] == GBP25


def test_a_mandate_can_be_tried_without_being_made(organisation):
    """``x-request-mode: validate``: 204, or the refusal that there would be."""
    headers = {"x-request-mode": "validate"}
    reply = organisation.call("POST", ALL, GOOD, headers=headers)
    assert (reply.status, reply.json) == (204, None)
    assert refusal(organisation.call("POST", ALL, {}, headers=headers)) == (400, "7032", None)
    assert len(organisation.rows.all_of("mandate")) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "7032"),
        ({"debtor": GOOD["debtor"]}, "7033"),
        (changed("debtor", name=None), "7034"),
        (changed("debtor", name="x" * 71), "7010"),
        (changed("debtor", address={"line1": "x" * 71}), "7011"),
        (changed("debtor", address={"country": "IRL"}), "7016"),
        (changed("debtor", language="xx"), "7017"),
        (changed("debtor", email="nobody"), "7018"),
        (changed("debtor", phoneNumber="1" * 31), "7019"),
        (changed("debtor", mobileNumber="1" * 31), "7020"),
        (changed("debtorAccount", iban="GB94SELN00999976543216"), "7026"),
        (changed("debtorAccount", bic="x"), "7027"),
        ({**GOOD, "debtorAccount": {}}, "7031"),
        (changed("creditorAccount", iban="x"), "7028"),
        (changed("creditorAccount", bic="x"), "7029"),
        (changed("mandateInfo", mandateId="x" * 36), "7021"),
        (changed("mandateInfo", contractReference="x" * 36), "7022"),
        (changed("mandateInfo", signatureLocation="x" * 71), "7023"),
        (changed("mandateInfo", signatureDate="21-07-2015"), "7024"),
        (changed("mandateInfo", mandateType="ONCE"), "7025"),
        (changed("mandateInfo", migratingMandate="no"), "7004"),
        (changed("mandateInfo", resendMandateForSignature="x"), "7049"),
        (changed("mandateInfo", electronicSignatureDetails={"authorizationMethod": "x"}), "7053"),
        (changed("mandateInfo", electronicSignatureDetails={"authorizationToken": "x" * 36}), "7054"),
        (changed("mandateInfo", electronicSignatureDetails={"authorizationEmail": "x"}), "7055"),
        (changed("mandateInfo", electronicSignatureDetails={"authorizationMobileNumber": "1" * 31}), "7056"),
        (changed("mandateInfo", electronicSignatureDetails={"ipAddress": "1" * 40}), "7057"),
        (changed("mandateInfo", electronicSignatureDetails={"geographicLocation": "x" * 71}), "7058"),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", ALL), ("PUT", STARTING)])
def test_a_wrong_field_is_400_with_its_own_code(organisation, method, path, body, code):
    """In a new mandate and in an update alike."""
    reply = organisation.call(method, path, body)
    assert refusal(reply) == (400, code, None) and reply.json["returnDescription"] == SENTENCES[code]


def test_an_id_is_of_one_mandate_and_a_creditor_has_an_account(organisation):
    """3027 and 2006, both 422."""
    organisation.good("POST", ALL, GOOD)
    reply = organisation.call("POST", ALL, GOOD)
    assert refusal(reply) == (422, "3027", None) and causes(reply) == ["provider.not_unique"]
    elsewhere = changed("creditorAccount", iban="GB47SELN00999912345678")
    assert refusal(organisation.call("PUT", STARTING, elsewhere)) == (422, "2006", None)


def test_an_update_takes_away_what_it_leaves_out(organisation):
    """ "Treated as null"; its own id is no other mandate's, and state and first day stay."""
    made = organisation.good("POST", ALL, GOOD)["data"]
    assert organisation.good("PUT", made["uri"], GOOD)["data"] == made
    bare = {"debtor": {"name": "New"}, "debtorAccount": GOOD["debtorAccount"]}
    data = organisation.good("PUT", made["uri"], bare)["data"]
    assert data["debtor"] == {"name": "New"} and data["mandateInfo"]["contractReference"] is None
    assert data["mandateInfo"]["mandateId"] == "1234567899" and data["mandateInfo"]["status"] == "PENDING"
    assert organisation.good("GET", made["uri"])["data"] == data


def test_a_mandate_is_activated_once(organisation):
    """Only from PENDING; the address of the call stands above the mandate's."""
    uri = organisation.good("POST", ALL, GOOD)["data"]["uri"]
    said = organisation.good("POST", f"{uri}/activate", {"signatureLocation": "Here", "signatureDate": "2026-11-23"})
    assert said["uri"] == f"{uri}/activate" and said["data"]["uri"] == uri
    info = said["data"]["mandateInfo"]
    assert (info["status"], info["signatureLocation"], info["signatureDate"]) == ("ACTIVE", "Here", "2026-11-23")
    reply = organisation.call("POST", f"{uri}/activate", {})
    assert refusal(reply) == (422, "3022", None) and causes(reply) == ["provider.invalid_state"]


def test_a_mandate_is_cancelled_with_a_reason_and_stays_so(organisation):
    """7074 without one, 7064 for a long one; after that nothing more is to be done with it."""
    assert refusal(organisation.call("POST", f"{STARTING}/cancel", {})) == (400, "7074", None)
    long = {"operationReason": "x" * 141}
    assert refusal(organisation.call("POST", f"{STARTING}/cancel", long)) == (400, "7064", None)
    data = organisation.good("POST", f"{STARTING}/cancel", {"operationReason": "Reason"})["data"]
    assert data["mandateInfo"]["status"] == "CANCELLED"
    assert data["rejectDetails"]["rejectDescription"] == "Reason"
    for method, action, body, code in (
        ("POST", "/cancel", {"operationReason": "Reason"}, "3010"),
        ("POST", "/activate", {}, "3022"),
        ("PUT", "", GOOD, "3009"),
    ):
        assert refusal(organisation.call(method, f"{STARTING}{action}", body)) == (422, code, None)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/schemes/nothing/mandates", GOOD),
        ("GET", "/schemes/nothing/mandates", None),
        ("GET", "/schemes/nothing/mandates/w24y3dya2p", None),
        ("GET", f"{ALL}/nothing", None),
        ("PUT", f"{ALL}/nothing", GOOD),
        ("POST", f"{ALL}/nothing/activate", {}),
        ("POST", f"{ALL}/nothing/cancel", {"operationReason": "x"}),
    ],
)
def test_what_is_not_there_is_404(organisation, method, path, body):
    """Also a mandate under another scheme than its own."""
    assert refusal(organisation.call(method, path, body)) == (404, "10093", None)


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("", 2),
        ("mandatestatus=PENDING", 1),
        ("mandatestatus=PENDING&mandatestatus=ACTIVE", 2),
        ("mandateid=1234567899", 1),
        ("debtorname=DEBTOR", 2),
        ("debtoriban=GB94SELN00999976543215", 2),
        (f"createdatefrom={TODAY}&createdateto={TODAY}", 2),
        ("createdateto=2026-11-23", 0),
    ],
)
def test_lists_are_filtered(organisation, query, left):
    """A scheme's and all, which are the same here."""
    organisation.good("POST", ALL, GOOD)
    for path in (ALL, "/mandates"):
        said = organisation.good("GET", path, query=query)
        assert (said["uri"], len(said["data"])) == (path, left)


def test_a_list_shows_little_of_each(organisation):
    """The members of the example."""
    item = organisation.good("GET", "/mandates")["data"][0]
    assert item == {
        "id": "w24y3dya2p",
        "uri": STARTING,
        "mandateId": "W24Y3DYA2P",
        "debtorName": "Debtor Name",
        "debtorIBAN": "GB94SELN00999976543215",
        "debtorMobileNumber": None,
        "mandateStatus": "ACTIVE",
        "creationDate": TODAY,
        "links": [],
    }


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("createdatefrom=x", 400, "7001"),
        ("mandatestatus=ALL", 400, "7059"),
        ("createdatefrom=2026-11-25&createdateto=2026-11-24", 422, "7002"),
    ],
)
def test_filters_that_cannot_be_are_refused(organisation, query, status, code):
    assert refusal(organisation.call("GET", "/mandates", query=query)) == (status, code, None)
