"""The hub: the services as pages for a browser. No logic of its own; without script all works but the live list."""
