-- The highest number that was given to a CRL of each issuing CA, whether or not that CRL was ever signed and kept: a
-- number is taken before the signing, which happens outside of any transaction.
CREATE TABLE ca_crl_numbers (
    issuer TEXT PRIMARY KEY,
    number BIGINT NOT NULL
);

INSERT INTO ca_crl_numbers (issuer, number)
SELECT issuer, number
FROM ca_crls
