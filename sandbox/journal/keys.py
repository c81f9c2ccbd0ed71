"""The causes of the signature layer that are about keys: which one counts, which are not taken. Rows of ``causes``."""

_LIST = "sandbank key list --client demo"
_ADD = "sandbank key add PUBLIC.pem --client demo --algorithm ES512"
_PAIR, _PUBLIC = "client-new-jws.key", "client-new-jws.pem"
_NEW = f"openssl ecparam -name secp521r1 -genkey -noout -out {_PAIR} && openssl ec -in {_PAIR} -pubout -out {_PUBLIC}"
_ADD_NEW = _ADD.replace("PUBLIC.pem", _PUBLIC)

# Which key.
_CHOICE = (
    (
        "signature.no_key",
        "The client has no key here, registered or in a certificate, so its signatures cannot be verified.",
        f"{_NEW}; then: {_ADD_NEW}",
    ),
    (
        "signature.kid_missing",
        "The client has several active keys, and the header does not say which one signed.",
        f"put the key's id into the header as kid; the ids are shown by: {_LIST}",
    ),
    (
        "signature.kid_unknown",
        "The client has no public key with that id.",
        f"compare the kid with: {_LIST}; or register the key: {_ADD}",
    ),
    (
        "signature.kid_hex",
        "The kid is the serial number of the certificate in hexadecimal, as openssl prints it; decimal is asked for.",
        "turn it into decimal: python3 -c 'print(int(\"1F23F36A87\", 16))'",
    ),
    (
        "signature.key_for_encryption",
        "The kid is that of a key that was registered for encryption; a signature is verified by one for signatures.",
        f"sign with the other key, and name that: {_LIST}; or register one: {_ADD}",
    ),
    (
        "signature.key_for_approval",
        (
            "The kid is that of a key by which users approve calls (strong customer authentication); a call is signed "
            "with one of its own."
        ),
        f"sign with the other key, and name that: {_LIST}; or register one: {_ADD}",
    ),
    (
        "signature.key_expired",
        "The key or its certificate has expired by the sandbox's clock.",
        f"sign with another key; a new one is registered by: {_ADD}",
    ),
    (
        "signature.key_not_yet_active",
        "The key is not active yet, or its certificate is not valid yet, by the sandbox's clock.",
        f"sign with the previous key until then, or register a key that is active at once: {_ADD}",
    ),
    (
        "signature.key_deleted",
        "The key has been deleted, or its certificate revoked.",
        f"sign with another key; a new one is registered by: {_ADD}",
    ),
)

# A public key that was to be registered.
_KEYS = (
    ("signature.key_empty", "There is no key.", f"make a pair and register its public half: {_NEW}; then: {_ADD_NEW}"),
    (
        "signature.key_too_large",
        "A public key is a few hundred characters; this is far more.",
        f"send the public key and nothing else: openssl pkey -in KEY -pubout -out PUBLIC.pem; then: {_ADD}",
    ),
    (
        "signature.key_private_sent",
        (
            "This is, or contains, a private key. A private key is never shared: whoever has it can act as you. "
            "Nothing of it was stored."
        ),
        f"treat that key as compromised and make a new pair: {_NEW}; then register the public half: {_ADD_NEW}",
    ),
    (
        "signature.key_certificate_sent",
        "This is a certificate; the public key alone is asked for.",
        f"take the key out of it: openssl x509 -in CERTIFICATE.pem -noout -pubkey > PUBLIC.pem; then: {_ADD}",
    ),
    (
        "signature.key_jwk_sent",
        "This is a JWK or other JSON; the key is asked for as SubjectPublicKeyInfo.",
        "export it from the library as SPKI or as PEM (BEGIN PUBLIC KEY)",
    ),
    (
        "signature.key_base64_malformed",
        "The key is not in base64.",
        "write it in one line with: openssl pkey -in KEY -pubout -outform DER | openssl base64 -A",
    ),
    (
        "signature.key_not_spki",
        "This is not a public key in the form of a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).",
        "write it with: openssl pkey -in KEY -pubout -outform DER | openssl base64 -A",
    ),
    (
        "signature.key_kind_wrong",
        "This is a public key, but none of the algorithms uses its kind.",
        f"make an EC key on P-256, P-384 or P-521, or an RSA key: {_NEW}",
    ),
    (
        "signature.key_too_weak",
        "The key was not generated properly: it can be broken, or cannot be used.",
        f"make a new pair: {_NEW}; then: {_ADD_NEW}",
    ),
    (
        "signature.key_does_not_fit",
        (
            "The key does not fit the algorithm: ES256, ES384 and ES512 each have a curve of their own, "
            "and RS256, the PS algorithms and RSA-OAEP-256 want RSA of 2048 bits or more."
        ),
        f"name the algorithm of the key, or make one for it: {_NEW}",
    ),
)

_PAIRS = {"ES256": "prime256v1", "ES384": "secp384r1", "ES512": "secp521r1"}
"""The curve of each algorithm, as openssl calls it; all others are of RSA."""


_PURPOSES = {"RSA-OAEP-256": "jwe", "RS256": "sca"}
"""What keys of an algorithm are for that sign no calls: no key may be written over one for another purpose."""


def for_purpose(algorithm: str, said: str) -> str:
    """The same with files of their own for each purpose."""
    return said.replace("client-new-jws", f"client-new-{_PURPOSES.get(algorithm, 'jws')}")


def new_pair(algorithm: str) -> str:
    """The command that makes a key for that algorithm, and its public half."""
    curve = _PAIRS.get(algorithm)
    made = (
        f"openssl ecparam -name {curve} -genkey -noout -out {_PAIR}" if curve else f"openssl genrsa -out {_PAIR} 2048"
    )
    return for_purpose(algorithm, f"{made} && openssl pkey -in {_PAIR} -pubout -out {_PUBLIC}")


def add_key(algorithm: str) -> str:
    """The command that registers that public half."""
    return for_purpose(algorithm, _ADD_NEW.replace("ES512", algorithm))


SAME_KEY = "name the algorithm of this key: sandbank key add PUBLIC.pem"
"""How a next step begins that is about the key that was given, and not about a new one."""


def for_algorithm(said: str, algorithm: str) -> str:
    """A next step of this table for the algorithm that was given, not for the one that stands there as an example."""
    fitting = said.replace(_NEW, new_pair(algorithm)).replace("--algorithm ES512", f"--algorithm {algorithm}")
    return for_purpose(algorithm, fitting)


CAUSES: tuple[tuple[str, str, str], ...] = (*_CHOICE, *_KEYS)
