"""A path leads to its endpoint; another path leads to a refusal that names the nearest."""

import pytest

from sandbox.errors import Refused
from sandbox.providers.context import Response
from sandbox.providers.declare import Endpoint
from sandbox.server.pipeline.message import LONGEST_PATH, Routes


def handler(request, context):
    return Response(status=200)


def endpoint(method: str, path: str) -> Endpoint:
    return Endpoint(method=method, path=path, handler=handler, work="read")


ROUTES = Routes(
    (endpoint("GET", "/a"), endpoint("POST", "/a"), endpoint("GET", "/v3/profiles/{profileId}/transfers/{transferId}"))
)


def test_a_path_is_found_by_its_method():
    """The same path has one endpoint per method."""
    assert ROUTES.find("GET", "/a")[0].method == "GET"
    assert ROUTES.find("POST", "/a")[0].method == "POST"


def test_parameters_are_decoded():
    """What stands percent-encoded in a path comes decoded to the handler."""
    _, params = ROUTES.find("GET", "/v3/profiles/12345/transfers/a%20b")
    assert params == {"profileId": "12345", "transferId": "a b"}


@pytest.mark.parametrize(
    "path", ["/A", "/a/", "/%61", "", "*", "/v3/profiles/1/transfers/", "/v3/profiles/1/2/transfers/3"]
)
def test_a_path_is_taken_as_it_is_written(path):
    """Other case, a slash more, an encoded letter: a provider answers 404, and so do we."""
    with pytest.raises(Refused) as refused:
        ROUTES.find("GET", path)
    assert refused.value.code == "route.not_imitated"


def test_the_nearest_path_is_named():
    """Whoever mistypes a path is told the one that was probably meant, however long the mistyped one is."""
    with pytest.raises(Refused) as refused:
        ROUTES.find("GET", "/v3/profile/1/transfer/2")
    assert refused.value.reasons[0].expected == "/v3/profiles/{profileId}/transfers/{transferId}"
    with pytest.raises(Refused) as refused:
        ROUTES.find("GET", "/" + "x" * 100_000)
    assert len(refused.value.reasons[0].seen) <= LONGEST_PATH + 10


def test_a_wrong_method_names_the_right_ones():
    """405 with what is allowed."""
    with pytest.raises(Refused) as refused:
        ROUTES.find("DELETE", "/a")
    assert refused.value.code == "route.method_not_allowed"
    assert refused.value.reasons[0].expected == "GET, POST"


def test_a_path_may_be_of_some_doors_only():
    """Elsewhere the door is named where it answers; at no door in particular it answers at all of them."""
    endpoints = (Endpoint(method="GET", path="/a", handler=handler, work="read", doors=("pci",)), endpoint("GET", "/b"))
    assert Routes(endpoints, door="pci").find("GET", "/a")[0].path == "/a"
    assert Routes(endpoints, door="api").find("GET", "/b")[0].path == "/b"
    with pytest.raises(Refused) as refused:
        Routes(endpoints, door="api").find("GET", "/a")
    assert refused.value.code == "route.other_door"
    assert refused.value.reasons[0].expected == "the pci door"


def test_a_provider_may_take_a_slash_more_or_less():
    """One at the end, as the call is declared or not; what stands with and without it is one path with both methods."""
    routes = Routes((endpoint("GET", "/a/"), endpoint("POST", "/a"), endpoint("GET", "/b/{id}")), either_slash=True)
    assert {routes.find("GET", path)[0].path for path in ("/a", "/a/")} == {"/a/"}
    assert {routes.find("POST", path)[0].path for path in ("/a", "/a/")} == {"/a"}
    assert routes.find("GET", "/b/1/")[1] == {"id": "1"}
    for path in ("/a//", "/b//", "", "/"):
        with pytest.raises(Refused) as refused:
            routes.find("GET", path)
        assert refused.value.code == "route.not_imitated"
    with pytest.raises(Refused) as refused:
        routes.find("PUT", "/a")
    assert refused.value.reasons[0].expected == "GET, POST"
