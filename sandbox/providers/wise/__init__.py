"""Wise, imitated: the folder reads like its guides "Mutual TLS" and "Client credentials".

``provider`` is the contents page.
"""
