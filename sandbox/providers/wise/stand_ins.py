"""What no call has made and a client still finds: the guide's recipient and quote, and recipients that are balances.

A client follows the ids that it is shown: ``targetAccount`` of the transfer that it starts with, ``sourceAccount`` of a
transfer that was paid for, ``recipientId`` of a balance. Behind each there is a recipient. None of them is a row, so
that no list has one that nobody made. How Wise shows those of balances is not published: here they go by e-mail.
"""

from datetime import timedelta

from sandbox.providers.context import Body, ReadContext
from sandbox.providers.wise.balances import ACCOUNT_RECIPIENT_OF, RECIPIENT_OF
from sandbox.providers.wise.profiles import GUIDE_ID
from sandbox.providers.wise.style import id_of, read_time, seconds

GUIDE_RECIPIENT = 700_615_291
"""The recipient of the transfer that every client starts with."""
GUIDE_PAYEE: Body = {"name": "Rita Recipient", "account": "rita@sandbox.example"}
_GUIDE: Body = {"accountHolderName": GUIDE_PAYEE["name"], "currency": "EUR", "ownedByCustomer": False}
_MADE_UP = "00000000-0000-4000-8000-"


def stand_in(context: ReadContext, id: object) -> Body | None:
    """The recipient of that id, as a row would be; None where there is nothing that it could stand for."""
    number = int(id_of(id) or 0)
    if number == GUIDE_RECIPIENT:
        return _body(number, context.resources.get("profile", GUIDE_ID), GUIDE_PAYEE["account"], _GUIDE)
    balance = context.resources.get("balance", str(number - RECIPIENT_OF))
    owner = balance["profile"] if balance else number - ACCOUNT_RECIPIENT_OF
    profile = context.resources.get("profile", str(owner))
    # The account holds every currency: a recipient has to have one.
    currency = balance["currency"] if balance else "GBP"
    holder = (
        {"accountHolderName": profile["fullName"], "currency": currency, "ownedByCustomer": True} if profile else {}
    )
    return _body(number, profile, profile["email"] if profile else "", holder)


def _body(number: int, profile: Body | None, mail: str, more: Body) -> Body | None:
    if profile is None:
        return None
    return {
        "id": number,
        "profile": profile["id"],
        "business": profile["id"] if profile["type"] == "BUSINESS" else None,
        "user": profile["userId"],
        "country": None,
        "type": "email",
        "details": {"email": mail},
        "active": True,
        "createdAt": profile["createdAt"],
        **more,
    }


def made_up_quote(transfer: int) -> str:
    """The id of the quote behind a transfer that a person has put, and that was made without one."""
    return f"{_MADE_UP}{transfer:012d}"[:36]


def quote_stand_in(context: ReadContext, id: str) -> Body | None:
    """That quote, as a row would be: to be looked at, since it is used. It cost nothing."""
    number = id.removeprefix(_MADE_UP)
    transfer = context.resources.get("transfer", str(int(number))) if number != id and id_of(number) else None
    if transfer is None or transfer["quoteUuid"] != id:
        return None
    made = read_time(transfer["created"])
    names = ("profile", "user", "targetAccount", "sourceCurrency", "targetCurrency", "rate")
    return {
        **{name: transfer[name] for name in names},
        **dict.fromkeys(("fixed", "percent", "bank"), "0"),
        "id": id,
        "clientId": "sandbank",
        "sourceAmount": transfer["sourceValue"],
        "payOut": "BANK_TRANSFER",
        "status": "ACCEPTED",
        "createdTime": seconds(made),
        "expirationTime": seconds(made + timedelta(minutes=30)),
        "rateExpirationTime": seconds(made + timedelta(days=4)),
    }
