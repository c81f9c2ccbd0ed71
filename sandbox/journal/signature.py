"""The causes of the signature layer: why a JWS was not taken. Rows of the table in ``causes``; keys are in ``keys``."""

_LIST = "sandbank key list --client demo"
_ADD = "sandbank key add PUBLIC.pem --client demo --algorithm ES512"
_NEW = "openssl ecparam -name secp521r1 -genkey -noout -out jws.key && openssl ec -in jws.key -pubout -out PUBLIC.pem"
_LIBRARY = "let a JOSE library make the JWS; it writes all three parts"
# "$HEADER" is the first part, in base64url; BODY a file with the very bytes that are sent.
_BY_HAND = """printf '%s.' "$HEADER" | cat - BODY | openssl dgst -sha256 -sign KEY"""
_DETACH = "send BASE64URL(header), two dots and BASE64URL(signature)"

# What came is not a compact JWS.
_FORMS = (
    (
        "signature.required",
        "This call must be signed, because the endpoint or the client's own setting says so, and it is not.",
        f"send a compact JWS with the content type that was expected: {_LIBRARY}",
    ),
    (
        "signature.empty",
        "A JWS was expected and nothing came.",
        "send the compact JWS as the body of the call (curl -d @FILE)",
    ),
    (
        "signature.plain_json",
        "A JWS was announced, and what came is plain JSON that nobody has signed.",
        f"sign the body and send the compact JWS: {_LIBRARY}",
    ),
    (
        "signature.in_json",
        "There is a JWS, but within JSON or a form; the body must be the JWS and nothing else.",
        "send the JWS itself as the body: as text or bytes, not through the HTTP client's JSON or form option",
    ),
    (
        "signature.elsewhere",
        "There is a JWS, but in another place than the one where it is looked for.",
        "send the same JWS where it was expected",
    ),
    (
        "signature.json_serialization",
        "This is the JSON serialization of a JWS (RFC 7515 section 7.2); the one with dots is asked for.",
        "join its members protected, payload and signature with two dots, or ask the library for the compact form",
    ),
    (
        "signature.quoted",
        "The JWS stands in quotes, as a JSON text: the HTTP client has serialised a string that was ready to be sent.",
        "send the JWS as text or bytes, not through the HTTP client's JSON option",
    ),
    (
        "signature.encrypted",
        "Five parts are a JWE (RFC 7516 section 7.1): this is encrypted, and a signature was announced.",
        "send a JWS, the output of the library's sign function",
    ),
    (
        "signature.parts_wrong",
        "A JWS has three parts with a dot between them (RFC 7515 section 7.1); in a detached one the second is empty.",
        _LIBRARY,
    ),
    (
        "signature.payload_attached",
        "The JWS has its payload within it. Here it is detached: the payload is the body of the call, and only that.",
        f"{_DETACH}; a library that cannot leave the payload as it is (b64: false, RFC 7797) cannot make this JWS",
    ),
    (
        "signature.several",
        "The header with the signature came more than once, or with a list in it.",
        "send it once: look whether both a library and the program itself set it, or a retry adds another",
    ),
    (
        "signature.certificate_sent",
        "This is a certificate, a CSR or a public key; what is asked for is a signature, made with the private key.",
        f"{_DETACH}; the certificate stays with the provider, and kid says which it is",
    ),
    (
        "signature.whitespace",
        "There is white space in or around the JWS. It is one line, and its last character is one of the signature.",
        "join the parts without line ends; curl -d @FILE drops them, --data-binary @FILE does not",
    ),
    (
        "signature.base64_padded",
        "A part ends with =. JOSE writes base64url without padding (RFC 7515 section 2), whatever some samples show.",
        "take = off each part before signing: openssl base64 -A < FILE | tr '+/' '-_' | tr -d '='",
    ),
    (
        "signature.base64_standard",
        "A part is in plain base64; base64url has - and _ in the places of + and /.",
        "encode before signing with: openssl base64 -A < FILE | tr '+/' '-_' | tr -d '='",
    ),
    (
        "signature.base64_malformed",
        "A part is not base64url: a character that it does not have, or a length or an end that no encoder writes.",
        "look whether the JWS was cut off or escaped on its way; it is A-Z a-z 0-9 - _ and two dots",
    ),
    (
        "signature.payload_empty",
        "The part in the middle is empty: a detached JWS (RFC 7515 appendix F), or a signature over nothing.",
        "send the payload inside the JWS, between the two dots",
    ),
)

# What the header says is not acceptable, whoever signed it.
_HEADER = (
    (
        "signature.header_too_large",
        "The header is larger than any that is needed.",
        "send alg, typ, kid and url only, and leave certificates (x5c) and keys (jwk) out",
    ),
    (
        "signature.header_not_json",
        "The first part is base64url, but what it stands for is not JSON in UTF-8.",
        "look at it: cut -d. -f1 FILE | tr -- '-_' '+/' | openssl base64 -d -A",
    ),
    ("signature.header_not_object", "The header is JSON, but not an object.", _LIBRARY),
    (
        "signature.header_duplicate",
        "A name stands twice in the header, which RFC 7515 section 4 forbids: two readers could see two headers.",
        "set each member once, either in the library's options or in the header that is handed to it",
    ),
    (
        "signature.header_value_wrong",
        "A member of the header is of the wrong kind: alg, kid, url and iss are texts, b64 is true or false.",
        "write the value as it was expected; a number as kid, for example, goes in quotes",
    ),
    (
        "signature.header_missing",
        "A member of the header that the provider asks for is not there.",
        "add it to the protected header before signing",
    ),
    (
        "signature.header_unexpected",
        "The header has a member that the provider does not allow.",
        "leave it out of the header before signing",
    ),
    (
        "signature.alg_missing",
        "The header does not say by which algorithm it is signed (alg, RFC 7515 section 4.1.1).",
        f"put the algorithm of your key into the header; it is shown by: {_LIST}",
    ),
    (
        "signature.alg_none",
        "The header says that nothing is signed. Such a JWS is never taken, or anybody could write one.",
        "sign with your private key: alg is the algorithm that your public key is registered for",
    ),
    (
        "signature.alg_unsupported",
        (
            "The provider does not take this algorithm. Few take RS256 and none takes HS256, although libraries "
            "default to them."
        ),
        f"choose another alg, and a key for it: {_NEW}; then: {_ADD}",
    ),
    (
        "signature.alg_does_not_fit",
        "The alg of the header is not the algorithm that the key is registered for.",
        f"put the key's own algorithm into the header; it is shown by: {_LIST}",
    ),
    (
        "signature.crit_malformed",
        "crit does not obey RFC 7515 section 4.1.11.",
        "leave crit out, or name in it what the provider asks for, each once, with the members themselves beside it",
    ),
    (
        "signature.crit_missing",
        "The header has no crit. This provider asks for one, so that nobody verifies without understanding its names.",
        "put crit with exactly the names that were expected into the header before signing",
    ),
    (
        "signature.crit_incomplete",
        "crit leaves out a name that this provider asks for.",
        "put all the names that were expected into crit before signing; their order does not matter",
    ),
    (
        "signature.crit_unknown",
        "crit names a member that this provider does not understand, so the JWS must be refused (RFC 7515 4.1.11).",
        "leave the name out of crit; the member itself may stay if it can be ignored",
    ),
    (
        "signature.payload_unencoded",
        "b64: false announces a payload that is not in base64url (RFC 7797), which this scheme does not use.",
        "leave b64 and crit out of the header",
    ),
    (
        "signature.b64_wrong",
        "Here the payload is signed as it is, not in base64url, and the header must say so (RFC 7797 section 3).",
        'put "b64": false into the header, and "b64" into its crit, before signing',
    ),
    (
        "signature.url_missing",
        "The header has no url. It binds the signature to the call, so that nobody can use it for another.",
        "put the path of the call into the header as url before signing",
    ),
    (
        "signature.url_wrong",
        "The signature is good, but for another call: its url is not the path that was called.",
        "sign for each call anew, with its own path as url, percent-encoded as it is requested",
    ),
    (
        "signature.url_absolute",
        "The url of the header has a scheme or a host; only the path belongs there.",
        "sign with the path alone, beginning with /",
    ),
    (
        "signature.url_query",
        "The url of the header has a query or a fragment; only the path belongs there.",
        "sign with the path alone, without ? and # and what follows them",
    ),
    (
        "signature.issuer_wrong",
        "The signature is good, but iss is not the name of whoever holds the certificate: its subject, not its issuer.",
        "copy the subject into iss: openssl x509 -in CERTIFICATE.pem -noout -subject -nameopt RFC2253",
    ),
    (
        "signature.issued_at_wrong",
        "The signature is good, but iat is not a time: a whole number, 0 or more.",
        'write iat as a number without quotes and without a fraction: "iat": 0',
    ),
    (
        "signature.issued_at_future",
        "The signature is good, but by its iat it is still to be made: that lies in the future by the sandbox's clock.",
        "write the time of signing in milliseconds, or 0, and compare your clock with the sandbox's beside it",
    ),
)

# It does not verify. Every row but the last names the reason that was found.
_SIGNATURE = (
    (
        "signature.der",
        "The signature is good but in DER, as OpenSSL, Java and Node write ECDSA. JOSE wants r and s side by side.",
        "Java: SHA512withECDSAinP1363Format; Node: dsaEncoding 'ieee-p1363'; or let a JOSE library sign",
    ),
    (
        "signature.layout",
        "The signature is good but for the order of its bytes: r comes before s, each big-endian, zeros on its left.",
        "let a JOSE library sign, or write r and s as RFC 7518 section 3.4 has them",
    ),
    (
        "signature.length_wrong",
        "The third part has not as many bytes as a signature of this algorithm by this key.",
        "send the whole signature in base64url (not in hexadecimal); ES256 has 64 bytes, ES384 96, ES512 132",
    ),
    (
        "signature.pkcs1_padding",
        "The signature is what RS256 makes (PKCS #1 v1.5); the alg of the header says PSS.",
        "sign with PSS: openssl dgst -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest",
    ),
    (
        "signature.pss_padding",
        "The signature is what PS256 makes (PSS); the alg of the header says PKCS #1 v1.5.",
        "sign without options for the padding: openssl dgst -sha256 -sign KEY; Java: SHA256withRSA",
    ),
    (
        "signature.digest_bare",
        "The hash was signed alone; PKCS #1 v1.5 signs it in a DigestInfo, which says which hash it is (RFC 8017 9.2).",
        "sign with openssl dgst -sha256 -sign KEY; openssl pkeyutl needs -pkeyopt digest:sha256 for a hash",
    ),
    (
        "signature.salt_wrong",
        "The signature is good PSS, but its salt is not as long as its hash (RFC 7518 section 3.5).",
        "set the salt length to that of the hash: openssl dgst -sigopt rsa_pss_saltlen:digest; Java: PSSParameterSpec",
    ),
    (
        "signature.hash_wrong",
        "The signature is good, but made with another hash than the algorithm's (for PSS: also as mask).",
        "sign with the hash of the alg: SHA-256 for ES256, PS256 and RS256, SHA-384 for …384, SHA-512 for …512",
    ),
    (
        "signature.other_key",
        "The signature is good, but it was made with another key of this client's than the header says.",
        f"let kid and private key belong together; which is which is shown by: {_LIST}",
    ),
    (
        "signature.payload_reserialized",
        "The payload was signed in one form and sent in another: the same content, but not the same bytes.",
        "serialise the payload once, sign those bytes and send those bytes; parse and write nothing in between",
    ),
    (
        "signature.header_reserialized",
        "The header was signed in one form and sent in another: the same JSON, but not the same bytes.",
        "send the first part exactly as it was when it was signed",
    ),
    (
        "signature.header_tampered",
        "A member of the header was changed, added or taken away after the signature had been made.",
        "set the whole header first, then sign; to send to another path or with another kid, sign anew",
    ),
    (
        "signature.input_wrong",
        "The signature was made over something else than the header's part and the payload's with a dot between them.",
        (
            'sign exactly that: printf %s "$HEADER.$PAYLOAD" | openssl dgst -sign KEY -sha512; '
            f"where the payload is not encoded (b64: false): {_BY_HAND}"
        ),
    ),
    (
        "signature.payload_encoded",
        (
            "The header says b64: false, and the signature was made over the payload in base64url all the same, as a "
            "JOSE library does that does not know RFC 7797."
        ),
        f"sign the body as it is: {_BY_HAND}",
    ),
    (
        "signature.does_not_verify",
        (
            "The signature does not hold, and no harmless reason was found: payload or header were changed, or another "
            "private key has signed."
        ),
        f"compare openssl pkey -in KEY -pubout with {_LIST}; if they are one, look for what changes the JWS on its way",
    ),
)

CAUSES: tuple[tuple[str, str, str], ...] = (
    *_FORMS,
    *_HEADER,
    *_SIGNATURE,
    (
        "signature.method_missing",
        "The Content-Type says that the call is signed, and the header that names the method is missing.",
        "send 'X-TW-JOSE-Method: jws' beside Content-Type and Accept; the JWS guide has all three as required",
    ),
    (
        "signature.method_wrong",
        "The header that names the method asks for something other than a signature.",
        "send 'X-TW-JOSE-Method: jws'; encryption (jwe, jws+jwe) is not imitated",
    ),
    (
        "signature.accept_missing",
        "A signed call is answered with a signed reply, and the Accept header does not take one.",
        "send 'Accept: application/jose+json'",
    ),
)
