"""What a page is told of a form, without a hub."""

from datetime import UTC, datetime

from sandbox.hub.page import Visit

NOW = datetime(2026, 5, 11, tzinfo=UTC)
CSR = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"


def visit(pasted: str, chosen: str) -> Visit:
    form, files = {"name": "laptop", "pem": pasted}, {"pem_file": chosen.encode()} if chosen else {}
    return Visit(params={}, query={}, form=form, files=files, now=NOW)


def test_a_file_comes_before_the_text_of_the_first_try_and_is_shown_again() -> None:
    """A refused form shows its text again and forgets its file: whoever then chooses another file means that one."""
    assert visit("first", CSR).text("pem") == CSR.encode() and visit("first", "").text("pem") == b"first"
    assert visit("first", CSR).kept == {"name": "laptop", "pem": CSR}


def test_neither_a_private_key_nor_what_is_no_pem_is_shown_again() -> None:
    """In a file as little as in the text."""
    assert visit("", KEY).kept["pem"] == "" and visit(KEY, "").kept["pem"] == ""
    assert visit("first", "%PDF-1.7").kept["pem"] == "first"
