import pytest

ROWS = "/api/wise/clients/demo/resources"


def test_a_row_is_put_shown_and_listed(door) -> None:
    """PUT answers with the whole row; a reset puts things back."""
    made = door.call("PUT", f"{ROWS}/transfer/777", {"sourceValue": 10})
    assert made.status == 200 and made.json["body"]["sourceValue"] == "10.00"
    assert (made.json["kind"], made.json["id"]) == ("transfer", "777")
    assert door.get(f"{ROWS}/transfer/777").json == made.json
    assert [row["id"] for row in door.get(f"{ROWS}/transfer").json["resources"]] == ["12345", "777"]
    assert door.post("/api/wise/clients/demo/reset").status == 200
    assert door.get(f"{ROWS}/transfer/777").code == "sandbank.not_there"
    assert door.get(f"{ROWS}/nothing").json == {"resources": []}


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("transfer/x", {}, "sandbank.misuse"),
        ("transfer/%00", {}, "sandbank.misuse"),
        ("payment/1", {}, "sandbank.misuse"),
        ("transfer/1", {"colour": 1}, "sandbank.misuse"),
        ("transfer/1", {"reference": "\ud800"}, "sandbank.misuse"),
        ("transfer/1", b'{"sourceValue": NaN}', "http.call_malformed"),
        ("transfer/1", b'{"rate": 1, "rate": 2}', "http.call_malformed"),
        ("transfer/1", b"[]", "http.call_malformed"),
        ("transfer/1", b"", "http.call_malformed"),
    ],
    ids=str,
)
def test_what_cannot_be_a_row_is_refused(door, path, body, code) -> None:
    """And nothing is kept."""
    answer = door.call("PUT", f"{ROWS}/{path}", body)
    assert (answer.status, answer.code) == (400, code)
    assert len(door.get(f"{ROWS}/transfer").json["resources"]) == 1
