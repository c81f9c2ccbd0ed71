"""A mandate and what is collected under it, made in one call: ``POST /schemes/{schemeId}/directdebits`` and
``…/paymentschedules``.

Source: "Create Direct Debit & Mandate" and "Create Schedule & Mandate" of Nuapay's API description. The new mandate is
ACTIVE, our own reading: otherwise nothing could be collected under it. Where anything is wrong, neither is made.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.kit.calls import action
from sandbox.providers.kit.fields import Field, read, table
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import Problem, Stop, refuse_rules
from sandbox.providers.kit.resource import Resource
from sandbox.providers.kit.rules import unique
from sandbox.providers.nuapay.direct_debits import DIRECT_DEBIT, good_day
from sandbox.providers.nuapay.mandates import ACTIVE, MANDATE, MANDATE_FIELDS, SCHEME
from sandbox.providers.nuapay.payment_schedules import SCHEDULE, add_schedule, once_off, together
from sandbox.providers.nuapay.style import CORE, DETAILS, core

Check = Callable[[Making], Iterable[Problem]]
_MANDATE = Field(name="mandate", wrong="7123", missing="7123", members=MANDATE_FIELDS)
_BOTH = core(DETAILS)


def create_direct_debit_and_mandate(request: Request, context: Context) -> Response:
    making = _made(DIRECT_DEBIT, request, context, _on_a_good_day, unique("endToEndId", "directdebit", "4041").check)
    return _BOTH.shown(DIRECT_DEBIT, DIRECT_DEBIT.add(context, making), status=201)


def create_schedule_and_mandate(request: Request, context: Context) -> Response:
    making = _made(SCHEDULE, request, context, _fits_the_mandate, together)
    return CORE.shown(SCHEDULE, add_schedule(making, context), status=201)


def _made(resource: Resource, request: Request, context: Context, *checks: Check) -> Making:
    """What the call gives for *resource*, below a mandate that is made of the rest. Raises Stop before it is."""
    SCHEME.existing(context, request.params["schemeId"])
    given = read(request.payload, table(*resource.fields, _MANDATE))
    making = Making(given=given, now=context.now, params=request.params, request=request, context=context)
    mandate = replace(making, given={**given["mandate"], "status": ACTIVE})
    _judge_mandate(mandate)
    if problems := [problem for check in checks for problem in check(making)]:
        refuse_rules(*problems)
    made: Body = MANDATE.add(context, mandate)
    own = {name: value for name, value in given.items() if name != _MANDATE.name}
    return replace(making, given=own, params={**request.params, "mandateId": made["id"]})


def _judge_mandate(mandate: Making) -> None:
    """As when it comes alone; its fields are told where they stand here."""
    try:
        MANDATE.judge(mandate)
    except Stop as stop:
        problems = [replace(problem, field=f"{_MANDATE.name}.{problem.field}") for problem in stop.problems]
        raise Stop(stop.stage, problems) from None


def _on_a_good_day(making: Making) -> Iterable[Problem]:
    return good_day(making, "requestedCollectionDate")


def _fits_the_mandate(making: Making) -> Iterable[Problem]:
    return once_off(making, making.given["mandate"].get("mandateInfo", {}).get("mandateType"))


_BELOW = "/schemes/{schemeId}"
ENDPOINTS = (
    action("POST", f"{_BELOW}/directdebits", create_direct_debit_and_mandate, _BOTH, scopes=("directdebits",)),
    action("POST", f"{_BELOW}/paymentschedules", create_schedule_and_mandate, CORE, scopes=("mandates",)),
)
