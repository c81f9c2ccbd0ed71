"""Nuapay, imitated: the folder reads like its REST reference, one chapter per resource.

``provider`` is the contents page.
"""
