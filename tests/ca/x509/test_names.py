import ipaddress
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from ca.x509.keys import write_key_pem
from ca.x509.names import (
    SHORT_NAMES,
    Attribute,
    attributes,
    name_set,
    read_dns,
    read_ip,
    read_name,
    rfc4514,
    short_name,
    spelled,
    unprintable,
)
from tests.ca.making import name_of, openssl, shelf


def test_attributes_come_in_the_order_of_the_encoding() -> None:
    """Each with its RFC 4514 short name, repeated ones too."""
    name = name_of(("C", "EU"), ("O", "Acme"), ("OU", "a"), ("OU", "b"))
    assert attributes(name) == (("C", "EU"), ("O", "Acme"), ("OU", "a"), ("OU", "b"))
    assert attributes(name)[1] == Attribute(short="O", value="Acme")


def test_an_unknown_attribute_goes_by_its_oid() -> None:
    """RFC 4514 section 2.3."""
    assert short_name(x509.ObjectIdentifier("1.2.3.4")) == "1.2.3.4"


def test_a_bit_string_is_written_in_hex() -> None:
    """The one attribute whose value is not text is shown all the same."""
    unique = x509.NameAttribute(NameOID.X500_UNIQUE_IDENTIFIER, b"\xca\xfe", _ASN1Type.BitString)
    assert attributes(x509.Name([unique])) == (("2.5.4.45", "#cafe"),)


def test_the_text_of_a_name_is_what_openssl_prints(tmp_path: Path) -> None:
    """RFC 4514: the last attribute first, and the special characters escaped."""
    (tmp_path / "key").write_text(write_key_pem(shelf("ec-p256")))
    openssl("req", "-new", "-key", "key", "-subj", r"/C=EU/O=Acme, Ltd \+ Co/CN=x", "-out", "csr", cwd=tmp_path)
    printed = openssl("req", "-in", "csr", "-noout", "-subject", "-nameopt", "RFC2253", cwd=tmp_path)
    ours = rfc4514(x509.load_pem_x509_csr((tmp_path / "csr").read_bytes()).subject)
    assert printed.strip() == f"subject={ours}"


def test_names_compare_as_sets() -> None:
    """Order and grouping do not count; every attribute does."""
    flat = name_of(("C", "EU"), ("O", "Acme"))
    assert name_set(flat) == name_set(name_of(("O", "Acme"), ("C", "EU")))
    assert name_set(flat) == name_set(x509.Name([x509.RelativeDistinguishedName(list(flat))]))
    assert name_set(flat) != name_set(name_of(("C", "EU"), ("O", "Acme"), ("CN", "x")))
    assert name_set(flat) != name_set(name_of(("C", "EU"), ("O", "acme")))


SUBJECT = (("C", "GB"), ("L", "London"), ("OU", "Payments API"), ("O", "Acme"), ("CN", "a2av3py82w"))


@pytest.mark.parametrize(
    "text",
    [
        "C=GB, L=London, OU=Payments API, O=Acme, CN=a2av3py82w",
        "CN=a2av3py82w,O=Acme,OU=Payments API,L=London,C=GB",
        "OU=Payments API,L=London,O=Acme,C=GB,CN=a2av3py82w",
        "C = GB, L = London, OU = Payments API, O = Acme, CN = a2av3py82w",
        "C=GB+L=London+OU=Payments API+O=Acme+CN=a2av3py82w",
        "/C=GB/L=London/OU=Payments API/O=Acme/CN=a2av3py82w",
        "c=GB; l=London; ou=Payments API; o=Acme; cn=a2av3py82w",
        'C=GB,\nL=London,OU="Payments API",O=Acme,CN=a2av3py82w ',
        "countryName=GB,localityName=London,organizationalUnitName=Payments API,O=Acme,commonName=a2av3py82w",
        r"2.5.4.6=GB,OID.2.5.4.7=London,oid.2.5.4.11=Payments API,O=\41cme,CN=a2av3py82w",
    ],
)
def test_a_name_is_read_however_it_is_written(text: str) -> None:
    """From either end, with or without spaces, in one RDN or in five, in the old form of OpenSSL, by OID."""
    assert read_name(text) == name_set(name_of(*SUBJECT))
    assert read_name(text.replace("London", "Dublin")) != name_set(name_of(*SUBJECT))
    assert read_name(text.replace("Acme", "acme").replace("cme", "cmf")) != name_set(name_of(*SUBJECT))


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("ST=Kildare", {("ST", "Kildare")}),
        ("S=Kildare", {("ST", "Kildare")}),
        ("E=a@b", {("EMAILADDRESS", "a@b")}),
        ("emailAddress=a@b", {("EMAILADDRESS", "a@b")}),
        ("1.2.3.4=x", {("1.2.3.4", "x")}),
        (r"O=Acme\, Ltd", {("O", "Acme, Ltd")}),
        (r"O=a\+b\=c\;d\"e\\", {("O", 'a+b=c;d"e\\')}),
        (r"O=\ a\ ", {("O", " a ")}),
        (r"O=a\\ ", {("O", "a\\")}),
        (r"O=Soci\C3\A9t\c3\a9", {("O", "Société")}),
        ('O="Acme, Ltd + Co"', {("O", "Acme, Ltd + Co")}),
        (r'O="say \"x\""', {("O", 'say "x"')}),
        ("O=a=b", {("O", "a=b")}),
        ("CN=", {("CN", "")}),
        ("/O=a/b/CN=http://x/y", {("O", "a/b"), ("CN", "http://x/y")}),
        (r"/O=a\/CN=b", {("O", "a/CN=b")}),
        ("OU=a,OU=b,OU=a", {("OU", "a"), ("OU", "b")}),
    ],
)
def test_what_stands_in_a_name_is_unescaped(text: str, pairs: set[tuple[str, str]]) -> None:
    """RFC 4514 section 2.4, the quotes of RFC 2253 section 4, and the usual other keywords."""
    assert read_name(text) == pairs


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "a2av3py82w", "O", "=x", "O=a,", ",O=a", "O=a,,C=GB", "O=Acme, Ltd", "O=a\\"),
        *('O="a', 'O=a"b', 'O="a"b', '"', "/", "/O", "/O=a\\", "O a=b", "1.=x", "Ö=x", "\0", "{}"),
    ],
)
def test_what_is_no_name_is_not_read(text: str) -> None:
    """Nothing is guessed."""
    assert read_name(text) is None


def test_a_long_text_is_read_soon() -> None:
    """As many characters as a header may have, made to mislead whoever tries again from each of them."""
    begun = time.process_time()
    for text in (
        *("\\" * 8191, '"' * 8191, "/a" * 4000, "O=a," * 2000),
        *("O=" + '\\"' * 4000 + '"', "O=" + " " * 8000 + '"'),
    ):
        assert read_name(text) is None
    assert time.process_time() - begun < 1


HARD = r"/C=EU/ST=Kildare/O=Acme, Ltd \+ \"Co\"/OU= a\\b/CN=x;y/emailAddress=a@example.test"


@pytest.mark.parametrize(
    ("layout", "subject"),
    [
        ("RFC2253", HARD),
        ("oneline", HARD),
        ("oneline,-space_eq", HARD),
        ("compat", "/C=EU/ST=Kildare/O=Acme, Ltd/CN=x;y"),  # it does not escape quotes, so that it is not one to one
    ],
)
def test_what_openssl_prints_is_read_as_the_name(layout: str, subject: str, tmp_path: Path) -> None:
    """Each of its ways to print a subject; and not as another name."""
    (tmp_path / "key").write_text(write_key_pem(shelf("ec-p256")))
    openssl("req", "-new", "-key", "key", "-subj", subject, "-out", "csr", cwd=tmp_path)
    name = x509.load_pem_x509_csr((tmp_path / "csr").read_bytes()).subject
    printed = openssl("req", "-in", "csr", "-noout", "-subject", "-nameopt", layout, cwd=tmp_path)
    text = printed.strip().removeprefix("subject=").removeprefix(" ")
    assert read_name(text) == name_set(name)
    assert read_name(text.replace("Kildare", "Cork")) != name_set(name)


def test_our_own_texts_are_read_back() -> None:
    """Both of them, with everything in the values that needs an escape."""
    hard = name_of(("C", "EU"), ("O", ' a,b+c"d\\e<f>;=# '), ("OU", "#x"), ("CN", "é"), ("emailAddress", "a@b"))
    grouped = x509.Name([x509.RelativeDistinguishedName(list(hard))])
    assert spelled(name_of(*SUBJECT)) == "C=GB, L=London, OU=Payments API, O=Acme, CN=a2av3py82w"
    for name in (hard, grouped):
        assert read_name(spelled(name)) == read_name(rfc4514(name)) == name_set(hard)


def test_every_keyword_of_ours_is_one() -> None:
    """Whatever its case; and its OID says the same."""
    for oid, short in SHORT_NAMES.items():
        assert read_name(f"{short.lower()}=x") == read_name(f"{oid.dotted_string}=x") == {(short.upper(), "x")}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("localhost", "localhost"),
        ("API.Example.Test.", "api.example.test"),
        ("*.example.test", "*.example.test"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("", None),
        ("*", None),
        ("a b", None),
        ("a..b", None),
        ("-a.test", None),
        ("a-.test", None),
        ("a" * 64 + ".test", None),
        (".".join(["a" * 60] * 5), None),
        ("a\x00.test", None),
    ],
)
def test_a_dns_name_is_told_from_other_text(text: str, name: str | None) -> None:
    """In lower case and in ASCII, or not at all."""
    assert read_dns(text) == name


def test_an_ip_address_is_told_from_other_text() -> None:
    """IPv4, IPv6, and IPv6 in the brackets of a URL."""
    assert read_ip("127.0.0.1") == ipaddress.ip_address("127.0.0.1")
    assert read_ip("[::1]") == ipaddress.ip_address("::1")
    assert read_ip("localhost") is None


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("Société 銀行 😀", False),
        ("Acme, Ltd.", False),
        ("a\nb", True),
        ("a\x7f", True),
        ("é\x00", True),
        ("\u202ex", True),
    ],
)
def test_unprintable_text_is_recognised(text: str, bad: bool) -> None:
    """Control characters and bidirectional overrides; letters of any script are not."""
    assert unprintable(text) is bad
