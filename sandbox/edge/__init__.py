"""The doors themselves: sockets, connections and HTTP; Hypercorn and ASGI live only here."""
