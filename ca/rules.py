"""The table of refusals: for every code, what the rule means and the exact step that mends it.

Which rule is broken is left to whoever judges: `pem`, `policy`, `pinning`, `trust`, `authority` and others. Codes are
never renamed."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# One set of file names in every command, so that each can be pasted as it stands and finds what another one wrote.
_KEY = "sandbox-PRIVATE-KEY.key"
_CSR = "sandbox-certificate-request.csr"
_CERTIFICATE = "sandbox-CERTIFICATE.pem"
_SUBJECT = '-subj "/C=EU/O=Acme"'

NEW_RSA = f"openssl req -nodes -newkey rsa:2048 -keyout {_KEY} -out {_CSR} {_SUBJECT}"
NEW_EC = f"openssl req -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout {_KEY} -out {_CSR} {_SUBJECT}"
SAME_KEY = f"openssl req -new -key {_KEY} -out {_CSR} {_SUBJECT}"
SAME_KEY_SHA256 = f"openssl req -new -sha256 -key {_KEY} -out {_CSR} {_SUBJECT}"
SAME_KEY_UTF8 = f"openssl req -new -utf8 -key {_KEY} -out {_CSR} {_SUBJECT}"
WITH_NAME = f'{SAME_KEY} -addext "subjectAltName=URI:scheme://name"'
CLEAN = f"openssl req -in {_CSR} -out clean.csr"
FROM_DER = f"openssl req -inform DER -in {_CSR} -out clean.csr"
SHOW = f"openssl req -in {_CSR} -noout -text -verify"
# The same key in its usual form: the curve by its name, the point whole. OpenSSL 1.1 knows these options too.
_USUAL_KEY = f"openssl ec -in {_KEY} -param_enc named_curve -conv_form uncompressed -out clean.key"
USUAL_KEY = f"{_USUAL_KEY} && openssl req -new -key clean.key -out {_CSR} {_SUBJECT}"
USUAL_KEY_CERTIFICATE = f"{_USUAL_KEY} && openssl req -x509 -key clean.key -days 365 -out {_CERTIFICATE} {_SUBJECT}"
# A certificate to upload: one that signs itself.
NEW_CERTIFICATE = f"openssl req -x509 -nodes -newkey rsa:2048 -days 365 -keyout {_KEY} -out {_CERTIFICATE} {_SUBJECT}"
SAME_KEY_CERTIFICATE = f"openssl req -x509 -key {_KEY} -days 365 -out {_CERTIFICATE} {_SUBJECT}"
SAME_KEY_CERTIFICATE_SHA256 = f"openssl req -x509 -sha256 -key {_KEY} -days 365 -out {_CERTIFICATE} {_SUBJECT}"
FOR_CLIENTS = f'{SAME_KEY_CERTIFICATE} -addext "extendedKeyUsage=clientAuth"'
CLEAN_CERTIFICATE = f"openssl x509 -in {_CERTIFICATE} -out clean.pem"
CERTIFICATE_FROM_DER = f"openssl x509 -inform DER -in {_CERTIFICATE} -out clean.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRule:
    """A row: what a code means, and the command or step that mends it (a command always ends the sentence).

    `uploading` is the step for a certificate that is uploaded, where it is another than for a CSR."""

    code: str
    meaning: str
    next: str
    uploading: str = ""


def _rule(reason: str, meaning: str, next: str, uploading: str = "") -> RefusalRule:
    return RefusalRule(code=f"certificate.{reason}", meaning=meaning, next=next, uploading=uploading)


# The file that came is not one CSR, or one certificate, in PEM.
_FILE = (
    _rule(
        "empty",
        "Nothing came, or nothing but white space.",
        f"Look at what is sent; the file is made by: {SAME_KEY}",
        f"Look at what is sent; the file is made by: {NEW_CERTIFICATE}",
    ),
    _rule(
        "too_large",
        "A CSR or a certificate is one or two kilobytes; far more than that is some other file.",
        f"Send the CSR and nothing else; it is made by: {SAME_KEY}",
        f"Send the certificate and nothing else; this takes it out of a file: {CLEAN_CERTIFICATE}",
    ),
    _rule(
        "not_text",
        "A CSR or a certificate travels as PEM, plain ASCII text; what came is binary or in another encoding.",
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
        "It is sound but in DER, the binary form; PEM, the text form, is asked for.",
        f"Turn it into PEM: {FROM_DER}",
        f"Turn it into PEM, and send clean.pem: {CERTIFICATE_FROM_DER}",
    ),
    _rule(
        "private_key_sent",
        "This is, or contains, a private key. A private key is never shared with anyone: whoever has it is you. "
        "Nothing of it was stored.",
        f"Take that key as lost, delete it, and make a new key and a new CSR: {NEW_RSA}",
        f"Take that key as lost, delete it, and make a new key and a new certificate: {NEW_CERTIFICATE}",
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
        "This is PKCS#7, a bag of certificates: neither a CSR nor a single certificate.",
        f"Send the CSR; with the key you have it is made by: {SAME_KEY}",
        f"Send one certificate alone; one that signs itself is made by: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "other_pem_sent",
        "This is PEM, but its label is another: CERTIFICATE REQUEST is a CSR's, CERTIFICATE a certificate's.",
        f"Send the CSR; with the key you have it is made by: {SAME_KEY}",
        f"Write the certificate under its own label, and send clean.pem: {CLEAN_CERTIFICATE}",
    ),
    _rule(
        "request_sent",
        "This is a CSR, which asks for a certificate; here a certificate is uploaded.",
        f"Send a certificate; one that signs itself is made, with the key you have, by: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "several_certificates",
        "There is more than one certificate in what came, such as a chain; which of them is the client's?",
        f"Send the client's certificate alone; this takes the first out of a file: {CLEAN_CERTIFICATE}",
    ),
    _rule(
        "two_requests",
        "There is more than one CSR in what came; one certificate answers one CSR.",
        "Send each CSR on its own, under a name of its own.",
    ),
    _rule(
        "begin_missing",
        "The BEGIN line of the PEM is not there, or is not written exactly as it has to be (five hyphens each side).",
        f"Send the whole file, from the BEGIN line to the END line; openssl writes it again with: {SAME_KEY}",
        f"Send the whole file, from the BEGIN line to the END line; a new one is made by: {NEW_CERTIFICATE}",
    ),
    _rule(
        "end_missing",
        "The END line of the PEM is not there, or does not match the BEGIN line.",
        f"Copy the whole file, the last line too; openssl writes it again with: {SAME_KEY}",
        f"Copy the whole file, the last line too; a new one is made by: {NEW_CERTIFICATE}",
    ),
    _rule(
        "end_hyphens",
        "The END line does not end in five hyphens (RFC 7468 section 3); openssl calls that a bad end line.",
        f"End it in five hyphens, or write the file anew: {SAME_KEY}",
        f"End it in five hyphens, or write the file anew: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "one_line",
        "The PEM has lost its line ends. That is what `curl -d @file` does to a file.",
        f"Send the file as it is, with the same URL: curl --data-binary @{_CSR} URL",
        f"Send the file as it is, with the same URL: curl --data-binary @{_CERTIFICATE} URL",
    ),
    _rule(
        "escaped_line_ends",
        r"The line ends came as the two characters \n: text copied out of JSON or an environment variable.",
        f"Send the file itself, with real line ends: curl --data-binary @{_CSR} URL",
        f"Send the file itself, with real line ends: curl --data-binary @{_CERTIFICATE} URL",
    ),
    _rule(
        "base64_garbled",
        "Between BEGIN and END stands something that is not base64.",
        f"Copy the file again without touching it; openssl writes it anew with: {SAME_KEY}",
        f"Copy the file again without touching it; a new one is made by: {NEW_CERTIFICATE}",
    ),
    _rule(
        "truncated",
        "What came is shorter (or longer) than it says itself: lines were lost or added on the way.",
        f"Copy the whole file; openssl writes it anew with: {SAME_KEY}",
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
        "The CSR lacks its attributes field [0], which PKCS#10 asks for even where there are no attributes (RFC 2986 "
        "section 4.1). Some programs leave it out, and openssl reads such a CSR all the same; strict readers do not.",
        f"Make the CSR with openssl, which writes the field: {SAME_KEY}",
    ),
    _rule(
        "subject_string_type",
        "An attribute of the subject is written in a string type that RFC 5280 does not allow for it.",
        f"Let the program write UTF8String, and PrintableString for C; openssl does: {SAME_KEY}",
    ),
    _rule(
        "subject_unreadable",
        "The subject has a text whose bytes do not fit its string type.",
        f"Make the CSR again with UTF-8 texts: {SAME_KEY_UTF8}",
        f"Make the certificate again: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "extensions_unreadable",
        "There are extensions in a form that can not be read, or one of them is there twice.",
        f"Ask for none; the authority decides about them anyway: {SAME_KEY}",
        f"Make the certificate again, with those that openssl puts in: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "key_unreadable",
        "The public key is of an unknown kind, or its numbers do not make a key.",
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
        "The public key is marked as one for RSASSA-PSS alone (id-RSASSA-PSS, RFC 4055 section 1.2). Certificates here "
        "carry RSA keys as rsaEncryption, and programs do not use such a certificate with such a key.",
        f"Make an RSA key without this mark; it signs with PSS all the same: {NEW_RSA}",
    ),
    _rule(
        "key_encoding_refused",
        "The public key is sound, but written in another form than the one that certificates here have: its point is "
        "compressed, its curve is given by parameters and not by name, or the parameters of an RSA key are missing. A "
        "certificate would hold other bytes than the CSR.",
        f"Write the key in its usual form, and make the CSR again with it: {USUAL_KEY}",
        f"Write the key in its usual form, and make the certificate again with it: {USUAL_KEY_CERTIFICATE}",
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
        "The key has a size between those that the provider accepts.",
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
        "The private key is no secret: it can be computed from the public one, since a broken generator made it, or it "
        "is printed in a standard.",
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
        "The client has a certificate of this key for another purpose, and the provider asks for separate keys.",
        f"Make a new key and CSR: {NEW_RSA}",
        f"Make a new key and certificate: {NEW_CERTIFICATE}",
    ),
    _rule(
        "key_of_other_client",
        "Another client has a certificate of this key, and the provider asks for a key of its own from every client.",
        f"Make a new key and CSR: {NEW_RSA}",
        f"Make a new key and certificate: {NEW_CERTIFICATE}",
    ),
    _rule(
        "hash_refused",
        "The signature is over a hash that the provider does not accept; SHA-1 and MD5 are broken.",
        f"Sign it again with SHA-256: {SAME_KEY_SHA256}",
        f"Sign it again with SHA-256: {SAME_KEY_CERTIFICATE_SHA256}",
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
        "attribute_wrong",
        "The provider asks for this attribute with one certain value.",
        f"Write exactly that value in -subj: {SAME_KEY}",
    ),
    _rule(
        "attribute_refused",
        "The provider does not accept this attribute in the subject.",
        f"Leave it out of -subj: {SAME_KEY}",
    ),
    _rule(
        "common_name_wrong",
        "The provider asks for a common name (CN) of one certain form, which often holds the client's own id.",
        f"Write that CN in -subj: {SAME_KEY}",
    ),
    _rule(
        "alternative_name_missing",
        "The provider asks for an alternative name (subjectAltName) of one certain kind and form.",
        f"Ask for it with -addext: {WITH_NAME}",
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
        "The certificate carries the client id, or what else is known of the client, as a name; this is not known, "
        "empty, too long or unprintable.",
        "Register the client under an id of 1 to 64 printable characters, with everything that its certificate names.",
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
        "Release certificates that are no longer used, then send the same CSR again.",
        "Release certificates that are no longer used, then upload the same certificate again.",
    ),
)

# An uploaded certificate was read, and the policy of the provider does not allow it.
_UPLOAD = (
    _rule(
        "self_signed_refused",
        "The provider does not accept certificates that signed themselves.",
        "Upload a certificate that an authority issued for the key.",
    ),
    _rule(
        "self_signature_wrong",
        "The certificate's signature does not verify with its own key, which it names as its issuer's: it was changed "
        "after it was made.",
        f"Make it again: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "serial_not_positive",
        "The serial number of a certificate is a positive number (RFC 5280 section 4.1.2.2).",
        f"Make it again without -set_serial: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "extended_usage_missing",
        "The provider asks for a certificate that says that it is for this use (extended key usage).",
        f"Make it again with the use in it: {FOR_CLIENTS}",
    ),
    _rule(
        "already_here",
        "This very certificate of this client is in the store already, and not revoked.",
        f"Use it as it is, or upload another; the same key can stay: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "of_other_client",
        "Another client has this very certificate, and it is not revoked. A certificate can not stand for two clients.",
        f"Make a key and a certificate of this client's own: {NEW_CERTIFICATE}",
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
        "wrong_purpose",
        "The certificate is for another purpose: what signs messages does not open connections.",
        "Present the certificate that was issued or uploaded for this purpose.",
    ),
    _rule(
        "expired",
        "The certificate's time is over, by the sandbox's clock.",
        f"Ask for a new certificate; a CSR with the same key: {SAME_KEY}",
        f"Make a new certificate, and upload it; the same key can stay: {SAME_KEY_CERTIFICATE}",
    ),
    _rule(
        "not_yet_valid",
        "The certificate's time has not begun, by the sandbox's clock.",
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
        "The CSR (or uploaded certificate), or its holder's standing, breaks rules; each is listed with its own code.",
        f"See what the CSR says, then mend each: {SHOW}",
    ),
    _rule(
        "not_revoked",
        "The certificate can not be revoked so; each reason is listed with a code of its own.",
        "Mend each reason, then revoke it again.",
    ),
    _rule(
        "already_revoked",
        "The certificate was revoked before. Revoking is for good, and its instant and its reason stay as they are.",
        "Nothing has to be done: the certificate is refused already.",
    ),
    _rule(
        "reason_unknown",
        "A certificate is revoked for one of the reasons of RFC 5280 section 5.3.1 that make sense for a client's.",
        "Give one of these: unspecified, keyCompromise, affiliationChanged, superseded, cessationOfOperation, "
        "privilegeWithdrawn.",
    ),
    _rule(
        "id_taken",
        "A certificate was to be kept under an id that another one has.",
        "Send it again: the id is made anew.",
    ),
    _rule(
        "serials_exhausted",
        "No free serial number of this length was found.",
        "Use another store, which begins anew.",
    ),
    _rule(
        "authority_out_of_time",
        "The sandbox's clock stands outside the life of its own authority.",
        "Move the sandbox's clock back to within 29 years of the day the state was made.",
    ),
    _rule(
        "no_authority",
        "There is no authority in this store yet.",
        "Found the authority in this store first.",
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
        "List the certificates and take the id or the serial from there.",
    ),
)

# What is asked of revocation lists and of OCSP.
_REVOCATION = (
    _rule(
        "ocsp_malformed",
        "What came is not an OCSP request that can be answered: one request in DER, about one certificate (RFC 6960).",
        "Ask as openssl does: openssl ocsp -issuer ca.crt -cert client.crt -url URL",
    ),
)

RULES: Mapping[str, RefusalRule] = MappingProxyType(
    {row.code: row for row in (*_FILE, *_REQUEST, *_UPLOAD, *_PRESENTED, *_AUTHORITY, *_REVOCATION)}
)
