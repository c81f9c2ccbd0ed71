"""What goes in and out of the control door as JSON Schema, each once.

Which operation uses which is the table's business.
"""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": "integer"}
TIME: Schema = {"type": "string", "format": "date-time"}
MAX_TEXT = 65_536
"""Characters of a field of a body that has no bound of its own: as much as a CSR may have."""


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def maybe(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def record(description: str, *, optional: Mapping[str, Schema] | None = None, **fields: Schema) -> Schema:
    """An object with exactly these fields."""
    return {
        "type": "object",
        "description": description,
        "properties": {**fields, **(optional or {})},
        "required": list(fields),
        "additionalProperties": False,
    }


_CLIENT: Mapping[str, Schema] = {
    "provider": TEXT,
    "id": TEXT,
    "name": TEXT,
    "created_at": TIME,
    "require_jws": {**FLAG, "description": "Whether its calls that can be signed must be."},
    "require_mtls": {**FLAG, "description": "Whether it may call only doors that ask for a client certificate."},
    "token_format": {**TEXT, "description": "Of the tokens that it is given; empty: the usual one."},
    "rate_limit": {**TEXT, "description": "How often it may call; empty: as is usual with the provider."},
    "sca": {**FLAG, "description": "Whether its users approve certain calls: strong customer authentication."},
    "check_callbacks": {
        **FLAG,
        "description": "Whether the address of a new subscription is called before the subscription is kept.",
    },
    "secret_readable": {
        **FLAG,
        "description": "Its secret is a demo client's, which env tells; else only its hash is kept, and …/secret makes "
        "a new one.",
    },
}
_CERTIFICATE: Mapping[str, Schema] = {
    "id": {**TEXT, "description": "What the provider calls it: the serial where it has no name of its own."},
    "origin": {"type": "string", "enum": ["issued", "uploaded"]},
    "serial": {**TEXT, "description": "Upper-case hexadecimal, as openssl x509 -serial prints it."},
    "provider": TEXT,
    "client": {**TEXT, "description": "Id of the client whose certificate it is."},
    "name": TEXT,
    "purpose": TEXT,
    "subject": {**TEXT, "description": "RFC 4514."},
    "status": {"type": "string", "enum": ["active", "expired", "revoked", "not_yet_valid"]},
    "not_before": TIME,
    "not_after": TIME,
    "expires_in_days": {**NUMBER, "description": "From today's date to that of its end; negative when that is over."},
    "notice": {
        **maybe(NUMBER),
        "description": "Days before its end, the step that it has reached: 28, 14, 7, 3, 1, 0; null before.",
    },
    "issued_at": TIME,
    "revoked_at": maybe(TIME),
    "reason": {**TEXT, "description": "CRLReason of RFC 5280 section 5.3.1; empty when not revoked."},
    "fingerprint_sha256": TEXT,
    "spki_sha256": TEXT,
}
_REASON: Mapping[str, Schema] = {"code": TEXT, "meaning": TEXT, "seen": TEXT, "expected": TEXT, "next": TEXT}
_ENTRY: Mapping[str, Schema] = {
    "id": TEXT,
    "at": TIME,
    "kind": {"type": "string", "enum": ["handshake", "call", "certificate", "webhook"]},
    "provider": maybe(TEXT),
    "door": TEXT,
    "client": maybe(TEXT),
    "peer": TEXT,
    "certificate": TEXT,
    "title": TEXT,
    "status": NUMBER,
    "outcome": TEXT,
    "microseconds": NUMBER,
    "stages": list_of(record("A step on the way.", name=TEXT, ok=FLAG, note=TEXT)),
    "reasons": list_of(record("Why it was refused.", **_REASON)),
}
_EXTRA: Mapping[str, Schema] = {"extra": {"type": "object", "additionalProperties": TEXT}}

_CLIENT_SETTINGS: Mapping[str, Schema] = {
    "require_jws": {**FLAG, "description": "Refuse its calls that could be signed and are not."},
    "require_mtls": {**FLAG, "description": "Refuse its calls on doors that ask for no client certificate."},
    "token_format": {**TEXT, "maxLength": 20, "description": "Of its tokens, where there are several."},
    "rate_limit": {
        **TEXT,
        "maxLength": 20,
        "description": "How often it may call: 300/minute (second, hour), off, published, or empty: as is usual with "
        "the provider. Each process of the server counts for itself.",
    },
    "sca": {**FLAG, "description": "Have its users approve certain calls: strong customer authentication."},
    "check_callbacks": {
        **FLAG,
        "description": "Call the address of a new subscription, and refuse one that does not take the test.",
    },
}
NEW_CLIENT: Schema = record(
    "A client to be. Id and secret are made unless given.",
    name={**TEXT, "maxLength": 64},
    optional={"id": {**TEXT, "maxLength": 64}, "secret": {**TEXT, "maxLength": 256}, **_CLIENT_SETTINGS},
)
CLIENT_SETTINGS: Schema = record("Settings of a client; what is not named stays.", optional=_CLIENT_SETTINGS)
CERTIFICATE_REQUEST: Schema = record(
    "A CSR and the name under which its certificate will be found.",
    csr={**TEXT, "maxLength": MAX_TEXT, "description": "PEM, its line ends written \\n."},
    optional={"name": {**TEXT, "maxLength": MAX_TEXT, "description": "Unique among the client's good certificates."}},
)
UPLOADED_CERTIFICATE: Schema = record(
    "A certificate of the client's own and the name under which it will be found.",
    certificate={**TEXT, "maxLength": MAX_TEXT, "description": "PEM, its line ends written \\n."},
    optional={"name": {**TEXT, "maxLength": MAX_TEXT, "description": "Unique among the client's good certificates."}},
)
_GIVEN_TIME: Schema = {**TEXT, "maxLength": 40}
"""ISO 8601; every form that people write, so without a format that would allow one of them."""
NEW_KEY_OPTIONS: Mapping[str, Schema] = {
    "algorithm": {
        **TEXT,
        "maxLength": 40,
        "description": "The one that it is for, such as ES512; RSA-OAEP-256 for encryption.",
    },
    "kid": {**TEXT, "maxLength": 128, "description": "Key id; with one active key it may be left out."},
    "active_from": {**_GIVEN_TIME, "description": "Refused until then. ISO 8601, UTC without a zone."},
    "expires_at": {**_GIVEN_TIME, "description": "Refused as expired from then on."},
    "delete_at": {**_GIVEN_TIME, "description": "Refused as deleted from then on."},
}
NEW_KEY: Schema = record(
    "A public key to be registered; never a private one.",
    algorithm=NEW_KEY_OPTIONS["algorithm"],
    key={**TEXT, "maxLength": MAX_TEXT, "description": "PEM, or base64 of the DER SubjectPublicKeyInfo."},
    optional={name: schema for name, schema in NEW_KEY_OPTIONS.items() if name != "algorithm"},
)
_KEY: Mapping[str, Schema] = {
    "id": TEXT,
    "provider": TEXT,
    "client": {**TEXT, "description": "Id of the client whose key it is."},
    "kid": maybe(TEXT),
    "algorithm": TEXT,
    "status": {"type": "string", "enum": ["active", "not_yet_active", "expired", "deleted"]},
    "active_from": maybe(TIME),
    "expires_at": maybe(TIME),
    "deleted_at": maybe(TIME),
    "added_at": TIME,
}
MOVE_CLOCK: Schema = record(
    "Where the clock is moved: one of the two.",
    optional={
        "by": {**TEXT, "maxLength": 100, "description": "A duration: 13months, 400d, -2h30m, 1y2mo."},
        "to": {**_GIVEN_TIME, "description": "An instant, from which it runs on. ISO 8601, UTC without a zone."},
    },
)
FREEZE_CLOCK: Schema = record(
    "Where the clock stands still; without a time, at what it shows now.",
    optional={"at": {**_GIVEN_TIME, "description": "ISO 8601, UTC without a zone."}},
)
_ANY_OBJECT: Schema = {"type": "object", "additionalProperties": True}
SEND_TEST: Schema = record(
    "What is to be tried out; {} is every active subscription, and an event that it asks for.",
    optional={
        "subscription": {**TEXT, "maxLength": 255, "description": "Id of the one that it is sent to."},
        "event": {**TEXT, "maxLength": 255},
    },
)
CONFIGURE_WEBHOOKS: Schema = record(
    "How a client is sent webhooks; what is not given stays as it was.",
    optional={
        "mtls": {**FLAG, "description": "Whether the sender shows its certificate to a server that asks for one."},
        "ca": {
            **TEXT,
            "maxLength": MAX_TEXT,
            "description": "PEM: the CA of the client's own server; empty: the system's, and the sandbox's own.",
        },
        "certificate": {
            **TEXT,
            "maxLength": MAX_TEXT,
            "description": "PEM: what the client's own CA has issued for the sender's CSR; empty: the provider's own.",
        },
    },
)
_FINDING: Schema = record("Why it failed, or what is to be said of it.", code=TEXT, seen=TEXT, expected=TEXT, next=TEXT)
_ATTEMPT: Schema = record(
    "One try to deliver.",
    number=NUMBER,
    at=TIME,
    address={**TEXT, "description": "What was connected to; empty when it did not come to that."},
    tls=TEXT,
    certificate_asked={
        **maybe(FLAG),
        "description": "Whether the receiver asked for a client certificate; null when it did not come to that.",
    },
    cas_listed=list_of(TEXT),
    certificate_shown=TEXT,
    server_certificate=TEXT,
    alert={**TEXT, "description": "The TLS alert that came."},
    alert_sent=TEXT,
    status={**NUMBER, "description": "Of HTTP; 0 when no answer came."},
    answer={**TEXT, "description": "The first characters of the answer's body."},
    milliseconds=NUMBER,
    waited={**FLAG, "description": "False: it had timed out before in the same move of the clock."},
    failed={**_FINDING, "type": ["object", "null"]},
    remarks=list_of(_FINDING),
    next_at=maybe(TIME),
)
_DELIVERY: Mapping[str, Schema] = {
    "id": {**TEXT, "description": "The same in every attempt."},
    "number": {**NUMBER, "description": "In the order in which they were queued; after= goes on from one."},
    "provider": TEXT,
    "client": {**TEXT, "description": "Id of the client that is told."},
    "subscription": TEXT,
    "event": TEXT,
    "url": TEXT,
    "mtls": FLAG,
    "status": {"type": "string", "enum": ["waiting", "delivered", "dead"]},
    "queued_at": TIME,
    "due_at": {**maybe(TIME), "description": "Of the next attempt; null when there is none."},
    "test": FLAG,
    "headers": {"type": "object", "additionalProperties": TEXT},
    "body": TEXT,
    "attempts": list_of(ref("Attempt")),
}

SCHEMAS: Mapping[str, Schema] = {
    "Health": record("It runs.", status={"type": "string", "enum": ["ok"]}, version=TEXT, authority=TEXT),
    "State": record(
        "Where the sandbox is on its own machine.",
        folder={**TEXT, "description": "What `--state` names for a command on that machine."},
        pid=NUMBER,
    ),
    "Provider": record(
        "A provider that is imitated.",
        name=TEXT,
        title=TEXT,
        doors=list_of(ref("Door")),
        ca_file_name={**TEXT, "description": "What the provider calls the file with its CA certificate."},
        sources=list_of(record("Where its facts were read.", title=TEXT, url=TEXT, read=TEXT)),
    ),
    "Door": record(
        "A listening address of a provider.",
        name=TEXT,
        url=TEXT,
        client_certificate={
            "type": "string",
            "enum": ["none", "handshake", "call"],
            "description": "Whether it asks for a client certificate, and where a bad one is refused.",
        },
        hosts={**list_of(TEXT), "description": "The provider's own host names that lead here."},
    ),
    "Providers": record("Every provider.", providers=list_of(ref("Provider"))),
    "NewClient": NEW_CLIENT,
    "ClientSettings": CLIENT_SETTINGS,
    "Client": record("A registered application, without its secret.", **_CLIENT),
    "ClientWithSecret": record(
        "A client and the secret that was just made; it is not shown again.", **_CLIENT, secret=TEXT
    ),
    "PersonalToken": record("A token that was just made; it is not shown again.", personal_token=TEXT),
    "Clients": record("Every client of a provider.", clients=list_of(ref("Client"))),
    "Environment": record(
        "What a program needs in order to be this client; of secrets, demo clients' alone.",
        variables={"type": "object", "additionalProperties": TEXT},
        secret_missing={**TEXT, "description": "The variable that its secret would be in; empty when it is there."},
        certificate_missing={**FLAG, "description": "No certificate and key of it are kept in the state."},
    ),
    "CertificateRequest": CERTIFICATE_REQUEST,
    "UploadedCertificate": UPLOADED_CERTIFICATE,
    "Change": record("What differs from the CSR.", **{"field": TEXT, "from": TEXT, "to": TEXT, "why": TEXT}),
    "Issued": record(
        "A signed certificate.",
        **_CERTIFICATE,
        certificate={**TEXT, "description": "PEM of the certificate itself."},
        chain={**TEXT, "description": "PEM of the issuing CA."},
        changed=list_of(ref("Change")),
    ),
    "Certificate": record("A certificate that was issued or uploaded.", **_CERTIFICATE),
    "CertificateWithPem": record(
        "A certificate of a client, and its PEM.",
        **_CERTIFICATE,
        certificate=TEXT,
        pem={**TEXT, "description": "The same as certificate."},
    ),
    "Certificates": record(
        "Certificates, oldest first.",
        certificates=list_of(ref("Certificate")),
        next={**maybe(TEXT), "description": "The id after which the list goes on; null where it ends."},
    ),
    "Call": record(
        "A call of the provider's that is imitated.",
        method=TEXT,
        path=TEXT,
        also={**list_of(TEXT), "description": "Other paths that lead to it."},
        login={**list_of(TEXT), "description": "How its caller may say who it is."},
        tokens={**list_of(TEXT), "description": "The kinds of tokens that it takes; empty: every kind."},
        signing={"type": "string", "enum": ["none", "optional", "required"]},
        encryption={"type": "string", "enum": ["none", "optional", "required", "direct"]},
        copied_from={**TEXT, "description": "Where it was read."},
        simplified={**TEXT, "description": "What it leaves out or does in a simpler way."},
    ),
    "Calls": record("Calls of a provider.", calls=list_of(ref("Call"))),
    "ProviderKey": record("A key of the provider's own.", algorithm=TEXT, version=NUMBER),
    "NewKey": NEW_KEY,
    "Key": record("A registered public key.", **_KEY),
    "Keys": record("Every key of a client.", keys=list_of(ref("Key"))),
    "Clock": record(
        "What the sandbox's clock shows.",
        now=TIME,
        real={**FLAG, "description": "Whether that is real time."},
        runs={**FLAG, "description": "False while it stands still."},
        ahead_seconds={**NUMBER, "description": "Of real time, at this moment; negative is behind it."},
    ),
    "MoveClock": MOVE_CLOCK,
    "FreezeClock": FREEZE_CLOCK,
    "Fields": {**_ANY_OBJECT, "description": "Fields of a row, as the provider spells them."},
    "Resource": record("A row that calls work on.", kind=TEXT, id=TEXT, body=_ANY_OBJECT),
    "Resources": record("Rows of one kind, by id.", resources=list_of(ref("Resource"))),
    "SendTest": SEND_TEST,
    "ConfigureWebhooks": CONFIGURE_WEBHOOKS,
    "WebhookSettings": record(
        "How a client is sent webhooks.",
        mtls=FLAG,
        ca={**maybe(TEXT), "description": "PEM; null: the system's CAs, and the sandbox's own."},
        certificate={**maybe(TEXT), "description": "PEM; null: the provider's own is shown."},
    ),
    "Attempt": _ATTEMPT,
    "Delivery": record("A webhook, and what came of it.", **_DELIVERY),
    "Deliveries": record("Webhooks, oldest first.", deliveries=list_of(ref("Delivery"))),
    "Entry": record("One thing that happened.", **_ENTRY, optional=_EXTRA),
    "NumberedEntry": record("An entry and its number.", number=NUMBER, **_ENTRY, optional=_EXTRA),
    "Journal": record(
        "Entries, oldest first.",
        entries=list_of(ref("NumberedEntry")),
        newest={**NUMBER, "description": "Ask again with after= this number for what happens next."},
    ),
    "Cause": record("A row of the table of refusals.", code=TEXT, layer=TEXT, meaning=TEXT, next=TEXT),
    "Causes": record("The table of refusals.", causes=list_of(ref("Cause"))),
    "Refusal": record("A broken rule.", code=TEXT, detail=TEXT, seen=TEXT, expected=TEXT, rule=TEXT, next=TEXT),
    "Refusals": record("Every broken rule.", refusals=list_of(ref("Refusal"))),
    "Error": record(
        "Why the call got nowhere.",
        error=record("The cause.", code=TEXT, detail=TEXT, next=TEXT),
    ),
    "Document": {"type": "object", "description": "An OpenAPI 3.1 document: this one."},
}
