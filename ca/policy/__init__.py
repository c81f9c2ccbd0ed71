"""What a CSR or an uploaded certificate must satisfy. Only a policy makes an `Approved`."""
