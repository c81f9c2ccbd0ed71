"""What a program needs to know of a running sandbox: the content of the ready file."""

import os
from typing import Any

from sandbox.errands.doors import CONTROL_OFFSET, door_urls, ever_open, known_port
from sandbox.errands.state import State
from sandbox.providers import PROVIDERS
from sandbox.storage import clients

READY_VERSION = 1
"""Moves when a field changes its meaning or goes; new fields may come without."""


def control_url(state: State) -> str:
    """The base URL of the control door as it last listened."""
    with state.store.read() as work:
        return f"http://127.0.0.1:{known_port(work, 'control', CONTROL_OFFSET)}"


def served_url(state: State) -> str:
    """The control URL of the last server over this state; empty when there never was one."""
    with state.store.read() as work:
        return control_url(state) if ever_open(work, "control") else ""


def describe(state: State) -> dict[str, Any]:
    """The ready file's JSON: control URL, CA file, and per provider its doors and its clients with their secrets."""
    with state.store.read() as work:
        providers = {
            provider.name: {
                "doors": door_urls(work, provider),
                "clients": [
                    {"name": client.name, "id": client.id, "secret": client.secret}
                    for client in clients.all_of(work, provider.name)
                ],
            }
            for provider in PROVIDERS
        }
    return {
        "version": READY_VERSION,
        "pid": os.getpid(),
        "control": control_url(state),
        "ca_file": str(state.folder.ca_file),
        "providers": providers,
    }
