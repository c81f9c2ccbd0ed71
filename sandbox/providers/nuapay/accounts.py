"""Accounts and what they hold: ``/accounts`` and their balances.

Source: "Accounts" and "Balances" of Nuapay's API description.
"""

from collections.abc import Iterable
from decimal import Decimal
from hashlib import sha256

from sandbox.providers.context import Body, ReadContext, Request, Response, Where
from sandbox.providers.kit.calls import create, listing, look, view
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.lists import Filter, Listing, query_value
from sandbox.providers.kit.making import Making, milliseconds
from sandbox.providers.kit.problems import Problem, refuse_fields
from sandbox.providers.kit.resource import NOTES, Resource, Seed
from sandbox.providers.kit.rules import Index, Rule, counts, equals, folded
from sandbox.providers.kit.values import choice, iban, money, text
from sandbox.providers.nuapay import style
from sandbox.providers.nuapay.identification import NAMED_BY, OWN_BIC, british, complete, fresh, own_account
from sandbox.providers.nuapay.style import HIGHEST, ID, ID_LENGTH, ZERO, account_fields, collection, core

CURRENT, SUB = "CURRENT_ACCOUNT", "SUB_ACCOUNT"
EURO, SECOND_EURO, STERLING = "6bee3razby", "w24y3dzo2p", "rmpa5ve4m6"
"""The accounts of a new organisation; two in euros, for the example of a transfer goes from one to the other."""
EURO_IBAN = "GB35SELN00999903769154"
_BALANCES = ("BOOKED_BALANCE", "AVAILABLE_BALANCE")
_TIMESTAMP_DIGITS = 18
"""All that int64 holds."""
NAME = r"[0-9a-zA-Z ,.+()/:?'-]*"


def _body(making: Making) -> Body:
    """At once ACTIVE and empty. Without ``identification`` Nuapay gives it an IBAN of its own."""
    given, client = making.given, making.request.client if making.request else None
    return {
        "id": making.id,
        "uri": f"/accounts/{making.id}",
        "name": given["name"],
        "actualHolderName": given.get("holderName") or (client.name if client else ""),
        "currency": given["currency"],
        "type": given.get("type", CURRENT),
        "status": given.get("status", "ACTIVE"),
        "externalId": making.random(ID_LENGTH),
        "identification": _identification(making),
        "secondaryIdentification": given.get("secondaryIdentification"),
        "links": [],
    }


def _identification(making: Making) -> Body:
    named = making.given.get("identification")
    if making.context:
        return complete(named) if named else fresh(making.context)
    if named:
        return complete({**named, "bic": OWN_BIC})
    # A row that was put without an IBAN always gets the same one.
    return british(f"{int(sha256(making.id.encode()).hexdigest(), 16) % 10**8:08d}")


def _named_once(making: Making) -> Iterable[Problem]:
    named = making.given.get("identification")
    if named is None:
        return
    if not (named.get("iban") or named.get("domesticAccountNumber")):
        yield Problem(code="7075", field="identification.domesticAccountNumber", seen="nothing")
    elif there := own_account(making.rows, named):
        yield Problem(
            code="7137",
            field="identification.iban" if named.get("iban") else "identification.domesticAccountNumber",
            seen=f"the account {there['id']} of the same number",
            cause="provider.not_unique",
            more={"resourceUri": there["uri"]},
        )


def _has_master(making: Making) -> Iterable[Problem]:
    """A sub-account is of a current account of the same organisation and currency."""
    wanted, field = making.given.get("masterAccountIban"), "masterAccountIban"
    if wanted is None:
        if making.given.get("type") == SUB:
            yield Problem(code="7132", field=field, seen="a SUB_ACCOUNT without one")
        return
    master = own_account(making.rows, {"iban": wanted})
    if master is None or master["type"] != CURRENT:
        seen = "an account of somebody else" if master is None else master["type"]
        yield Problem(code="7149", field=field, seen=seen)
    elif master["currency"] != making.given["currency"]:
        yield Problem(code="7150", field=field, seen=f"{making.given['currency']} under {master['currency']}")


ACCOUNT = Resource(
    kind="account",
    id=ID,
    fields=(
        Field(name="name", wrong="7131", missing="7132", kind=text(longest=50, shortest=1, pattern=NAME)),
        Field(name="currency", wrong="7131", missing="7132", kind=style.CURRENCY),
        Field(name="type", wrong="7131", kind=choice(CURRENT, SUB)),
        Field(name="secondaryIdentification", wrong="7131", kind=text(longest=35, shortest=1, pattern=NAME)),
        Field(name="identification", wrong="7131", members=account_fields("7131", "7131")),
        Field(name="masterAccountIban", wrong="7131", kind=iban),
        Field(name="settlementIban", wrong="7131", kind=iban),
        Field(name="holderName", wrong="7131", kind=text(longest=70, shortest=1)),
    ),
    body=_body,
    notes=lambda making: {"balance": float(making.given.get("balance", 0))},
    rules=(Rule(check=_named_once), Rule(check=_has_master)),
    index=(
        "currency",
        *NAMED_BY,
        Index(name="search", of=lambda body: [body["name"], body["identification"]["iban"]], write=folded),
    ),
    seeds=(
        Seed(name="name", kind=text(longest=50, shortest=1), default="Test Account"),
        Seed(name="currency", default="EUR"),
        Seed(name="type", default=CURRENT),
        Seed(name="status", kind=choice("ACTIVE", "CLOSED", "SUSPENDED", "PENDING", "ERROR"), default="ACTIVE"),
        Seed(name="balance", kind=money(ZERO, HIGHEST), default="1000000"),
        Seed(name="iban", at="identification.iban"),
        Seed(name="holderName", default="Originator"),
    ),
    rows={
        EURO: {"name": "Test Account", "currency": "EUR", "iban": EURO_IBAN},
        SECOND_EURO: {"name": "Second Account", "currency": "EUR", "iban": "GB20SELN00999923882374"},
        STERLING: {"name": "Sterling Account", "currency": "GBP", "iban": "GB25SELN00999988796624"},
    },
)


def balance_of(account: Body) -> Decimal:
    return Decimal(str(account[NOTES]["balance"]))


def view_balances(request: Request, context: ReadContext) -> Response:
    """Booked and available are the same: nothing is held back. ``dateuntil`` in the past takes back what came later."""
    account = ACCOUNT.existing(context, request.params["accountId"])
    now = milliseconds(context.now)
    until = query_value(request, "dateuntil", str(now))
    if not (until.isascii() and until.isdecimal() and len(until) <= _TIMESTAMP_DIGITS):
        refuse_fields(Problem(code="7131", field="dateuntil", seen=ascii(until[:40])))
    uri = f"{account['uri']}/balances"
    # Only for a day in the past are transactions looked through: those that came after it.
    moved = _later(account, int(until), context) if int(until) < now else Decimal(0)
    amount = float(balance_of(account) - moved)
    return Response(status=200, json=collection(uri, [_balance(uri, account, one, amount, until) for one in _BALANCES]))


def _balance(uri: str, account: Body, type: str, amount: float, until: str) -> Body:
    balance = {"amount": amount, "currency": account["currency"], "creditDebitIndicator": "CREDIT", "type": type}
    return {"uri": uri, "balance": balance, "timestamp": int(until), "links": []}


def _later(account: Body, until: int, context: ReadContext) -> Decimal:
    """What came in, less what went out, after that instant."""
    after = Where(key="creationTimestamp", how="from", values=(counts(until + 1),))
    moved = Decimal(0)
    for row in context.resources.find("transaction", (equals(f"{NOTES}.account", account["id"]), after)).rows:
        amount = Decimal(str(row.body["amount"]))
        moved += amount if row.body["creditDebitIndicator"] == "CREDIT" else -amount
    return moved


def _listed(account: Body) -> Body:
    """In a list each account has a link to its balances, whose id is null in the example too."""
    link = {"resourceType": "balances", "id": None, "uri": f"{account['uri']}/balances"}
    return {**ACCOUNT.shown(account), "links": [link]}


_ASKS = Listing(
    # That case makes no difference is our own choice.
    filters=(Filter(name="queryString", wrong="7131", kind=text(longest=200, shortest=3), key="search", how="has"),),
    paging=style.BODY_PAGES,
    inside=style.BODY,
    wrong="7131",
)
_ONE, _READ = "/accounts/{accountId}", ("accounts_read",)

ENDPOINTS = (
    create(ACCOUNT, "/accounts", core(style.WITH_STATE), scopes=("accounts",)),
    listing(ACCOUNT, "/accounts/list", core(style.WITH_STATE), _ASKS, scopes=_READ, show=_listed),
    view(ACCOUNT, _ONE, style.CORE, scopes=_READ),
    look(f"{_ONE}/balances", view_balances, core(style.silent(style.WITH_STATE)), scopes=_READ),
)
