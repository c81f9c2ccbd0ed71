"""The pages hang together: every link leads to a file and a heading, and the README leads to every page."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once  # only text is read: no version of Python changes it

ROOT = Path(__file__).parents[2]
MADE = {"build", "dist", "node_modules"}
"""Folders whose pages are not ours: what the scripts make, and what they install."""
README_LINES = 260
"""A newcomer's page. What is longer than this belongs into a page of its own under docs/."""


def pages() -> list[Path]:
    """Every page of the tree."""
    folders = [at for at in ROOT.iterdir() if at.is_dir() and at.name not in MADE and not at.name.startswith(".")]
    return [*ROOT.glob("*.md"), *(page for folder in folders for page in folder.rglob("*.md"))]


def prose(page: Path) -> str:
    """The page without its fenced blocks, in which `[a](b)` is code and `#` begins a comment."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The anchors of the headings, as GitHub makes them: lower case, no punctuation, a number behind a second one."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.+?) *$", prose(page), re.MULTILINE):
        text = re.sub(r"\]\([^)]*\)", "]", heading)
        slug = base = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        again = 0
        while slug in found:
            again += 1
            slug = f"{base}-{again}"
        found.add(slug)
    return found


def links(page: Path) -> list[str]:
    """The targets of the page's links and pictures that are not addresses on the web."""
    text = re.sub(r"`[^`\n]*`", "", prose(page))
    targets = re.findall(r"\]\(([^)\s]+)[^)]*\)", text) + re.findall(r"^\[[^\]]+\]: *(\S+)", text, re.MULTILINE)
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def broken(page: Path) -> list[str]:
    """The links of the page that lead nowhere."""
    found = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and (target.suffix != ".md" or anchor not in anchors(target))):
            found.append(f"{page.name}: {link}")
    return found


def test_every_link_leads_to_a_file_and_a_heading():
    """In every page of the tree."""
    assert sum(len(links(page)) for page in pages()) > 30
    assert [link for page in pages() for link in broken(page)] == []


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    """The control of the test above: wrong files and headings are found; what is right, or code, is passed over."""
    (tmp_path / "other.md").write_text("# Keys at rest: `encrypt`\n```sh\n# No heading\n```\n## Twice\n## Twice\n")
    (tmp_path / "page.md").write_text(
        "# Here\n[a](other.md) [b](other.md#keys-at-rest-encrypt) [c](#here) [d](https://a.example/#x) `[e](no.md)`\n"
        "[f](other.md#twice-1)\n[g](gone.md) ![h](gone.png)\n[i](other.md#no-heading) [j](#there)\n[k]: gone.txt\n"
    )
    expected = ["gone.md", "gone.png", "other.md#no-heading", "#there", "gone.txt"]
    assert broken(tmp_path / "page.md") == [f"page.md: {link}" for link in expected]


def test_the_readme_is_one_page_and_leads_to_all_others():
    """Whoever has read it knows where everything is."""
    readme = ROOT / "README.md"
    assert len(readme.read_text(encoding="utf-8").splitlines()) < README_LINES
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in links(readme)}
    assert [page.name for page in (ROOT / "docs").glob("*.md") if page not in linked] == []
