"""The sandbox itself over JSON: its health, its providers, its causes, the roots and CRLs of its authority."""

import os
from functools import cache
from typing import Any

from sandbox.control.operation import Answer, ControlRequest, ControlResponse, Operation, Parameter
from sandbox.control.schemas import TEXT
from sandbox.journal.causes import CAUSES, Cause, explain
from sandbox.providers import PROVIDERS
from sandbox.providers.declare import Provider
from sandbox.services.authority import DEFAULT_PASSWORD, FORMATS, ca_certificate, client_crls
from sandbox.services.doors import authority_mark, door_urls
from sandbox.services.providers import list_calls
from sandbox.services.state import State


@cache
def version() -> str:
    """The installed version; a tree that was never installed has none."""
    # Here and not above: it costs 20 ms, which the start need not wait for.
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("sandbank")
    except PackageNotFoundError:
        return "not installed"


def _health(state: State, call: ControlRequest) -> ControlResponse:
    return ControlResponse(json={"status": "ok", "version": version(), "authority": authority_mark(state)})


def _state(state: State, call: ControlRequest) -> ControlResponse:
    return ControlResponse(json={"folder": str(state.folder.path), "pid": os.getpid()})


def _providers(state: State, call: ControlRequest) -> ControlResponse:
    with state.store.read() as work:
        return ControlResponse(json={"providers": [_provider(each, door_urls(work, each)) for each in PROVIDERS]})


def _provider(provider: Provider, urls: dict[str, str]) -> dict[str, Any]:
    return {
        "name": provider.name,
        "title": provider.title,
        "doors": [
            {
                "name": door.name,
                "url": urls[door.name],
                "client_certificate": door.client_certificate,
                "hosts": list(door.hosts),
            }
            for door in provider.doors
        ],
        "ca_file_name": provider.ca_file_name,
        "sources": [{"title": each.title, "url": each.url, "read": each.read} for each in provider.sources],
    }


def _calls(state: State, call: ControlRequest) -> ControlResponse:
    return ControlResponse(json={"calls": list(list_calls(call.params["provider"], call.query["match"]))})


OPERATIONS = (
    Operation(
        method="GET",
        path="/health",
        name="health",
        summary="Whether it runs",
        handler=_health,
        open=True,
        answers={200: Answer(description="It does.", schema="Health")},
    ),
    Operation(
        method="GET",
        path="/api/state",
        name="whereItIs",
        summary="The folder of the state, and the process that serves it",
        handler=_state,
        answers={200: Answer(description="Both.", schema="State")},
    ),
    Operation(
        method="GET",
        path="/api/providers",
        name="listProviders",
        summary="The providers that are imitated, and their doors",
        handler=_providers,
        answers={200: Answer(description="All of them.", schema="Providers")},
    ),
    Operation(
        method="GET",
        path="/api/{provider}/calls",
        name="listCalls",
        summary="The calls of a provider that are imitated, their sources, and what they leave out",
        handler=_calls,
        query=(
            Parameter(
                name="match",
                description="Only those whose method and path contain this.",
                schema={**TEXT, "maxLength": 200, "default": ""},
            ),
        ),
        answers={
            200: Answer(description="The calls.", schema="Calls"),
            404: Answer(description="There is no such provider.", schema="Error"),
        },
    ),
)


def _list(state: State, call: ControlRequest) -> ControlResponse:
    return ControlResponse(json={"causes": [_said(cause) for cause in CAUSES.values()]})


def _explain(state: State, call: ControlRequest) -> ControlResponse:
    return ControlResponse(json=_said(explain(call.params["code"])))


def _said(cause: Cause) -> dict[str, str]:
    return {"code": cause.code, "layer": cause.layer, "meaning": cause.meaning, "next": cause.next}


CAUSE_OPERATIONS = (
    Operation(
        method="GET",
        path="/api/causes",
        name="listCauses",
        summary="Every cause of a refusal",
        handler=_list,
        answers={200: Answer(description="The table.", schema="Causes")},
    ),
    Operation(
        method="GET",
        path="/api/causes/{code}",
        name="explainCause",
        summary="What a cause means, and what to do",
        handler=_explain,
        answers={
            200: Answer(description="The row.", schema="Cause"),
            404: Answer(description="There is no such cause; the nearest are named.", schema="Error"),
        },
    ),
)


_MEDIA_TYPES = {"pem": "application/x-pem-file", "der": "application/pkix-cert", "p12": "application/x-pkcs12"}


def _root(state: State, call: ControlRequest) -> ControlResponse:
    form: str = call.query["format"]
    data = ca_certificate(
        state,
        clients=call.query["clients"],
        webhooks=call.query["webhooks"],
        production=call.query["production"],
        format=form,
        password=call.query["password"],
    )
    return ControlResponse(data=data, media_type=_MEDIA_TYPES[form])


def _crls(state: State, call: ControlRequest) -> ControlResponse:
    return ControlResponse(data=client_crls(state), media_type=_MEDIA_TYPES["pem"])


AUTHORITY_OPERATIONS = (
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
                name="webhooks",
                description="What a receiver of webhooks trusts instead: the CA above the senders' certificates.",
                schema={"type": "boolean", "default": False},
            ),
            Parameter(
                name="production",
                description="The root above the providers' live host names (serve --production-names) instead.",
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
        answers={
            200: Answer(description="The file.", media_types=tuple(_MEDIA_TYPES.values())),
            404: Answer(description="Nobody asked for the root above the live host names.", schema="Error"),
        },
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
