"""The stand-in for the providers: doors, journal, providers, services, and the ways to call them.

Those are the command line, the control API, the hub and Python.
"""
