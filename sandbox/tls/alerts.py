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
    }
)
"""Alerts with which a client says that it was our certificate it did not like."""

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

VERIFY_CAUSES: Mapping[int, str] = {
    **dict.fromkeys(UNKNOWN_ISSUER, "tls.certificate_unknown_issuer"),
    Verify.ERR_CERT_HAS_EXPIRED: "tls.certificate_expired",
    Verify.ERR_CERT_NOT_YET_VALID: "tls.certificate_not_yet_valid",
    Verify.ERR_CERT_REVOKED: "tls.certificate_revoked",
    Verify.ERR_INVALID_PURPOSE: "tls.certificate_wrong_usage",
}
"""OpenSSL's verdict on the client's certificate; every other one is tls.certificate_refused."""

VERIFY_NAMES: Mapping[int, str] = {
    number: name.removeprefix("ERR_").lower().replace("_", " ")
    for name, number in vars(Verify).items()
    if name.startswith("ERR_")
}

REASON_CAUSES: Mapping[str, str] = {
    "peer did not return a certificate": "tls.certificate_missing",
    "unsupported protocol": "tls.version_unsupported",
    "version too low": "tls.version_unsupported",
    "unknown protocol": "tls.version_unsupported",
    "no shared cipher": "tls.no_shared_cipher",
    "no suitable signature algorithm": "tls.no_shared_cipher",
    "no suitable key share": "tls.no_shared_cipher",
    "no suitable groups": "tls.no_shared_cipher",
    "no protocols available": "tls.version_unsupported",
}
"""OpenSSL's reason for ending the handshake, where no alert and no certificate says more."""
