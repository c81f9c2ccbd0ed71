"""The benchmark behind ``scripts/bench``: what is measured is a table in scenarios, and measuring judges nothing."""
