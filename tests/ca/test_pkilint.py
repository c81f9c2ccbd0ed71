"""Everything that the authority makes, linted by pkilint: DigiCert's reading of RFC 5280 and RFC 6960."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as library
from pkilint import loader, pkix
from pkilint.bin import lint_pkix_signer_signee_cert_chain as chain_lint
from pkilint.pkix import certificate, crl, extension, name, ocsp
from pkilint.validation import ValidatorContainer

from ca.clock import SystemClock
from ca.issuance.hierarchy import (
    KEY_KIND,
    ServerSide,
    found_client_authority,
    found_client_root,
    found_production_side,
    found_server_side,
    make_courier_certificate,
    make_ocsp_responder,
    make_server_certificate,
)
from ca.issuance.issue import Founded, Issuer, random_serial
from ca.issuance.profile import plan
from ca.status.crl import CRL_LIFE, FLAGS, Revoked, make_crl
from ca.status.ocsp import SerialStatus, answer, question_about, staple
from ca.x509.extensions import status_urls
from ca.x509.keys import make_key, signing_hash
from tests.ca.chain import issuer
from tests.ca.making import PROFILE, approved, issue, shelf

LOCALHOST = "pkix.invalid_domain_name_syntax"
# What pkilint finds and we keep, each with its reason; a finding that is not here fails, and so does one that is here
# and no longer found.
ALLOWED = {
    "server-ca": {LOCALHOST},  # a name of one label is rare, not wrong (RFC 1034 section 3.5): the sandbox lives there
    "courier-ca": {LOCALHOST},
    "server": {LOCALHOST},
}
# Information and no finding: it says by which method a key identifier was computed.
TOLD = {"pkix.subject_key_identifier_method_1_identified"}

DECODERS = [
    pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
    pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
]


@cache
def certificate_linter() -> ValidatorContainer:
    return certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )


@cache
def crl_linter() -> ValidatorContainer:
    return crl.create_pkix_crl_validator_container(
        DECODERS,
        [
            crl.create_issuer_validator_container([]),
            crl.create_validity_validator_container([]),
            crl.create_extensions_validator_container([]),
        ],
    )


@cache
def ocsp_linter() -> ValidatorContainer:
    return ocsp.create_pkix_ocsp_response_validator_container([ocsp.create_response_decoder(), *DECODERS], [])


def findings(linter: ValidatorContainer, document: object) -> set[str]:
    """The codes of what was found, without mere information that is on the list."""
    found = {each.finding.code for result in linter.validate(document.root) for each in result.finding_descriptions}
    return found - TOLD


def of_certificate(made: x509.Certificate) -> set[str]:
    read = loader.RFC5280CertificateDocumentLoader().load_der_document(made.public_bytes(Encoding.DER), "certificate")
    return findings(certificate_linter(), read)


def of_crl(made: x509.CertificateRevocationList) -> set[str]:
    read = loader.RFC5280CertificateListDocumentLoader().load_der_document(made.public_bytes(Encoding.DER), "crl")
    return findings(crl_linter(), read)


def of_answer(made: bytes) -> set[str]:
    return findings(ocsp_linter(), loader.RFC6960OCSPResponseDocumentLoader().load_der_document(made, "answer"))


# --- what is made ---


@cache
def side() -> ServerSide:
    return found_server_side(("sandbank.example.test", "192.0.2.7"), SystemClock().now(), random_serial)


@cache
def production() -> tuple[Founded, Founded]:
    without = ("sandbox.pay.example.test",)
    return found_production_side(("*.pay.example.test",), without, SystemClock().now(), random_serial)


@cache
def client_root() -> Issuer:
    return issuer(found_client_root(SystemClock().now(), random_serial))


@cache
def client_ca() -> Issuer:
    return issuer(found_client_authority("wise", client_root(), SystemClock().now(), random_serial))


@cache
def responder() -> Issuer:
    return issuer(make_ocsp_responder(client_ca(), SystemClock().now(), random_serial()))


@cache
def courier() -> x509.Certificate:
    """With which a sender of webhooks shows itself."""
    made = make_courier_certificate(
        "hooks.sandbank.example.test", make_key(KEY_KIND), issuer(side().courier), SystemClock().now(), random_serial()
    )
    return made.certificate


def server() -> x509.Certificate:
    names = ("localhost", "127.0.0.1", "::1", "sandbank.example.test")
    return make_server_certificate(names, issuer(side().server), SystemClock().now(), random_serial()).certificate


@cache
def client(*, pointed: bool = False) -> x509.Certificate:
    """The certificate of a client of Wise, as it is today and with the pointers that it will have."""
    ready = approved()
    planned = plan(ready, PROFILE, SystemClock().now())
    more = status_urls("http://127.0.0.1:8441", "client-ca:wise") if pointed else ()
    return issue(ready, replace(planned, extensions=(*planned.extensions, *more)), client_ca(), random_serial())


def server_responder() -> x509.Certificate:
    return make_ocsp_responder(issuer(side().server), SystemClock().now(), random_serial()).certificate


CERTIFICATES: dict[str, Callable[[], x509.Certificate]] = {
    "server-root": lambda: side().root.certificate,
    "server-ca": lambda: side().server.certificate,
    "courier-ca": lambda: side().courier.certificate,
    "server": server,
    "courier": courier,
    "server-responder": server_responder,
    "production-root": lambda: production()[0].certificate,
    "production-ca": lambda: production()[1].certificate,
    "client-root": lambda: client_root().certificate,
    "client-ca": lambda: client_ca().certificate,
    "client": client,
    "client-with-pointers": lambda: client(pointed=True),
    "responder": lambda: responder().certificate,
}


@pytest.mark.parametrize("kind", CERTIFICATES)
def test_every_certificate_is_as_the_rfc_has_it(kind: str) -> None:
    """Of each profile one; what is allowed is found, and nothing else."""
    assert of_certificate(CERTIFICATES[kind]()) == ALLOWED.get(kind, set())


def test_a_certificate_with_a_fault_is_found_out() -> None:
    """The control: a CA without a key identifier and a key usage, whose being a CA may be overlooked."""
    key, now = shelf("ec-p256"), SystemClock().now()
    subject = client_root().certificate.subject
    bare = x509.CertificateBuilder(subject, subject, key.public_key(), 1, now, now + CRL_LIFE)
    bare = bare.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=False)
    assert of_certificate(bare.sign(key, signing_hash(key))) == {
        "pkix.certificate_skid_ca_missing",
        "pkix.ca_certificate_no_ku_extension",
        "pkix.basic_constraints_extension_not_critical",
    }


PAIRS = {
    "server-ca": "server-root",
    "courier-ca": "server-root",
    "server": "server-ca",
    "courier": "courier-ca",
    "server-responder": "server-ca",
    "production-ca": "production-root",
    "client-ca": "client-root",
    "client": "client-ca",
    "responder": "client-ca",
}


def of_pair(above: x509.Certificate, below: x509.Certificate) -> set[str]:
    documents: dict[str, object] = {}
    for role, made in (("issuer", above), ("subject", below)):
        documents[role] = loader.RFC5280CertificateDocumentLoader().load_der_document(
            made.public_bytes(Encoding.DER), role, role, documents
        )
    decode, judge_issuer, judge_subject = (
        chain_lint.create_decoder_validation_container(),
        chain_lint.create_issuer_validation_container(),
        chain_lint.create_subject_validation_container(),
    )
    for document in documents.values():
        decode.validate(document.root)
    return findings(judge_issuer, documents["issuer"]) | findings(judge_subject, documents["subject"])


@cache
def once(kind: str) -> x509.Certificate:
    return CERTIFICATES[kind]()


@pytest.mark.parametrize("kind", PAIRS)
def test_every_certificate_fits_its_issuer(kind: str) -> None:
    """Name, key identifier and signature; another issuer's do not fit, the control."""
    assert of_pair(once(PAIRS[kind]), once(kind)) == set()
    assert of_pair(once("client-root" if kind != "client-ca" else "server-root"), once(kind)) == {
        "pkix.issuer_and_subject_dn_not_binary_equal",
        "pkix.issuer_and_subject_key_identifier_not_equal",
        "pkix.signature_verification_failed",
    }


@pytest.mark.parametrize("reasons", [(), ("unspecified",), tuple(FLAGS)], ids=["empty", "one", "every reason"])
def test_every_crl_is_as_the_rfc_has_it(reasons: tuple[str, ...]) -> None:
    """Empty, and with each reason."""
    now = SystemClock().now()
    revoked = [Revoked(serial=n, at=now, reason=reason) for n, reason in enumerate(reasons, start=1)]
    assert of_crl(make_crl(client_ca(), revoked, number=7, now=now, next_update=now + CRL_LIFE)) == set()


def test_a_crl_with_faults_is_found_out() -> None:
    """The control: no number, no key identifier."""
    now, ca = SystemClock().now(), client_ca()
    builder = x509.CertificateRevocationListBuilder().issuer_name(ca.certificate.subject)
    bare = builder.last_update(now).next_update(now + CRL_LIFE).sign(ca.key, signing_hash(ca.key))
    assert of_crl(bare) == {"pkix.authority_key_identifier_missing", "pkix.crl_number_missing"}


@pytest.mark.parametrize("how", ["good", "unknown", *FLAGS, "staple"])
def test_every_ocsp_answer_is_as_the_rfc_has_it(how: str) -> None:
    """Good, unknown, revoked for each reason, and a staple."""
    now, ca = SystemClock().now(), client_ca().certificate
    question = replace(question_about(4711, ca, algorithm=hashes.SHA256()), nonce=b"n" * 32)
    revoked = Revoked(serial=4711, at=now, reason=how) if how in FLAGS else None
    status = SerialStatus(issuer=ca, issued=how != "unknown", revoked=revoked)
    made = staple(client(), status, responder(), now) if how == "staple" else answer(question, status, responder(), now)
    assert of_answer(made) == set()


def test_an_ocsp_answer_with_a_fault_is_found_out() -> None:
    """The control: it ends before it begins."""
    now, ca = SystemClock().now(), client_ca().certificate
    asked = question_about(4711, ca, algorithm=hashes.SHA256())
    certificate_id = (asked.issuer_name_hash, asked.issuer_key_hash, asked.serial, asked.algorithm)
    good, by_hash = library.OCSPCertStatus.GOOD, library.OCSPResponderEncoding.HASH
    builder = library.OCSPResponseBuilder().add_response_by_hash(*certificate_id, good, now, now - CRL_LIFE, None, None)
    made = builder.responder_id(by_hash, responder().certificate).sign(responder().key, hashes.SHA256())
    assert of_answer(made.public_bytes(Encoding.DER)) == {"pkix.ocsp_negative_validity_period"}
