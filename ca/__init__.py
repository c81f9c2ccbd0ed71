"""An authority in a box: reads CSRs, judges them, issues certificates and remembers them.

It knows nothing of providers, HTTP or servers. Its modules are imported by name."""
