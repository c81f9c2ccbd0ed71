"""Those who are paid: ``/beneficiaries`` and ``/v2/beneficiaries``, which are one resource under two addresses.

Source: "Beneficiaries" of Nuapay's descriptions of credit transfers, v1 and v2. In both the addresses in the replies
have no version.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.nuapay.calls import change, look
from sandbox.providers.nuapay.envelope import single
from sandbox.providers.nuapay.fields import Apart, Field, read, table
from sandbox.providers.nuapay.identification import complete, members, same_account
from sandbox.providers.nuapay.keeping import add, free_id, newest_first, shown
from sandbox.providers.nuapay.lists import Filter, listed
from sandbox.providers.nuapay.problems import FIRST, Problem, fields_refused, not_found, rules_refused
from sandbox.providers.nuapay.values import COUNTRY, EMAIL, LEI, choice, iban, text

LANGUAGES = ("en", "pt", "nl", "fr", "it", "es", "de", "sk", "fr_BE", "nl_BE")

ADDRESS = Field(
    name="address",
    wrong="7131",
    members=(
        Field(name="line1", wrong="7011", kind=text(longest=70)),
        Field(name="line2", wrong="7012", kind=text(longest=70)),
        Field(name="town", wrong="7013", kind=text(longest=35)),
        Field(name="postCode", wrong="7014", kind=text(longest=16)),
        Field(name="state", wrong="7015", kind=text(longest=35)),
        Field(name="country", wrong="7016", kind=text(longest=2, pattern=COUNTRY)),
        Field(name="streetName", wrong="7173", kind=text(longest=70)),
        Field(name="buildingNumber", wrong="7174", kind=text(longest=16)),
    ),
    apart=(Apart(one="line1", other="streetName", code="5010"),),
)
BENEFICIARY = Field(
    name="beneficiary",
    wrong="7084",
    missing="7084",
    members=(
        Field(name="name", wrong="7100", missing="7086", kind=text(longest=70, shortest=1)),
        ADDRESS,
        Field(name="language", wrong="7088", kind=choice(*LANGUAGES)),
        Field(name="email", wrong="7089", kind=text(longest=254, pattern=EMAIL)),
        Field(name="mobileNumber", wrong="7020", kind=text(longest=30)),
        Field(name="phoneNumber", wrong="7019", kind=text(longest=30)),
        Field(name="descriptionOfPurpose", wrong="7096", kind=text(longest=140)),
        Field(name="lei", wrong="7131", kind=text(longest=20, pattern=LEI)),
    ),
)
ACCOUNT = Field(
    name="beneficiaryAccount",
    wrong="7085",
    missing="7085",
    members=members("7081", "7082"),
    apart=(Apart(one="iban", other="domesticAccountNumber", code="7159"),),
)
_NEW = table(BENEFICIARY, ACCOUNT)
_FILTERS = (
    Filter(
        name="beneficiaryiban",
        wrong="7081",
        kind=iban,
        fits=lambda body, wanted: body["beneficiaryAccount"]["iban"] == wanted,
    ),
    Filter(
        name="beneficiaryname",
        wrong="7100",
        kind=text(longest=70),
        fits=lambda body, part: part.lower() in body["beneficiary"]["name"].lower(),
    ),
    # Whether somebody had a user's hand in it is not told of a beneficiary: here nobody had.
    Filter(
        name="usercreatedbeneficiary",
        wrong="7131",
        kind=choice("true", "false"),
        fits=lambda body, wanted: wanted == "false",
    ),
)


def create_beneficiary(request: Request, context: Context) -> Response:
    said = read(request.payload, _NEW, FIRST)
    if isinstance(said, Response):
        return said
    if problems := unnamed(said):
        return fields_refused(problems, FIRST)
    if problems := without_country(said):
        return rules_refused(problems, FIRST)
    made = keep_beneficiary(said, context)
    return single(made["uri"], shown(made), status=201)


def unnamed(said: Mapping[str, Any]) -> list[Problem]:
    """An account that is named by nothing. Account proxies are not imitated."""
    account = said["beneficiaryAccount"]
    if account.get("iban") or account.get("domesticAccountNumber"):
        return []
    return [Problem(code="7083", field="beneficiaryAccount.iban", seen="neither IBAN nor domestic account number")]


def without_country(said: Mapping[str, Any]) -> list[Problem]:
    """An address that does not say where on earth it is."""
    address = said["beneficiary"].get("address")
    if not address or "country" in address:
        return []
    return [Problem(code="5004", field="beneficiary.address.country", seen=f"{', '.join(sorted(address))} alone")]


def keep_beneficiary(said: Mapping[str, Any], context: Context) -> Body:
    return add(context, "beneficiary", beneficiary_data(free_id(context, "beneficiary"), said))


def beneficiary_data(id: str, said: Mapping[str, Any]) -> Body:
    """A beneficiary as Nuapay shows it: what was given, and the account completed."""
    return {
        "id": id,
        "uri": f"/beneficiaries/{id}",
        "beneficiary": {name: _plain(value) for name, value in said["beneficiary"].items()},
        "beneficiaryAccount": complete(said["beneficiaryAccount"]),
        "links": [],
    }


def known_beneficiary(said: Mapping[str, Any], context: Context) -> Body | None:
    """One of that name and account, for the calls that make a beneficiary only where there is none."""
    for body in newest_first(context.resources.all_of("beneficiary")):
        same_name = body["beneficiary"]["name"] == said["beneficiary"]["name"]
        if same_name and same_account(body["beneficiaryAccount"], said["beneficiaryAccount"]):
            return body
    return None


def list_beneficiaries(request: Request, context: Context) -> Response:
    return listed(request, "/beneficiaries", newest_first(context.resources.all_of("beneficiary")), _FILTERS)


def view_beneficiary(request: Request, context: Context) -> Response:
    body = context.resources.get("beneficiary", request.params["beneficiaryId"])
    if body is None:
        return not_found("beneficiary", request.params["beneficiaryId"])
    return single(body["uri"], shown(body))


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


ENDPOINTS = tuple(
    endpoint
    for version in ("", "/v2")
    for endpoint in (
        change("POST", f"{version}/beneficiaries", create_beneficiary, "beneficiaries", signing="required"),
        look(f"{version}/beneficiaries", list_beneficiaries, "beneficiaries_read"),
        look(f"{version}/beneficiaries/{{beneficiaryId}}", view_beneficiary, "beneficiaries_read"),
    )
)
