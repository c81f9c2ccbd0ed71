import pytest

from ca.authority import Authority
from ca.records import write_serial
from tests.ca.making import CLAIM, NOW, OFFER, MemoryWork, csr_pem


@pytest.mark.parametrize(("serial", "text"), [(1, "01"), (0xABC, "0ABC"), (0xFF00, "FF00")])
def test_serials_have_an_even_number_of_digits(serial: int, text: str) -> None:
    """Upper case, no prefix."""
    assert write_serial(serial) == text


def test_a_record_has_its_certificate_as_text(home: tuple[Authority, MemoryWork]) -> None:
    """To the letter as the library writes it."""
    authority, work = home
    issued = authority.submit(work, csr_pem(), OFFER, CLAIM, NOW)
    assert issued.record.pem == issued.certificate


def test_a_record_says_what_was_issued(home: tuple[Authority, MemoryWork]) -> None:
    """Whose, what for, and the subject as RFC 4514 text; its DER is not in its repr."""
    authority, work = home
    record = authority.submit(work, csr_pem(), OFFER, CLAIM, NOW).record
    assert (record.provider, record.holder, record.name) == ("wise", "acme-client-id", "sandbox 2026")
    assert (record.purpose, record.profile, record.issued_at) == ("transport", "wise-mtls", NOW)
    assert record.subject == "CN=acme-client-id,O=Acme,C=EU"
    assert record.status(NOW) == "active"
    assert ", der=" not in repr(record)
