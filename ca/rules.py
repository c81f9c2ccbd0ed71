"""The table of refusals: for every code, what the rule means and the exact step that fixes it.

Other modules judge whether a rule is broken: `pem`, `policy`, `trust`, `authority` and others. Codes are
never renamed."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# The commands read the files of the guides, and write others: whoever pastes one keeps the key that is there.
_KEY = "sandbox-PRIVATE-KEY.key"
_CSR = "sandbox-certificate-request.csr"
_CERTIFICATE = "sandbox-CERTIFICATE.pem"
_NEW_KEY, _NEW_CSR, _NEW_CERTIFICATE = "client-new.key", "client-new.csr", "client-new.pem"
SUBJECT = '-subj "/C=EU/O=Acme"'
"""In every command that makes a CSR or a certificate; a provider may ask for more."""

NEW_RSA = f"openssl req -nodes -newkey rsa:2048 -keyout {_NEW_KEY} -out {_NEW_CSR} {SUBJECT}"
NEW_EC = f"openssl req -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout {_NEW_KEY} -out {_NEW_CSR} {SUBJECT}"
SAME_KEY = f"openssl req -new -key {_KEY} -out {_NEW_CSR} {SUBJECT}"
SAME_KEY_SHA256 = f"openssl req -new -sha256 -key {_KEY} -out {_NEW_CSR} {SUBJECT}"
SAME_KEY_UTF8 = f"openssl req -new -utf8 -key {_KEY} -out {_NEW_CSR} {SUBJECT}"
WITH_NAME = f'{SAME_KEY} -addext "subjectAltName=URI:scheme://name"'
CLEAN = f"openssl req -in {_CSR} -out clean.csr"
FROM_DER = f"openssl req -inform DER -in {_CSR} -out clean.csr"
SHOW = f"openssl req -in {_CSR} -noout -text -verify"
# The same key in its usual form: the curve by its name, the point whole. OpenSSL 1.1 knows these options too.
_USUAL_KEY = f"openssl ec -in {_KEY} -param_enc named_curve -conv_form uncompressed -out clean.key"
USUAL_KEY = f"{_USUAL_KEY} && openssl req -new -key clean.key -out {_NEW_CSR} {SUBJECT}"
USUAL_KEY_CERTIFICATE = f"{_USUAL_KEY} && openssl req -x509 -key clean.key -days 365 -out {_NEW_CERTIFICATE} {SUBJECT}"
# A certificate to upload: one that signs itself.
NEW_CERTIFICATE = (
    f"openssl req -x509 -nodes -newkey rsa:2048 -days 365 -keyout {_NEW_KEY} -out {_NEW_CERTIFICATE} {SUBJECT}"
)
SAME_KEY_CERTIFICATE = f"openssl req -x509 -key {_KEY} -days 365 -out {_NEW_CERTIFICATE} {SUBJECT}"
SAME_KEY_CERTIFICATE_SHA256 = f"openssl req -x509 -sha256 -key {_KEY} -days 365 -out {_NEW_CERTIFICATE} {SUBJECT}"
FOR_CLIENTS = f'{SAME_KEY_CERTIFICATE} -addext "extendedKeyUsage=clientAuth"'
CLEAN_CERTIFICATE = f"openssl x509 -in {_CERTIFICATE} -out clean.pem"
CERTIFICATE_FROM_DER = f"openssl x509 -inform DER -in {_CERTIFICATE} -out clean.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRule:
    """A row: what a code means, and the command or step that fixes it (a command always ends the sentence).

    `uploading` is the step for an uploaded certificate, where it differs from the one for a CSR."""

    code: str
    meaning: str
    next: str
    uploading: str = ""


def _rule(reason: str, meaning: str, next: str, uploading: str = "") -> RefusalRule:
    return RefusalRule(code=f"certificate.{reason}", meaning=meaning, next=next, uploading=uploading)


# The input is not one CSR, or one certificate, in PEM.
_FILE = (
    _rule(
        "empty",
        "The input is empty, or white space only.",
        f"Check what is sent; this makes the file: {SAME_KEY}",
        f"Check what is sent; this makes the file: {NEW_CERTIFICATE}",
    ),
    _rule(
        "too_large",
        "A CSR or a certificate has one or two kilobytes; this is far larger and must be another file.",
        f"Send the CSR and nothing else; this makes it: {SAME_KEY}",
        f"Send the certificate and nothing else; this extracts it from a file: {CLEAN_CERTIFICATE}",
    ),
    _rule(
        "not_text",
        "A CSR or a certificate is sent as PEM, plain ASCII text; this is binary or in another encoding.",
        f"Send the text file that this writes: {SAME_KEY}",
        f"Send the text file that this writes: {NEW_CERTIFICATE}",
    ),
    _rule(
        "utf16",
        "The text is UTF-16. Windows PowerShell writes that when output is redirected with >.",
        f"Let openssl write the file itself, with -out and without >: {SAME_KEY}",
        f"Let openssl write the file itself, with -out and without >: {CLEAN_CERTIFICATE}",
    ),
    _rule(
        "byte_order_mark",
        "The text begins with a UTF-8 byte order mark, which an editor put there; PEM has none.",
        f"Save it as UTF-8 without BOM, or let openssl write the file itself: {SAME_KEY}",
        f"Save it as UTF-8 without BOM, or let openssl write the file itself: {CLEAN_CERTIFICATE}",
    ),
    _rule(
        "der",
        "It is valid but in DER, the binary form; PEM, the text form, is required.",
        f"Convert it to PEM: {FROM_DER}",
        f"Convert it to PEM, and send clean.pem: {CERTIFICATE_FROM_DER}",
    ),
    _rule(
        "private_key_sent",
        "This is, or contains, a private key. A private key is never shared: whoever has it can act as you. "
        "Nothing of it was stored.",
        f"Treat that key as compromised, delete it, and make a new key and a new CSR: {NEW_RSA}",
        f"Treat that key as compromised, delete it, and make a new key and a new certificate: {NEW_CERTIFICATE}",
    ),
    _rule(
        "certificate_sent",
        "This is a certificate, the answer to a CSR, not a CSR.",
        f"Send the CSR; with the key you have it is made by: {SAME_KEY}",
    ),
    _rule(
        "public_key_sent",
        "This is a bare public key. A CSR or a certificate also carries a name, and a signature over both.",
        f"Make a CSR with your private key: {SAME_KEY}",
        f"Make a certificate with your private key: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "pkcs7_sent",
        "This is PKCS#7, a collection of certificates: neither a CSR nor a single certificate.",
        f"Send the CSR; with the key you have it is made by: {SAME_KEY}",
        f"Send a single certificate; this makes a self-signed one: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "other_pem_sent",
        "This is PEM, but with another label: a CSR has CERTIFICATE REQUEST, a certificate has CERTIFICATE.",
        f"Send the CSR; with the key you have it is made by: {SAME_KEY}",
        f"Write the certificate under its own label, and send clean.pem: {CLEAN_CERTIFICATE}",
    ),
    _rule(
        "request_sent",
        "This is a CSR, which asks for a certificate; a certificate is expected here.",
        f"Send a certificate; this makes a self-signed one with the key you have: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "several_certificates",
        "There is more than one certificate, such as a chain, so it is unclear which one is the client's.",
        f"Send the client's certificate alone; this extracts the first one from a file: {CLEAN_CERTIFICATE}",
    ),
    _rule(
        "two_requests",
        "There is more than one CSR; one certificate answers one CSR.",
        "Send each CSR separately, under its own name.",
    ),
    _rule(
        "begin_missing",
        "The BEGIN line of the PEM is missing, or not exactly as it must be (five hyphens on each side).",
        f"Send the whole file, from the BEGIN line to the END line; openssl writes it again with: {SAME_KEY}",
        f"Send the whole file, from the BEGIN line to the END line; a new one is made by: {NEW_CERTIFICATE}",
    ),
    _rule(
        "end_missing",
        "The END line of the PEM is missing, or does not match the BEGIN line.",
        f"Copy the whole file, the last line too; openssl writes it again with: {SAME_KEY}",
        f"Copy the whole file, the last line too; a new one is made by: {NEW_CERTIFICATE}",
    ),
    _rule(
        "end_hyphens",
        "The END line does not end in five hyphens (RFC 7468 section 3); openssl calls that a bad end line.",
        f"End it in five hyphens, or write the file again: {SAME_KEY}",
        f"End it in five hyphens, or write the file again: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "one_line",
        "The PEM has lost its line ends. That is what `curl -d @file` does to a file.",
        f"Send the file as it is, with the same URL: curl --data-binary @{_CSR} URL",
        f"Send the file as it is, with the same URL: curl --data-binary @{_CERTIFICATE} URL",
    ),
    _rule(
        "escaped_line_ends",
        r"The line ends came as the two characters \n: the text was copied from JSON or an environment variable.",
        f"Send the file itself, with real line ends: curl --data-binary @{_CSR} URL",
        f"Send the file itself, with real line ends: curl --data-binary @{_CERTIFICATE} URL",
    ),
    _rule(
        "base64_garbled",
        "The text between BEGIN and END is not base64.",
        f"Copy the file again without editing it; openssl writes it again with: {SAME_KEY}",
        f"Copy the file again without editing it; a new one is made by: {NEW_CERTIFICATE}",
    ),
    _rule(
        "truncated",
        "The input is shorter (or longer) than it declares: lines were lost or added on the way.",
        f"Copy the whole file; openssl writes it again with: {SAME_KEY}",
        f"Copy the whole file; a new one is made by: {NEW_CERTIFICATE}",
    ),
    _rule(
        "wrapped",
        "It is sound as far as can be seen, but something stands around it: base64, quotes, or another encoding.",
        f"Take that off; openssl writes the file anew with: {SAME_KEY}",
        f"Take that off; a new one is made by: {NEW_CERTIFICATE}",
    ),
    _rule(
        "other_file_sent",
        "This is a file of another kind than the one that is asked for.",
        f"Send the CSR; with the key you have it is made by: {SAME_KEY}",
        f"Send one certificate; one that signs itself is made, with the key you have, by: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "request_malformed",
        "It is a CSR in DER that can be read, but a field of it is not as PKCS#10 has it (RFC 2986 section 4).",
        f"Mend the program that wrote it, or let openssl make the CSR: {SAME_KEY}",
    ),
    _rule(
        "not_a_request",
        "The base64 is fine, but what it holds is not a PKCS#10 certification request (RFC 2986).",
        f"Make the CSR with openssl: {SAME_KEY}",
    ),
    _rule(
        "not_a_certificate",
        "The base64 is fine, but what it holds is not an X.509 certificate (RFC 5280).",
        f"Make the certificate with openssl: {NEW_CERTIFICATE}",
    ),
    _rule(
        "attributes_field_missing",
        "The CSR lacks its attributes field [0], which PKCS#10 requires even if there are no attributes (RFC 2986 "
        "section 4.1). Some programs leave it out. openssl still reads such a CSR; strict readers do not.",
        f"Make the CSR with openssl, which writes the field: {SAME_KEY}",
    ),
    _rule(
        "subject_string_type",
        "An attribute of the subject is written in a string type that RFC 5280 does not allow for it.",
        f"Let the program write UTF8String, and PrintableString for C; openssl does: {SAME_KEY}",
    ),
    _rule(
        "subject_unreadable",
        "The subject has a value whose bytes do not fit its string type.",
        f"Make the CSR again with UTF-8 values: {SAME_KEY_UTF8}",
        f"Make the certificate again: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "extensions_unreadable",
        "The extensions cannot be read, or one of them is there twice.",
        f"Ask for none; the authority decides about them anyway: {SAME_KEY}",
        f"Make the certificate again, with those that openssl puts in: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "key_unreadable",
        "The public key is of an unknown kind, or its numbers are not a valid key.",
        f"Make a new key and CSR: {NEW_RSA}",
        f"Make a new key and certificate: {NEW_CERTIFICATE}",
    ),
    _rule(
        "text_around",
        "The provider allows no comments or plain text around the PEM. openssl writes such text with -text.",
        f"Write the CSR without it, and send clean.csr: {CLEAN}",
        f"Write the certificate without it, and send clean.pem: {CLEAN_CERTIFICATE}",
    ),
)

# The CSR was read, and the policy of the provider does not allow it.
_REQUEST = (
    _rule(
        "key_kind_refused",
        "The provider does not accept keys of this kind.",
        f"Make a key of a kind that it accepts: {NEW_RSA}",
        f"Make a new key and certificate: {NEW_CERTIFICATE}",
    ),
    _rule(
        "key_rsassa_pss",
        "The public key is marked for RSASSA-PSS only (id-RSASSA-PSS, RFC 4055 section 1.2). Certificates here "
        "carry RSA keys as rsaEncryption, and programs refuse such a certificate together with such a key.",
        f"Make an RSA key without this mark; it can sign with PSS too: {NEW_RSA}",
    ),
    _rule(
        "key_encoding_refused",
        "The public key is valid, but not in the form that certificates here have: its point is compressed, its curve "
        "is given by parameters and not by name, or the parameters of an RSA key are missing. A certificate would hold "
        "other bytes than the CSR.",
        f"Convert the key to its usual form, and make the CSR again with it: {USUAL_KEY}",
        f"Convert the key to its usual form, and make the certificate again with it: {USUAL_KEY_CERTIFICATE}",
    ),
    _rule(
        "key_too_small",
        "The key is smaller than the provider accepts.",
        f"Make a new key and CSR: {NEW_RSA}",
        f"Make a new key and certificate: {NEW_CERTIFICATE}",
    ),
    _rule(
        "key_too_large",
        "The key is larger than the provider accepts.",
        f"Make a new key and CSR: {NEW_RSA}",
        f"Make a new key and certificate: {NEW_CERTIFICATE}",
    ),
    _rule(
        "key_size_refused",
        "The provider does not accept this key size; it accepts smaller and larger ones.",
        f"Make a new key and CSR: {NEW_RSA}",
        f"Make a new key and certificate: {NEW_CERTIFICATE}",
    ),
    _rule(
        "curve_refused",
        "The provider does not accept elliptic keys on this curve.",
        f"Make a new key and CSR: {NEW_EC}",
        f"Make a new key and certificate: {NEW_CERTIFICATE}",
    ),
    _rule(
        "key_weak",
        "The private key is not secret: it can be computed from the public key because a broken generator made it, or "
        "it is published in a standard.",
        f"Make a new key with a sound generator: {NEW_RSA}",
        f"Make a new key and certificate: {NEW_CERTIFICATE}",
    ),
    _rule(
        "key_exponent_refused",
        "The RSA key has a public exponent that the provider does not accept; 65537 is the usual one.",
        f"Make a new key and CSR: {NEW_RSA}",
        f"Make a new key and certificate: {NEW_CERTIFICATE}",
    ),
    _rule(
        "key_of_other_purpose",
        "The client has a certificate with this key for another purpose, and the provider asks for separate keys.",
        f"Make a new key and CSR: {NEW_RSA}",
        f"Make a new key and certificate: {NEW_CERTIFICATE}",
    ),
    _rule(
        "key_of_other_client",
        "Another client has a certificate with this key, and the provider asks every client for its own key.",
        f"Make a new key and CSR: {NEW_RSA}",
        f"Make a new key and certificate: {NEW_CERTIFICATE}",
    ),
    _rule(
        "hash_refused",
        "The signature uses a hash that the provider does not accept; SHA-1 and MD5 are broken.",
        f"Sign it again with SHA-256: {SAME_KEY_SHA256}",
        f"Sign it again with SHA-256: {SAME_KEY_CERTIFICATE_SHA256}",
    ),
    _rule(
        "signature_wrong",
        "The CSR's own signature does not verify: it was changed after signing, or signed with another key. "
        "This signature proves that you hold the private key (RFC 2986).",
        f"Make the CSR again with your key: {SAME_KEY}",
    ),
    _rule(
        "attribute_missing",
        "The provider asks for this attribute in the subject.",
        f"Name it in -subj: {SAME_KEY}",
    ),
    _rule(
        "attribute_empty",
        "The provider asks for this attribute in the subject, but its value is empty.",
        f"Give it a value in -subj: {SAME_KEY}",
    ),
    _rule(
        "attribute_repeated",
        "An attribute that the provider asks for is in the subject more than once.",
        f"Name it once in -subj: {SAME_KEY}",
    ),
    _rule(
        "attribute_wrong",
        "The provider asks for one exact value of this attribute.",
        f"Write exactly that value in -subj: {SAME_KEY}",
    ),
    _rule(
        "attribute_refused",
        "The provider does not accept this attribute in the subject.",
        f"Leave it out of -subj: {SAME_KEY}",
    ),
    _rule(
        "common_name_wrong",
        "The provider asks for a common name (CN) of a certain form, which often contains the client's id.",
        f"Write that CN in -subj: {SAME_KEY}",
    ),
    _rule(
        "alternative_name_missing",
        "The provider asks for an alternative name (subjectAltName) of a certain kind and form.",
        f"Ask for it with -addext: {WITH_NAME}",
    ),
    _rule(
        "attribute_too_long",
        "An attribute is longer than RFC 5280 appendix A.1 allows.",
        f"Shorten it in -subj: {SAME_KEY}",
    ),
    _rule(
        "attribute_unprintable",
        "An attribute contains control characters.",
        f"Write it again in -subj: {SAME_KEY}",
    ),
    _rule(
        "country_malformed",
        "C is exactly two letters (RFC 5280 appendix A.1).",
        f"Write the two letters of the country in -subj: {SAME_KEY}",
    ),
    _rule(
        "holder_unfit",
        "The certificate carries the client id, or another fact about the client, as a name; that fact is not known, "
        "empty, too long or unprintable.",
        "Register the client under an id of 1 to 64 printable characters, with everything that its certificate names.",
    ),
    _rule(
        "name_missing",
        "Every certificate needs a name, by which people find it in a list.",
        "Give the certificate a name, for instance: sandbox 2026",
    ),
    _rule(
        "name_too_long",
        "The name of a certificate has 64 characters at most.",
        "Give the certificate a shorter name.",
    ),
    _rule(
        "name_unprintable",
        "The name of the certificate contains control characters.",
        "Type the name again by hand.",
    ),
    _rule(
        "name_taken",
        "All active certificates of one client must have unique names.",
        "Choose another name, or revoke the certificate that has this one.",
    ),
    _rule(
        "limit_reached",
        "The client has as many active certificates as the provider allows.",
        "Release certificates that are no longer used, then send the same CSR again.",
        "Release certificates that are no longer used, then upload the same certificate again.",
    ),
)

# An uploaded certificate was read, and the policy of the provider does not allow it.
_UPLOAD = (
    _rule(
        "self_signed_refused",
        "The provider does not accept self-signed certificates.",
        "Upload a certificate that an authority issued for the key.",
    ),
    _rule(
        "self_signature_wrong",
        "The certificate is self-signed, and its signature does not verify with its own key: it was changed after it "
        "was made.",
        f"Make it again: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "serial_not_positive",
        "The serial number of a certificate is a positive number (RFC 5280 section 4.1.2.2).",
        f"Make it again without -set_serial: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "extended_usage_missing",
        "The certificate lacks the extended key usage that the provider asks for.",
        f"Make it again with this usage: {FOR_CLIENTS}",
    ),
    _rule(
        "already_here",
        "The store already has this certificate for this client, and it is not revoked.",
        f"Use it as it is, or upload another; the same key can stay: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "of_other_client",
        "Another client has this certificate, and it is not revoked. A certificate cannot belong to two clients.",
        f"Make a key and a certificate for this client: {NEW_CERTIFICATE}",
    ),
)

# A presented certificate is not valid at this moment.
_PRESENTED = (
    _rule(
        "unknown",
        "This certificate was neither issued nor uploaded here.",
        "Use a certificate that the sandbox issued, or send it a CSR. Another store knows no earlier ones.",
    ),
    _rule(
        "wrong_purpose",
        "The certificate is for another purpose: one for signing messages opens no connections.",
        "Present the certificate that was issued or uploaded for this purpose.",
    ),
    _rule(
        "expired",
        "The certificate has expired by the sandbox's clock.",
        f"Ask for a new certificate; a CSR with the same key: {SAME_KEY}",
        f"Make a new certificate, and upload it; the same key can stay: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "not_yet_valid",
        "The certificate is not valid yet by the sandbox's clock.",
        "Ask for a new certificate at the time that the sandbox's clock shows now.",
        "Upload a certificate that is valid at the time that the sandbox's clock shows now.",
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
        "The CSR (or uploaded certificate), or the state of its client, breaks rules; each is listed with its code.",
        f"Look at the CSR, then fix each problem: {SHOW}",
    ),
    _rule(
        "not_revoked",
        "The certificate cannot be revoked like this; each reason is listed with its own code.",
        "Fix each reason, then revoke it again.",
    ),
    _rule(
        "already_revoked",
        "The certificate is already revoked. Revocation is permanent; its time and its reason stay as they are.",
        "There is nothing to do: the certificate is already refused.",
    ),
    _rule(
        "reason_unknown",
        "The reason is not one of those in RFC 5280 section 5.3.1 that apply to client certificates.",
        "Give one of these: unspecified, keyCompromise, affiliationChanged, superseded, cessationOfOperation, "
        "privilegeWithdrawn.",
    ),
    _rule(
        "id_taken",
        "Another certificate already has the id that this one was given.",
        "Send it again: it gets a new id.",
    ),
    _rule(
        "serials_exhausted",
        "No free serial number of this length was found.",
        "Use another store, which starts from the beginning.",
    ),
    _rule(
        "authority_out_of_time",
        "The sandbox's clock is outside the validity of its own authority.",
        "Move the sandbox's clock back to within 29 years of the day the state was made.",
    ),
    _rule(
        "no_authority",
        "There is no authority in this store yet.",
        "Found the authority in this store first.",
    ),
    _rule(
        "lint_failed",
        "A certificate, CRL or OCSP answer differs from what was planned. This is a bug in Sandbank; nothing was "
        "stored.",
        "Report it with the findings and, if you can, the CSR (never the key).",
    ),
    _rule(
        "name_not_covered",
        "The server authority may issue only for the names that it was founded with (RFC 5280 section 4.2.1.10).",
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
        "List the certificates and copy the id or the serial from there.",
    ),
)

# Requests for revocation lists and OCSP.
_REVOCATION = (
    _rule(
        "ocsp_malformed",
        "This is not an OCSP request that can be answered: one request in DER, about one certificate (RFC 6960).",
        "Ask as openssl does: openssl ocsp -issuer ca.crt -cert client.crt -url URL",
    ),
)

RULES: Mapping[str, RefusalRule] = MappingProxyType(
    {row.code: row for row in (*_FILE, *_REQUEST, *_UPLOAD, *_PRESENTED, *_AUTHORITY, *_REVOCATION)}
)
