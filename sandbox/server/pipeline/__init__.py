"""What a call passes through, step by step, from its route to its reply."""
