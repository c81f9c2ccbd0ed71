"""From method and path to the endpoint that a provider declared, or to the nearest one that it did."""

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from starlette.routing import compile_path

from sandbox.errors import refuse
from sandbox.providers.declare import Endpoint

LONGEST_PATH = 200
"""Characters of a path that a refusal repeats, and that the search for the nearest one looks at."""


class Routes:
    """The endpoints of one provider, ready to be looked up."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._paths = tuple(dict.fromkeys(endpoint.path for endpoint in endpoints))
        self._by_path: dict[str, dict[str, Endpoint]] = {path: {} for path in self._paths}
        for endpoint in endpoints:
            self._by_path[endpoint.path][endpoint.method] = endpoint
        self._patterns = tuple((compile_path(path)[0], path) for path in self._paths if "{" in path)

    def find(self, method: str, path: str) -> tuple[Endpoint, Mapping[str, str]]:
        """The endpoint and its path parameters.

        Raises Refused with ``route.not_imitated`` or ``route.method_not_allowed``.
        """
        methods, params = self._match(path)
        if methods is None:
            raise refuse("route.not_imitated", seen=f"{method} {path[:LONGEST_PATH]}", expected=self.nearest(path))
        endpoint = methods.get(method)
        if endpoint is None:
            raise refuse("route.method_not_allowed", seen=method[:20], expected=", ".join(sorted(methods)))
        return endpoint, params

    def nearest(self, path: str) -> str:
        """The imitated path that looks most like *path*."""
        import difflib  # costs time at every start, and only a wrong path needs it

        wanted = path[:LONGEST_PATH]
        return max(self._paths, key=lambda known: difflib.SequenceMatcher(None, known, wanted).ratio())

    def _match(self, path: str) -> tuple[dict[str, Endpoint] | None, Mapping[str, str]]:
        if (methods := self._by_path.get(path)) is not None:
            return methods, {}
        for pattern, template in self._patterns:
            if found := pattern.match(path):
                return self._by_path[template], {k: unquote(v) for k, v in found.groupdict().items()}
        return None, {}
