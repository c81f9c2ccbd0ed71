"""Clients over JSON: add, list, show, change, reset, remove, environment."""

from typing import Any

from ca.clock import write_time
from sandbox.control.operation import Answer, ControlRequest, ControlResponse, Operation, Parameter
from sandbox.control.reading import read_object
from sandbox.control.schemas import CLIENT_SETTINGS, FLAG, NEW_CLIENT
from sandbox.oauth.clients import ClientRecord
from sandbox.services import clients, environment
from sandbox.services.clients import ClientWithSecret
from sandbox.services.state import State

_ALL = "/api/{provider}/clients"
_ONE = "/api/{provider}/clients/{client}"
NO_PROVIDER = Answer(description="There is no such provider.", schema="Error")
NO_CLIENT = Answer(description="There is no such provider or client.", schema="Error")


def _list(state: State, call: ControlRequest) -> ControlResponse:
    found = clients.list_clients(state, call.params["provider"])
    return ControlResponse(json={"clients": [_said(client) for client in found]})


def _add(state: State, call: ControlRequest) -> ControlResponse:
    said = read_object(call.body, NEW_CLIENT)
    made = clients.add_client(
        state,
        call.params["provider"],
        said["name"],
        id=said.get("id", ""),
        secret=said.get("secret", ""),
        require_jws=said.get("require_jws", False),
        require_mtls=said.get("require_mtls", False),
        token_format=said.get("token_format", ""),
        rate_limit=said.get("rate_limit", ""),
        sca=said.get("sca", False),
        check_callbacks=said.get("check_callbacks", False),
    )
    return _shown(made)


def _show(state: State, call: ControlRequest) -> ControlResponse:
    return ControlResponse(json=_said(clients.show_client(state, call.params["provider"], call.params["client"])))


def _set(state: State, call: ControlRequest) -> ControlResponse:
    said = read_object(call.body, CLIENT_SETTINGS)
    return ControlResponse(
        json=_said(clients.set_client(state, call.params["provider"], call.params["client"], **said))
    )


def _new_personal_token(state: State, call: ControlRequest) -> ControlResponse:
    """The token, the one time that it is shown."""
    made = clients.new_personal_token(state, call.params["provider"], call.params["client"])
    return ControlResponse(status=201, json={"personal_token": made})


def _new_secret(state: State, call: ControlRequest) -> ControlResponse:
    return _shown(clients.new_secret(state, call.params["provider"], call.params["client"]))


def _remove(state: State, call: ControlRequest) -> ControlResponse:
    return ControlResponse(json=_said(clients.remove_client(state, call.params["provider"], call.params["client"])))


def _reset(state: State, call: ControlRequest) -> ControlResponse:
    provider, client = call.params["provider"], call.params["client"]
    return ControlResponse(
        json=_said(clients.reset_client(state, provider, client, everything=call.query["everything"]))
    )


def _environment(state: State, call: ControlRequest) -> ControlResponse:
    found = environment.client_environment(state, call.params["provider"], call.params["client"])
    return ControlResponse(
        json={
            "variables": found.variables,
            "secret_missing": found.secret_missing,
            "certificate_missing": found.certificate_missing,
        }
    )


def _shown(made: ClientWithSecret) -> ControlResponse:
    """The client with its secret, the one time that this is shown."""
    return ControlResponse(status=201, json={**_said(made.client), "secret": made.secret})


def _said(client: ClientRecord) -> dict[str, Any]:
    """A client as JSON types, without its secret."""
    return {
        "provider": client.provider,
        "id": client.id,
        "name": client.name,
        "created_at": write_time(client.created_at),
        "require_jws": client.require_jws,
        "require_mtls": client.require_mtls,
        "token_format": client.token_format,
        "rate_limit": client.rate_limit,
        "sca": client.sca,
        "check_callbacks": client.check_callbacks,
        "secret_readable": client.secret.readable is not None,
    }


OPERATIONS = (
    Operation(
        method="GET",
        path=_ALL,
        name="listClients",
        summary="The clients of a provider",
        handler=_list,
        answers={200: Answer(description="All of them.", schema="Clients"), 404: NO_PROVIDER},
    ),
    Operation(
        method="POST",
        path=_ALL,
        name="addClient",
        summary="Register a client",
        handler=_add,
        body="NewClient",
        answers={
            201: Answer(description="The client.", schema="ClientWithSecret"),
            404: NO_PROVIDER,
            409: Answer(description="Another client has that name, id or API key.", schema="Error"),
        },
    ),
    Operation(
        method="GET",
        path=_ONE,
        name="showClient",
        summary="One client",
        handler=_show,
        answers={200: Answer(description="The client.", schema="Client"), 404: NO_CLIENT},
    ),
    Operation(
        method="PATCH",
        path=_ONE,
        name="setClient",
        summary="Change settings of a client, from the next call on; what is not named stays",
        handler=_set,
        body="ClientSettings",
        answers={200: Answer(description="The client.", schema="Client"), 404: NO_CLIENT},
    ),
    Operation(
        method="DELETE",
        path=_ONE,
        name="removeClient",
        summary="Remove a client; its certificates and tokens are refused from now on",
        handler=_remove,
        answers={200: Answer(description="The client as it was.", schema="Client"), 404: NO_CLIENT},
    ),
    Operation(
        method="POST",
        path=f"{_ONE}/reset",
        name="resetClient",
        summary="Its rows are again those that it starts with, a seed file's among them; all else stays",
        handler=_reset,
        query=(
            Parameter(
                name="everything",
                description="Release its certificates, forget its tokens and keys as well; id and secret stay.",
                schema={**FLAG, "default": False},
            ),
        ),
        answers={200: Answer(description="The client.", schema="Client"), 404: NO_CLIENT},
    ),
    Operation(
        method="POST",
        path=f"{_ONE}/secret",
        name="newSecret",
        summary="A new secret, shown once; the one before is refused from now on, tokens stay good",
        handler=_new_secret,
        answers={201: Answer(description="The client and its secret.", schema="ClientWithSecret"), 404: NO_CLIENT},
    ),
    Operation(
        method="POST",
        path=f"{_ONE}/personal-tokens",
        name="newPersonalToken",
        summary="A token that does not expire, for a person's own programs, shown once",
        handler=_new_personal_token,
        answers={201: Answer(description="The token.", schema="PersonalToken"), 404: NO_CLIENT},
    ),
    Operation(
        method="GET",
        path=f"{_ONE}/env",
        name="clientEnvironment",
        summary="URLs, id, a demo client's secret and file paths as environment variables",
        handler=_environment,
        answers={200: Answer(description="The variables.", schema="Environment"), 404: NO_CLIENT},
    ),
)
