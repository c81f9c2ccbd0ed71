"""``GET``, ``POST`` and ``DELETE /certificates``: uploading one's own, having one made for signing, giving one up.

Source: the official description of certificates and tokens (gatekeeper 3.3.0). With which codes a certificate is
refused is not published: the sandbox answers as to every other body, and describes each detail in its own sentence.
"""

from ca.records import CertificateRecord
from sandbox.errors import Refused
from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.declare import SIGNATURE, Endpoint, Login
from sandbox.providers.nuapay.calls import CORE
from sandbox.providers.nuapay.certificate_rules import TRANSPORT
from sandbox.providers.nuapay.codes import SENTENCES
from sandbox.providers.nuapay.configuration import SPELLINGS, chosen
from sandbox.providers.nuapay.envelope import Detail, error, single
from sandbox.providers.nuapay.fields import Field, read, table
from sandbox.providers.nuapay.idempotency import idempotent
from sandbox.providers.nuapay.keeping import ID_LENGTH
from sandbox.providers.nuapay.lists import Filter, Words, listed
from sandbox.providers.nuapay.problems import DETAILS, Problem, fields_refused, not_found
from sandbox.providers.nuapay.values import choice, text

MTLS = "MTLS"
LONGEST_PEM = 16_384
"""Characters: four times what the longest certificate with a key of 4096 bits has."""
OF_STATE = ("certificate.limit_reached", "certificate.already_here", "certificate.of_other_client")
"""Refusals of a good certificate because of what is there: 422, the others are 400."""

_PEM = text(longest=LONGEST_PEM)
_REQUEST = table(
    Field(name="csr", wrong="7131", kind=_PEM, secret=True),
    Field(name="mtlsCert", wrong="7131", kind=_PEM, secret=True),
)


def create_certificate(request: Request, context: Context) -> Response:
    """Either ``mtlsCert``, which is good at the door from now on, or ``csr``, which is answered with a certificate."""
    said = read(request.payload, _REQUEST, DETAILS)
    if isinstance(said, Response):
        return said
    if len(said) != 1:
        seen = "both csr and mtlsCert" if said else "neither csr nor mtlsCert"
        problem = Problem(code="7131" if said else "7132", field="csr", seen=seen, expected="one of csr and mtlsCert")
        return fields_refused((problem,), DETAILS)
    ((field, pem),) = said.items()
    new = context.ids.base36(ID_LENGTH)
    try:
        if field == "csr":
            record = context.certificates.sign(SIGNATURE, pem.encode(), name=new, id=new)
        else:
            record = context.certificates.upload(TRANSPORT, pem.encode(), name=new, id=new)
    except Refused as refused:
        return _refused(refused, field)
    return single(f"/certificates/{record.id}", {**_data(record, context), "links": []}, status=201)


def list_certificates(request: Request, context: Context) -> Response:
    """A page of them, the newest first; deleted ones too."""
    bodies = [_data(record, context) for record in reversed(context.certificates.all())]
    return listed(request, "/certificates", bodies, (_TYPE,), words=_WORDS)


def delete_certificate(request: Request, context: Context) -> Response:
    """200 and an empty body; it "cannot be undone". A second time is a 404, which is the sandbox's choice."""
    wanted = request.params["certificateId"]
    try:
        context.certificates.revoke(wanted)
    except Refused:
        return not_found("certificate", wanted)
    return Response(status=200)


def _data(record: CertificateRecord, context: Context) -> Body:
    spelling = chosen(context.resources, "typeSpelling")
    return {
        "id": record.id,
        "status": "DELETED" if record.revoked_at is not None else "ACTIVE",
        "type": MTLS if record.purpose == TRANSPORT else spelling,
        "uri": f"/certificates/{record.id}",
        "issueDate": f"{record.not_before:%Y-%m-%d}",
        "expiryDate": f"{record.not_after:%Y-%m-%d}",
        "cert": record.pem.rstrip(),
    }


def _refused(refused: Refused, field: str) -> Response:
    details = [Detail(code="7131", field=field, description=refusal.detail) for refusal in refused.refusals]
    status, code = (422, "9999") if refused.code in OF_STATE else (400, "8888")
    return error(status, code, SENTENCES[code], details, reasons=refused.reasons)


def _of_type(body: Body, wanted: str) -> bool:
    """Both spellings of the one type are taken, whichever the organisation is shown."""
    return (body["type"] == MTLS) is (wanted == MTLS)


_TYPE = Filter(name="type", wrong="7131", kind=choice(MTLS, *SPELLINGS), fits=_of_type)
_WORDS = Words(manner=DETAILS)
_LOGIN: tuple[Login, ...] = ("key", "bearer")
_READ, _WRITE = ("pki_certificates", "pki_certificates_read"), ("pki_certificates",)

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/certificates",
        handler=list_certificates,
        work="read",
        login=_LOGIN,
        scopes=_READ,
        errors=CORE,
    ),
    Endpoint(
        method="POST",
        path="/certificates",
        handler=idempotent(create_certificate),
        work="write",
        login=_LOGIN,
        scopes=_WRITE,
        signing="optional",
        accepts=("application/json",),
        errors=CORE,
    ),
    Endpoint(
        method="DELETE",
        path="/certificates/{certificateId}",
        handler=delete_certificate,
        work="write",
        login=_LOGIN,
        scopes=_WRITE,
        errors=CORE,
    ),
)
