"""The causes of the encryption layer: why a JWE was refused. Rows of the table in ``causes``."""

_ADD = "sandbank key add JWE.pem --client demo --algorithm RSA-OAEP-256"
_PAIR, _PUBLIC = "client-new-jwe.key", "client-new-jwe.pem"
_NEW = f"openssl genrsa -out {_PAIR} 2048 && openssl pkey -in {_PAIR} -pubout -out {_PUBLIC}"
_ADD_NEW = _ADD.replace("JWE.pem", _PUBLIC)
_LIST = "sandbank key list --client demo"
_LIBRARY = "let a JOSE library make the JWE: RSA-OAEP-256 and A256GCM, compact"
_FETCH = "fetch the provider's public key for encryption, which is made when somebody asks for it, and encrypt to that"

# What came is not a compact JWE.
_FORMS = (
    (
        "encryption.required",
        "This call must be encrypted, and is not.",
        f"send a compact JWE, with the headers that the provider asks for: {_LIBRARY}",
    ),
    (
        "encryption.plain_json",
        "A JWE was announced, but the body is plain JSON.",
        f"encrypt the body and send the compact JWE: {_LIBRARY}",
    ),
    (
        "encryption.signed_only",
        "A JWE was announced, but three parts are a JWS: this is signed and not encrypted.",
        "encrypt it, with the library's encrypt function; where only a signature is meant, say so in the header",
    ),
    (
        "encryption.order_wrong",
        "This was encrypted first and then signed. Where both are wanted, the signed JWS is what is encrypted.",
        "sign the payload, then encrypt the compact JWS",
    ),
    (
        "encryption.signed_within",
        "It decrypts, and within it is a JWS; but the header of the call announces encryption alone.",
        "announce both, signature and encryption, or encrypt the payload itself",
    ),
    (
        "encryption.json_serialization",
        "This is the JSON serialization of a JWE (RFC 7516 section 7.2); the compact one, with dots, is expected.",
        "ask the library for the compact form",
    ),
    (
        "encryption.not_alone",
        "There is a JWE, but with something around it; the body must be the JWE and nothing else.",
        "send it as text or bytes in one line, not through the HTTP client's JSON or form option",
    ),
    (
        "encryption.parts_wrong",
        "A JWE has five parts, separated by dots (RFC 7516 section 7.1).",
        _LIBRARY,
    ),
    (
        "encryption.base64_malformed",
        "A part is not base64url without padding (RFC 7515 section 2).",
        "encode each part with: openssl base64 -A < FILE | tr '+/' '-_' | tr -d '='",
    ),
)

# What its header says.
_HEADER = (
    (
        "encryption.header_malformed",
        "The first part is not a JSON object of usual length, with unique names and values of the right kind.",
        "look at it: cut -d. -f1 FILE | tr -- '-_' '+/' | openssl base64 -d -A",
    ),
    (
        "encryption.alg_wrong",
        "The content key is not encrypted by the algorithm that the provider takes (alg).",
        f"choose the alg that was expected: {_LIBRARY}",
    ),
    (
        "encryption.enc_wrong",
        "The content is not encrypted by the algorithm that the provider takes (enc); many libraries default to a CBC.",
        f"choose the enc that was expected: {_LIBRARY}",
    ),
    (
        "encryption.compressed",
        "The header says that the content is compressed (zip), which the provider does not take.",
        "encrypt the payload as it is, without zip",
    ),
    (
        "encryption.crit_unknown",
        "crit names members that the provider does not understand, so the JWE must be refused (RFC 7516 4.1.13).",
        "leave crit out of the header",
    ),
)

# It does not decrypt. Every row but the last names the reason that was found.
_DECRYPTION = (
    ("encryption.no_key", "The provider has no key yet to which anybody could have encrypted.", _FETCH),
    (
        "encryption.key_length_wrong",
        "The encrypted key is not as long as the provider's key makes it: it was encrypted to another one, or to none.",
        _FETCH,
    ),
    (
        "encryption.part_length_wrong",
        "The initialization vector or the authentication tag does not have its one length.",
        "draw 12 random bytes as the vector, and send the tag as a part of its own, not behind the ciphertext",
    ),
    (
        "encryption.padding_wrong",
        "The content key is encrypted to the right key, but with another padding than the header says.",
        f"set the padding that was expected; {_LIBRARY}",
    ),
    (
        "encryption.old_key",
        "This was encrypted to an earlier version of the provider's key, which has made a new one since.",
        "fetch the provider's public key once more, without naming a version, and encrypt to that",
    ),
    (
        "encryption.header_not_authenticated",
        "The content is encrypted by the right key, but the header is not its additional authenticated data.",
        "hand the first part, in base64url, to the cipher as additional data (RFC 7516 section 5.1, step 14)",
    ),
    (
        "encryption.own_key",
        "This was encrypted to the client's own key, it seems: nobody but the client has the private half.",
        _FETCH,
    ),
    (
        "encryption.does_not_decrypt",
        (
            "It does not decrypt, and no harmless reason was found: it was encrypted to another key, or header or "
            "content were changed."
        ),
        f"{_FETCH}; where it is that key already, something changes the JWE on its way",
    ),
)

# To whom the reply is encrypted.
_REPLIES = (
    (
        "encryption.client_key_missing",
        "The client has no public key to which the reply could be encrypted.",
        f"{_NEW}; then: {_ADD_NEW}",
    ),
    (
        "encryption.client_key_unknown",
        "The call names a key for its reply that the client does not have for encryption.",
        f"name one of these: {_LIST}; or register one: {_ADD}",
    ),
    (
        "encryption.client_key_ended",
        "The client's key for encryption has expired, was deleted, or is not active yet by the sandbox's clock.",
        f"register another, and name it: {_ADD}",
    ),
)

CAUSES: tuple[tuple[str, str, str], ...] = (*_FORMS, *_HEADER, *_DECRYPTION, *_REPLIES)
