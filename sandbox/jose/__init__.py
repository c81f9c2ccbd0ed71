"""What a signature says and whether it is true (RFC 7515 to 7518). Pure: keys are kept, and clocks read, elsewhere."""
