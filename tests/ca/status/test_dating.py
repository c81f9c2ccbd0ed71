from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp

from ca.errors import LintFailed
from ca.issuance.hierarchy import plan_ocsp_responder
from ca.issuance.issue import Issuer, certify
from ca.status import ocsp as ca_ocsp
from ca.status.ocsp import SerialStatus, answer, question_about
from ca.x509 import der
from tests.ca.chain import Chain, client_chain
from tests.ca.making import NOW, shelf


@pytest.fixture(scope="module")
def chain() -> Chain:
    return client_chain(NOW)


def made(chain: Chain, responder: Issuer | None = None, *, serial: int = 1, now: datetime = NOW) -> ocsp.OCSPResponse:
    """An answer, dated by the sandbox's clock: nobody else asks for that."""
    question = question_about(serial, chain.ca.certificate, algorithm=hashes.SHA256())
    status = SerialStatus(issuer=chain.ca.certificate, issued=True)
    return ocsp.load_der_ocsp_response(answer(question, status, responder or chain.responder, now))


def test_the_date_is_the_one_that_was_told(chain: Chain) -> None:
    """To the second; the rest is as the library made it."""
    assert made(chain).produced_at_utc == NOW.replace(microsecond=0)
    assert (made(chain).serial_number, made(chain).certificates) == (1, [chain.responder.certificate])


def test_a_responder_signs_with_an_ec_key(chain: Chain) -> None:
    """As those that are made here do."""
    key = shelf("rsa-2048")
    planned = plan_ocsp_responder(key.public_key(), mark="0", now=NOW)
    with pytest.raises(ValueError, match="EC key"):
        made(chain, Issuer(certificate=certify(key, planned, chain.ca, 1), key=key))


def test_a_responder_whose_time_is_over_answers_nothing(chain: Chain) -> None:
    """Whoever let it grow so old has a bug; a second before, it still answers."""
    end = chain.responder.certificate.not_valid_after_utc
    assert made(chain, now=end - timedelta(seconds=1)).next_update_utc == end
    with pytest.raises(LintFailed, match="its responder's time is"):
        made(chain, now=end)


def test_an_answer_that_came_out_otherwise_does_not_leave(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put together by hand, and so read back: a date that was not changed, a signature over something else."""
    with monkeypatch.context() as patch:
        patch.setattr(ca_ocsp, "_generalized", lambda at: b"")
        with pytest.raises(LintFailed, match="not of this time"):
            made(chain)
    wrap, other = der.wrap, made(chain).signature
    with monkeypatch.context() as patch:
        patch.setattr(
            der, "wrap", lambda tag, *inside: wrap(tag, *((b"\0", other) if tag == der.BIT_STRING else inside))
        )
        with pytest.raises(LintFailed, match="does not verify"):
            made(chain, serial=2)
    assert made(chain, serial=2).serial_number == 2
