"""One declaration of a resource gives its calls, its rules, its seeds and its rows; in another provider's manner."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from sandbox.errors import Misuse
from sandbox.journal.causes import CAUSES
from sandbox.providers.context import Response
from sandbox.providers.declare import Chapters
from sandbox.providers.kit.calls import Style, change, chapters, create, crud, listing, view
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.idempotency import KIND, REPLIES, Idempotency, of_header, of_member
from sandbox.providers.kit.lists import Filter, Listing, Paging, Span
from sandbox.providers.kit.making import counted, hex_id, stays
from sandbox.providers.kit.problems import ErrorStyle
from sandbox.providers.kit.resource import NOTES, Below, Resource, Seed
from sandbox.providers.kit.rules import Index, amounts, equals, exists, folded, needs_one_of, unique
from sandbox.providers.kit.values import INT64, choice, day, money, text, whole
from tests.sandbox.providers.memory import NOW, Caller

PAGES = Paging(number="pageNumber", size="pageCount", usual=2, largest=3, cut=True)
ERRORS = ErrorStyle(
    body=lambda stage, problems: {
        "errors": [{"errorCode": one.code or stage, "errorMessage": one.message} for one in problems]
    },
    sentences={"MISSING": "The field is required"},
    statuses={"malformed": 400, "fields": 400, "rules": 400, "absent": 404},
    provider="example",
)
STYLE = Style(
    errors=ERRORS,
    one=lambda resource, body: {resource.many: [body]},
    many=lambda resource, uri, bodies, page: {resource.many: list(bodies), "of": page.of if page else None},
    created=200,
    once=Idempotency(
        key=of_header("Access-Tag"), name="Access-Tag", longest=250, kept=timedelta(hours=24), errors=ERRORS
    ),
)
TAGGED = replace(STYLE, once=replace(STYLE.once, key=of_member("accessTag")))
USER = Resource(
    kind="user",
    id=counted(101, name="userId"),
    fields=(Field(name="email", kind=text(longest=50), wrong="WRONG", missing="MISSING"),),
    index=("email",),
    seeds=(Seed(name="email", default="a@b.example"),),
    rows={"101": {}},
)
WALLET = Resource(
    kind="wallet",
    id=counted(1001, name="walletId"),
    fields=(
        Field(name="userId", kind=whole(1, INT64), wrong="WRONG", missing="MISSING"),
        Field(name="eventName", kind=text(longest=255), wrong="WRONG", missing="MISSING"),
        Field(name="solde", kind=money(Decimal(0), Decimal(1000), written="exact"), wrong="WRONG", default="0.00"),
        Field(name="fee", kind=money(Decimal(0), Decimal(9), written="text"), wrong="WRONG"),
        Field(name="status", kind=choice("VALIDATED", "CANCELED"), given=False, default="VALIDATED"),
        Field(name="note", kind=text(longest=9), wrong="WRONG", shown=False),
        Field(name="createdDate", make=stays("createdDate", lambda making: making.today)),
    ),
    rules=(
        exists("userId", "user", "NO_USER"),
        unique("eventName", "wallet", "TAKEN", within="userId"),
        needs_one_of("eventName", "note", code="NAMELESS"),
    ),
    index=("userId", "eventName", "status", "createdDate", Index(name="solde", write=amounts)),
    seeds=(
        Seed(name="userId", default="101"),
        Seed(name="eventName", default=lambda own, _: f"Wallet {own}"),
        Seed(name="solde"),
        Seed(name="status", default="VALIDATED"),
    ),
    rows={"1001": {"solde": "816.40"}},
)
CARD = Resource(
    kind="card",
    id=hex_id(32),
    fields=(Field(name="label", kind=text(longest=20), default="Card"),),
    below=(Below(param="walletId", resource=WALLET, key=f"{NOTES}.wallet"),),
    index=(f"{NOTES}.wallet", Index(name="label", write=folded)),
)
ASKS = Listing(
    filters=(
        Filter(name="userId", kind=whole(1, INT64), wrong="WRONG"),
        Filter(name="status", kind=choice("VALIDATED", "CANCELED"), wrong="WRONG", repeated=True),
        Span(first="createdFrom", last="createdTo", key="createdDate", kind=day, wrong="WRONG", reversed="REVERSED"),
        Filter(name="least", kind=money(Decimal(0), Decimal(1000)), wrong="WRONG", key="solde", how="from"),
    ),
    paging=PAGES,
)
_CARDS = "/v1/wallets/{walletId}/cards"
CHAPTERS: Chapters = chapters(
    endpoints=(
        *crud(USER, "/v1/users", STYLE),
        *crud(WALLET, "/v1/wallets", STYLE, asks=ASKS),
        change(WALLET, "/v2/wallets/{walletId}", STYLE, method="PATCH", partly=True),
        create(CARD, _CARDS, STYLE),
        listing(CARD, _CARDS, STYLE),
        view(CARD, f"{_CARDS}/{{id}}", STYLE),
    ),
    resources=(USER, WALLET, CARD, REPLIES),
)


@pytest.fixture
def caller():
    return Caller(CHAPTERS)


def codes(reply: Response) -> list[str]:
    assert all(reason.code in CAUSES and reason.expected for reason in reply.reasons)
    return [one["errorCode"] for one in reply.json["errors"]]


def test_what_is_made_has_a_counted_id_and_the_defaults(caller):
    """In the order of the fields; what is only an instruction is not shown, nor are the sandbox's notes."""
    reply = caller.call("POST", "/v1/wallets", {"userId": 101, "eventName": "Main", "fee": 1.5, "note": "x"})
    assert (reply.status, reply.json) == (
        200,
        {
            "wallets": [
                {
                    "walletId": 1002,
                    "userId": 101,
                    "eventName": "Main",
                    "solde": Decimal("0.00"),
                    "fee": "1.50",
                    "status": "VALIDATED",
                    "createdDate": "2026-11-24",
                }
            ]
        },
    )
    assert list(reply.json["wallets"][0]) == [
        "walletId",
        "userId",
        "eventName",
        "solde",
        "fee",
        "status",
        "createdDate",
    ]
    assert str(caller.call("GET", "/v1/wallets/1001").json["wallets"][0]["solde"]) == "816.40"


def test_a_call_cannot_give_what_only_a_seed_may(caller):
    """The member is passed over; the same member of a seed is taken."""
    body = {"userId": 101, "eventName": "Main", "status": "CANCELED"}
    assert caller.call("POST", "/v1/wallets", body).json["wallets"][0]["status"] == "VALIDATED"
    caller.put("wallet", "7", status="CANCELED")
    assert caller.call("GET", "/v1/wallets/7").json["wallets"][0]["status"] == "CANCELED"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, ["MISSING", "MISSING"]),
        ({"userId": "101", "eventName": 1}, ["WRONG", "WRONG"]),
        ({"userId": 102, "eventName": "Wallet 1001"}, ["NO_USER"]),
        ({"userId": 101, "eventName": "Wallet 1001"}, ["TAKEN"]),
        ({"userId": 101, "eventName": ""}, ["NAMELESS"]),
        (b"{", ["malformed"]),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(caller, body, told):
    """Fields first, then rules about fields, then the others; each with a reason in the table of causes."""
    reply = caller.call("POST", "/v1/wallets", body)
    assert (reply.status, codes(reply)) == (400, told)
    assert len(caller.rows.all_of("wallet")) == 1


def test_a_name_is_taken_only_within_its_user(caller):
    """Another user may have the same; and a wallet does not stand in its own way."""
    caller.put("user", "102")
    assert caller.call("POST", "/v1/wallets", {"userId": 102, "eventName": "Wallet 1001"}).status == 200
    same = {"userId": 101, "eventName": "Wallet 1001"}
    assert caller.call("PUT", "/v1/wallets/1001", same).status == 200
    assert codes(caller.call("PUT", "/v1/wallets/1002", same)) == ["TAKEN"]


def test_a_change_leaves_what_stays_and_the_place_in_lists(caller):
    """The first day stays; what is not given is as in a new one."""
    caller.now += timedelta(days=3)
    changed = caller.call("PUT", "/v1/wallets/1001", {"userId": 101, "eventName": "Other"}).json["wallets"][0]
    assert (changed["createdDate"], str(changed["solde"]), changed["eventName"]) == ("2026-11-24", "0.00", "Other")
    before = CHAPTERS.kinds["wallet"].complete("1001", {}, NOW)
    assert caller.rows.get("wallet", "1001")[NOTES] == before[NOTES]


def test_a_part_can_be_changed(caller):
    """A PATCH leaves what it does not give; rules judge what the resource will be; an instruction is not kept."""
    caller.put("wallet", "7", eventName="Other")
    changed = caller.call("PATCH", "/v2/wallets/1001", {"fee": 2, "note": "x"})
    assert (changed.status, changed.json["wallets"][0]["fee"]) == (200, "2.00")
    assert (changed.json["wallets"][0]["eventName"], str(changed.json["wallets"][0]["solde"])) == (
        "Wallet 1001",
        "816.40",
    )
    assert "note" not in caller.rows.get("wallet", "1001")
    assert codes(caller.call("PATCH", "/v2/wallets/1001", {"eventName": "Other"})) == ["TAKEN"]
    assert codes(caller.call("PATCH", "/v2/wallets/1001", {"userId": 9})) == ["NO_USER"]


def test_a_filter_without_an_index_is_a_fault_of_the_declaration(caller):
    """It would silently find nothing; a row that nobody looks for by it is found as ever."""
    assert caller.rows.find("wallet", (equals("userId", 101),)).total == 1
    with pytest.raises(LookupError, match="rows of kind 'wallet' have no index 'fee'"):
        caller.rows.find("wallet", (equals("fee", 1),))


def test_a_list_is_filtered_and_cut(caller):
    """Newest first; a page that is too large is cut to the largest; amounts are compared as amounts."""
    for number in range(5):
        caller.now += timedelta(days=1)
        caller.put("wallet", str(number + 1), solde=str(number * 5), status="CANCELED" if number % 2 else "VALIDATED")

    def ids(query: str = "") -> list[int]:
        return [one["walletId"] for one in caller.call("GET", "/v1/wallets", query=query).json["wallets"]]

    assert ids() == [5, 4] and ids("pageNumber=2") == [3, 2] and ids("pageCount=99") == [5, 4, 3]
    assert caller.call("GET", "/v1/wallets").json["of"] == 6
    assert ids("status=CANCELED") == [4, 2] and len(ids("status=CANCELED&status=VALIDATED&pageCount=3")) == 3
    assert ids("createdFrom=2026-11-26&createdTo=2026-11-27") == [3, 2]
    assert ids("least=9&pageCount=3") == [5, 4, 3] and ids("least=500") == [1001]
    assert ids("userId=102") == []
    assert codes(caller.call("GET", "/v1/wallets", query="createdFrom=2026-11-27&createdTo=2026-11-26")) == ["REVERSED"]
    assert codes(caller.call("GET", "/v1/wallets", query="userId=x&status=")) == ["WRONG", "WRONG"]


def test_a_resource_is_below_its_parent(caller):
    """It is found under that parent only, and under none that does not exist."""
    caller.put("wallet", "7")
    made = caller.call("POST", "/v1/wallets/7/cards", {}).json["cards"][0]
    assert len(made["id"]) == 32
    assert caller.call("GET", f"/v1/wallets/7/cards/{made['id']}").json == {"cards": [made]}
    assert caller.call("GET", "/v1/wallets/7/cards").json == {"cards": [made], "of": None}
    assert caller.call("GET", "/v1/wallets/1001/cards").json == {"cards": [], "of": None}
    absent = caller.call("GET", f"/v1/wallets/1001/cards/{made['id']}")
    assert (absent.status, codes(absent)) == (404, ["absent"])
    assert "resource list card --provider example" in absent.reasons[0].next
    assert (
        caller.call("GET", "/v1/wallets/8/cards").status == caller.call("POST", "/v1/wallets/8/cards", {}).status == 404
    )


def test_what_is_removed_is_gone(caller):
    """204 without a body, and a 404 the second time."""
    assert caller.call("DELETE", "/v1/wallets/1001") == Response(status=204)
    assert caller.call("DELETE", "/v1/wallets/1001").status == 404


def test_a_call_that_comes_twice_gives_what_was_made(caller):
    """Also with another body, where the provider does not refuse that; decimals come back as decimals."""
    tag, body = {"access-tag": "t"}, {"userId": 101, "eventName": "Main"}
    first = caller.call("POST", "/v1/wallets", body, headers=tag)
    again = caller.call("POST", "/v1/wallets", {**body, "eventName": "Other"}, headers=tag)
    assert first == again and str(again.json["wallets"][0]["solde"]) == "0.00"
    caller.now += timedelta(hours=24)
    assert caller.call("POST", "/v1/wallets", {**body, "eventName": "Other"}, headers=tag) != first
    assert len(caller.rows.all_of(KIND)) == 1


def test_the_key_of_a_call_may_stand_in_its_body_or_its_query():
    """As a provider writes it; a body that is no object has none, and what is wrong with it the call itself tells."""
    caller = Caller(chapters(endpoints=crud(USER, "/v1/users", TAGGED), resources=(USER, REPLIES)))
    first = caller.call("POST", "/v1/users", {"email": "a", "accessTag": "t"})
    assert caller.call("POST", "/v1/users", {"email": "b", "accessTag": "t"}) == first
    assert caller.call("POST", "/v1/users", {"email": "b"}, query="accessTag=t") == first
    assert caller.call("POST", "/v1/users", {"email": "b"}) != first
    assert codes(caller.call("POST", "/v1/users", b"[")) == ["malformed"]


def test_everything_that_is_wrong_with_a_row_is_told():
    """For a seed file, which tells all at once; a field that is not given is not told of."""
    said = WALLET.faults("x", {"userId": "me", "fee": 1, "status": "GONE"}, NOW)
    assert [fault.partition(" must")[0].partition(";")[0] for fault in said] == [
        "unknown field 'fee'",
        "id",
        "userId",
        "status",
    ]
    assert WALLET.faults("7", {"userId": "101"}, NOW) == []


@pytest.mark.parametrize(
    ("id", "given", "sentence"),
    [
        ("x", {}, "id must be a positive number of at most 18 digits, not 'x'"),
        ("7", {"userId": "me"}, "userId must be a whole number from 1"),
        ("7", {"solde": "1000.01"}, "solde must be 0 to 1000 with at most two decimals, not '1000.01'"),
        ("7", {"status": "GONE"}, "status must be one of VALIDATED, CANCELED, not 'GONE'"),
        ("7", {"fee": 1}, "unknown field 'fee'; there are: userId, eventName, solde, status"),
        ("7", {"eventName": None}, "eventName must be a text of at most 255 characters, not None"),
    ],
)
def test_what_people_put_is_judged_by_the_same_fields(id, given, sentence):
    """With a sentence that says what may stand there."""
    with pytest.raises(Misuse) as misuse:
        WALLET.complete(id, given, NOW)
    assert sentence in str(misuse.value)


def test_a_row_is_the_same_from_a_command_line_and_from_json():
    """On a command line everything is a text."""
    typed = WALLET.complete("7", {"userId": "101", "solde": "5", "eventName": "A"}, NOW)
    assert typed == WALLET.complete("7", {"userId": 101, "solde": 5, "eventName": "A"}, NOW)
    assert json.loads(json.dumps(typed)) == typed
