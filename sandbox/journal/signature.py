"""The causes of the signature layer: why a JWS was refused. Rows of the table in ``causes``; keys are in ``keys``."""

_LIST = "sandbank key list --client demo"
_ADD = "sandbank key add PUBLIC.pem --client demo --algorithm ES512"
_PAIR, _PUBLIC = "client-new-jws.key", "client-new-jws.pem"
_NEW = f"openssl ecparam -name secp521r1 -genkey -noout -out {_PAIR} && openssl ec -in {_PAIR} -pubout -out {_PUBLIC}"
_ADD_NEW = _ADD.replace("PUBLIC.pem", _PUBLIC)
_LIBRARY = "let a JOSE library make the JWS; it writes all three parts"
# "$HEADER" is the first part, in base64url; BODY a file with the very bytes that are sent.
_BY_HAND = """printf '%s.' "$HEADER" | cat - BODY | openssl dgst -sha256 -sign KEY"""
_DETACH = "send BASE64URL(header), two dots and BASE64URL(signature)"

# What came is not a compact JWS.
_FORMS = (
    (
        "signature.required",
        "This call is not signed, but the endpoint or the client's setting requires a signature.",
        f"send a compact JWS with the content type that was expected: {_LIBRARY}",
    ),
    (
        "signature.empty",
        "A JWS was expected, and the body is empty.",
        "send the compact JWS as the body of the call (curl -d @FILE)",
    ),
    (
        "signature.plain_json",
        "A JWS was announced, but the body is plain JSON without a signature.",
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
        "This is the JSON serialization of a JWS (RFC 7515 section 7.2); the compact one, with dots, is expected.",
        "join its members protected, payload and signature with two dots, or ask the library for the compact form",
    ),
    (
        "signature.quoted",
        "The JWS is in quotes, as a JSON string: the HTTP client serialised a text that was ready to be sent.",
        "send the JWS as text or bytes, not through the HTTP client's JSON option",
    ),
    (
        "signature.encrypted",
        "Five parts are a JWE (RFC 7516 section 7.1): this is encrypted, but a signature was announced.",
        "send a JWS, the output of the library's sign function",
    ),
    (
        "signature.parts_wrong",
        "A JWS has three parts, separated by dots (RFC 7515 section 7.1); in a detached JWS the second is empty.",
        _LIBRARY,
    ),
    (
        "signature.payload_attached",
        "The JWS contains its payload. Here it must be detached: the payload is only in the body of the call.",
        f"{_DETACH}; a library that cannot leave the payload as it is (b64: false, RFC 7797) cannot make this JWS",
    ),
    (
        "signature.several",
        "The header with the signature came more than once, or with a list in it.",
        "send it once; check whether a library and the program both set it, or a retry adds another",
    ),
    (
        "signature.certificate_sent",
        "This is a certificate, a CSR or a public key; a signature, made with the private key, is expected.",
        f"{_DETACH}; the provider has the certificate, and kid says which one it is",
    ),
    (
        "signature.whitespace",
        "There is white space in or around the JWS. A JWS is one line that ends with the signature.",
        "join the parts without line ends; curl -d @FILE drops them, --data-binary @FILE does not",
    ),
    (
        "signature.base64_padded",
        "A part ends with =. JOSE uses base64url without padding (RFC 7515 section 2), even if some samples have it.",
        "remove = from each part before signing: openssl base64 -A < FILE | tr '+/' '-_' | tr -d '='",
    ),
    (
        "signature.base64_standard",
        "A part is in plain base64; base64url uses - and _ instead of + and /.",
        "encode before signing with: openssl base64 -A < FILE | tr '+/' '-_' | tr -d '='",
    ),
    (
        "signature.base64_malformed",
        "A part is not base64url: it has a foreign character, or a length or an ending that no encoder writes.",
        "check whether the JWS was cut off or escaped on its way; it is A-Z a-z 0-9 - _ and two dots",
    ),
    (
        "signature.payload_empty",
        "The middle part is empty: a detached JWS (RFC 7515 appendix F), or a signature over nothing.",
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
        "The first part is base64url, but it does not decode to JSON in UTF-8.",
        "look at it: cut -d. -f1 FILE | tr -- '-_' '+/' | openssl base64 -d -A",
    ),
    ("signature.header_not_object", "The header is JSON, but not an object.", _LIBRARY),
    (
        "signature.header_duplicate",
        "A name is in the header twice, which RFC 7515 section 4 forbids: readers could disagree about the value.",
        "set each member once, either in the library's options or in the header that you pass to it",
    ),
    (
        "signature.header_value_wrong",
        "A member of the header is of the wrong kind: alg, kid, url and iss are texts, b64 is true or false.",
        "write the value as it was expected; a number as kid, for example, goes in quotes",
    ),
    (
        "signature.header_missing",
        "The header lacks a member that the provider asks for.",
        "add it to the protected header before signing",
    ),
    (
        "signature.header_unexpected",
        "The header has a member that the provider does not allow.",
        "leave it out of the header before signing",
    ),
    (
        "signature.alg_missing",
        "The header does not name the signature algorithm (alg, RFC 7515 section 4.1.1).",
        f"put the algorithm of your key into the header; it is shown by: {_LIST}",
    ),
    (
        "signature.alg_none",
        "The header says that there is no signature. Such a JWS is always refused, since anybody could write it.",
        "sign with your private key: alg is the algorithm that your public key is registered for",
    ),
    (
        "signature.alg_unsupported",
        (
            "The provider does not accept this algorithm. Few accept RS256 and none accepts HS256, although libraries "
            "default to them."
        ),
        f"choose another alg, and a key for it: {_NEW}; then: {_ADD_NEW}",
    ),
    (
        "signature.alg_does_not_fit",
        "The alg of the header is not the algorithm that the key is registered for.",
        f"put the key's own algorithm into the header; it is shown by: {_LIST}",
    ),
    (
        "signature.crit_malformed",
        "crit breaks RFC 7515 section 4.1.11.",
        "leave crit out, or name in it what the provider asks for, each once, with the members themselves beside it",
    ),
    (
        "signature.crit_missing",
        "The header has no crit. This provider asks for it, so that every verifier must understand the names in it.",
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
        "The signature is valid, but for another call: its url is not the path that was called.",
        "sign each call separately, with its own path as url, percent-encoded as it is requested",
    ),
    (
        "signature.url_absolute",
        "The url of the header has a scheme or a host; only the path belongs there.",
        "sign with the path alone, beginning with /",
    ),
    (
        "signature.url_query",
        "The url of the header has a query or a fragment; only the path belongs there.",
        "sign with the path alone, without ? or # and what follows",
    ),
    (
        "signature.issuer_wrong",
        "The signature is valid, but iss is not the subject of the certificate (its subject, not its issuer).",
        "copy the subject into iss: openssl x509 -in CERTIFICATE.pem -noout -subject -nameopt RFC2253",
    ),
    (
        "signature.issued_at_wrong",
        "The signature is valid, but iat is not a time: a whole number, 0 or more.",
        'write iat as a number without quotes and without a fraction: "iat": 0',
    ),
    (
        "signature.issued_at_future",
        "The signature is valid, but its iat is in the future by the sandbox's clock.",
        "write the time of signing in milliseconds, or 0; compare your clock with sandbank clock show",
    ),
)

# It does not verify. Every row but the last names the reason that was found.
_SIGNATURE = (
    (
        "signature.der",
        "The signature is valid but in DER, as OpenSSL, Java and Node write ECDSA. JOSE wants r and s side by side.",
        "Java: SHA512withECDSAinP1363Format; Node: dsaEncoding 'ieee-p1363'; or let a JOSE library sign",
    ),
    (
        "signature.layout",
        "The signature is good but for the order of its bytes: r comes before s, each big-endian, zeros on its left.",
        "let a JOSE library sign, or write r and s as RFC 7518 section 3.4 has them",
    ),
    (
        "signature.length_wrong",
        "The third part does not have the length of a signature by this algorithm and key.",
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
        "The bare hash was signed; PKCS #1 v1.5 signs a DigestInfo, which also names the hash (RFC 8017 9.2).",
        "sign with openssl dgst -sha256 -sign KEY; openssl pkeyutl needs -pkeyopt digest:sha256 for a hash",
    ),
    (
        "signature.salt_wrong",
        "The signature is valid PSS, but its salt is not as long as its hash (RFC 7518 section 3.5).",
        "set the salt length to that of the hash: openssl dgst -sigopt rsa_pss_saltlen:digest; Java: PSSParameterSpec",
    ),
    (
        "signature.hash_wrong",
        "The signature is valid, but made with another hash than the algorithm's (for PSS: also in the mask).",
        "sign with the hash of the alg: SHA-256 for ES256, PS256 and RS256, SHA-384 for …384, SHA-512 for …512",
    ),
    (
        "signature.other_key",
        "The signature is valid, but another key of this client made it than the header says.",
        f"use the kid of the private key that signs; the kids are shown by: {_LIST}",
    ),
    (
        "signature.payload_reserialized",
        "The payload was signed in one form and sent in another: the same content, but not the same bytes.",
        "serialise the payload once, sign those bytes and send those bytes",
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
        "The signature does not cover the header part and the payload part, joined by a dot.",
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
            "The signature does not verify, and no harmless reason was found: payload or header were changed, or "
            "another private key signed."
        ),
        f"compare openssl pkey -in KEY -pubout with {_LIST}; if they are equal, something changes the JWS on its way",
    ),
)

CAUSES: tuple[tuple[str, str, str], ...] = (
    *_FORMS,
    *_HEADER,
    *_SIGNATURE,
    (
        "signature.method_missing",
        "The Content-Type says that the call is signed or encrypted, but the header that names the method is missing.",
        "send 'X-TW-JOSE-Method: jws' (or jwe, jws+jwe) beside Content-Type and Accept; the guides require all three",
    ),
    (
        "signature.method_wrong",
        "The header that names the method asks for something that this call does not take.",
        "send a method that was expected as X-TW-JOSE-Method, and sign or encrypt the body that way",
    ),
    (
        "signature.accept_missing",
        "The reply to a signed or encrypted call is of the same kind, but the Accept header does not allow it.",
        "send 'Accept: application/jose+json'",
    ),
)
