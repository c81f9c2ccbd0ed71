"""The rows that an organisation has at Nuapay: which a new one starts with, and how each is completed from little.

Ids, names and numbers are those of the examples in Nuapay's API descriptions, so that they can be tried as they stand.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256

from sandbox.errors import Misuse
from sandbox.providers.context import Body, Row
from sandbox.providers.nuapay import accounts, credit_transfer, direct_debits, given, mandates, webhooks
from sandbox.providers.nuapay.beneficiaries import beneficiary_data
from sandbox.providers.nuapay.credit_transfer_bodies import TYPES
from sandbox.providers.nuapay.event_types import RESOURCE_TYPES
from sandbox.providers.nuapay.identification import OWN_BIC, british, complete
from sandbox.providers.nuapay.keeping import NOTES, milliseconds
from sandbox.providers.nuapay.mandate_bodies import ONCE_OFF, RECURRENT
from sandbox.providers.nuapay.schemes import TYPES as SCHEME_TYPES
from sandbox.providers.nuapay.schemes import scheme_data
from sandbox.providers.nuapay.values import CURRENCIES

SCHEME, MANDATE, BENEFICIARY = "abxq9kq52l", "w24y3dya2p", "46pkx7o9n5"
EURO, SECOND_EURO, STERLING = "6bee3razby", "w24y3dzo2p", "rmpa5ve4m6"
"""The accounts of a new organisation; two in euros, for the example of a transfer goes from one to the other."""
RICH = "1000000"
HOLDER = "Originator"
DEBTOR_IBAN, BENEFICIARY_IBAN = "GB94SELN00999976543215", "GB47SELN00999912345678"

_ACCOUNTS: Mapping[str, Body] = {
    EURO: {"name": "Test Account", "currency": "EUR", "iban": "GB35SELN00999903769154"},
    SECOND_EURO: {"name": "Second Account", "currency": "EUR", "iban": "GB20SELN00999923882374"},
    STERLING: {"name": "Sterling Account", "currency": "GBP", "iban": "GB25SELN00999988796624"},
}
"""By id, so that one that is put again with another balance stays the account that it is."""


def starts_with(now: datetime) -> Sequence[Row]:
    """What the first calls of the documentation need: a scheme, accounts with money, a beneficiary, a mandate."""
    return (
        Row(kind="scheme", id=SCHEME, body=scheme(SCHEME, {}, now)),
        *(Row(kind="account", id=which, body=account(which, {}, now)) for which in _ACCOUNTS),
        Row(kind="beneficiary", id=BENEFICIARY, body=beneficiary(BENEFICIARY, {}, now)),
        Row(kind="mandate", id=MANDATE, body=mandate(MANDATE, {}, now)),
    )


def account(id: str, fields: Body, now: datetime) -> Body:
    given.only(fields, "name", "currency", "type", "status", "balance", "iban", "holderName")
    fields = {**_ACCOUNTS.get(id, {}), **fields}
    named = {"iban": given.iban(fields["iban"], "iban"), "bic": OWN_BIC} if "iban" in fields else british(_number(id))
    body = accounts.account_data(
        given.id_of(id),
        name=given.text(fields.get("name", "Test Account"), "name", 50),
        holder=given.text(fields.get("holderName", HOLDER), "holderName", 70),
        currency=given.one_of(fields.get("currency", "EUR"), "currency", CURRENCIES),
        type=given.one_of(fields.get("type", accounts.CURRENT), "type", (accounts.CURRENT, accounts.SUB)),
        named=complete(named),
    )
    statuses = ("ACTIVE", "CLOSED", "SUSPENDED", "PENDING", "ERROR")
    status = given.one_of(fields.get("status", "ACTIVE"), "status", statuses)
    return _kept({**body, "status": status}, now, balance=given.money(fields.get("balance", RICH), "balance"))


def scheme(id: str, fields: Body, now: datetime) -> Body:
    given.only(fields, "schemeType", "creditorSchemeId", "creditorSchemeName")
    body = scheme_data(
        given.id_of(id),
        type=given.one_of(fields.get("schemeType", "CORE"), "schemeType", SCHEME_TYPES),
        creditor=given.text(fields.get("creditorSchemeId", "BE31ZZZ12345"), "creditorSchemeId", 35),
        name=given.text(fields.get("creditorSchemeName", "Nuapay Scheme"), "creditorSchemeName", 70),
    )
    return _kept(body, now)


def beneficiary(id: str, fields: Body, now: datetime) -> Body:
    given.only(fields, "name", "iban")
    said = {
        "beneficiary": {"name": given.text(fields.get("name", "Beneficiary Name"), "name", 70)},
        "beneficiaryAccount": {"iban": given.iban(fields.get("iban", BENEFICIARY_IBAN), "iban"), "bic": OWN_BIC},
    }
    return _kept(beneficiary_data(given.id_of(id), said), now)


def mandate(id: str, fields: Body, now: datetime) -> Body:
    given.only(fields, "scheme", "status", "mandateId", "mandateType", "debtorName", "debtorIban")
    of = given.id_of(fields.get("scheme", SCHEME), "scheme")
    kinds = (RECURRENT, ONCE_OFF)
    said = {
        "debtor": {"name": given.text(fields.get("debtorName", "Debtor Name"), "debtorName", 70)},
        "debtorAccount": {"iban": given.iban(fields.get("debtorIban", DEBTOR_IBAN), "debtorIban"), "bic": OWN_BIC},
        "mandateInfo": {"mandateType": given.one_of(fields.get("mandateType", RECURRENT), "mandateType", kinds)},
    }
    body = mandates.mandate_data(
        given.id_of(id),
        of,
        said,
        mandate_id=given.text(fields.get("mandateId", id[:35].upper()), "mandateId", 35),
        creditor={"iban": _ACCOUNTS[EURO]["iban"], "bic": OWN_BIC},
        status=given.one_of(fields.get("status", mandates.ACTIVE), "status", mandates.STATUSES),
        created=f"{now.astimezone(UTC):%Y-%m-%d}",
    )
    return _kept(body, now, scheme=of)


def direct_debit(id: str, fields: Body, now: datetime) -> Body:
    names = ("scheme", "mandate", "paymentStatus", "paymentAmount", "requestedCollectionDate", "endToEndId")
    given.only(fields, *names)
    of = given.id_of(fields.get("mandate", MANDATE), "mandate")
    scheme_id = given.id_of(fields.get("scheme", SCHEME), "scheme")
    usual = (now.astimezone(UTC) + direct_debits.EXPORTED_BEFORE).date().isoformat()
    on = given.day(fields.get("requestedCollectionDate", usual), "requestedCollectionDate")
    body = direct_debits.direct_debit_data(
        given.id_of(id),
        {"id": of, "uri": f"/schemes/{scheme_id}/mandates/{of}", NOTES: {"scheme": scheme_id}},
        amount=given.money(fields.get("paymentAmount", "100"), "paymentAmount"),
        requested=on,
        actual=on,
        exported=(date.fromisoformat(on) - direct_debits.EXPORTED_BEFORE).isoformat(),
        reference=given.text(fields.get("endToEndId", id[:35]), "endToEndId", 35),
        remittance=None,
        status=given.one_of(
            fields.get("paymentStatus", direct_debits.READY_FOR_EXPORT), "paymentStatus", direct_debits.STATUSES
        ),
    )
    return _kept(body, now, mandate=of, scheme=scheme_id)


def transfer(id: str, fields: Body, now: datetime) -> Body:
    """A credit transfer of the past: putting one moves no money."""
    given.only(fields, "account", "beneficiary", "paymentStatus", "paymentAmount", "type", "endToEndId")
    source = account(given.id_of(fields.get("account", EURO), "account"), {}, now)
    target = beneficiary(given.id_of(fields.get("beneficiary", BENEFICIARY), "beneficiary"), {}, now)
    said = {
        "requestedExecutionDate": now.astimezone(UTC).date(),
        "paymentAmount": given.money(fields.get("paymentAmount", "100"), "paymentAmount"),
        "paymentCurrency": source["currency"],
        "endToEndId": given.text(fields.get("endToEndId", id[:35]), "endToEndId", 35),
        "type": given.one_of(fields.get("type", TYPES[0]), "type", TYPES),
    }
    body = credit_transfer.transfer_data(
        given.id_of(id),
        said,
        account=source,
        beneficiary=target,
        scheme="SCT" if source["currency"] == "EUR" else "BACS",
    )
    statuses = credit_transfer.STATUSES
    status = given.one_of(fields.get("paymentStatus", "ACCEPTED"), "paymentStatus", statuses)
    return _kept({**body, "paymentStatus": status}, now, account=source["id"], beneficiary=target["id"])


def webhook(id: str, fields: Body, now: datetime) -> Body:
    given.only(fields, "name", "active", "retryNumberOfDays", "signKey", "targetUrl", "eventTypes")
    url = fields.get("targetUrl", "http://example.com/webhooks/listen")
    if webhooks.target_url(url) is None:
        raise Misuse(f"targetUrl must be an address of http or https, not {url!r:.40}")
    said = {
        "name": given.text(fields.get("name", "Open Banking Payment"), "name", 70),
        "active": given.flag(fields.get("active", True), "active"),
        "retryNumberOfDays": int(
            given.one_of(str(fields.get("retryNumberOfDays", 1)), "retryNumberOfDays", ("1", "2", "3"))
        ),
        "targetUrl": url,
        "eventTypes": given.names(fields.get("eventTypes", "PaymentReceived"), "eventTypes", tuple(RESOURCE_TYPES)),
    }
    key = given.text(fields.get("signKey", id[:10]), "signKey", 255)
    body = webhooks.webhook_data(given.id_of(id), said, key=key, created=f"{now.astimezone(UTC):%Y-%m-%d}")
    return _kept(body, now)


KINDS: Mapping[str, Callable[[str, Body, datetime], Body]] = {
    "account": account,
    "scheme": scheme,
    "beneficiary": beneficiary,
    "mandate": mandate,
    "directdebit": direct_debit,
    "credittransfer": transfer,
    "webhook": webhook,
}


def _kept(data: Body, now: datetime, **notes: object) -> Body:
    return {**data, NOTES: {"order": milliseconds(now), **notes}}


def _number(id: str) -> str:
    """The account number of an account that was put without an IBAN: always the same for the same id."""
    return f"{int(sha256(id.encode()).hexdigest(), 16) % 10**8:08d}"
