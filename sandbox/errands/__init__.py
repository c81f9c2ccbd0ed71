"""One plain function for each thing that one can ask of the sandbox.

The command line, the control API and Python are faces of these.
"""
