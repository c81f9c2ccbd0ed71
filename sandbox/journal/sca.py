"""The causes of strong customer authentication: why a call was not taken as approved. Rows of the table in ``causes``.

A call is approved by a one-time token, which is signed or whose challenge is cleared by a code.
"""

_ADD = "sandbank key add SCA.pem --client demo --algorithm RS256"
_PAIR, _PUBLIC = "client-new-sca.key", "client-new-sca.pem"
_NEW = f"openssl genrsa -out {_PAIR} 2048 && openssl pkey -in {_PAIR} -pubout -out {_PUBLIC}"
_ADD_NEW = _ADD.replace("SCA.pem", _PUBLIC)
_SIGN = 'printf %s "$TOKEN" | openssl dgst -sha256 -sign KEY | openssl base64 -A'
_AGAIN = "make the call again without x-2fa-approval; the answer has a new one-time token"
_BY_CODE = "the calls …/one-time-token/sms/trigger and …/sms/verify, with the header One-Time-Token; the code is 111111"
_LIST = "sandbank key list --client demo"
_OFF = "sandbank client set demo --sca off"

# The one-time token.
_TOKENS = (
    (
        "sca.required",
        (
            "A user must approve this call: strong customer authentication is switched on for the client. "
            "The answer's x-2fa-approval is a one-time token."
        ),
        (
            f"sign the token: {_SIGN}; then make the same call with x-2fa-approval: TOKEN and X-Signature: SIGNATURE; "
            f"the key is registered once, by: {_ADD}; or clear the token's challenge by a code, and make the call with "
            f"x-2fa-approval alone: {_BY_CODE}; or do without: {_OFF}"
        ),
    ),
    (
        "sca.token_missing",
        "The call is about a one-time token, and its header One-Time-Token is missing.",
        "send the value of x-2fa-approval, out of the 403 that asked for the approval, as One-Time-Token",
    ),
    (
        "sca.token_unknown",
        "The client was given no such one-time token, or long ago.",
        f"send the value of x-2fa-approval as it came, without anything around it; or {_AGAIN}",
    ),
    ("sca.token_used", "This one-time token has approved a call already; it is good once.", _AGAIN),
    ("sca.token_expired", "The one-time token has ended, by the sandbox's clock.", f"{_AGAIN}, and use it in time"),
    (
        "sca.token_other_call",
        "The one-time token was given for another call, or for another user.",
        f"use each token for the call whose answer it came in; or {_AGAIN}",
    ),
    (
        "sca.not_cleared",
        "The one-time token came back without a signature, and its challenge is not cleared.",
        f"sign the token: {_SIGN}; and send it as X-Signature; or clear the challenge first, by a code: {_BY_CODE}",
    ),
)

# The signature of the token.
_SIGNATURES = (
    (
        "sca.no_key",
        "The token is signed, but the client has no active key by which that could be verified.",
        (
            f"register the public half of the key that signs, of RSA with 2048 bits or more: {_ADD}; "
            f"or make a new pair: {_NEW}; then: {_ADD_NEW}"
        ),
    ),
    (
        "sca.signature_encoding",
        "The signature of the token is not written as base64 of its bytes.",
        f"write it in one line of base64, not base64url and not hexadecimal: {_SIGN}",
    ),
    (
        "sca.signature_text",
        "The right key signed something else than the one-time token alone.",
        f"sign the token's characters, with no line feed and nothing around them: {_SIGN}",
    ),
    (
        "sca.signature_hash",
        "The right key signed the token, but with another hash or padding than RSASSA-PKCS1-v1_5 with SHA-256.",
        f"sign with SHA256withRSA, which is what RS256 means: {_SIGN}",
    ),
    (
        "sca.signature_key",
        "The token was signed by a key that the client has not registered for it, or by none.",
        (
            f"compare what openssl pkey -in KEY -pubout prints with what was registered; the keys: {_LIST}; "
            f"register the right one: {_ADD}"
        ),
    ),
    (
        "sca.too_many_keys",
        "The client has as many keys for strong customer authentication as it may have.",
        f"delete one; kids and ids are shown by: {_LIST}",
    ),
)

# The code that clears its challenge.
_CODES = (
    (
        "sca.code_not_sent",
        "A code is verified that was not asked for: the challenge has to be triggered first, in the same way.",
        "call the trigger of the same way (sms, whatsapp, voice) with the same One-Time-Token, then verify",
    ),
    ("sca.code_wrong", "This is not the code that was sent.", "send the code as a text of 6 digits; here it is 111111"),
    (
        "sca.blocked",
        "Too many wrong codes: the user is blocked for a while.",
        "wait, or save the wait: sandbank clock move +15minutes; or reset the rows: sandbank client reset demo",
    ),
)

CAUSES: tuple[tuple[str, str, str], ...] = (*_TOKENS, *_SIGNATURES, *_CODES)
