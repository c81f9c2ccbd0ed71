"""The causes above TLS: HTTP, routes, tokens, binding, bodies, a provider's own rules, faults of ours."""

_TOKEN = (
    "call the token endpoint with the client's id and secret (curl -u ID:SECRET -d grant_type=client_credentials); "
    "sandbank client env demo prints them, or says how to get a new secret, and the doors' URLs"
)

_POINTERS = (
    "use the URLs that are in the certificate: "
    "openssl x509 -in CERTIFICATE.pem -noout -ext crlDistributionPoints,authorityInfoAccess"
)

CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        "http.head_malformed",
        "The request line or a header is not HTTP.",
        (
            "take what was seen out of the value: tr -d '\\r' takes a Windows line end off; or let an HTTP library "
            "write the call; curl -v shows what a good one looks like"
        ),
    ),
    (
        "http.header_malformed",
        "One header of the call breaks the rules of HTTP/2. The call was refused; others of its connection go on.",
        "mend the header that was seen: lower-case name, no line end or other control character, no Connection header",
    ),
    (
        "http.head_too_large",
        "Request line and headers together are over 64 KiB.",
        "send fewer or shorter headers; a growing cookie or a token pasted twice is the usual reason",
    ),
    (
        "http.head_slow",
        "The request's head was not complete within the door's time limit.",
        "send request line and headers at once",
    ),
    (
        "http.protocol_error",
        "The client broke the rules of HTTP/2.",
        "try curl --http1.1; if it works, HTTP/2 is broken",
    ),
    (
        "http.control_flood",
        "Too many HTTP/2 frames that carry no call (SETTINGS, PING, RST_STREAM). The connection was closed.",
        "keep one connection and let calls end; try curl --http1.1; a fuzzer or a broken HTTP/2 library does this",
    ),
    (
        "http.answer_not_taken",
        "The client took nothing of an answer for the door's time limit; its connection was closed.",
        "read answers to their end, or close the connection; over HTTP/2 send WINDOW_UPDATE as you read",
    ),
    (
        "http.app_failed",
        "The sandbox had a fault of its own while it answered; the connection was closed.",
        "please report it, with what the client had sent",
    ),
    (
        "http.no_descriptors",
        "The process has reached its limit of open files and connections. Open connections go on; new ones wait.",
        "close connections that nobody uses, or start the server with a higher limit (ulimit -n)",
    ),
    (
        "http.host_not_allowed",
        "The control door answers only to its own address, so that no web page can reach it by DNS rebinding.",
        "call it as http://127.0.0.1:PORT or http://localhost:PORT",
    ),
    (
        "http.origin_not_allowed",
        "A web page of another origin tried to use the control door.",
        "call the control API from a program, or from the pages of the control door itself",
    ),
    (
        "http.control_token",
        "The control door listens beyond loopback, so each call needs its token.",
        "send Authorization: Bearer with the token given as --control-token",
    ),
    (
        "http.call_malformed",
        "The control API could not read the call: not JSON, or a field is missing or of the wrong kind.",
        "GET /openapi.json describes every call",
    ),
    (
        "http.not_published",
        "The authority's door has nothing at this path. It serves CRLs, OCSP and the certificates of its CAs.",
        _POINTERS,
    ),
    (
        "http.no_such_authority",
        "No CA here has that name, or its key was destroyed and it signs no CRL, or it has no OCSP responder.",
        _POINTERS,
    ),
    (
        "route.not_imitated",
        "The provider may have this path; the sandbox does not imitate it.",
        "compare with the nearest path that is imitated; all of them are listed by: sandbank calls",
    ),
    (
        "route.method_not_allowed",
        "The path is imitated, but not with this method.",
        "use the method that was expected",
    ),
    (
        "route.other_door",
        "The path is imitated, but the provider serves it at another host, which is another door here.",
        "call the door that was expected; the URL of each is printed by: sandbank client env demo",
    ),
    (
        "token.missing",
        "The call carries no Authorization header with a bearer token (RFC 6750 section 2.1).",
        f"fetch a token, then send 'Authorization: Bearer TOKEN': {_TOKEN}",
    ),
    (
        "token.scheme_wrong",
        "The Authorization header does not use the scheme that the endpoint asks for.",
        "send 'Authorization: Bearer TOKEN' to the API, and Basic credentials only to the token endpoint",
    ),
    (
        "token.unknown",
        "No such token was issued here, or its client has been removed or reset since.",
        f"fetch a new token: {_TOKEN}",
    ),
    (
        "token.revoked",
        "The token was revoked.",
        f"fetch a new token: {_TOKEN}",
    ),
    (
        "token.scope_missing",
        "The token is valid, but it has none of the scopes that this call asks for.",
        "ask for a token with one of the scopes that were expected",
    ),
    (
        "token.kind_wrong",
        "The token is valid, but this call does not take its kind at this door.",
        "use a token of a kind that was expected; a personal one: sandbank client token demo",
    ),
    (
        "token.other_resource",
        "The token is for one resource, and the call names another.",
        "use it in calls whose path names its resource, or ask for a token without this limit",
    ),
    (
        "token.key_unknown",
        "No client of this provider has that API key.",
        "sandbank client env demo prints the client's API key, or says how to get a new one",
    ),
    ("token.expired", "The token has expired by the sandbox's clock.", f"fetch a new token: {_TOKEN}"),
    (
        "token.credentials_missing",
        "The call needs the client's id and secret, and one of them is missing.",
        "send both as it was expected (Basic is curl -u ID:SECRET); the demo client's: sandbank client env demo",
    ),
    (
        "token.credentials_malformed",
        "The Basic credentials are not base64 of id:secret (RFC 7617 section 2).",
        "let the HTTP library build the header; with curl: -u ID:SECRET",
    ),
    (
        "token.client_unknown",
        "No client of this provider has that id.",
        (
            "the ids are listed by: sandbank client list; a client with a chosen id is made by: "
            "sandbank client add acme --id acme-1"
        ),
    ),
    (
        "token.secret_wrong",
        "The client exists, but this is not its secret.",
        "sandbank client env demo prints the client's id and secret, or says how to get a new one",
    ),
    (
        "token.too_many_guesses",
        "Too many secrets are waiting to be checked, so this one was not checked.",
        "send the call again in a few seconds; who sends so many wrong secrets: sandbank journal --refused",
    ),
    (
        "token.grant_missing",
        "The token request names no grant type.",
        "send the form field grant_type=client_credentials as application/x-www-form-urlencoded (curl -d)",
    ),
    (
        "token.grant_unknown",
        "The sandbox gives no tokens for this grant type.",
        "send a grant_type that was expected",
    ),
    (
        "token.grant_refused",
        "The code, refresh token or registration code is unknown, used, expired or another client's (RFC 6749, 5.2).",
        "have the user allow it again, or sign up again; a code works once, within half an hour, for one address",
    ),
    (
        "token.form_malformed",
        "The token request does not match its Content-Type, or has a field twice (RFC 6749 section 3.2).",
        "send each field once, as application/x-www-form-urlencoded (curl -d) or as the provider's page shows",
    ),
    (
        "certificate.missing",
        "The door asks for a client certificate, and the connection came without one.",
        "pass --cert and --key to curl; sandbank certificate list --client demo shows what there is",
    ),
    (
        "certificate.of_other_provider",
        "The certificate is good, but it is one of another provider's.",
        "present the certificate of the provider that is called: sandbank certificate list --client demo shows them",
    ),
    (
        "certificate.ocsp_other_issuer",
        "The OCSP request is about another issuer's certificate: the answer is unauthorized (RFC 6960 section 2.3).",
        "ask with the issuer of the certificate: openssl ocsp -issuer ISSUER.pem -cert CERTIFICATE.pem -url URL",
    ),
    (
        "binding.certificate_missing",
        "The endpoint is for callers with a client certificate, and this door does not ask for one.",
        "call the provider's mtls door with --cert and --key; sandbank client env demo prints its URL",
    ),
    (
        "binding.mtls_required",
        "The client was registered with require_mtls: it may call only doors that ask for its certificate.",
        "call the provider's mtls door with --cert and --key; sandbank client env demo prints its URL",
    ),
    (
        "binding.other_client",
        "The certificate (or the host that was called) and the credentials (or the token) belong to different clients.",
        "use certificate and credentials of the same client; whose they are is listed by: sandbank certificate list",
    ),
    (
        "body.too_large",
        "The body is larger than the door's limit, 1 MiB.",
        "send less; no call of the imitated providers needs that much",
    ),
    (
        "body.slow",
        "The body was not complete within the door's time limit.",
        "send the whole body at once; check that Content-Length is not larger than what is sent",
    ),
    (
        "body.incomplete",
        "The client closed the connection before its body was complete.",
        "check that Content-Length is not larger than what is sent",
    ),
    (
        "body.media_type",
        "The endpoint does not accept the call's Content-Type.",
        "send the Content-Type that was expected, with a body of that kind",
    ),
)


# Credentials that are good, or would be, and are not where or as they should be.
LOGIN_CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        "login.token_wrapped",
        "The token is good but for what stands around it.",
        "send 'Authorization: Bearer TOKEN' with the very characters of access_token, and nothing else",
    ),
    (
        "login.placeholder",
        "Instead of a token came what a program writes where it has none, or an example's word for one.",
        "look where the program takes access_token from: the answer to its token request may have been an error",
    ),
    (
        "login.token_elsewhere",
        "The token came in another place than the Authorization header.",
        "send 'Authorization: Bearer TOKEN'; no token is read from a query, a body or another header",
    ),
    (
        "login.token_of_other_provider",
        "The token is good, but at another provider.",
        "ask this provider's token endpoint for one, and keep the tokens of the two apart",
    ),
    (
        "login.not_a_token",
        "What came as a token is the client's id or its API key.",
        f"fetch a token with them: {_TOKEN}",
    ),
    (
        "login.secret_wrapped",
        "The secret is right but for what stands around it.",
        """printf %s 'ID:SECRET' | base64 -w0 makes the header's value; echo adds a line feed. Or: curl -u ID:SECRET""",
    ),
    (
        "login.secret_placeholder",
        "Instead of a secret came what a program writes where it has none, or an example's word for one.",
        "sandbank client env demo prints the client's id and secret, or says how to get a new one",
    ),
    (
        "login.id_wrapped",
        "The client id is right but for what stands around it.",
        """printf %s 'ID:SECRET' | base64 -w0 makes the header's value; or: curl -u ID:SECRET""",
    ),
    (
        "login.swapped",
        "Id and secret have changed places.",
        "the id comes first: curl -u ID:SECRET",
    ),
    (
        "login.name_for_id",
        "The name of a client came where its id belongs.",
        "sandbank client env demo prints the client's id and secret, or says how to get a new one",
    ),
    (
        "login.id_differs",
        "The token request names one client in its form, and another one says who it is.",
        "leave client_id out of the form, or send the same id in both places",
    ),
    (
        "login.client_of_other_provider",
        "The id is that of a client of another provider.",
        "use the credentials of the provider that is called: sandbank client env demo prints them with the doors' URLs",
    ),
    (
        "login.key_wrapped",
        "The API key is right but for what stands around it.",
        "printf '%s:' API_KEY | base64 -w0 makes the header's value; echo adds a line feed. Or: curl -u API_KEY:",
    ),
    (
        "login.credentials_elsewhere",
        "Id and secret came in another place than the one where this endpoint wants them.",
        "send them as HTTP Basic credentials (client_secret_basic, RFC 6749 section 2.3.1): curl -u ID:SECRET",
    ),
    (
        "login.grant_elsewhere",
        "The token request has a grant type, but not in a form in its body.",
        "send it as application/x-www-form-urlencoded in the body: curl -d grant_type=client_credentials",
    ),
)

ANSWERED_AS = {
    "login.token_wrapped": "token.unknown",
    "login.placeholder": "token.unknown",
    "login.token_elsewhere": "token.missing",
    "login.token_of_other_provider": "token.unknown",
    "login.not_a_token": "token.unknown",
    "login.secret_wrapped": "token.secret_wrong",
    "login.secret_placeholder": "token.secret_wrong",
    "login.id_wrapped": "token.client_unknown",
    "login.swapped": "token.client_unknown",
    "login.name_for_id": "token.client_unknown",
    "login.id_differs": "token.form_malformed",
    "login.client_of_other_provider": "token.client_unknown",
    "login.key_wrapped": "token.key_unknown",
    "login.credentials_elsewhere": "token.credentials_missing",
    "login.grant_elsewhere": "token.grant_missing",
    "signature.elsewhere": "signature.required",
    "certificate.of_other_provider": "certificate.unknown",
}
"""The cause as which a provider answers: it does not know better, the journal does."""


PROVIDER_CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        "provider.not_found",
        "The call names a resource that this client does not have.",
        "use an id of this client's; which kinds of rows it has: sandbank resource list --client demo",
    ),
    (
        "provider.not_yours",
        "The call names a resource of another client, or of another profile of this client.",
        "use the ids of the client whose token it is; sandbank resource list profile --client demo shows them",
    ),
    (
        "provider.invalid_state",
        "The resource is not in the state that the call asks for: the step was done already, or cannot be done yet.",
        "make another by the provider's own calls; or restore the client's rows: sandbank client reset demo",
    ),
    (
        "provider.no_funds",
        "The balance is too low for this call.",
        (
            "ask for less, or put more into the balance; the balances are listed by: "
            "sandbank resource list balance --client demo"
        ),
    ),
    (
        "provider.callback_failed",
        "The address of the subscription was called before it was kept, and did not take the test.",
        (
            "see the attempt: sandbank webhook list --client demo; or subscribe without it: "
            "sandbank client set demo --check-callbacks off"
        ),
    ),
    (
        "provider.too_many_calls",
        "The client calls more often than it may. Each process of a server counts for itself (serve --workers).",
        "wait as long as the reply says; or lift the limit: sandbank client set demo --rate-limit off",
    ),
    (
        "provider.not_enabled",
        "The provider offers this to some partners; the sandbox does not imitate it.",
        "the provider's README in the project says what is imitated",
    ),
    (
        "provider.user_unknown",
        "No user of this client has that name and password, or the refresh token is no longer valid.",
        "the users are listed by: sandbank resource list user --client demo",
    ),
    (
        "provider.sca_required",
        "With a user's token this call needs strong customer authentication: a proof for the call, or for the session.",
        "make a proof by the provider's own simulation endpoint and send it as its README in the project shows",
    ),
    (
        "provider.not_unique",
        "Another resource already has that id.",
        "choose another id",
    ),
    (
        "provider.key_reused",
        "The idempotency key was used for another call a short while ago.",
        "make a new key for every call; send the same key only when you repeat the same call",
    ),
    (
        "provider.invalid_body",
        "A field of the body or the query is missing or not allowed, or the body is not JSON.",
        "compare body and query with the provider's reference of this call",
    ),
    (
        "provider.fault",
        "The sandbox had a fault of its own; the call changed nothing.",
        "please report it with the file faults.log of the state folder",
    ),
    (
        "provider.busy",
        "Another process locked the store for too long, its disk is full, or it does not answer. Nothing was changed.",
        "send the call again; check which program holds the state's database open, and the free disk space",
    ),
    (
        "provider.state_removed",
        "The state's folder was removed, moved or replaced under the running server; nothing of the call is kept.",
        "put the folder back where it was; or stop the server and start it again: sandbank serve makes a new state",
    ),
    (
        "provider.uncertain",
        "The connection to the database broke during the commit: the change was made as a whole, or not at all.",
        "look whether it was made before you send the call again: sandbank certificate list --client demo",
    ),
)
