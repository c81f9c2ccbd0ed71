"""Recipients that no call has made: the one of the guide's transfer, and those that stand for balances.

A client follows the ids that it is shown: ``targetAccount`` of the transfer that it starts with, ``sourceAccount`` of a
transfer that was paid for, ``recipientId`` of a balance. Behind each there is a recipient. None of them is a row, so
that no list has one that nobody made. How Wise shows those of balances is not published: here they go by e-mail.
"""

from sandbox.providers.context import Body, ReadContext
from sandbox.providers.wise.balances import ACCOUNT_RECIPIENT_OF, RECIPIENT_OF
from sandbox.providers.wise.profiles import GUIDE_ID
from sandbox.providers.wise.style import id_of

GUIDE_RECIPIENT = 700_615_291
"""The recipient of the transfer that every client starts with."""
_GUIDE = {"accountHolderName": "Rita Recipient", "currency": "EUR", "ownedByCustomer": False}
_MAIL = "rita@sandbox.example"


def stand_in(context: ReadContext, id: object) -> Body | None:
    """The recipient of that id, as a row would be; None where there is nothing that it could stand for."""
    number = int(id_of(id) or 0)
    if number == GUIDE_RECIPIENT:
        return _body(number, context.resources.get("profile", GUIDE_ID), _MAIL, _GUIDE)
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
