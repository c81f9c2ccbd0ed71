"""The doors: sockets, connections, and what a call passes through."""
