"""What a provider sends of its own accord: events, signatures, retries and addresses are pure; `delivery` sends."""
