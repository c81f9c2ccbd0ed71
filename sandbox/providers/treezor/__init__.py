"""Treezor, imitated: the folder reads like its page on mutual TLS and its official description.

``provider`` is the contents page.
"""
