"""The stand-in for the providers: doors, journal, providers, errands, and their faces.

The faces are the command line, the control API and Python.
"""
