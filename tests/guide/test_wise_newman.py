"""Wise's public Postman collections, rebuilt as requests of our own and run by newman, as it is.

``wise_collection.json`` has their methods, paths, bodies and order. Every step that can succeed does; those that cannot
are in the table below, each with its reason. A step that comes to succeed must leave the table.
"""

import json
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.guide.conftest import curl, make_partner

# newman and the collection are the same under every Python, and each call that it makes has tests of its own.
pytestmark = pytest.mark.once

HERE = Path(__file__).parent
NEWMAN = HERE.parents[1] / "build" / "npm" / "node_modules" / "newman" / "bin" / "newman.js"
BACK = "https://partner.example/back"
SECONDS = 120
"""For the whole run, which takes four."""
PAYOUTS, ACCOUNT = "payouts", "multi-currency account"
_USERS = "asks for the application's token, and the collection sends a user's"
_CLOSED = "an earlier step has closed the balance"
_BEFORE = "needs what a step before it did not give"
CANNOT: dict[tuple[str, str], tuple[int, str]] = {
    (PAYOUTS, "transfer for somebody else"): (422, "its quote is used by the step before"),
    (PAYOUTS, "subscriptions listed"): (403, _USERS),
    (PAYOUTS, "subscription looked at"): (403, _USERS),
    (PAYOUTS, "subscription removed"): (403, _USERS),
    (PAYOUTS, "receipt"): (404, "an earlier step has sent the money back"),
    (ACCOUNT, "token for a code that is left out"): (401, "a person would fill in the code"),
    (ACCOUNT, "balance opened again"): (400, "an earlier step has opened it, and there is one of a currency"),
    (ACCOUNT, "statement"): (404, _CLOSED),
    (ACCOUNT, "account details ordered"): (422, _CLOSED),
    (ACCOUNT, "simulation: processing"): (200, "nobody has paid for the transfer"),
    (ACCOUNT, "top-up"): (404, _CLOSED),
    (ACCOUNT, "transfer from a balance"): (422, "its quote is in dollars, and the recipient made last in Singapore's"),
    (ACCOUNT, "funds from a balance"): (422, _BEFORE),
    (ACCOUNT, "conversion"): (422, _CLOSED),
}
"""By folder and step: the status that comes instead, and why."""


def code_of(partner) -> str:
    """A user's consent, for the step that exchanges it."""
    partner.sandbox.wise.client(partner.name).put("redirect", "1", url=BACK)
    asked = f"/oauth/authorize?client_id={partner.id}&redirect_uri={BACK}"
    door = ("--cacert", partner.sandbox.ca_file, "-d", "answer=allow&profile=12345", partner.url(asked, door="api"))
    return parse_qs(urlsplit(curl(*door).headers["location"]).query)["code"][0]


@pytest.fixture(scope="module")
def run(sandbox, tmp_path_factory) -> dict[tuple[str, str], dict]:
    """Each step's reply, by folder and name."""
    assert NEWMAN.exists(), f"{NEWMAN} is missing: scripts/test installs newman there with npm (apt install npm)"
    partner = make_partner(sandbox, "newman")
    out = tmp_path_factory.mktemp("newman") / "run.json"
    variables = {
        "host": partner.url("", door="api"),
        "token": sandbox.wise.client(partner.name).personal_token(),
        "client": partner.id,
        "secret": partner.secret,
        "code": code_of(partner),
        "redirect": BACK,
        "business": "12345",
        "email": "rita@sandbox.example",
        "registration_code": "a registration code of a good length",
    }
    given = [part for name, value in variables.items() for part in ("--env-var", f"{name}={value}")]
    command = ["node", NEWMAN, "run", HERE / "wise_collection.json", *given, "--ssl-extra-ca-certs", sandbox.ca_file]
    report = ["--reporters", "json", "--reporter-json-export", out]
    done = subprocess.run([*command, *report], check=False, capture_output=True, text=True, timeout=SECONDS)
    assert out.exists(), done.stdout + done.stderr
    told = json.loads(out.read_text("utf-8"))
    folders = {item["id"]: folder["name"] for folder in told["collection"]["item"] for item in folder["item"]}
    return {(folders[one["item"]["id"]], one["item"]["name"]): one for one in told["run"]["executions"]}


def says(one: dict) -> tuple[int, str]:
    """The status, and the body as far as a person reads it."""
    if "response" not in one:
        return 0, str(one.get("requestError"))
    return one["response"]["code"], bytes(one["response"]["stream"]["data"]).decode(errors="replace")


def succeeded(one: dict) -> bool:
    """A step of the simulation that cannot be taken is a 200 with errors."""
    status, body = says(one)
    return 200 <= status < 300 and not body.startswith('{"errors"')


def test_every_step_runs_in_its_order(run):
    """None is skipped, and none finds the door closed."""
    collection = json.loads((HERE / "wise_collection.json").read_text("utf-8"))
    steps = [(folder["name"], item["name"]) for folder in collection["item"] for item in folder["item"]]
    assert list(run) == steps
    assert CANNOT.keys() <= set(steps)
    assert not [key for key, one in run.items() if not says(one)[0]]


def test_every_step_that_can_succeed_does(run):
    """And nothing is refused but what the table says, with that status; printed with its reason."""
    for (folder, step), (status, why) in CANNOT.items():
        print(f"cannot: {folder}, {step}: {status}, {why}")
    failed = {key: says(one) for key, one in run.items() if key not in CANNOT and not succeeded(one)}
    assert failed == {}
    other = {key: says(run[key]) for key, (status, _) in CANNOT.items() if says(run[key])[0] != status}
    assert other == {}, "these are answered otherwise by now: mend the table"


def test_what_the_steps_bring(run):
    """The replies are of the money that was asked for: a hundred pounds less the fee, sent and given back."""
    quote = json.loads(says(run[PAYOUTS, "quote given its recipient"])[1])
    assert (quote["sourceAmount"], quote["targetCurrency"]) == (100.00, "USD")
    assert json.loads(says(run[PAYOUTS, "funds from a balance"])[1])["status"] == "COMPLETED"
    last = json.loads(says(run[PAYOUTS, "simulation: funds_refunded"])[1])
    assert (last["status"], last["targetAccount"]) == ("funds_refunded", quote["targetAccount"])
    person = json.loads(says(run[ACCOUNT, "profiles"])[1])
    assert [one["details"]["firstName"] for one in person] == ["Test"]
