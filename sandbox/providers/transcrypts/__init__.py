"""Transcrypts, imitated, and its relative Truv: see README.md for what is copied, simplified, our own choice, absent.

Source: https://sdk.transcrypts.com and its source text github.com/Transcrypts/docs (read in November 2026).
"""
