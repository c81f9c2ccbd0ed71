"""The tables of the layers of signature and encryption go together with the code of this room."""

import ast
from pathlib import Path

from sandbox.journal import encryption, keys, signature

ROOT = Path(__file__).parents[3]


def codes(folder: Path) -> set[str]:
    """The codes of signatures that the code below a folder names, tables of meanings and of envelopes aside."""
    return {
        node.value
        for path in folder.rglob("*.py")
        if path.relative_to(ROOT).parts[1] != "journal" and path.name != "errors.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("signature.")
    }


def test_every_row_can_come_up_and_is_tested() -> None:
    """Each is raised somewhere, most of them in this room; and the tests of the room see each of the room's."""
    rows = {code for code, _, _ in (*signature.CAUSES, *keys.CAUSES)}
    raised = codes(ROOT / "sandbox" / "jose")
    assert raised <= rows
    assert rows - codes(ROOT / "sandbox") == set()
    named = codes(Path(__file__).parent) | {f"signature.key_{reason}" for reason in _KEY_REASONS}
    assert raised - named == set()


# Those that test_spki.py names by their ends.
_KEY_REASONS = (
    "empty too_large private_sent certificate_sent jwk_sent base64_malformed not_spki kind_wrong".split()  # noqa: SIM905
)


def test_no_code_stands_twice() -> None:
    """A second row would hide the first."""
    listed = [code for code, _, _ in (*signature.CAUSES, *keys.CAUSES)]
    assert len(listed) == len(set(listed))


def test_every_cause_of_encryption_is_tested() -> None:
    """The tests name them by their ends. That each can come up, the table's own tests say."""
    rows = {code for code, _, _ in encryption.CAUSES}
    assert len(rows) == len(encryption.CAUSES)
    here = Path(__file__).parent
    tests = (here / "test_jwe.py", here / "explain" / "test_undecrypted.py", ROOT / "tests" / "guide" / "test_jwe.py")
    text = "".join(path.read_text(encoding="utf-8") for path in tests)
    assert [code for code in rows if code not in text and f'"{code.partition(".")[2]}"' not in text] == []
