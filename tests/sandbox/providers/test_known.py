"""What holds of every provider's declaration, and of the list of them."""

from dataclasses import replace

import pytest

from sandbox import providers
from sandbox.errors import NotThere
from sandbox.providers import PROVIDERS, hinted, named
from sandbox.providers.declare import Provider
from sandbox.providers.usual import USUAL


def test_the_usual_provider_is_one_of_them_and_has_a_guide():
    """A start shows that guide; commands leave its name out, and say every other."""
    assert named(USUAL).guide is not None
    assert [hinted(provider.name) for provider in PROVIDERS] == [
        "" if provider.name == USUAL else provider.name for provider in PROVIDERS
    ]
    with pytest.raises(NotThere, match="there is no provider 'stranger'"):
        named("stranger")


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_the_calls_of_a_guide_name_doors_that_there_are(provider):
    """Each call is filled in whole; a door that is not declared would be a KeyError."""
    doors = {door.name: f"https://localhost:{number}" for number, door in enumerate(provider.doors, start=1)}
    for call in provider.guide.calls if provider.guide else ():
        filled = call.format(curl="curl", login="ID:SECRET", **doors)
        assert filled.startswith("curl\n") and "https://localhost:" in filled and "{" not in filled
        with pytest.raises(KeyError):
            call.format(curl="curl", login="ID:SECRET")


def test_the_package_has_nothing_else():
    """It loads the list when that is asked for; a misspelled name is an error as in any module."""
    with pytest.raises(AttributeError, match="no attribute 'PROVIDER'"):
        providers.PROVIDER  # noqa: B018 - to ask is the point


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda one: one.name)
def test_early_calls_are_calls_like_all_others(provider: Provider) -> None:
    """Loaded alone or with all chapters, the same handler answers under the same conditions; and their paths are
    spelled out, so that none of them hides another call."""
    there = {(one.method, one.path): replace(one, also=()) for one in provider.endpoints}
    for early in provider.early():
        assert there[early.method, early.path] == early
        assert "{" not in early.path
