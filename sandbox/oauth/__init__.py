"""Who may do what (RFC 6749, 6750, 7617). Pure: no store, no clock, no HTTP server."""
