"""Tables: what OpenSSL calls a failure, and what we and RFC 8446 call it; the sentences are in explain.py."""

from collections.abc import Mapping

from OpenSSL.SSL import X509VerificationCodes as Verify

ALERTS: Mapping[int, str] = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    21: "decryption_failed",  # reserved since TLS 1.2, old stacks still send it
    22: "record_overflow",
    30: "decompression_failure",
    40: "handshake_failure",
    41: "no_certificate",  # SSL 3.0
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    60: "export_restriction",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    100: "no_renegotiation",
    109: "missing_extension",
    110: "unsupported_extension",
    111: "certificate_unobtainable",
    112: "unrecognized_name",
    113: "bad_certificate_status_response",
    114: "bad_certificate_hash_value",
    115: "unknown_psk_identity",
    116: "certificate_required",
    120: "no_application_protocol",
}
"""RFC 8446 section 6, and the reserved numbers of its section B.2."""

DISTRUST = frozenset(
    {
        "bad_certificate",
        "unsupported_certificate",
        "certificate_revoked",
        "certificate_expired",
        "certificate_unknown",
        "unknown_ca",
        "bad_certificate_status_response",
        "internal_error",  # HAProxy's, where its verification fails
        "access_denied",
        "close_notify",  # it leaves politely, in the middle of the handshake
    }
)
"""Alerts of a client that has seen our certificate and does not like it, whatever word its library has for that."""

UNKNOWN_ISSUER = frozenset(
    {
        Verify.ERR_UNABLE_TO_GET_ISSUER_CERT,
        Verify.ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
        Verify.ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
        Verify.ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
        Verify.ERR_SELF_SIGNED_CERT_IN_CHAIN,
        Verify.ERR_CERT_UNTRUSTED,
        Verify.ERR_CERT_SIGNATURE_FAILURE,  # our issuer's name, another issuer's key
    }
)

# X509_V_ERR_EE_KEY_TOO_SMALL, _CA_KEY_TOO_SMALL and _CA_MD_TOO_WEAK, for which pyOpenSSL has no names.
KEY_TOO_SMALL = (66, 67)
HASH_TOO_WEAK = 68

VERIFY_NAMES: Mapping[int, str] = {
    number: name.removeprefix("ERR_").lower().replace("_", " ")
    for name, number in vars(Verify).items()
    if name.startswith("ERR_")
}
"""OpenSSL's verify errors in words."""
VERIFY_CAUSES: Mapping[int, str] = {
    **dict.fromkeys(UNKNOWN_ISSUER, "tls.certificate_unknown_issuer"),
    Verify.ERR_CERT_HAS_EXPIRED: "tls.certificate_expired",
    Verify.ERR_CERT_NOT_YET_VALID: "tls.certificate_not_yet_valid",
    Verify.ERR_CERT_REVOKED: "tls.certificate_revoked",
    Verify.ERR_INVALID_PURPOSE: "tls.certificate_wrong_usage",
    **dict.fromkeys(KEY_TOO_SMALL, "tls.certificate_key_weak"),
    HASH_TOO_WEAK: "tls.certificate_hash_weak",
}
"""OpenSSL's verdict on the client's certificate; every other one is tls.certificate_refused."""

HELLO_CAUSES: Mapping[str, str] = {
    "unsupported protocol": "tls.version_unsupported",
    "version too low": "tls.version_unsupported",
    "unknown protocol": "tls.version_unsupported",
    "no protocols available": "tls.version_unsupported",
    "inappropriate fallback": "tls.version_unsupported",
    "no shared cipher": "tls.no_shared_cipher",
    "no suitable signature algorithm": "tls.no_shared_cipher",
    "no shared signature algorithms": "tls.no_shared_cipher",
    "no suitable key share": "tls.no_shared_cipher",
    "no suitable groups": "tls.no_shared_cipher",
}
"""OpenSSL's reason for ending the handshake at a ClientHello; every other one is tls.hello_malformed."""

_NO_PROOF = "tls.certificate_proof_wrong"
_NO_KEY = "tls.certificate_key_unsupported"
_UNREADABLE = "tls.certificate_unreadable"
LATER_CAUSES: Mapping[str, str] = {
    "peer did not return a certificate": "tls.certificate_missing",
    "excessive message size": "tls.certificate_too_large",
    # Of the message that proves the private key (CertificateVerify, RFC 8446 section 4.4.3)
    "bad signature": _NO_PROOF,
    "wrong signature type": _NO_PROOF,
    "wrong signature size": _NO_PROOF,
    "wrong signature length": _NO_PROOF,
    # Of the key in the certificate
    "wrong curve": _NO_KEY,
    "wrong certificate type": _NO_KEY,
    "unknown certificate type": _NO_KEY,
    "unknown pkey type": _NO_KEY,
    "ecc cert not for signing": _NO_KEY,
    "signature for non signing certificate": _NO_KEY,
    "missing parameters": _NO_KEY,
    # Of the message with the certificate
    "unable to find public key parameters": _UNREADABLE,
    "cert length mismatch": _UNREADABLE,
    "ASN1 lib": _UNREADABLE,
    "asn1 lib": _UNREADABLE,
    "X509 lib": _UNREADABLE,
    "x509 lib": _UNREADABLE,
    # Of any record, in the handshake and after it
    "decryption failed or bad record mac": "tls.record_corrupt",
    "decryption failed": "tls.record_corrupt",
    "bad record type": "tls.record_corrupt",
    "record layer failure": "tls.record_corrupt",
    "wrong version number": "tls.record_corrupt",
    "wrong ssl version": "tls.record_corrupt",
    "http request": "tls.record_corrupt",
    "packet length too long": "tls.record_too_long",
    "data length too long": "tls.record_too_long",
    "encrypted length too long": "tls.record_too_long",
    "compressed length too long": "tls.record_too_long",
    "no renegotiation": "tls.renegotiation",
    "digest check failed": "tls.handshake_changed",
}
"""OpenSSL's reason for giving up after our answer to the ClientHello, where no alert and no verdict on a certificate
says more; every other one is tls.protocol_error."""
