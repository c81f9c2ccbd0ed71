"""Transcrypts, imitated, and its relative Truv: see README.md for what is copied, simplified, our own choice, absent.

Source: https://sdk.transcrypts.com and its source text github.com/Transcrypts/docs (read in November 2026). Here is
what a start needs to know: its environments, and what its clients do about a refusal.
"""

from collections.abc import Mapping

ENVIRONMENTS = ("dev", "prod")
"""What a secret begins with; each has its own data, on one host."""
_HEADERS = (
    "send both headers, X-Access-Client-Id and X-Access-Secret, beside the certificate and not in its place; "
    "sandbank client env demo prints them"
)

ADVICE: Mapping[str, str] = {
    "token.credentials_missing": _HEADERS,
    "token.secret_wrong": (
        "send the secret as it was shown, dev- or prod- and 40 hexadecimal digits; sandbank client env demo prints "
        "it, where it can be read; sandbank client secret demo makes another"
    ),
    "binding.mtls_required": (
        "call the mtls door with --cert and --key, and with both headers too; a certificate is made by: "
        "sandbank certificate new --client demo"
    ),
}
