"""``sandbank calls``: what is imitated, said the same on the command line and in the provider's README."""

from pathlib import Path

from sandbox.providers import PROVIDERS, named
from tests.sandbox.cli.running import sandbank

README = Path(__file__).parents[3] / "sandbox" / "providers" / "wise" / "README.md"


def test_every_call_is_listed_with_where_it_was_read(here: Path) -> None:
    """As text and as JSON; none is without a source."""
    said = sandbank("calls", "--json").json["calls"]
    others = [sandbank("calls", "--provider", provider.name, "--json").json["calls"] for provider in PROVIDERS]
    assert all(others), "whatever ways of logging in a provider has"
    assert [(one["method"], one["path"]) for one in said] == [(e.method, e.path) for e in named("wise").endpoints]
    assert all(one["copied_from"] for one in said)
    lines = sandbank("calls", "--match", "cancel").text.splitlines()
    assert len(lines) == 2 and lines[1].split()[:2] == ["PUT", "/v1/transfers/{transferId}/cancel"]


def test_the_readmes_table_is_the_declarations(here: Path) -> None:
    """Made by ``sandbank calls --format markdown``: whoever adds a call makes it anew."""
    table = sandbank("calls", "--provider", "wise", "--format", "markdown").text.strip()
    text = README.read_text(encoding="utf-8")
    _, _, rest = text.partition("<!-- calls: made by sandbank calls --provider wise --format markdown -->\n")
    assert rest.partition("\n<!-- end of calls -->")[0].strip() == table
