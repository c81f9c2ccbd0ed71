"""``GET``, ``POST`` and ``DELETE /certificates``: uploading one's own, having one made for signing, giving one up.

Source: the official description of certificates and tokens (gatekeeper 3.3.0). With which codes a certificate is
refused is not published: the sandbox answers as to every other body, and describes each detail in its own sentence.
"""

from ca.records import CertificateRecord
from sandbox.errors import Refused
from sandbox.providers.context import Body, Context, ReadContext, Request, Response, Row
from sandbox.providers.declare import SIGNATURE
from sandbox.providers.kit.calls import action, look
from sandbox.providers.kit.fields import Field, read, table
from sandbox.providers.kit.lists import Filter, Listing, found_in
from sandbox.providers.kit.making import Identity
from sandbox.providers.kit.problems import Problem, refuse_absent, refuse_fields
from sandbox.providers.kit.resource import Resource, Seed
from sandbox.providers.kit.values import choice, text
from sandbox.providers.nuapay.certificate_rules import CERTIFICATES, CHOICES, CONFIGURATION, TRANSPORT, chosen
from sandbox.providers.nuapay.errors import SENTENCES, detail, told
from sandbox.providers.nuapay.style import DETAILS, ID, QUERY_PAGES, collection, core, single

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
    given = read(request.payload, _REQUEST)
    if len(given) != 1:
        seen, code = ("both csr and mtlsCert", "7131") if given else ("neither csr nor mtlsCert", "7132")
        refuse_fields(Problem(code=code, field="csr", seen=seen, expected="one of csr and mtlsCert"))
    ((field, pem),) = given.items()
    new = ID.new(context, "certificate")
    try:
        if field == "csr":
            record = context.certificates.sign(SIGNATURE, pem.encode(), name=new, id=new)
        else:
            record = context.certificates.upload(TRANSPORT, pem.encode(), name=new, id=new)
    except Refused as refused:
        return _refused(refused, field)
    return single(f"/certificates/{record.id}", {**_data(record, context), "links": []}, status=201)


def list_certificates(request: Request, context: ReadContext) -> Response:
    """A page of them, the newest first; deleted ones too."""
    asked = _ASKS.asked(request, ())
    bodies = (_data(record, context) for record in reversed(context.certificates.all()))
    rows = (Row(kind="certificate", id=body["id"], body=body) for body in bodies)
    found = found_in(rows, _keys, asked.where, start=asked.start, size=asked.size)
    data = [row.body for row in found.rows]
    return Response(status=200, json=collection("/certificates", data, asked.page(found.total)))


def delete_certificate(request: Request, context: Context) -> Response:
    """200 and an empty body; it "cannot be undone". A second time is a 404, which is the sandbox's choice."""
    wanted = request.params["certificateId"]
    try:
        context.certificates.revoke(wanted)
    except Refused:
        refuse_absent("certificate", wanted)
    return Response(status=200)


def _data(record: CertificateRecord, context: ReadContext) -> Body:
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
    details = [detail("7131", field, refusal.detail) for refusal in refused.reasons]
    status, code = (422, "9999") if refused.code in OF_STATE else (400, "8888")
    return Response(status=status, json=told(code, SENTENCES[code], details), reasons=refused.reasons)


def _keys(body: Body) -> list[tuple[str, str]]:
    """Both spellings of the one type are taken, whichever the organisation is shown."""
    spellings = (MTLS,) if body["type"] == MTLS else CHOICES["typeSpelling"]
    return [("type", spelling) for spelling in spellings]


CHOSEN = Resource(
    kind=CONFIGURATION,
    id=Identity(new=lambda *_: CERTIFICATES, kind=choice(CERTIFICATES)),
    ordered=False,
    fields=tuple(Field(name=name, kind=choice(*allowed)) for name, allowed in CHOICES.items()),
    seeds=tuple(Seed(name=name, default=allowed[0]) for name, allowed in CHOICES.items()),
)
"""What an organisation may choose of the sandbox."""
_ASKS = Listing(
    filters=(Filter(name="type", wrong="7131", kind=choice(MTLS, *CHOICES["typeSpelling"])),), paging=QUERY_PAGES
)
_ALL, _STYLE = "/certificates", core(DETAILS)
_READ, _WRITE = ("pki_certificates", "pki_certificates_read"), ("pki_certificates",)

ENDPOINTS = (
    look(_ALL, list_certificates, _STYLE, scopes=_READ),
    action("POST", _ALL, create_certificate, _STYLE, scopes=_WRITE),
    action("DELETE", f"{_ALL}/{{certificateId}}", delete_certificate, _STYLE, scopes=_WRITE, body=False),
)
