"""Those who are paid: ``/beneficiaries`` and ``/v2/beneficiaries``, which are one resource under two addresses.

Source: "Beneficiaries" of Nuapay's descriptions of credit transfers, v1 and v2. In both the addresses in the replies
have no version.
"""

from collections.abc import Iterable

from sandbox.providers.context import Body, ReadRows, Where
from sandbox.providers.kit.calls import create, listing, view
from sandbox.providers.kit.fields import Apart, Field, Values
from sandbox.providers.kit.lists import Filter, Listing
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import Problem
from sandbox.providers.kit.resource import Resource, Seed
from sandbox.providers.kit.rules import Index, Rule, folded, needs_one_of
from sandbox.providers.kit.values import EMAIL, LEI, choice, iban, text
from sandbox.providers.nuapay.identification import OWN_BIC, complete, same_account
from sandbox.providers.nuapay.style import CORE, ID, LANGUAGES, QUERY_PAGES, account_fields, address_fields

KNOWN = "46pkx7o9n5"
"""The beneficiary of a new organisation."""
FIELDS = (
    Field(
        name="beneficiary",
        wrong="7084",
        missing="7084",
        members=(
            Field(name="name", wrong="7100", missing="7086", kind=text(longest=70, shortest=1)),
            Field(
                name="address",
                wrong="7131",
                members=address_fields(town=35, state=35),
                apart=(Apart(one="line1", other="streetName", code="5010"),),
            ),
            Field(name="language", wrong="7088", kind=choice(*LANGUAGES)),
            Field(name="email", wrong="7089", kind=text(longest=254, pattern=EMAIL)),
            Field(name="mobileNumber", wrong="7020", kind=text(longest=30)),
            Field(name="phoneNumber", wrong="7019", kind=text(longest=30)),
            Field(name="descriptionOfPurpose", wrong="7096", kind=text(longest=140)),
            Field(name="lei", wrong="7131", kind=text(longest=20, pattern=LEI)),
        ),
    ),
    Field(
        name="beneficiaryAccount",
        wrong="7085",
        missing="7085",
        members=account_fields("7081", "7082"),
        apart=(Apart(one="iban", other="domesticAccountNumber", code="7159"),),
        make=lambda making: complete(_account(making)),
    ),
)
NAMED = needs_one_of("beneficiaryAccount.iban", "beneficiaryAccount.domesticAccountNumber", code="7083")
"""Account proxies are not imitated."""


def _account(making: Making) -> Values:
    """As it was given; the row of a seed has our own bank's BIC."""
    given: Values = making.given["beneficiaryAccount"]
    return given if making.context else {**given, "bic": OWN_BIC}


def _has_country(making: Making) -> Iterable[Problem]:
    """An address says where on earth it is."""
    address = making.given["beneficiary"].get("address")
    if address and "country" not in address:
        yield Problem(code="5004", field="beneficiary.address.country", seen=f"{', '.join(sorted(address))} alone")


BENEFICIARY = Resource(
    kind="beneficiary",
    plural="beneficiaries",
    id=ID,
    fields=(
        Field(name="uri", make=lambda making: f"/beneficiaries/{making.id}"),
        *FIELDS,
        Field(name="links", make=lambda _: []),
    ),
    rules=(NAMED, Rule(check=_has_country)),
    index=(
        "beneficiaryAccount.iban",
        Index(name="beneficiary.name", write=folded),
    ),
    seeds=(
        Seed(name="name", at="beneficiary.name", default="Beneficiary Name"),
        Seed(name="iban", at="beneficiaryAccount.iban", default="GB47SELN00999912345678"),
    ),
    rows={KNOWN: {}},
)


def known_beneficiary(given: Values, rows: ReadRows) -> Body | None:
    """One of that name and account, for the calls that make a beneficiary only where there is none."""
    name = given["beneficiary"]["name"]
    for row in rows.find(BENEFICIARY.kind, (Where(key="beneficiary.name", how="in", values=(folded(name),)),)).rows:
        same_name = row.body["beneficiary"]["name"] == name
        if same_name and same_account(row.body["beneficiaryAccount"], given["beneficiaryAccount"]):
            return row.body
    return None


_ASKS = Listing(
    filters=(
        Filter(name="beneficiaryiban", wrong="7081", kind=iban, key="beneficiaryAccount.iban"),
        Filter(name="beneficiaryname", wrong="7100", kind=text(longest=70), key="beneficiary.name", how="has"),
        # Whether somebody had a user's hand in it is not told of a beneficiary: here nobody had.
        Filter(
            name="usercreatedbeneficiary",
            wrong="7131",
            kind=choice("true", "false"),
            means=lambda wanted: None if wanted == "false" else (),
        ),
    ),
    paging=QUERY_PAGES,
)
_ALL, _READ = "/beneficiaries", ("beneficiaries_read",)

ENDPOINTS = tuple(
    endpoint
    for version in ("", "/v2")
    for endpoint in (
        create(BENEFICIARY, f"{version}{_ALL}", CORE, scopes=("beneficiaries",), signing="required"),
        listing(BENEFICIARY, f"{version}{_ALL}", CORE, _ASKS, scopes=_READ, uri=_ALL),
        view(BENEFICIARY, f"{version}{_ALL}/{{beneficiaryId}}", CORE, scopes=_READ),
    )
)
