import ipaddress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from ca.keys import write_key_pem
from ca.names import Attribute, attributes, read_dns, read_ip, rfc4514, same_name, short_name, unprintable
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
    assert same_name(flat, name_of(("O", "Acme"), ("C", "EU")))
    assert same_name(flat, x509.Name([x509.RelativeDistinguishedName(list(flat))]))
    assert not same_name(flat, name_of(("C", "EU"), ("O", "Acme"), ("CN", "x")))
    assert not same_name(flat, name_of(("C", "EU"), ("O", "acme")))


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
