"""Money at Wise's: whatever calls come in whatever order, every entry adds up, and balances hold what the books say."""

import json
from datetime import timedelta
from decimal import Decimal
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from sandbox.providers.wise.chapters import CHAPTERS
from tests.sandbox.providers.memory import Caller

STEPS = ("processing", "funds_converted", "outgoing_payment_sent", "bounced_back", "funds_refunded")
PROFILE = "/v3/profiles/12345"
RECIPIENTS = {
    "GBP": ("sort_code", {"sortCode": "040075", "accountNumber": "37778842"}),
    "EUR": ("iban", {"IBAN": "BE19967722383012"}),
    "USD": (
        "aba",
        {
            "abartn": "111000025",
            "accountNumber": "12345678",
            "accountType": "CHECKING",
            "address": {
                "country": "US", "state": "NY", "city": "New York", "firstLine": "1 Road", "postCode": "10025",
            },
        },
    ),
}  # fmt: skip


class Books(RuleBasedStateMachine):
    """A client that does all that moves money, in any order."""

    transfers = Bundle("transfers")
    groups = Bundle("groups")

    @initialize()
    def begin(self) -> None:
        self.wise = Caller(CHAPTERS)
        self.accounts = {}
        for currency, (kind, details) in RECIPIENTS.items():
            body = {"currency": currency, "type": kind, "accountHolderName": "Max Mustermann", "profile": 12345}
            made = self.wise.call("POST", "/v1/accounts", {**body, "details": details})
            assert made.status == 200, made.json
            self.accounts[currency] = made.json["id"]
        self.number = 0

    def uuid(self) -> str:
        self.number += 1
        return f"00000000-0000-4000-b000-{self.number:012d}"

    @rule(
        target=transfers,
        pair=st.tuples(st.sampled_from(sorted(RECIPIENTS)), st.sampled_from(sorted(RECIPIENTS))),
        side=st.sampled_from(("sourceAmount", "targetAmount")),
        cents=st.integers(1, 90_000_000),
        to_itself=st.booleans(),
    )
    def send(self, pair, side, cents, to_itself):
        account = 750_012_345 if to_itself else self.accounts[pair[1]]
        return self.transfer("/v1/transfers", pair, side, cents, account)

    @rule(target=groups, currency=st.sampled_from(sorted(RECIPIENTS)))
    def group(self, currency):
        made = self.wise.call("POST", f"{PROFILE}/batch-groups", {"sourceCurrency": currency, "name": "Pay day"})
        assert made.status == 201
        return made.json["id"], currency

    @rule(target=transfers, group=groups, to=st.sampled_from(sorted(RECIPIENTS)), cents=st.integers(1, 60_000_000))
    def add_to_group(self, group, to, cents):
        return self.transfer(
            f"{PROFILE}/batch-groups/{group[0]}/transfers", (group[1], to), "sourceAmount", cents, self.accounts[to]
        )

    @rule(group=groups, status=st.sampled_from(("COMPLETED", "COMPLETED", "CANCELLED")))
    def end_group(self, group, status):
        path = f"{PROFILE}/batch-groups/{group[0]}"
        seen = self.wise.call("GET", path).json
        assert self.wise.call("PATCH", path, {"status": status, "version": seen["version"]}).status in (200, 409)

    @rule(group=groups)
    def fund_group(self, group):
        """Either every transfer that waits is paid, or no money moves."""
        before = len(self.wise.rows.all_of("transaction"))
        numbers = self.wise.call("GET", f"{PROFILE}/batch-groups/{group[0]}").json["transferIds"]
        states = [self.wise.call("GET", f"/v1/transfers/{one}").json["status"] for one in numbers]
        said = self.wise.call("POST", f"{PROFILE}/batch-payments/{group[0]}/payments", {"type": "BALANCE"})
        assert said.status in (200, 422), said
        waited = states.count("incoming_payment_waiting") if said.status == 200 else 0
        assert len(self.wise.rows.all_of("transaction")) == before + waited
        assert (said.status == 200) == (waited > 0)

    @rule(
        target=transfers,
        currency=st.sampled_from(sorted(RECIPIENTS)),
        cents=st.lists(st.integers(1_000, 60_000_000), min_size=1, max_size=3),
    )
    def pay_day(self, currency, cents):
        """A group from its creation to its payment, or to the refusal of one that costs too much."""
        group = self.group(currency)
        added = [self.add_to_group(group, "EUR", amount) for amount in cents]
        self.end_group(group, "COMPLETED")
        self.fund_group(group)
        return multiple(*added)

    def transfer(self, path, pair, side, cents, account):
        source, target = pair
        body = {"sourceCurrency": source, "targetCurrency": target, side: cents / 100}
        quote = self.wise.call("POST", f"{PROFILE}/quotes", body)
        if quote.status != 200:  # the fees would eat it
            assert quote.status == 400
            return multiple()
        body = {"targetAccount": account, "quoteUuid": quote.json["id"]}
        made = self.wise.call("POST", path, {**body, "customerTransactionId": self.uuid()})
        if made.status == 409:  # a group that is completed, or cancelled
            return multiple()
        assert made.status == 200, made.json
        return str(made.json["id"])

    @rule(transfer=transfers)
    def fund(self, transfer):
        reply = self.wise.call("POST", f"{PROFILE}/transfers/{transfer}/payments", {"type": "BALANCE"})
        assert reply.status in (201, 422)

    @rule(transfer=transfers, step=st.sampled_from(STEPS))
    def simulate(self, transfer, step):
        assert self.wise.call("GET", f"/v1/simulation/transfers/{transfer}/{step}").status == 200

    @rule(transfer=transfers)
    def go_all_the_way(self, transfer):
        for step in STEPS[:3]:
            self.wise.call("GET", f"/v1/simulation/transfers/{transfer}/{step}")

    @rule(transfer=consumes(transfers))
    def cancel(self, transfer):
        assert self.wise.call("PUT", f"/v1/transfers/{transfer}/cancel").status in (200, 409)

    def balances(self, *types):
        return [
            row.body
            for row in self.wise.rows.all_of("balance")
            if row.body["profile"] == 12345 and row.body["type"] in types
        ]

    @rule(
        pair=st.tuples(st.sampled_from(sorted(RECIPIENTS)), st.sampled_from(sorted(RECIPIENTS))),
        side=st.sampled_from(("sourceAmount", "targetAmount")),
        cents=st.integers(1, 90_000_000),
        into=st.integers(0, 5),
    )
    def convert(self, pair, side, cents, into):
        source, target = pair
        body = {"sourceCurrency": source, "targetCurrency": target, side: cents / 100, "payOut": "BALANCE"}
        quote = self.wise.call("POST", f"{PROFILE}/quotes", body)
        jars = self.balances("SAVINGS")
        named = {"targetBalanceId": jars[into]["id"]} if into < len(jars) else {}
        if quote.status == 200:
            self.call_once("/v2/profiles/12345/balance-movements", {"quoteId": quote.json["id"], **named}, 201, 422)

    def call_once(self, path, body, *statuses):
        reply = self.wise.call("POST", path, body, headers={"x-idempotence-uuid": self.uuid()})
        assert reply.status in statuses, (reply.status, reply.json)

    @rule(currency=st.sampled_from(sorted(RECIPIENTS)), kind=st.sampled_from(("STANDARD", "SAVINGS")))
    def open(self, currency, kind):
        if len(self.balances("SAVINGS")) < 3:
            self.call_once("/v4/profiles/12345/balances", {"currency": currency, "type": kind, "name": "Jar"}, 201, 400)

    @rule(into=st.integers(0, 2), cents=st.integers(1, 200_000_000), out=st.booleans())
    def move(self, into, cents, out):
        jars = self.balances("SAVINGS")
        if into < len(jars):
            jar = jars[into]
            amount = {"value": cents / 100, "currency": jar["currency"]}
            body = {"amount": amount, ("sourceBalanceId" if out else "targetBalanceId"): jar["id"]}
            self.call_once("/v2/profiles/12345/balance-movements", body, 201, 422)

    @rule(which=st.integers(0, 6))
    def empty_and_close(self, which):
        own = self.balances("STANDARD", "SAVINGS")
        if which < len(own) and len(own) > 1:
            left = own[which]
            others = [one for one in own if one["currency"] == left["currency"] and one["id"] != left["id"]]
            if others and Decimal(left["amount"]):
                amount = {"value": float(left["amount"]), "currency": left["currency"]}
                body = {"amount": amount, "sourceBalanceId": left["id"], "targetBalanceId": others[0]["id"]}
                self.call_once("/v2/profiles/12345/balance-movements", body, 201)
            closed = self.wise.call("DELETE", f"/v4/profiles/12345/balances/{left['id']}")
            assert closed.status in (204, 422)

    @rule(balance=st.sampled_from((236839, 236840, 236841)), cents=st.integers(1, 100_000))
    def top_up(self, balance, cents):
        currency = {236839: "GBP", 236840: "EUR", 236841: "USD"}[balance]
        body = {"profileId": 12345, "balanceId": balance, "currency": currency, "amount": cents / 100}
        assert self.wise.call("POST", "/v1/simulation/balance/topup", body).status in (200, 404)

    @rule(currency=st.sampled_from(sorted(RECIPIENTS)), cents=st.integers(1, 100_000))
    def receive(self, currency, cents):
        """From a bank; without a balance there are no account details to pay to."""
        self.wise.call("POST", "/v1/profiles/12345/account-details-orders", {"currency": currency})
        body = {"currency": currency, "amount": cents / 100}
        said = self.wise.call("POST", "/v1/simulation/profiles/12345/bank-transactions/import", body)
        assert said.status in (201, 400), said.json

    @rule(days=st.integers(1, 16))
    def wait(self, days):
        self.wise.now += timedelta(days=days)

    @rule(value=st.decimals("0.5", "2", places=4))
    def reprice(self, value):
        self.wise.put("rate", "GBP-EUR", value=str(value))

    @rule(days=st.tuples(st.integers(0, 40), st.integers(0, 40)), kind=st.sampled_from(("COMPACT", "FLAT")))
    def a_statement_adds_up_at_any_interval(self, days, kind):
        """From the balance at its start to that at its end, line by line; both are what the books said then."""
        first, last = (self.wise.now - timedelta(days=one) for one in sorted(days, reverse=True))
        query = f"intervalStart={first:%Y-%m-%dT%H:%M:%SZ}&intervalEnd={last:%Y-%m-%dT%H:%M:%S}.999Z&type={kind}"
        for balance in self.balances("STANDARD", "SAVINGS"):
            path = f"/v1/profiles/12345/balance-statements/{balance['id']}/statement.json"
            reply = self.wise.call("GET", path, query=query)
            assert reply.status == 200, reply.json
            said = json.loads(reply.body, parse_float=Decimal)
            held = said["startOfStatementBalance"]["value"]
            assert held == self.held_before(balance, f"{first:%Y-%m-%dT%H:%M:%S}.000Z")
            for line in reversed(said["transactions"]):
                held += line["amount"]["value"]
                assert line["runningBalance"]["value"] == held
                assert line["amount"]["value"] and line["totalFees"]["value"] >= 0
            assert held == said["endOfStatementBalance"]["value"]
            if not days[0] * days[1]:
                assert held == Decimal(balance["amount"])

    def held_before(self, balance, at):
        """By adding up all entries, which a statement does not."""
        entries = [row.body for row in self.wise.rows.all_of("transaction") if row.body["at"] < at]
        legs = [leg for entry in entries for leg in entry["legs"] if leg[0] == f"balance:{balance['id']}"]
        return Decimal(balance["sandbox"]["opening"]) + sum(Decimal(amount) for _, _, amount in legs)

    @invariant()
    def every_entry_adds_up(self):
        for row in self.wise.rows.all_of("transaction"):
            totals: dict[str, Decimal] = {}
            for _, currency, amount in row.body["legs"]:
                totals[currency] = totals.get(currency, Decimal(0)) + Decimal(amount)
            assert not any(totals.values()), row.body

    @invariant()
    def balances_hold_what_the_books_say(self):
        moved: dict[str, Decimal] = {}
        for row in self.wise.rows.all_of("transaction"):
            for account, _, amount in row.body["legs"]:
                moved[account] = moved.get(account, Decimal(0)) + Decimal(amount)
        for row in self.wise.rows.all_of("balance"):
            held = Decimal(row.body["amount"])
            assert held == Decimal(row.body["sandbox"]["opening"]) + moved.get(f"balance:{row.id}", Decimal(0))
            assert held >= 0

    @invariant()
    def nothing_is_left_in_a_transfer_that_is_over(self):
        held: dict[str, dict[str, Decimal]] = {}
        for row in self.wise.rows.all_of("transaction"):
            for account, currency, amount in row.body["legs"]:
                if account.startswith("transfer:"):
                    of = held.setdefault(account.partition(":")[2], {})
                    of[currency] = of.get(currency, Decimal(0)) + Decimal(amount)
        for row in self.wise.rows.all_of("transfer"):
            left = held.get(row.id, {})
            if row.body["status"] in (
                "outgoing_payment_sent",
                "cancelled",
                "funds_refunded",
                "incoming_payment_waiting",
            ):
                assert not any(left.values()), (row.body["status"], left)


Books.TestCase.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
TestBooks = Books.TestCase


def test_a_wrong_entry_would_be_seen():
    """The negative control: one leg changed by a penny, and the invariants fail."""
    books = Books()
    books.begin()
    books.fund("12345")
    books.every_entry_adds_up()
    books.balances_hold_what_the_books_say()
    (row,) = books.wise.rows.all_of("transaction")
    account, currency, amount = row.body["legs"][0]
    row.body["legs"][0] = [account, currency, str(Decimal(amount) + Decimal("0.01"))]
    books.wise.rows.put("transaction", row.id, row.body)
    books.wise.now += timedelta(days=1)
    statement = partial(books.a_statement_adds_up_at_any_interval, (0, 0), "FLAT")
    for invariant_broken in (books.every_entry_adds_up, books.balances_hold_what_the_books_say, statement):
        try:
            invariant_broken()
        except AssertionError:
            continue
        raise AssertionError("a wrong entry was not seen")
