"""What a program or a test holds of a running sandbox: a provider, a client, the clock, the journal.

Who runs it is others' business."""

from sandbox.faces.client import Client, Files, Issued
from sandbox.faces.clock import ClockFace
from sandbox.faces.journal import JournalFace, OwnJournal
from sandbox.faces.provider import ProviderFace

__all__ = ["Client", "ClockFace", "Files", "Issued", "JournalFace", "OwnJournal", "ProviderFace"]
