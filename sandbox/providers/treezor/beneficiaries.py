"""Beneficiaries of payouts. Source: Treezor's official description 25.04.03, "Beneficiaries"."""

from collections.abc import Iterable

from sandbox.providers.kit.calls import change, create, listing, view
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.making import Making, counted
from sandbox.providers.kit.problems import Problem
from sandbox.providers.kit.resource import Resource, Seed
from sandbox.providers.kit.rules import Rule, exists
from sandbox.providers.kit.values import BIC, flag, iban, text
from sandbox.providers.treezor.errors import MISSING
from sandbox.providers.treezor.sca import per_operation
from sandbox.providers.treezor.style import ID, READ, STYLE, TAG, WRITE, asks, by, given, stamp, touch

# "a to z, A to Z, 0 to 9" and some signs, of which the description lists those of SEPA.
NAME = text(
    longest=70, shortest=1, pattern=r"[A-Za-z0-9 /?:().,'+-]*", says="at most 70 letters, digits, blanks and /-?:().,'+"
)


def _complete(making: Making) -> Iterable[Problem]:
    """ "Mandatory if usableForSct is true"."""
    if making.value("usableForSct"):
        for name in ("iban", "bic"):
            if not making.value(name):
                yield Problem(code=MISSING, field=name, seen="nothing, and usableForSct is true")


BENEFICIARY = Resource(
    kind="beneficiary",
    plural="beneficiaries",
    id=counted(502),
    fields=(
        given("tag", TAG),
        given("accessTag", TAG, shown=False),
        given("userId", ID, needed=True, fixed=True),
        given("nickName", text(longest=255)),
        given("name", NAME, needed=True),
        given("address", text(longest=255)),
        # The description calls it encrypted in replies, and does not say how: as it was given.
        given("iban", iban),
        given("bic", text(longest=11, pattern=BIC, says="a BIC such as TRZOFR21XXX")),
        given("usableForSct", flag, default=False),
        given("isActive", flag, default=True),
        Field(name="createdDate", make=stamp),
        Field(name="modifiedDate", make=stamp),
    ),
    rules=(Rule(check=_complete, stage="fields"), exists("userId", "user", "NO_USER"), per_operation("POST", "PUT")),
    index=("id", "tag", "userId", "isActive", "createdDate"),
    touch=touch,
    seeds=(
        Seed(name="userId", default=101),
        Seed(name="name", default="Alex Oak"),
        Seed(name="iban", default="FR7630006000011234567890189"),
        Seed(name="bic", default="AGRIFRPPXXX"),
        Seed(name="usableForSct", default=True),
        Seed(name="isActive", default=True),
    ),
    rows={"501": {}},
)

ENDPOINTS = (
    create(BENEFICIARY, "/v1/beneficiaries", STYLE, scopes=WRITE),
    listing(BENEFICIARY, "/v1/beneficiaries", STYLE, asks(by("id"), by("userId"), by("isActive", flag)), scopes=READ),
    view(BENEFICIARY, "/v1/beneficiaries/{beneficiaryId}", STYLE, scopes=READ),
    change(BENEFICIARY, "/v1/beneficiaries/{beneficiaryId}", STYLE, partly=True, scopes=WRITE),
)
