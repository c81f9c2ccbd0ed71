"""Where events are to be told: kept, switched on and off, let go."""

import pytest

from tests.sandbox.providers.nuapay.bench import TODAY, causes, codes, refusal

GOOD = {
    "name": "Open Banking Payment",
    "targetUrl": "http://example.com/webhooks/listen",
    "active": True,
    "retryNumberOfDays": 1,
    "signKey": "TOddned3vb",
    "eventTypes": ["PaymentReceived"],
}
"""The example of the description."""


def test_a_webhook_is_as_the_example_shows_it(organisation):
    """Its sign key in clear."""
    reply = organisation.call("POST", "/webhooks", GOOD)
    made = reply.json["data"]["id"]
    assert reply.status == 201
    assert reply.json == {
        "uri": f"/webhooks/{made}",
        "data": {"id": made, "uri": f"/webhooks/{made}", **GOOD, "creationDate": TODAY},
    }
    assert organisation.good("GET", f"/webhooks/{made}") == reply.json
    assert organisation.good("GET", "/webhooks")["data"] == [reply.json["data"]]


def test_a_webhook_needs_an_address_and_event_types(organisation):
    """It is active, tries for a day, and has a key that was made up."""
    body = {"targetUrl": "https://[::1]:8443/hook?a=b", "eventTypes": ["PaymentReceived", "DirectDebitAccept"]}
    data = organisation.good("POST", "/webhooks", body)["data"]
    assert (data["active"], data["retryNumberOfDays"], data["name"]) == (True, 1, None)
    assert len(data["signKey"]) == 10 and data["eventTypes"] == body["eventTypes"]


def test_everything_that_is_wrong_is_told_at_once(organisation):
    """The description's example of a 400, detail for detail."""
    reply = organisation.call("POST", "/webhooks", {"active": "yes", "targetUrl": "nowhere", "retryNumberOfDays": 4})
    assert refusal(reply)[:2] == (400, "40000") and reply.json["returnDescription"] == "Input validation errors"
    assert codes(reply) == [
        ("40003", "active"),
        ("40017", "retryNumberOfDays"),
        ("40007", "targetUrl"),
        ("40001", "eventTypes"),
    ]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "ftp://example.com",
        "http://",
        "http:///path",
        "http://[::1",
        "http://a:b",
        "http://a:99999",
        "http://a:0",
        "http://exa mple.com",
        "http://a/\n",
        "http://a/\x00",
        "http://" + "a" * 2_048,
        "\ud800",
        "javascript:alert(1)",
        1,
        ["http://a"],
    ],
)
def test_an_address_is_one_of_http_with_a_host(organisation, url):
    """2048 characters at most."""
    reply = organisation.call("POST", "/webhooks", {**GOOD, "targetUrl": url})
    assert codes(reply) == [("40007", "targetUrl")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "x" * 71}, ("40000", "name")),
        ({"signKey": "k" * 256}, ("40000", "signKey")),
        ({"signKey": ""}, ("40000", "signKey")),
        ({"eventTypes": []}, ("40001", "eventTypes")),
        ({"eventTypes": [1]}, ("40001", "eventTypes")),
        ({"retryNumberOfDays": 0}, ("40017", "retryNumberOfDays")),
        ({"retryNumberOfDays": True}, ("40017", "retryNumberOfDays")),
        ({"targetUrl": None}, ("40001", "targetUrl")),
    ],
)
def test_other_wrong_fields_are_400(organisation, change, code):
    """40000 stands where no narrower code is published."""
    reply = organisation.call("POST", "/webhooks", {**GOOD, **change})
    assert refusal(reply)[:2] == (400, "40000") and codes(reply) == [code]
    assert "kkkk" not in str(reply)


def test_an_unknown_event_type_is_422(organisation):
    """As in the example; what GET /eventTypes lists is known, all of it."""
    reply = organisation.call("POST", "/webhooks", {**GOOD, "eventTypes": ["PaymentReceived", "Nothing"]})
    assert refusal(reply)[:2] == (422, "40000") and codes(reply) == [("40006", "eventTypes")]
    listed = organisation.good("GET", "/eventTypes")
    assert {"eventType": "OpenBankingPayment", "resourceType": "OpenBankingPayment"} in listed["data"]
    everything = [item["eventType"] for item in listed["data"]]
    assert (
        organisation.good("POST", "/webhooks", {**GOOD, "eventTypes": everything})["data"]["eventTypes"] == everything
    )


def test_an_update_takes_away_what_it_leaves_out_but_the_key(organisation):
    """A key that changed without being named would break the receiver."""
    made = organisation.good("POST", "/webhooks", GOOD)["data"]
    data = organisation.good("PUT", made["uri"], {"targetUrl": "https://a", "eventTypes": ["AccountEntry"]})["data"]
    assert (data["name"], data["signKey"], data["creationDate"]) == (None, "TOddned3vb", TODAY)
    assert organisation.good("PUT", made["uri"], {**GOOD, "signKey": "other"})["data"]["signKey"] == "other"


def test_a_webhook_is_let_go(organisation):
    """200 with no body, and then it is not there."""
    uri = organisation.good("POST", "/webhooks", GOOD)["data"]["uri"]
    reply = organisation.call("DELETE", uri)
    assert (reply.status, reply.json) == (200, None)
    assert refusal(organisation.call("GET", uri)) == (404, None, None)
    assert organisation.good("GET", "/webhooks")["data"] == []


@pytest.mark.parametrize(
    ("method", "action", "body"),
    [("GET", "", None), ("PUT", "", GOOD), ("DELETE", "", None), ("POST", "/enable", None), ("POST", "/disable", None)],
)
def test_what_is_not_there_is_404_without_a_word(organisation, method, action, body):
    """All members null, as in the examples."""
    reply = organisation.call(method, f"/webhooks/nothing{action}", body)
    assert refusal(reply) == (404, None, None) and causes(reply) == ["provider.not_found"]


def test_webhooks_are_switched_one_by_one_and_together(organisation):
    """Those that were so already are not counted among the updated."""
    first, second = (organisation.good("POST", "/webhooks", GOOD)["data"] for _ in range(2))
    assert organisation.good("POST", f"{first['uri']}/disable")["data"] == {**first, "active": False}
    assert organisation.good("POST", "/webhooks/disableAll") == {
        "uri": "/webhooks/disableAll",
        "data": {"uri": "/webhooks/disableAll", "resourcesUpdated": 1, "resourcesIds": second["id"]},
    }
    said = organisation.good("POST", "/webhooks/enableAll")["data"]
    assert (said["resourcesUpdated"], said["resourcesIds"]) == (2, f"{second['id']},{first['id']}")
    assert organisation.good("POST", f"{first['uri']}/enable")["data"] == first


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("", 2),
        ("active=true", 1),
        ("active=false", 1),
        ("name=OPEN", 2),
        (f"createdatefrom={TODAY}", 2),
        ("createdateto=2026-11-23", 0),
    ],
)
def test_lists_are_filtered(organisation, query, left):
    organisation.good("POST", "/webhooks", GOOD)
    organisation.good("POST", "/webhooks", {**GOOD, "active": False})
    assert len(organisation.good("GET", "/webhooks", query=query)["data"]) == left


@pytest.mark.parametrize(
    ("query", "status", "details"),
    [
        ("createdatefrom=x&createdateto=y", 400, [("40011", "createdatefrom"), ("40011", "createdateto")]),
        ("pagesize=101", 422, [("40016", "pagesize")]),
        ("pagesize=0&pagenumber=x", 400, [("40000", "pagenumber"), ("40000", "pagesize")]),
        ("active=1", 400, [("40003", "active")]),
        ("createdatefrom=2026-11-25&createdateto=2026-11-24", 422, [("40011", "createdatefrom")]),
    ],
)
def test_queries_are_refused_in_this_familys_manner(organisation, query, status, details):
    """The first two are the description's examples."""
    reply = organisation.call("GET", "/webhooks", query=query)
    assert refusal(reply)[:2] == (status, "40000") and codes(reply) == details
