"""Money is neither made nor lost: whatever comes in whatever order, what came in less what left is there."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.providers.treezor.bench import Partner, causes

AMOUNTS = st.one_of(
    st.integers(1, 150_000).map(lambda cents: cents / 100),
    st.sampled_from([0.01, 0.1 + 0.2, 0, -5, 1_000_000_000, "1", None, 1e300]),
)
WALLETS = st.sampled_from([1001, 1002, 1003, 999])
TAGS = st.sampled_from([None, "a", "b"])
MERCHANT = {"publicToken": "100000001", "merchantId": "m", "merchantName": "M"}


@st.composite
def calls(draw):
    """One call of a kind that moves money, or that tries to."""
    amount, one, other = draw(AMOUNTS), draw(WALLETS), draw(WALLETS)
    money = {"amount": amount, "currency": "EUR", "accessTag": draw(TAGS)}
    match draw(st.sampled_from(["transfer", "payout", "cancel", "payin", "instant", "card", "end"])):
        case "transfer":
            return "POST", "/v1/transfers", {**money, "walletId": one, "beneficiaryWalletId": other}
        case "payout":
            kind = draw(st.sampled_from([1, 2, 3]))
            return "POST", "/v1/payouts", {**money, "walletId": one, "beneficiaryId": 501, "payoutTypeId": kind}
        case "cancel":
            return "DELETE", f"/v1/payouts/{draw(st.integers(1, 4))}", None
        case "payin":
            return "POST", "/simulation/payin-sct", {"iban": one, "amount": amount}
        case "instant":
            said = {"iban": one, "amount": amount, "name": "Alex", "currency": "EUR"}
            return "POST", "/simulation/sct-inst/payin", said
        case "card":
            link = str(draw(st.integers(10**14, 10**14 + 2)))
            kind = draw(st.sampled_from(["A", "S"]))
            body = {**MERCHANT, "amount": amount, "transLink": link, "paymentStatus": kind}
            return "POST", "/simulation/cardtransactions", body
    return "DELETE", f"/v1/wallets/{one}", None


def start() -> Partner:
    """Three wallets, of which one has a card, and 1000 euros."""
    partner = Partner()
    partner.put("wallet", "1003", solde="0.00", eventName="Third")
    card = {"userId": 101, "walletId": 1001, "permsGroup": "TRZ-CU-001", "cardPrint": "1"}
    partner.good("POST", "/v1/cards/CreateVirtual", card)
    partner.good("PUT", "/v1/cards/1/Activate")
    return partner


def iban(partner: Partner, wallet: object) -> str:
    row = partner.rows.get("wallet", str(wallet))
    return row["iban"] if row else "FR7630006000011234567890189"


def settled(partner: Partner) -> Decimal:
    """What card payments have taken."""
    rows = partner.rows.all_of("cardtransaction")
    return sum((Decimal(row.body["paymentAmount"]) for row in rows if row.body["paymentStatus"] == "S"), Decimal())


def bound(partner: Partner) -> Decimal:
    """What is bound: by pending payouts, and by authorizations that nothing settled."""
    payouts = [row.body for row in partner.rows.all_of("payout") if row.body["payoutStatus"] == "PENDING"]
    open_: list[tuple[str, Decimal]] = []
    for row in sorted(partner.rows.all_of("cardtransaction"), key=lambda row: int(row.id)):
        link, status, amount = (row.body[name] for name in ("paymentId", "paymentStatus", "paymentAmount"))
        latest = [one for one in open_ if one[0] == link]
        if status == "A":
            open_.append((link, Decimal(amount)))
        elif status == "S" and latest and not _settled_since(partner, link, row.id):
            open_.remove(latest[-1])
    return sum((Decimal(one["amount"]) for one in payouts), Decimal()) + sum((a for _, a in open_), Decimal())


def _settled_since(partner: Partner, link: str, before: str) -> bool:
    """Whether the newest before it under this link was a settlement already."""
    earlier = [
        row.body["paymentStatus"]
        for row in sorted(partner.rows.all_of("cardtransaction"), key=lambda row: int(row.id))
        if row.body["paymentId"] == link and int(row.id) < int(before) and row.body["paymentStatus"] in "AS"
    ]
    return earlier[-1] == "S"


@given(st.lists(calls(), max_size=25))
@settings(max_examples=60, deadline=None)
def test_every_cent_is_accounted_for(sequence):
    """No wallet is overdrawn, what is free is what is there less what is bound, and a refused call moves nothing."""
    partner = start()
    for method, path, body in sequence:
        before = partner.balances()
        said = {**body, "iban": iban(partner, body["iban"])} if body and "iban" in body else body
        reply = partner.call(method, path, said)
        if reply.status >= 400:
            assert partner.balances() == before
    balances = partner.balances().values()
    assert all(there >= free >= 0 for there, free in balances)
    came = sum((Decimal(row.body["amount"]) for row in partner.rows.all_of("payin")), Decimal())
    left = sum(
        (
            Decimal(row.body["amount"])
            for row in partner.rows.all_of("payout")
            if row.body["payoutStatus"] == "VALIDATED"
        ),
        Decimal(),
    )
    assert sum(there for there, _ in balances) == 1000 + came - left - settled(partner)
    assert sum(there - free for there, free in balances) == bound(partner)


def test_a_payout_binds_money_until_it_is_canceled(partner):
    """What is there stays, what is free is less; canceled it is free again, and a second time is refused."""
    said = {"walletId": 1001, "beneficiaryId": 501, "amount": 250.5, "currency": "EUR"}
    (payout,) = partner.good("POST", "/v1/payouts", said)["payouts"]
    assert (payout["payoutStatus"], payout["amount"]) == ("PENDING", "250.50")
    assert partner.balances()[1001] == (Decimal(1000), Decimal("749.50"))
    assert partner.good("DELETE", f"/v1/payouts/{payout['payoutId']}")["payouts"][0]["payoutStatus"] == "CANCELED"
    assert partner.balances()[1001] == (Decimal(1000), Decimal(1000))
    assert causes(partner.call("DELETE", f"/v1/payouts/{payout['payoutId']}")) == ["provider.invalid_state"]


def test_an_instant_payout_is_gone_at_once(partner):
    """It cannot be canceled."""
    said = {"walletId": 1001, "beneficiaryId": 501, "amount": 1000, "currency": "EUR", "payoutTypeId": 3}
    (payout,) = partner.good("POST", "/v1/payouts", said)["payouts"]
    assert payout["payoutStatus"] == "VALIDATED" and partner.balances()[1001] == (0, 0)
    assert partner.call("DELETE", f"/v1/payouts/{payout['payoutId']}").status == 400


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/v1/payouts", {"beneficiaryId": 501}),
        ("/v1/payouts", {"beneficiaryId": 501, "payoutTypeId": 3}),
        ("/v1/transfers", {"beneficiaryWalletId": 1002}),
    ],
)
def test_nothing_is_overdrawn(partner, path, more):
    """One cent too many is refused in the older shape, with the command that mends it; without it all goes."""
    said = {"walletId": 1001, "currency": "EUR", **more}
    refused = partner.call("POST", path, {**said, "amount": 1000.01})
    assert (refused.status, causes(refused)) == (400, ["provider.no_funds"])
    assert refused.json == {"errors": [{"errorCode": 15030, "errorMessage": "The wallet has not enough money"}]}
    assert "sandbank resource put wallet 1001" in refused.reasons[0].next
    partner.good("POST", path, {**said, "amount": 1000})


def test_a_card_payment_is_authorized_and_settled(partner):
    """The settlement takes the place of its authorization, also with another amount."""
    partner = start()
    paid = {**MERCHANT, "transLink": "100000000000000"}
    assert partner.good("POST", "/simulation/cardtransactions", {**paid, "amount": 100}) is None
    assert partner.balances()[1001] == (1000, 900)
    partner.good("POST", "/simulation/cardtransactions", {**paid, "amount": 80.25, "paymentStatus": "S"})
    assert partner.balances()[1001] == (Decimal("919.75"), Decimal("919.75"))
    partner.good("PUT", "/v1/cards/1/LockUnlock", {"lockStatus": 1})
    partner.good("POST", "/simulation/cardtransactions", {**paid, "amount": 1, "transLink": "100000000000009"})
    newest, *_ = partner.good("GET", "/v1/cardtransactions", query="cardId=1")["cardtransactions"]
    assert (newest["paymentStatus"], newest["authorizationNote"]) == ("R", "The card is LOCK")
    assert partner.balances()[1001] == (Decimal("919.75"), Decimal("919.75"))


def test_ibans_of_wallets_are_good(partner):
    """Check digits of ISO 13616, and the key that French banks add: as in the published example."""
    from sandbox.providers.kit.making import Making
    from sandbox.providers.treezor.wallets import iban_of

    made = iban_of(Making(id="17266493", given={}, now=partner.now))
    assert made == "FR7616798000010001726649397"
