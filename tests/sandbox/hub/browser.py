"""What the tests of the hub need of a browser: where it is, and how it is started."""

import shutil
from pathlib import Path

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).parents[3] / "build" / "npm" / "node_modules" / "axe-core" / "axe.min.js"


def chromium() -> str:
    """Debian's. Fails, and says what is missing."""
    found = shutil.which("chromium")
    assert found, "the tests of the hub need a browser: apt install chromium (scripts/test does it as root)"
    return found


def axe() -> str:
    """The text of axe-core, which judges pages."""
    assert AXE.exists(), f"{AXE} is missing: scripts/test installs axe-core there with npm (apt install npm)"
    return AXE.read_text("utf-8")
