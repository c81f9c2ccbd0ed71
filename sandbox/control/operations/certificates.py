"""Client certificates over JSON: sign a CSR, list, show, bundle."""

from typing import Any

from ca.authority import Issued
from ca.clock import write_time
from ca.record import CertificateRecord
from ca.renewal import days_left, notice
from sandbox.control.operation import Answer, Call, Operation, Parameter, Reply
from sandbox.control.operations.clients import NO_CLIENT, NO_PROVIDER
from sandbox.control.reading import is_json, malformed, read_object
from sandbox.control.schemas import CERTIFICATE_REQUEST, TEXT
from sandbox.errands import certificates
from sandbox.errands.state import State

_OF_CLIENT = "/api/{provider}/clients/{client}/certificates"
_ALL = "/api/{provider}/certificates"
_FORMS = ("pem", "leaf", "der")
"""Without PKCS#12: that holds the private key, which never travels."""
_MEDIA_TYPES = ("application/x-pem-file", "application/pkix-cert")
_NO_CERTIFICATE = Answer(description="There is no such provider or certificate.", schema="Error")


def _sign(state: State, call: Call) -> Reply:
    csr, name = _csr_and_name(call)
    issued = certificates.sign(state, call.params["provider"], call.params["client"], csr, name=name)
    return Reply(status=201, json=_issued(issued))


def _csr_and_name(call: Call) -> tuple[bytes, str]:
    """From JSON, or the body as it is; a name that is missing is for the authority to refuse, with all the rest."""
    name: str = call.query["name"]
    if not is_json(call.body):
        return call.body, name
    said = read_object(call.body, CERTIFICATE_REQUEST)
    if name and "name" in said:
        raise malformed("a name in the body and one in the query", "one of them")
    return said["csr"].encode(), said.get("name", name)


def _of_client(state: State, call: Call) -> Reply:
    return _listed(state, certificates.list_certificates(state, call.params["provider"], call.params["client"]))


def _of_provider(state: State, call: Call) -> Reply:
    return _listed(state, certificates.list_certificates(state, call.params["provider"]))


def _show(state: State, call: Call) -> Reply:
    provider, wanted = call.params["provider"], call.params["wanted"]
    record = certificates.show_certificate(state, provider, wanted)
    # By its serial: a newer one of the same name may have come since.
    pem = certificates.bundle(state, provider, record.serial, format="leaf").data.decode("ascii")
    return Reply(json={**_said(state, record), "pem": pem})


def _bundle(state: State, call: Call) -> Reply:
    bundle = certificates.bundle(state, call.params["provider"], call.params["wanted"], format=call.query["format"])
    return Reply(data=bundle.data, media_type=bundle.media_type)


def _issued(issued: Issued) -> dict[str, Any]:
    return {
        "certificate": issued.certificate,
        "chain": issued.chain,
        "serial": issued.serial,
        "not_after": write_time(issued.not_after),
        "changed": [change.as_dict() for change in issued.changed],
    }


def _listed(state: State, records: tuple[CertificateRecord, ...]) -> Reply:
    return Reply(json={"certificates": [_said(state, record) for record in records]})


def _said(state: State, record: CertificateRecord) -> dict[str, Any]:
    now = state.clock.now()
    return {
        "serial": record.serial,
        "provider": record.provider,
        "client": record.holder,
        "name": record.name,
        "purpose": record.purpose,
        "subject": record.subject,
        "status": record.status(now),
        "not_before": write_time(record.not_before),
        "not_after": write_time(record.not_after),
        "expires_in_days": days_left(record, now),
        "notice": notice(record, now),
        "issued_at": write_time(record.issued_at),
        "revoked_at": None if record.revoked_at is None else write_time(record.revoked_at),
        "reason": record.reason,
        "fingerprint_sha256": record.fingerprint_sha256,
        "spki_sha256": record.spki_sha256,
    }


OPERATIONS = (
    Operation(
        method="GET",
        path=_OF_CLIENT,
        name="listClientCertificates",
        summary="The certificates of a client, oldest first",
        handler=_of_client,
        answers={200: Answer(description="All of them.", schema="Certificates"), 404: NO_CLIENT},
    ),
    Operation(
        method="POST",
        path=_OF_CLIENT,
        name="signCertificate",
        summary="Sign a CSR: JSON, or the bare PEM with ?name=",
        handler=_sign,
        query=(
            Parameter(
                name="name",
                description="Name of the certificate, for a body that is the bare PEM.",
                schema={**TEXT, "default": ""},
            ),
        ),
        body="CertificateRequest",
        pem=True,
        answers={
            201: Answer(description="The certificate, and what differs from the CSR.", schema="Issued"),
            404: NO_CLIENT,
            422: Answer(description="Every rule that the CSR breaks.", schema="Refusals"),
        },
    ),
    Operation(
        method="GET",
        path=_ALL,
        name="listCertificates",
        summary="The certificates of all clients of a provider, oldest first",
        handler=_of_provider,
        answers={200: Answer(description="All of them.", schema="Certificates"), 404: NO_PROVIDER},
    ),
    Operation(
        method="GET",
        path=f"{_ALL}/{{wanted}}",
        name="showCertificate",
        summary="One certificate, with its PEM",
        handler=_show,
        answers={200: Answer(description="The certificate.", schema="CertificateWithPem"), 404: _NO_CERTIFICATE},
    ),
    Operation(
        method="GET",
        path=f"{_ALL}/{{wanted}}/bundle",
        name="bundleCertificate",
        summary="One certificate as a file",
        handler=_bundle,
        query=(
            Parameter(
                name="format",
                description="pem: certificate and issuing CA; leaf: the certificate; der: the certificate in binary.",
                schema={"type": "string", "enum": list(_FORMS), "default": "pem"},
            ),
        ),
        answers={200: Answer(description="The file.", media_types=_MEDIA_TYPES), 404: _NO_CERTIFICATE},
    ),
)
