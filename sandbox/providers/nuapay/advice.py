"""What a client of Nuapay's does about a refusal, where it is something else than with most providers."""

from collections.abc import Mapping

_KEY_OR_TOKEN = (
    "send the API key as the user of Basic credentials with an empty password (curl -u API_KEY: , with the colon), or "
    "'Authorization: Bearer TOKEN'; sandbank client env demo prints the key, or says how to get a new one"
)
_NEW_TOKEN = (
    "ask for a new one with the scopes of the call: curl -u API_KEY: -H 'Content-Type: application/json' "
    '-d \'{"scopes":["accounts_read"],"expiresIn":3600}\' URL/tokens; a token lives for 10 seconds unless told'
)
_UPLOAD = (
    "make one (openssl req -x509 -newkey rsa:2048 -nodes -keyout my.key -out my.pem -days 365 -subj /CN=me) and hand "
    "it in: sandbank certificate upload my.pem --name mine --client demo, or POST /certificates with mtlsCert on the "
    "api door; then pass it to curl with --cert and --key"
)
_SIGN = (
    "sign the bytes of the body with the key of a certificate for signing, and send the JWS-Signature header; such a "
    "certificate is made by: sandbank certificate new --client demo --purpose signature"
)

ADVICE: Mapping[str, str] = {
    "token.missing": _KEY_OR_TOKEN,
    "token.credentials_missing": _KEY_OR_TOKEN,
    "token.credentials_malformed": _KEY_OR_TOKEN,
    "token.scheme_wrong": _KEY_OR_TOKEN,
    "token.unknown": _NEW_TOKEN,
    "token.expired": _NEW_TOKEN,
    "token.revoked": _NEW_TOKEN,
    "token.scope_missing": _NEW_TOKEN,
    "certificate.missing": _UPLOAD,
    "certificate.unknown": _UPLOAD,
    "certificate.wrong_purpose": _UPLOAD,
    "certificate.expired": _UPLOAD,
    "certificate.revoked": _UPLOAD,
    "signature.required": _SIGN,
}
