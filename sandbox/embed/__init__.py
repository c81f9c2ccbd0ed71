"""Sandbank in Python: the sandbox itself, handles for its parts, and the pytest fixtures."""
