"""Webhooks over JSON: list, show, send again, try out, configure. They are queued; the server's sender sends them."""

from sandbox.control.operation import Answer, ControlRequest, ControlResponse, Operation, Parameter
from sandbox.control.operations.clients import NO_CLIENT
from sandbox.control.reading import read_object
from sandbox.control.schemas import CONFIGURE_WEBHOOKS, FLAG, SEND_TEST, TEXT
from sandbox.services import webhooks
from sandbox.services.state import State
from sandbox.webhooks.event import Delivery

_ALL = "/api/webhooks"
_ONE = f"{_ALL}/{{delivery}}"
_OF_CLIENT = "/api/{provider}/clients/{client}/webhooks"
_NO_DELIVERY = Answer(description="There is no such delivery.", schema="Error")
_ANY = {**TEXT, "maxLength": 255, "default": ""}


def _list(state: State, call: ControlRequest) -> ControlResponse:
    query = call.query
    found = webhooks.list_deliveries(
        state,
        provider=query["provider"] or None,
        client=query["client"] or None,
        event=query["event"] or None,
        status=query["status"] or None,
        after=query["after"],
        limit=query["limit"],
    )
    return _listed(found)


def _show(state: State, call: ControlRequest) -> ControlResponse:
    return ControlResponse(json=webhooks.show_delivery(state, call.params["delivery"]).as_json())


def _resend(state: State, call: ControlRequest) -> ControlResponse:
    queued = webhooks.resend(state, call.params["delivery"], as_new=call.query["as_new"])
    return ControlResponse(status=202, json=queued.as_json())


def _send_test(state: State, call: ControlRequest) -> ControlResponse:
    said = read_object(call.body, SEND_TEST)
    queued = webhooks.send_test(
        state,
        call.params["provider"],
        call.params["client"],
        subscription=said.get("subscription", ""),
        event=said.get("event", ""),
    )
    return _listed(queued, status=202)


def _settings(state: State, call: ControlRequest) -> ControlResponse:
    return ControlResponse(json=webhooks.show_settings(state, call.params["provider"], call.params["client"]))


def _configure(state: State, call: ControlRequest) -> ControlResponse:
    said = read_object(call.body, CONFIGURE_WEBHOOKS)
    ca, certificate = (said[name].encode() if name in said else None for name in ("ca", "certificate"))
    provider, client = call.params["provider"], call.params["client"]
    webhooks.configure(state, provider, client, mtls=said.get("mtls"), ca=ca, certificate=certificate)
    return _settings(state, call)


def _certificate(state: State, call: ControlRequest) -> ControlResponse:
    made = webhooks.sender_csr if call.query["csr"] else webhooks.sender_certificate
    return ControlResponse(
        data=made(state, call.params["provider"]).encode("ascii"), media_type="application/x-pem-file"
    )


def _key(state: State, call: ControlRequest) -> ControlResponse:
    pem = webhooks.public_key(state, call.params["provider"])
    return ControlResponse(data=pem.encode("ascii"), media_type="application/x-pem-file")


def _listed(found: tuple[Delivery, ...], *, status: int = 200) -> ControlResponse:
    return ControlResponse(status=status, json={"deliveries": [one.as_json() for one in found]})


OPERATIONS = (
    Operation(
        method="GET",
        path=_ALL,
        name="listWebhooks",
        summary="What was sent to clients or is to be: the newest of those that are asked for",
        handler=_list,
        query=(
            Parameter(name="provider", description="Only of this one; empty: of all.", schema=_ANY),
            Parameter(name="client", description="Only to this one, by id; with provider, by name too.", schema=_ANY),
            Parameter(name="event", description="Only of this event.", schema=_ANY),
            Parameter(
                name="status",
                description="Only those; empty: all.",
                schema={"type": "string", "enum": ["", "waiting", "delivered", "dead"], "default": ""},
            ),
            Parameter(
                name="after",
                description="Only those that were queued later than the one with this number.",
                schema={"type": "integer", "minimum": 0, "maximum": 2**53, "default": 0},
            ),
            Parameter(
                name="limit",
                description="How many.",
                schema={"type": "integer", "minimum": 1, "maximum": 1_000, "default": 100},
            ),
        ),
        answers={200: Answer(description="Some of them.", schema="Deliveries"), 404: NO_CLIENT},
    ),
    Operation(
        method="GET",
        path=_ONE,
        name="showWebhook",
        summary="One webhook, with what happened at each attempt",
        handler=_show,
        answers={200: Answer(description="The webhook.", schema="Delivery"), 404: _NO_DELIVERY},
    ),
    Operation(
        method="POST",
        path=f"{_ONE}/resend",
        name="resendWebhook",
        summary="Queue it again, under the same id or as a new one",
        handler=_resend,
        query=(Parameter(name="as_new", description="Under an id of its own.", schema={**FLAG, "default": False}),),
        answers={202: Answer(description="As it is queued.", schema="Delivery"), 404: _NO_DELIVERY},
    ),
    Operation(
        method="POST",
        path=f"{_OF_CLIENT}/test",
        name="sendTestWebhook",
        summary="Queue a test for each active subscription of a client",
        handler=_send_test,
        body="SendTest",
        answers={202: Answer(description="As they are queued.", schema="Deliveries"), 404: NO_CLIENT},
    ),
    Operation(
        method="GET",
        path=_OF_CLIENT,
        name="showWebhookSettings",
        summary="How a client is sent webhooks",
        handler=_settings,
        answers={200: Answer(description="The settings.", schema="WebhookSettings"), 404: NO_CLIENT},
    ),
    Operation(
        method="PUT",
        path=_OF_CLIENT,
        name="configureWebhooks",
        summary="Mutual TLS on or off, the CA of its server, a certificate that its own CA has issued for the sender",
        handler=_configure,
        body="ConfigureWebhooks",
        answers={200: Answer(description="The settings.", schema="WebhookSettings"), 404: NO_CLIENT},
    ),
    Operation(
        method="GET",
        path="/api/{provider}/webhooks/certificate",
        name="webhookCertificate",
        summary="The certificate with which a provider shows itself to its clients' servers, and the CA above it",
        handler=_certificate,
        query=(Parameter(name="csr", description="A CSR for its key instead.", schema={**FLAG, "default": False}),),
        answers={
            200: Answer(description="PEM.", media_types=("application/x-pem-file",)),
            404: Answer(description="There is no such provider.", schema="Error"),
        },
    ),
    Operation(
        method="GET",
        path="/api/{provider}/webhooks/key",
        name="webhookKey",
        summary="The key by which what a provider sends is verified, where it signs with a key of its own",
        handler=_key,
        answers={
            200: Answer(description="PEM.", media_types=("application/x-pem-file",)),
            404: Answer(description="There is no such provider.", schema="Error"),
        },
    ),
)
