"""The table of refusals: for every code, what the rule means and the exact step that mends it.

Which rule is broken is left to the modules that refuse: `pem`, `csr`, `policy`, ... Codes are never renamed."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# One set of file names in every command, so that each can be pasted as it stands and finds what another one wrote.
_KEY = "sandbox-PRIVATE-KEY.key"
_CSR = "sandbox-certificate-request.csr"
_SUBJECT = '-subj "/C=EU/O=Acme"'

NEW_RSA = f"openssl req -nodes -newkey rsa:2048 -keyout {_KEY} -out {_CSR} {_SUBJECT}"
NEW_EC = f"openssl req -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout {_KEY} -out {_CSR} {_SUBJECT}"
SAME_KEY = f"openssl req -new -key {_KEY} -out {_CSR} {_SUBJECT}"
SAME_KEY_SHA256 = f"openssl req -new -sha256 -key {_KEY} -out {_CSR} {_SUBJECT}"
SAME_KEY_UTF8 = f"openssl req -new -utf8 -key {_KEY} -out {_CSR} {_SUBJECT}"
CLEAN = f"openssl req -in {_CSR} -out clean.csr"
FROM_DER = f"openssl req -inform DER -in {_CSR} -out clean.csr"
SHOW = f"openssl req -in {_CSR} -noout -text -verify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row: what a code means, and the command or step that mends it (a command always ends the sentence)."""

    code: str
    meaning: str
    next: str


def _rule(reason: str, meaning: str, next: str) -> Rule:
    return Rule(code=f"certificate.{reason}", meaning=meaning, next=next)


# The file that came is not one CSR in PEM.
_FILE = (
    _rule(
        "empty",
        "Nothing came, or nothing but white space.",
        f"Look at what is sent; the file is made by: {SAME_KEY}",
    ),
    _rule(
        "too_large",
        "A CSR is one or two kilobytes; far more than that is some other file.",
        f"Send the CSR and nothing else; it is made by: {SAME_KEY}",
    ),
    _rule(
        "not_text",
        "A CSR travels as PEM, which is plain ASCII text; what came is binary or in another encoding.",
        f"Send the text file that this writes: {SAME_KEY}",
    ),
    _rule(
        "utf16",
        "The text is UTF-16. Windows PowerShell writes that when output is redirected with >.",
        f"Let openssl write the file itself, with -out and without >: {SAME_KEY}",
    ),
    _rule(
        "byte_order_mark",
        "The text begins with a UTF-8 byte order mark, which an editor put there; PEM has none.",
        f"Save it as UTF-8 without BOM, or let openssl write the file itself: {SAME_KEY}",
    ),
    _rule(
        "der",
        "The CSR is sound but in DER, the binary form; PEM, the text form, is asked for.",
        f"Turn it into PEM: {FROM_DER}",
    ),
    _rule(
        "private_key_sent",
        "This is, or contains, a private key. A private key is never shared with anyone: whoever has it is you. "
        "Nothing of it was stored.",
        f"Take that key as lost, delete it, and make a new key and a new CSR: {NEW_RSA}",
    ),
    _rule(
        "certificate_sent",
        "This is a certificate, the answer to a CSR, not a CSR.",
        f"Send the CSR; with the key you have it is made by: {SAME_KEY}",
    ),
    _rule(
        "public_key_sent",
        "This is a bare public key. A CSR also carries a name and the proof that you hold the private key.",
        f"Make a CSR with your private key: {SAME_KEY}",
    ),
    _rule(
        "pkcs7_sent",
        "This is PKCS#7, a bag of certificates, not a CSR.",
        f"Send the CSR; with the key you have it is made by: {SAME_KEY}",
    ),
    _rule(
        "other_pem_sent",
        "This is PEM, but its label is not CERTIFICATE REQUEST.",
        f"Send the CSR; with the key you have it is made by: {SAME_KEY}",
    ),
    _rule(
        "two_requests",
        "There is more than one CSR in what came; one certificate answers one CSR.",
        "Send each CSR on its own, under a name of its own.",
    ),
    _rule(
        "begin_missing",
        "The line -----BEGIN CERTIFICATE REQUEST----- is not there, or is not written exactly so (five hyphens).",
        f"Send the whole file, from the BEGIN line to the END line; openssl writes it again with: {SAME_KEY}",
    ),
    _rule(
        "end_missing",
        "The line -----END CERTIFICATE REQUEST----- is not there, or does not match the BEGIN line.",
        f"Copy the whole file, the last line too; openssl writes it again with: {SAME_KEY}",
    ),
    _rule(
        "one_line",
        "The PEM has lost its line ends. That is what `curl -d @file` does to a file.",
        f"Send the file as it is, with the same URL: curl --data-binary @{_CSR} URL",
    ),
    _rule(
        "escaped_line_ends",
        r"The line ends came as the two characters \n: text copied out of JSON or an environment variable.",
        f"Send the file itself, with real line ends: curl --data-binary @{_CSR} URL",
    ),
    _rule(
        "base64_garbled",
        "Between BEGIN and END stands something that is not base64.",
        f"Copy the file again without touching it; openssl writes it anew with: {SAME_KEY}",
    ),
    _rule(
        "truncated",
        "The CSR is shorter (or longer) than it says itself: lines were lost or added on the way.",
        f"Copy the whole file; openssl writes it anew with: {SAME_KEY}",
    ),
    _rule(
        "not_a_request",
        "The base64 is fine, but what it holds is not a PKCS#10 certification request (RFC 2986).",
        f"Make the CSR with openssl: {SAME_KEY}",
    ),
    _rule(
        "subject_unreadable",
        "The subject has a text whose bytes do not fit its string type.",
        f"Make the CSR again with UTF-8 texts: {SAME_KEY_UTF8}",
    ),
    _rule(
        "extensions_unreadable",
        "The CSR asks for extensions in a form that can not be read, or for one of them twice.",
        f"Ask for none; the authority decides about them anyway: {SAME_KEY}",
    ),
    _rule(
        "key_unreadable",
        "The public key in the CSR is of an unknown kind, or its numbers do not make a key.",
        f"Make a new key and CSR: {NEW_RSA}",
    ),
    _rule(
        "text_around",
        "The provider allows no comments or plain text around the PEM. `openssl req -text` writes such text.",
        f"Write the CSR without it, and send clean.csr: {CLEAN}",
    ),
)

# The CSR was read, and the policy of the provider does not allow it.
_REQUEST = (
    _rule(
        "key_kind_refused",
        "The provider does not accept keys of this kind.",
        f"Make a key of a kind that it accepts: {NEW_RSA}",
    ),
    _rule(
        "key_too_small",
        "The key is smaller than the provider accepts.",
        f"Make a new key and CSR: {NEW_RSA}",
    ),
    _rule(
        "key_too_large",
        "The key is larger than the provider accepts.",
        f"Make a new key and CSR: {NEW_RSA}",
    ),
    _rule(
        "key_size_refused",
        "The key has a size between those that the provider accepts.",
        f"Make a new key and CSR: {NEW_RSA}",
    ),
    _rule(
        "curve_refused",
        "The provider does not accept elliptic keys on this curve.",
        f"Make a new key and CSR: {NEW_EC}",
    ),
    _rule(
        "key_weak",
        "The private key is no secret: it can be computed from the public one, since a broken generator made it, or it "
        "is printed in a standard.",
        f"Make a new key with a sound generator: {NEW_RSA}",
    ),
    _rule(
        "hash_refused",
        "The CSR is signed over a hash that the provider does not accept; SHA-1 and MD5 are broken.",
        f"Sign it again with SHA-256: {SAME_KEY_SHA256}",
    ),
    _rule(
        "signature_wrong",
        "The CSR's own signature does not verify: it was changed after signing, or signed by another key. "
        "It proves that you hold the private key (RFC 2986).",
        f"Make the CSR again with your key: {SAME_KEY}",
    ),
    _rule(
        "attribute_missing",
        "The provider asks for this attribute in the subject.",
        f"Name it in -subj: {SAME_KEY}",
    ),
    _rule(
        "attribute_empty",
        "The provider asks for this attribute in the subject, and it is there without a value.",
        f"Give it a value in -subj: {SAME_KEY}",
    ),
    _rule(
        "attribute_repeated",
        "An attribute that the provider asks for is in the subject more than once; which one counts?",
        f"Name it once in -subj: {SAME_KEY}",
    ),
    _rule(
        "attribute_too_long",
        "An attribute is longer than RFC 5280 appendix A.1 allows.",
        f"Shorten it in -subj: {SAME_KEY}",
    ),
    _rule(
        "attribute_unprintable",
        "An attribute has control characters in it.",
        f"Write it anew in -subj: {SAME_KEY}",
    ),
    _rule(
        "country_malformed",
        "C is exactly two letters (RFC 5280 appendix A.1).",
        f"Write the two letters of the country in -subj: {SAME_KEY}",
    ),
    _rule(
        "holder_unfit",
        "The certificate carries the client id as a name; this one is empty, over 64 characters or unprintable.",
        "Register the client under an id of 1 to 64 printable characters.",
    ),
    _rule(
        "name_missing",
        "Every certificate has a name, by which people find it in a list.",
        "Give the certificate a name, for instance: sandbox 2026",
    ),
    _rule(
        "name_too_long",
        "The name of a certificate has 64 characters at most.",
        "Give the certificate a shorter name.",
    ),
    _rule(
        "name_unprintable",
        "The name of a certificate has control characters in it.",
        "Write the name anew by hand.",
    ),
    _rule(
        "name_taken",
        "All active certificates of one client must have unique names.",
        "Choose another name, or revoke the certificate that has this one.",
    ),
    _rule(
        "limit_reached",
        "A client can have only so many active certificates with this provider.",
        "Release certificates that are no longer used (sandbank client reset NAME --all releases all of a client's), "
        "then send the same CSR again.",
    ),
)

# A certificate that was presented is not good at this moment.
_PRESENTED = (
    _rule(
        "unknown",
        "This certificate was not issued here, nor uploaded here.",
        "Use the certificate that the sandbox issued, or send it a CSR: a restart with another store forgets them.",
    ),
    _rule(
        "expired",
        "The certificate's time is over, by the sandbox's clock.",
        f"Ask for a new certificate; a CSR with the same key: {SAME_KEY}",
    ),
    _rule(
        "not_yet_valid",
        "The certificate's time has not begun, by the sandbox's clock.",
        "Ask for a new certificate at the time that the sandbox's clock shows now.",
    ),
    _rule(
        "revoked",
        "The certificate was revoked.",
        f"Ask for a new certificate, with a new key if the old one was lost: {NEW_RSA}",
    ),
)

# The authority itself.
_AUTHORITY = (
    _rule(
        "not_issued",
        "The CSR, or the standing of its holder, breaks rules; each is listed with a code of its own.",
        f"See what the CSR says, then mend each: {SHOW}",
    ),
    _rule(
        "authority_out_of_time",
        "The sandbox's clock stands outside the life of its own authority.",
        "Move the sandbox's clock back to within 29 years of the day the state was made.",
    ),
    _rule(
        "no_authority",
        "There is no authority in this store yet.",
        "Start a server over this state, which makes one: sandbank serve",
    ),
    _rule(
        "lint_failed",
        "A certificate, CRL or OCSP answer did not come out as it was planned. This is a bug in Sandbank; nothing was "
        "stored.",
        "Report it with the findings and, if you can, the CSR (never the key).",
    ),
    _rule(
        "name_not_covered",
        "The server authority may only speak for the names that it was founded with (RFC 5280 section 4.2.1.10).",
        "Found a new server authority with these names too, and trust its root instead of the old one.",
    ),
    _rule(
        "server_name_invalid",
        "A server name is a DNS name or an IP address.",
        "Give names such as localhost, api.example.test or 127.0.0.1.",
    ),
    _rule(
        "not_found",
        "The store has no such certificate.",
        "List the certificates and take the serial from there.",
    ),
)

# What is asked of revocation lists and of OCSP.
_REVOCATION = (
    _rule(
        "reason_unknown",
        "A certificate is revoked for one of the reasons that RFC 5280 section 5.3.1 names, or for none.",
        "Name one of them, such as keyCompromise, superseded or cessationOfOperation, or leave it out.",
    ),
    _rule(
        "ocsp_malformed",
        "What came is not an OCSP request that can be answered: one request in DER, about one certificate (RFC 6960).",
        "Ask as openssl does: openssl ocsp -issuer ca.crt -cert client.crt -url URL",
    ),
)

RULES: Mapping[str, Rule] = MappingProxyType(
    {row.code: row for row in (*_FILE, *_REQUEST, *_PRESENTED, *_AUTHORITY, *_REVOCATION)}
)
