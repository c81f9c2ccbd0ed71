import json
from pathlib import Path

import pytest

from tests.sandbox.cli.running import sandbank
from tests.sandbox.cli.test_completion import completed


def test_a_row_is_put_listed_and_shown(here: Path) -> None:
    """--body and --set together; the provider completes it, and show prints its JSON."""
    words = ("resource", "put", "transfer", "777", "--body", '{"sourceValue": 5, "reference": "x"}', "--set")
    said = sandbank(*words, "sourceValue=10")
    assert said.code == 0 and "sandbank resource show transfer 777" in said.err
    body = json.loads(sandbank("resource", "show", "transfer", "777").out)
    assert (body["sourceValue"], body["reference"], body["status"]) == ("10.00", "x", "incoming_payment_waiting")
    assert sandbank("resource", "show", "transfer", "777", "--json").json == {
        "kind": "transfer",
        "id": "777",
        "body": body,
    }
    heading, guide, mine = sandbank("resource", "list", "transfer").text.splitlines()
    assert heading.split() == ["ID", "BODY"] and guide.startswith("12345  {") and mine.startswith("777    {")
    assert [row["id"] for row in sandbank("resource", "list", "transfer", "--json").json["resources"]] == [
        "12345",
        "777",
    ]
    assert sandbank("client", "reset", "demo").code == 0
    assert sandbank("resource", "show", "transfer", "777").code == 1


def test_rows_are_a_clients_own(here: Path) -> None:
    """One that is put for acme is not demo's; put answers in JSON with the whole row."""
    sandbank("client", "add", "acme")
    made = sandbank("resource", "put", "balance", "7", "--set", "currency=USD", "--client", "acme", "--json").json
    assert made["body"]["currency"] == "USD"
    assert sandbank("resource", "show", "balance", "7", "--client", "acme", "--json").json == made
    assert sandbank("resource", "show", "balance", "7").code == 1


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("put", "transfer", "x"), 2, "id must be a positive number"),
        (("put", "payment", "1"), 2, "there are: balance, manner, profile, rate"),
        (("put", "transfer", "1", "--set", "sourceValue"), 2, "is not FIELD=VALUE"),
        (("put", "transfer", "1", "--set", "=1"), 2, "is not FIELD=VALUE"),
        (("put", "transfer", "1", "--set", "rate=1", "--set", "rate=2"), 2, "gives a field twice"),
        (("put", "transfer", "1", "--set", "colour=red"), 2, "unknown field 'colour'; there are: profile, status"),
        (("put", "transfer", "1", "--body", "{"), 2, "--body is not a JSON object"),
        (("put", "transfer", "1", "--body", "[1]"), 2, "--body is not a JSON object"),
        (("put", "transfer", "1", "--body", "[" * 100_000), 2, "--body is not a JSON object"),
        (("put", "transfer", "1", "--body", '{"rate": ' + "1" * 5000 + "}"), 2, "--body is not a JSON object"),
        (("put", "transfer", "1", "--body", '{"reference": "\\ud800"}'), 2, "half a surrogate pair"),
        (("show", "transfer", "9"), 1, "demo has no transfer '9'"),
        (("list", "transfer", "--client", "nobody"), 1, "has no client 'nobody'"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_said(here: Path, words: tuple[str, ...], code: int, sentence: str) -> None:
    """In two lines at most, and without a fault."""
    said = sandbank("resource", *words)
    assert (said.code, said.out) == (code, b"") and sentence in said.err
    assert len(said.err.splitlines()) <= 2


def test_a_kind_that_nobody_knows_names_those_that_there_are(here: Path) -> None:
    """For somebody who wrote transfers."""
    said = sandbank("resource", "list", "transfers")
    assert said.code == 0 and "there are: balance, manner, profile, rate, recipient" in said.err


def test_kinds_and_ids_are_offered(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the client that is named, or of demo."""
    assert completed(monkeypatch, "resource list t") == ["transfer"]
    assert completed(monkeypatch, "resource show transfer 1") == ["12345"]
    assert completed(monkeypatch, "resource show --client nobody transfer 1") == []
