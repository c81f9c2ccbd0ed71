"""The roots of the authority and its CRLs over HTTP, as the files in which people want them."""

from sandbox.control.operation import Answer, Call, Operation, Parameter, Reply
from sandbox.control.schemas import TEXT
from sandbox.errands.authority import DEFAULT_PASSWORD, FORMATS, ca_certificate
from sandbox.errands.revocation import client_crls
from sandbox.errands.state import State

_MEDIA_TYPES = {"pem": "application/x-pem-file", "der": "application/pkix-cert", "p12": "application/x-pkcs12"}


def _root(state: State, call: Call) -> Reply:
    form: str = call.query["format"]
    data = ca_certificate(state, clients=call.query["clients"], format=form, password=call.query["password"])
    return Reply(data=data, media_type=_MEDIA_TYPES[form])


def _crls(state: State, call: Call) -> Reply:
    return Reply(data=client_crls(state), media_type=_MEDIA_TYPES["pem"])


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/ca",
        name="rootCertificate",
        summary="The root certificate to trust",
        handler=_root,
        query=(
            Parameter(
                name="clients",
                description="The root above the clients' certificates instead.",
                schema={"type": "boolean", "default": False},
            ),
            Parameter(
                name="format",
                description="pem, der, or p12: a trust store that Java reads.",
                schema={"type": "string", "enum": list(FORMATS), "default": "pem"},
            ),
            Parameter(
                name="password",
                description="Of the p12, which holds nothing secret: Java's trust stores want one.",
                # PKCS#12 has no empty password that all programs agree on (RFC 7292 appendix B.1).
                schema={**TEXT, "minLength": 1, "maxLength": 256, "default": DEFAULT_PASSWORD},
            ),
        ),
        answers={200: Answer(description="The file.", media_types=tuple(_MEDIA_TYPES.values()))},
    ),
    Operation(
        method="GET",
        path="/api/ca/crls",
        name="clientCrls",
        summary="Which clients' certificates are revoked",
        handler=_crls,
        answers={
            200: Answer(
                description="PEM: the CRLs of the root above the clients and of each provider's issuing CA.",
                media_types=(_MEDIA_TYPES["pem"],),
            )
        },
    ),
)
