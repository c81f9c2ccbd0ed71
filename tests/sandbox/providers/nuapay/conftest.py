import pytest

from tests.sandbox.providers.nuapay.bench import Organisation


@pytest.fixture
def organisation():
    """A new organisation, on a Tuesday in November 2026."""
    return Organisation()
