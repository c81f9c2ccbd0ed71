import re

import pytest

from sandbox.body import MAX_BODY
from sandbox.control.openapi import document, statuses
from sandbox.control.operations import OPERATIONS
from tests.live.certificates import make

HOST = ("host", "127.0.0.1:8440")
TOKEN = "token"
DOCUMENT = document(OPERATIONS, "1")
BASICS = {"type", "description", "properties", "required", "additionalProperties", "items", "enum", "format", "$ref"}
BASICS |= {"minimum", "maximum", "minLength", "maxLength", "default"}


def refs(node):
    if isinstance(node, dict):
        yield from ([node["$ref"]] if "$ref" in node else [])
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from refs(child)


def check(value, schema, where="answer") -> None:
    """As much of JSON Schema as our schemas use."""
    if "$ref" in schema:
        return check(value, DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]], where)
    assert schema.keys() <= BASICS, f"{where}: this test does not know {schema.keys() - BASICS}"
    kinds = {"string": str, "boolean": bool, "integer": int, "object": dict, "array": list, "null": type(None)}
    named = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert type(value) in [kinds[name] for name in named], f"{where} is {value!r}"
    assert value in schema.get("enum", [value]), f"{where} is {value!r}"
    if schema.get("format") == "date-time" and value is not None:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", value), where
    if isinstance(value, dict) and "properties" in schema:
        assert set(schema["required"]) <= value.keys() <= schema["properties"].keys(), where
        for name, child in value.items():
            check(child, schema["properties"][name], f"{where}.{name}")
    for child in value if isinstance(value, list) else ():
        check(child, schema["items"], f"{where}[]")
    return None


def documented(operation):
    return DOCUMENT["paths"][operation.path][operation.method.lower()]


def fits(operation, answer) -> int:
    """The status of the answer, which is one that the document has, in the form that the document gives it."""
    said = documented(operation)["responses"]
    assert str(answer.status) in said, f"{operation.name} answered {answer.status}: {answer.body[:200]!r}"
    content = said[str(answer.status)]["content"]
    media_type = answer.headers["content-type"]
    assert media_type in content, f"{operation.name} {answer.status}"
    if "schema" in content[media_type]:
        check(answer.json, content[media_type]["schema"], operation.name)
    return answer.status


def target(operation, **names) -> str:
    known = {"provider": "wise", "client": "demo", "wanted": "laptop", "code": "tls.not_tls", "id": "0" * 16}
    known |= {"algorithm": "ES512", "key": "old", "kind": "transfer", "row": "12345", "delivery": "none"}
    # Who signs CSRs takes no certificates, and sends no webhooks.
    if operation.name == "uploadCertificate" or operation.name.lower().partition("webhook")[1]:
        known["provider"] = "nuapay"
    if operation.name == "webhookKey":  # the one that signs with a key of its own
        known["provider"] = "wise"
    return operation.path.format(**{**known, **names})


def test_the_document_is_openapi_3_1(door) -> None:
    """It is served, and has what the specification asks for."""
    served = door.get("/openapi.json").json
    assert served["openapi"] == "3.1.0" and served["info"].keys() >= {"title", "version"}
    assert served["paths"].keys() == DOCUMENT["paths"].keys()


def test_every_operation_is_in_the_document_once() -> None:
    """Routes and document come of one table; names are unique, as OpenAPI wants them."""
    listed = [(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods]
    assert sorted(listed) == sorted((operation.method, operation.path) for operation in OPERATIONS)
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)


def test_every_reference_resolves_and_every_schema_is_used() -> None:
    """No $ref into the void, and nothing left over."""
    schemas = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert set(refs(DOCUMENT)) == schemas


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_documents_its_parameters(operation) -> None:
    """What stands in braces is a path parameter; what the reader of queries knows, a query parameter with a default."""
    parameters = documented(operation)["parameters"]
    in_path = [each["name"] for each in parameters if each["in"] == "path"]
    assert in_path == re.findall(r"\{(\w+)\}", operation.path)
    assert all(each["required"] is True for each in parameters if each["in"] == "path")
    assert all("default" in each["schema"] for each in parameters if each["in"] == "query")
    assert ("requestBody" in documented(operation)) is bool(operation.body)


@pytest.fixture
def meet(door, door_with, csr, public_key):
    """For each status, the call of an operation that meets it."""
    open_door = door_with(control_bind=("0.0.0.0",), control_token=TOKEN)
    slow_door = door_with(handshake_seconds=0.05)
    stuck = [{"type": "http.request", "body": b"{", "more_body": True}]
    unjudged = {"signCertificate": "name=x", "uploadCertificate": "name=x", "addKey": "algorithm=ES256"}
    large = (HOST, ("content-length", str(MAX_BODY + 1)))
    good = {
        "addClient": {"name": "acme"},
        "setClient": {"rate_limit": "off"},
        "signCertificate": {"name": "second", "csr": csr.decode()},
        "uploadCertificate": {"name": "own", "certificate": make("own").pem().decode()},
        "addKey": {"algorithm": "ES256", "key": public_key, "kid": "new"},
        "putResource": {"sourceValue": 10},
        "moveClock": {"by": "13months"},
        "freezeClock": {},
        "sendTestWebhook": {},
        "configureWebhooks": {"mtls": True},
    }
    lost = {"provider": "nobody", "wanted": "x", "code": "x", "delivery": "x"}
    door.call("PUT", "/api/nuapay/clients/demo/resources/webhook/0123456789", {"targetUrl": "https://localhost:1/"})
    queued = door.post("/api/nuapay/clients/demo/webhooks/test", {}).json["deliveries"][0]["id"]
    door.post("/api/wise/clients/demo/keys", {**good["addKey"], "kid": "old"})
    door.post("/api/wise/clients/demo/certificates?name=laptop", csr)
    (entry,) = door.get("/api/journal").json["entries"]

    def done(operation):
        return door.call(
            operation.method, target(operation, id=entry["id"], delivery=queued), good.get(operation.name, b"")
        )

    def broken(operation):
        if operation.name == "revokeCertificate":  # the rule that it can break is that it was done already
            done(operation)
            return done(operation)
        return door.call(operation.method, f"{target(operation)}?{unjudged[operation.name]}", b"junk")

    def not_there(operation):
        views = {
            "readJournal": "?client=nobody",
            "listWebhooks": "?provider=nuapay&client=nobody",
            "rootCertificate": "?production=true",
        }
        view = views.get(operation.name, "")
        return door.call(operation.method, target(operation, **lost) + view, good.get(operation.name, b""))

    return {
        200: done,
        201: done,
        202: done,
        400: lambda op: door.call(op.method, f"{target(op)}?unknown=1"),
        401: lambda op: open_door.call(op.method, target(op), headers=[("host", "h")]),
        403: lambda op: door.call(op.method, target(op), headers=[("host", "attacker.example")]),
        404: not_there,
        409: lambda operation: door.call(operation.method, target(operation), {"name": "demo"}),
        408: lambda op: slow_door.call(op.method, target(op), pieces=stuck),
        413: lambda op: door.call(op.method, target(op), headers=large),
        422: broken,
    }


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_documented_status_occurs_in_its_documented_form(operation, meet) -> None:
    """A status that nothing can cause would be a lie, and so would a field that is not there."""
    for status in statuses(operation):
        assert fits(operation, meet[status](operation)) == status


def test_the_checker_of_this_file_can_say_no() -> None:
    """Negative control: a missing field, a field too many and a wrong type are found."""
    good = {"status": "ok", "version": "1", "authority": "ab"}
    check(good, {"$ref": "#/components/schemas/Health"})
    spoiled = ({**good, "more": "1"}, {**good, "version": 1}, {**good, "status": "no"})
    for bad in ({"status": "ok", "version": "1"}, *spoiled, [good]):
        with pytest.raises(AssertionError):
            check(bad, {"$ref": "#/components/schemas/Health"})
