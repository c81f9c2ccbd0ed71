import pytest

from tests.sandbox.providers.treezor.bench import Partner


@pytest.fixture
def partner():
    """A new partner, on a Tuesday in November 2026."""
    return Partner()
