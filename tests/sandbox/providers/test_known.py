"""What holds of every provider's declaration, and of the list of them."""

import re
from dataclasses import replace

import pytest

from sandbox import providers
from sandbox.errors import NotThere, Refused
from sandbox.providers import PROVIDERS, USUAL, hinted, named
from sandbox.providers.declare import Provider
from sandbox.server.pipeline.message import Routes


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


@pytest.mark.parametrize(
    ("provider", "method", "path", "known"),
    [
        ("nuapay", "POST", "/files", True),
        ("nuapay", "POST", "/schemes/abxq9kq52l/mandates/w24y3dya2p/document", True),
        ("nuapay", "POST", "/nothing", False),
        ("treezor", "GET", "/core-connect/sca/scawallets/7", True),
        ("treezor", "GET", "/v1/nothing", False),
        ("wise", "POST", "/v1/settlements", True),
        ("wise", "POST", "/v1/user/pin", True),
        ("wise", "GET", "/v1/transfers/12345/issues", True),
    ],
)
def test_a_call_that_the_provider_has_is_told_as_not_imitated(provider, method, path, known):
    """Also where another method of the same path is imitated: then it is no 405."""
    of = named(provider).chapters()
    with pytest.raises(Refused) as refused:
        Routes(of.endpoints, known=of.known).find(method, path)
    assert refused.value.code == "route.not_imitated"
    assert refused.value.reasons[0].expected.startswith("a call that is imitated: the provider has this one") is known


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_no_call_is_both_imitated_and_not(provider):
    """A row that stayed when the call came would say the wrong thing of it."""
    of = provider.chapters()
    shapes = {(one.method, _shape(path)) for one in of.endpoints for path in (one.path, *one.also)}
    assert not shapes & {(method, _shape(path)) for method, path in of.known}


def _shape(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda one: one.name)
def test_early_calls_are_calls_like_all_others(provider: Provider) -> None:
    """Loaded alone or with all chapters, the same handler answers under the same conditions; and their paths are
    spelled out, so that none of them hides another call."""
    there = {(one.method, one.path): replace(one, also=()) for one in provider.endpoints}
    for early in provider.early():
        assert there[early.method, early.path] == early
        assert "{" not in early.path
