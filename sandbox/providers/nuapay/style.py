"""How Nuapay's calls speak: envelopes, return codes, pages, idempotency; and how whoever may make a call is declared.

Sources: "Returned Resources", "Errors" and "Pagination" in the introductions of Nuapay's API descriptions, the examples
of the 400 and 422 answers, and docs.nuapay.com, "Idempotency".
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sandbox.providers.context import Body, Response
from sandbox.providers.kit.calls import Style
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.idempotency import Idempotency, of_header
from sandbox.providers.kit.lists import Filter, Page, Paging
from sandbox.providers.kit.making import random_id
from sandbox.providers.kit.problems import ErrorStyle, Problem, Stage
from sandbox.providers.kit.resource import Resource
from sandbox.providers.kit.values import BIC, COUNTRY, Kind, choice, iban, money, text
from sandbox.providers.nuapay.errors import SENTENCES, detail, told

ID_LENGTH = 10
"""As in all of Nuapay's examples."""
ID = random_id(ID_LENGTH)
CURRENCIES = ("EUR", "GBP")
CURRENCY = choice(*CURRENCIES)
REFERENCE = r"[0-9a-zA-Z,.+()/:?'-]{0,35}"
"""Of a payment, as the descriptions write it."""


def or_number(kind: Kind) -> Kind:
    """A text that may also stand there as a whole number, as an example has an end-to-end id: a lenient reader of JSON
    takes both. It is kept as a text."""

    def read(value: object) -> object:
        whole = isinstance(value, int) or (isinstance(value, Decimal) and value.as_tuple().exponent == 0)
        return kind.read(str(value) if whole and not isinstance(value, bool) else value)

    return replace(kind, read=read)


PAYMENT = money(Decimal("0.01"), Decimal("999999999.99"))
ZERO, HIGHEST = Decimal(0), Decimal("999999999999.99")
"""The highest amount of a transaction's filter: no account needs more, and JSON's numbers have it exactly."""
LANGUAGES = ("en", "pt", "nl", "fr", "it", "es", "de", "sk", "fr_BE", "nl_BE")


# --- errors ---


def _errors(fields: str | None, rules: str | None, malformed: str = "10002") -> ErrorStyle:
    """The return codes under which a call tells its problems; None: the first problem's own code, and no details."""

    def body(stage: Stage, problems: Sequence[Problem]) -> Body:
        if stage == "malformed":
            return told(malformed, SENTENCES[malformed])
        if stage == "absent":
            return told("10093", SENTENCES["10093"])
        code, first = fields if stage == "fields" else rules, problems[0]
        if code is None:
            return told(first.code, first.message)
        return told(code, SENTENCES[code], [_detail(problem) for problem in problems])

    return ErrorStyle(body=body, sentences=SENTENCES, provider="nuapay")


def _detail(problem: Problem) -> Body:
    return detail(problem.code, problem.field, problem.message, problem.more.get("resourceUri"))


def silent(errors: ErrorStyle) -> ErrorStyle:
    """For the calls whose example of a 404 says nothing."""

    def body(stage: Stage, problems: Sequence[Problem]) -> object:
        return told(None, None) if stage == "absent" else errors.body(stage, problems)

    return replace(errors, body=body)


FIRST = _errors(None, None)
"""Mandates, direct debits, beneficiaries, credit transfers to a beneficiary, queries."""
DETAILS = _errors("8888", "8888")
"""Transfers, and the younger calls for credit transfers."""
WITH_STATE = _errors("8888", "9999")
"""Accounts, and lists that are asked for with a body."""
LIST_OF_TRANSACTIONS = silent(_errors("8888", None))
"""As in the examples of "List transactions"."""
SERVICE_ERRORS = silent(_errors("40000", "40000", "40000"))
"""The webhooks service."""


# --- replies, and who may call ---


def single(uri: str, data: Body, *, status: int = 200) -> Response:
    """One resource. *uri* is the call's; the resource's own stands in its data."""
    return Response(status=status, json={"uri": uri, "data": data})


def _one(resource: Resource, data: Body) -> object:
    return {"uri": data["uri"], "data": data}


def _many(resource: Resource, uri: str, data: Sequence[Body], page: Page | None) -> object:
    return collection(uri, data, page)


def collection(uri: str, data: Sequence[Body], page: Page | None = None) -> Body:
    """Several resources; without a page where the call has none."""
    body: Body = {"uri": uri, "data": list(data)}
    if page is not None:
        body["page"] = {
            "pageNumber": page.number,
            "pageSize": page.size,
            "totalElements": page.of,
            "totalPages": page.pages,
        }
        body["sort"] = []  # "currently empty", says the description
    return body


ONCE = Idempotency(
    key=of_header("Idempotency-Key"),
    name="Idempotency-Key",
    # "only against successful requests"; that a key with another call is refused is the sandbox's choice.
    longest=50,
    kept=timedelta(hours=24),
    too_long="7131",
    reused="7131",
    errors=WITH_STATE,
)
CORE = Style(
    errors=FIRST,
    one=_one,
    many=_many,
    removed=200,
    login=("key", "bearer"),
    signing="optional",
    family="core",
    once=ONCE,
)
SERVICE = replace(CORE, errors=SERVICE_ERRORS, family="webhooks", once=None)
"""The webhooks service: it knows no ``Idempotency-Key``."""


def core(errors: ErrorStyle) -> Style:
    """A call that tells its problems in another way."""
    return replace(CORE, errors=errors)


# --- pages ---

QUERY_PAGES = Paging(
    number="pagenumber",
    size="pagesize",
    usual=20,
    largest=100,
    wrong_number="7050",
    wrong_size="7052",
    too_large="7051",
)
"""``orderby`` is passed over: what it may say is not published."""
SERVICE_PAGES = replace(QUERY_PAGES, wrong_number="40000", wrong_size="40000", too_large="40016")
BODY_PAGES = replace(QUERY_PAGES, number="pageNumber", size="pageSize")
BODY = ("filter", "page")


# --- what several chapters share ---


def account_fields(iban_code: str, bic_code: str, *, longest: int = 20, codes_longest: int = 10) -> tuple[Field, ...]:
    """The members of an account in a body; *bic_code* is empty where it has none."""
    named = (
        Field(name="iban", wrong=iban_code, kind=iban),
        Field(name="domesticAccountNumber", wrong="7076", kind=text(longest=longest, shortest=1)),
        Field(name="domesticBankCode", wrong="7065", kind=text(longest=codes_longest, shortest=1)),
        Field(name="domesticBranchCode", wrong="7066", kind=text(longest=codes_longest, shortest=1)),
        Field(name="domesticCheckSum", wrong="7068", kind=text(longest=2, shortest=1)),
        Field(name="domesticAccountCountry", wrong="7067", kind=text(longest=2, pattern=COUNTRY)),
    )
    return (*named, Field(name="bic", wrong=bic_code, kind=text(longest=11, pattern=BIC))) if bic_code else named


def address_fields(town: int, state: int) -> tuple[Field, ...]:
    """The members of an address; how long town and state may be differs between the descriptions."""
    lengths = (
        ("line1", "7011", 70),
        ("line2", "7012", 70),
        ("town", "7013", town),
        ("state", "7015", state),
    )
    return (
        *(Field(name=name, wrong=code, kind=text(longest=longest)) for name, code, longest in lengths),
        # A number in one example, as an end-to-end id is.
        Field(name="postCode", wrong="7014", kind=or_number(text(longest=16))),
        Field(name="country", wrong="7016", kind=text(longest=2, pattern=COUNTRY)),
        Field(name="streetName", wrong="7173", kind=text(longest=70)),
        Field(name="buildingNumber", wrong="7174", kind=text(longest=16)),
    )


def statuses(name: str, allowed: Sequence[str]) -> Filter:
    """By payment status; ALL leaves nothing out."""
    return Filter(
        name=name,
        wrong="7063",
        kind=choice("ALL", *allowed),
        key="paymentStatus",
        repeated=True,
        means=lambda wanted: None if wanted == "ALL" else (wanted,),
    )


def reject_details(
    reason: str | None = None, description: str | None = None, type: str | None = None, date: str | None = None
) -> Body:
    """Why something did not come to be; four nulls where it did."""
    return {"rejectReason": reason, "rejectDescription": description, "rejectType": type, "rejectDate": date}
