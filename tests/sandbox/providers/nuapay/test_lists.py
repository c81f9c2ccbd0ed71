"""Pages and filters of lists, in the query and in the body."""

import pytest

from tests.sandbox.providers.nuapay.bench import Organisation, codes, refusal

BENEFICIARIES = 45


@pytest.fixture(scope="module")
def many():
    """An organisation with so many beneficiaries, made one after the other."""
    organisation = Organisation()
    for n in range(1, BENEFICIARIES):
        body = {"beneficiary": {"name": f"Name {n}"}, "beneficiaryAccount": {"iban": "GB47SELN00999912345678"}}
        organisation.good("POST", "/beneficiaries", body)
    return organisation


def test_a_page_has_twenty_unless_told(many):
    """Newest first: "default 'id' in descending order", and Nuapay's ids count."""
    said = many.good("GET", "/beneficiaries")
    assert said["page"] == {"pageNumber": 1, "pageSize": 20, "totalElements": BENEFICIARIES, "totalPages": 3}
    assert (said["uri"], said["sort"], len(said["data"])) == ("/beneficiaries", [], 20)
    assert [item["beneficiary"]["name"] for item in said["data"][:2]] == ["Name 44", "Name 43"]


def test_pages_together_have_everything_once(many):
    """The last is not full, and what comes behind it is empty."""
    pages = [many.good("GET", "/beneficiaries", query=f"pagenumber={n}&pagesize=20")["data"] for n in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [20, 20, 5, 0]
    assert len({item["id"] for page in pages for item in page}) == BENEFICIARIES


def test_a_hundred_is_the_most(many):
    """7051 is a 422 in the example of this list."""
    assert len(many.good("GET", "/beneficiaries", query="pagesize=100")["data"]) == BENEFICIARIES
    assert refusal(many.call("GET", "/beneficiaries", query="pagesize=101")) == (422, "7051", None)


@pytest.mark.parametrize(
    "bad", ["0", "-1", "", "x", "1.5", "1e3", "2147483648", "9" * 5_000, "%D9%A3", " 1", "+1", "0x1", "%00"]
)
@pytest.mark.parametrize(("name", "code"), [("pagenumber", "7050"), ("pagesize", "7052")])
def test_what_is_no_page_is_refused(many, bad, name, code):
    """Both have a code of their own."""
    assert refusal(many.call("GET", "/beneficiaries", query=f"{name}={bad}")) == (400, code, None)


def test_the_highest_page_is_empty(many):
    """int32, says the description."""
    assert many.good("GET", "/beneficiaries", query="pagenumber=2147483647&pagesize=100")["data"] == []


@pytest.mark.parametrize(
    ("page", "status", "code", "details"),
    [
        ({"pageSize": 101}, 422, "9999", [("7051", "page.pageSize")]),
        ({"pageSize": 0}, 400, "8888", [("7052", "page.pageSize")]),
        ({"pageNumber": 0, "pageSize": "1"}, 400, "8888", [("7050", "page.pageNumber"), ("7052", "page.pageSize")]),
        ([], 400, "8888", [("7131", "page")]),
    ],
)
def test_pages_in_a_body_are_refused_with_details(organisation, page, status, code, details):
    """As in the examples of "List accounts"."""
    reply = organisation.call("POST", "/accounts/list", {"page": page})
    assert refusal(reply)[:2] == (status, code)
    assert codes(reply) == details


def test_a_body_asks_for_a_page(organisation):
    """Of the three accounts of a new organisation the second page of two has one."""
    said = organisation.good("POST", "/accounts/list", {"page": {"pageNumber": 2, "pageSize": 2}})
    assert said["page"] == {"pageNumber": 2, "pageSize": 2, "totalElements": 3, "totalPages": 2}
    assert len(said["data"]) == 1


def test_filters_leave_out_what_does_not_fit(many):
    """The name in part, whatever its case; all filters together."""
    assert len(many.good("GET", "/beneficiaries", query="beneficiaryname=name%201")["data"]) == 11
    assert (
        many.good("GET", "/beneficiaries", query="beneficiaryname=name%201&usercreatedbeneficiary=true")["data"] == []
    )
    assert many.good("GET", "/beneficiaries", query="beneficiaryiban=GB35SELN00999903769154")["page"]["totalPages"] == 0


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("beneficiaryiban=GB", "7081"),
        (f"beneficiaryname={'x' * 71}", "7100"),
        ("usercreatedbeneficiary=yes", "7131"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(many, query, code):
    assert refusal(many.call("GET", "/beneficiaries", query=query)) == (400, code, None)


def test_the_journal_has_everything_that_is_wrong_with_a_query(many):
    """The reply tells the first thing only."""
    reply = many.call("GET", "/beneficiaries", query="pagesize=x&pagenumber=y&beneficiaryiban=z")
    assert [reason.seen.partition(":")[0] for reason in reply.reasons] == ["pagenumber", "pagesize", "beneficiaryiban"]


def test_orderby_is_taken_and_changes_nothing(many):
    """What it may say is not published."""
    assert many.good("GET", "/beneficiaries", query="orderby=name") == many.good("GET", "/beneficiaries")
