-- The standing of a holder is asked at every CSR, the list of a provider on every page that shows one.
CREATE INDEX ca_certificates_by_holder ON ca_certificates (provider, holder, issued_at)
