"""HTTP on one connection. The only room that knows Hypercorn."""
