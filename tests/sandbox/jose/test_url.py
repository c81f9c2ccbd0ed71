"""The url of the header is the path of the call, character for character."""

import pytest

from tests.sandbox.jose.making import PATH, PAYLOAD, header, jws, only, opened, refused

WRONG = {
    "missing": (..., "signature.url_missing"),
    "another path": (PATH.replace("12345", "54321"), "signature.url_wrong"),
    "empty": ("", "signature.url_wrong"),
    "a slash more": (PATH + "/", "signature.url_wrong"),
    "no slash at the start": (PATH[1:], "signature.url_wrong"),
    "upper case": (PATH.upper(), "signature.url_wrong"),
    "a space": (PATH + " ", "signature.url_wrong"),
    "with scheme and host": ("https://api.example.com" + PATH, "signature.url_absolute"),
    "with a host": ("//api.example.com" + PATH, "signature.url_absolute"),
    "with a query": (PATH + "?a=b", "signature.url_query"),
    "with a fragment": (PATH + "#a", "signature.url_query"),
}


@pytest.mark.parametrize(("url", "code"), WRONG.values(), ids=WRONG)
def test_another_url_is_refused(url: str, code: str) -> None:
    """The signature is good, and says both paths."""
    reason = refused(jws(header(url=url)))
    assert reason.code == code
    assert PATH in reason.expected
    assert "no url" in reason.seen if url is ... else url.strip() in reason.seen


@pytest.mark.parametrize(
    ("url", "hint"),
    [(PATH + "/", "slash"), (PATH[1:], "slash"), (PATH.upper(), "case"), (PATH + " ", "white space")],
    ids=["slash after", "slash before", "case", "space"],
)
def test_a_small_difference_is_named(url: str, hint: str) -> None:
    """Two long paths look alike."""
    assert hint in refused(jws(header(url=url))).seen


def test_the_path_is_compared_as_it_was_requested() -> None:
    """Percent-encoding and all; the decoded path is another one, and the difference is named."""
    path = "/v1/people/J%C3%BCrgen%20B"
    assert opened(jws(header(url=path)), path=path).payload == PAYLOAD
    reason = refused(jws(header(url="/v1/people/Jürgen B")), path=path)
    assert reason.code == "signature.url_wrong"
    assert "percent-encoding" in reason.seen


def test_a_scheme_may_have_no_url() -> None:
    """Then nothing is compared."""
    assert opened(jws(header(url=...)), scheme=only("ES256", url=False)).payload == PAYLOAD
