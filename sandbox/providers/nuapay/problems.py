"""What is wrong with a call, and in which manner Nuapay says so: some calls tell everything, some the first thing only.

Source: the examples of the 400 and 422 answers in Nuapay's API descriptions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.errors import Reason
from sandbox.providers.context import Response
from sandbox.providers.nuapay.codes import SENTENCES
from sandbox.providers.nuapay.envelope import Detail, error, speechless


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One broken rule: in Nuapay's words for the reply, in ours for the journal."""

    code: str
    """Nuapay's, a row of its tables."""
    field: str
    """The JSON path of the member, or the name in the query."""
    seen: str
    expected: str = ""
    """Empty: Nuapay's own sentence says it."""
    cause: str = "provider.invalid_body"
    resource_uri: str | None = None
    """Of what is there already."""
    next: str = ""
    """More exact than the advice of the table of causes."""

    @property
    def detail(self) -> Detail:
        return Detail(
            code=self.code, field=self.field, description=SENTENCES[self.code], resource_uri=self.resource_uri
        )

    @property
    def reason(self) -> Reason:
        seen = f"{self.field}: {self.seen}" if self.field else self.seen
        return Reason(
            code=self.cause,
            seen=seen,
            expected=self.expected or f"{SENTENCES[self.code]} ({self.code})",
            next=self.next,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """The return codes under which a call tells its problems; None: the first problem's own code, and no details."""

    fields: str | None
    """400: a field that is missing or holds what it cannot."""
    rules: str | None
    """422: fields that are good, and do not go together or with what is there."""
    malformed: str = "10002"
    """400: the body is no JSON object."""


FIRST = Manner(fields=None, rules=None)
"""Mandates, direct debits, beneficiaries, credit transfers to a beneficiary, queries."""
DETAILS = Manner(fields="8888", rules="8888")
"""Transfers, and the younger calls for credit transfers."""
ACCOUNTS = Manner(fields="8888", rules="9999")
"""Accounts, and lists that are asked for with a body."""
WEBHOOKS = Manner(fields="40000", rules="40000", malformed="40000")


def fields_refused(problems: Sequence[Problem], manner: Manner) -> Response:
    """400. The journal has every problem, also where the reply tells one."""
    return _refused(400, manner.fields, problems)


def rules_refused(problems: Sequence[Problem], manner: Manner) -> Response:
    """422."""
    return _refused(422, manner.rules, problems)


def malformed(manner: Manner, seen: str) -> Response:
    reason = Reason(code="provider.invalid_body", seen=seen, expected="a JSON object")
    return error(400, manner.malformed, SENTENCES[manner.malformed], reasons=(reason,))


def not_found(kind: str, id: str) -> Response:
    return error(404, "10093", SENTENCES["10093"], reasons=(_absent(kind, id),))


def silently_not_found(kind: str, id: str) -> Response:
    """For the calls whose example of a 404 says nothing."""
    return speechless(404, reasons=(_absent(kind, id),))


def _absent(kind: str, id: str) -> Reason:
    see = f"sandbank resource list {kind} --provider nuapay --client demo shows those that it has"
    return Reason(code="provider.not_found", seen=f"{kind} {id[:40]!r}", expected=f"a {kind} of this client", next=see)


def too_little(account_id: str, held: str, wanted: str, field: str) -> Problem:
    """The account does not hold what the call takes."""
    put = f"sandbank resource put account {account_id} --set balance=1000000 --provider nuapay --client demo"
    return Problem(
        code="5016",
        field=field,
        seen=f"{held} on account {account_id}",
        expected=wanted,
        cause="provider.no_funds",
        next=f"{put} does; or take less",
    )


def _refused(status: int, code: str | None, problems: Sequence[Problem]) -> Response:
    reasons = tuple(problem.reason for problem in problems)
    if code is None:
        first = problems[0].detail
        return error(status, first.code, first.description, reasons=reasons)
    return error(status, code, SENTENCES[code], [problem.detail for problem in problems], reasons=reasons)
