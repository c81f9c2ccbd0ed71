"""Client certificates over JSON: sign a CSR, take an uploaded one, list, show, bundle, revoke."""

from collections.abc import Callable
from typing import Any

from ca.records import CertificateRecord
from sandbox.control.operation import Answer, ControlRequest, ControlResponse, Operation, Parameter
from sandbox.control.operations.clients import NO_CLIENT
from sandbox.control.reading import is_json, malformed, read_object
from sandbox.control.schemas import CERTIFICATE_REQUEST, TEXT, UPLOADED_CERTIFICATE, Schema
from sandbox.services import bundling, certificates, issuing
from sandbox.services.state import State

_OF_CLIENT = "/api/{provider}/clients/{client}/certificates"
_ALL = "/api/{provider}/certificates"
_FORMS = ("pem", "leaf", "chain", "der", "zip")
"""Without PKCS#12: that holds the private key, which never travels. The archive is one without a key."""
_MEDIA_TYPES = (bundling.PEM, bundling.DER, bundling.ZIP)
_NO_CERTIFICATE = Answer(description="There is no such provider or certificate.", schema="Error")
_NOBODY = Answer(description="There is no such provider, client or certificate.", schema="Error")


def _sign(state: State, call: ControlRequest) -> Callable[[Any], ControlResponse]:
    csr, name = _pem_and_name(call, "csr", CERTIFICATE_REQUEST)
    provider, client = call.params["provider"], call.params["client"]
    signing = issuing.begin_to_sign(state, provider, client, csr, name=name, purpose=call.query["purpose"])

    def sign_within(work: Any) -> ControlResponse:
        signed = signing(work)
        return ControlResponse(
            status=201, json=certificates.view_of_issued(signed.issued, state.clock.now()), entry=signed.entry
        )

    return sign_within


def _upload(state: State, call: ControlRequest) -> ControlResponse:
    pem, name = _pem_and_name(call, "certificate", UPLOADED_CERTIFICATE)
    provider, client = call.params["provider"], call.params["client"]
    record = issuing.upload(state, provider, client, pem, name=name, purpose=call.query["purpose"])
    return ControlResponse(status=201, json=_said(state, record))


def _revoke(state: State, call: ControlRequest) -> ControlResponse:
    provider, wanted = call.params["provider"], call.params["wanted"]
    return ControlResponse(json=_said(state, certificates.revoke(state, provider, wanted, reason=call.query["reason"])))


def _pem_and_name(call: ControlRequest, field: str, schema: Schema) -> tuple[bytes, str]:
    """From JSON, or the body as it is; a name that is missing is for the authority to refuse, with all the rest."""
    name: str = call.query["name"]
    if not is_json(call.body):
        return call.body, name
    said = read_object(call.body, schema)
    if name and "name" in said:
        raise malformed("a name in the body and one in the query", "one of them")
    return said[field].encode(), said.get("name", name)


def _list(state: State, call: ControlRequest) -> ControlResponse:
    provider, client = call.params["provider"], call.params.get("client")
    after, limit = call.query["after"], call.query["limit"]
    page = certificates.page_certificates(state, provider, client, after=after, limit=limit)
    return ControlResponse(
        json={"certificates": [_said(state, record) for record in page.certificates], "next": page.next}
    )


def _show(state: State, call: ControlRequest) -> ControlResponse:
    provider, wanted = call.params["provider"], call.params["wanted"]
    record = certificates.show_certificate(state, provider, wanted)
    return ControlResponse(json=certificates.view_with_pem(record, state.clock.now()))


def _bundle(state: State, call: ControlRequest) -> ControlResponse:
    bundle = bundling.bundle(state, call.params["provider"], call.params["wanted"], format=call.query["format"])
    return ControlResponse(data=bundle.data, media_type=bundle.media_type)


def _said(state: State, record: CertificateRecord) -> dict[str, Any]:
    return certificates.view(record, state.clock.now())


_NAMED = (
    Parameter(
        name="name",
        description="Name of the certificate, for a body that is the bare PEM.",
        schema={**TEXT, "default": ""},
    ),
    Parameter(
        name="purpose",
        description="transport, signature, ...; else the usual one of the provider.",
        schema={**TEXT, "default": ""},
    ),
)

_PAGE = (
    Parameter(
        name="after",
        description="Go on after the certificate with this id: the `next` of the answer before.",
        schema={**TEXT, "default": ""},
    ),
    Parameter(
        name="limit",
        description="At most so many.",
        schema={
            "type": "integer",
            "minimum": 1,
            "maximum": certificates.MAX_PAGE,
            "default": certificates.MAX_PAGE,
        },
    ),
)

OPERATIONS = (
    Operation(
        method="GET",
        path=_OF_CLIENT,
        name="listClientCertificates",
        summary="The certificates of a client, oldest first",
        handler=_list,
        query=_PAGE,
        answers={200: Answer(description="So many of them.", schema="Certificates"), 404: _NOBODY},
    ),
    Operation(
        method="POST",
        path=_OF_CLIENT,
        name="signCertificate",
        summary="Sign a CSR: JSON, or the bare PEM with ?name=",
        sharer=_sign,
        query=_NAMED,
        body="CertificateRequest",
        pem=True,
        answers={
            201: Answer(description="The certificate, and what differs from the CSR.", schema="Issued"),
            404: NO_CLIENT,
            422: Answer(description="Every rule that the CSR breaks.", schema="Refusals"),
        },
    ),
    Operation(
        method="POST",
        path=f"{_OF_CLIENT}/upload",
        name="uploadCertificate",
        summary="Take a certificate of the client's own: JSON, or the bare PEM with ?name=",
        handler=_upload,
        query=_NAMED,
        body="UploadedCertificate",
        pem=True,
        answers={
            201: Answer(description="It is accepted from now on.", schema="Certificate"),
            404: NO_CLIENT,
            422: Answer(description="Every rule that it breaks.", schema="Refusals"),
        },
    ),
    Operation(
        method="GET",
        path=_ALL,
        name="listCertificates",
        summary="The certificates of all clients of a provider, oldest first",
        handler=_list,
        query=_PAGE,
        answers={200: Answer(description="So many of them.", schema="Certificates"), 404: _NO_CERTIFICATE},
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
                description=(
                    "pem: certificate and issuing CA; leaf: the certificate; chain: issuing CA and the root above it; "
                    "der: the certificate in binary; zip: all of these, the CA to trust, and a page about them. "
                    "No form has the private key."
                ),
                schema={"type": "string", "enum": list(_FORMS), "default": "pem"},
            ),
        ),
        answers={200: Answer(description="The file.", media_types=_MEDIA_TYPES), 404: _NO_CERTIFICATE},
    ),
    Operation(
        method="POST",
        path=f"{_ALL}/{{wanted}}/revoke",
        name="revokeCertificate",
        summary="Refuse a certificate from now on, for good",
        handler=_revoke,
        query=(
            Parameter(
                name="reason",
                description="Why (RFC 5280 section 5.3.1).",
                schema={"type": "string", "enum": list(certificates.REVOCATION_REASONS), "default": "unspecified"},
            ),
        ),
        answers={
            200: Answer(description="The certificate as it is now.", schema="Certificate"),
            404: _NO_CERTIFICATE,
            422: Answer(description="It was revoked already.", schema="Refusals"),
        },
    ),
)
