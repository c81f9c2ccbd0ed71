"""Lines for a shell, filled in so that they can be pasted here. Files are called as in Wise's guide "Mutual TLS".

https://docs.wise.com/guides/developer/auth-and-security/mtls"""

import os
import re
import shlex
import shutil
import sys
from itertools import chain, count
from pathlib import Path

from sandbox.cli.options import DEFAULT_PROVIDER, DEFAULT_STATE
from sandbox.journal.reader import NEW, Audience

KEY = "sandbox-PRIVATE-KEY.key"
CSR = "sandbox-certificate-request.csr"
CERTIFICATE = "sandbox-CERTIFICATE.pem"
OPENSSL = f'openssl req -nodes -newkey rsa:4096 -keyout {KEY} -out {CSR} -subj "/C=EU/O=Acme"'
NEW_REQUEST = f'openssl req -nodes -newkey rsa:4096 -keyout {NEW}.key -out {NEW}.csr -subj "/C=EU/O=Acme"'
"""The same where the guide's own files may be there already."""


def command(words: str, *, state: Path = DEFAULT_STATE, provider: str = DEFAULT_PROVIDER) -> str:
    """``sandbank WORDS`` as it has to be typed here, for the state and the provider in hand."""
    where = [] if state == DEFAULT_STATE else ["--state", quoted(state)]
    which = [] if provider == DEFAULT_PROVIDER else ["--provider", shlex.quote(provider)]
    return " ".join((own_name(), words, *which, *where))


def reader(state: Path) -> Audience:
    """Whoever reads what this command says: by which name the program is called here, and where the state is."""
    return Audience(program=own_name(), state="" if state == DEFAULT_STATE else quoted(state), new=_free_name())


def _free_name() -> str:
    """Of the files that a step makes here: a second new key does not take the place of the first."""
    numbered = (f"{NEW}-{number}" for number in count(2))
    kinds = ("", "-jws", "-jwe", "-sca")
    return next(
        name for name in chain((NEW,), numbered) if not any(Path(f"{name}{kind}.key").exists() for kind in kinds)
    )


def own_name() -> str:
    """The name by which this shell finds this program: ``scripts/serve`` runs one that is not on the PATH."""
    called = Path(sys.argv[0])
    ours = Path(__file__).resolve().parents[2] / "sandbank.py", Path(__file__).resolve().with_name("__main__.py")
    if called.resolve() in ours:
        return f"{Path(sys.executable).name} -m sandbank"
    found = shutil.which("sandbank")
    if called.stem != "sandbank" or not called.exists() or (found and called.samefile(found)):
        return "sandbank"
    return quoted(called)


def quoted(path: Path) -> str:
    """A path for a shell, from here where that is shorter to read."""
    here = Path.cwd()
    full = path if path.is_absolute() else here / path
    near = full.relative_to(here) if full.is_relative_to(here) else full
    if os.name == "nt":
        return f'"{near}"' if " " in str(near) else str(near)
    return shlex.quote(str(near))


_WORD = r"(?:'[^']*'|\"[^\"]*\"|[^\s'\"])+"
_PARTS = re.compile(rf"-{_WORD}(?: (?!-){_WORD})?|{_WORD}")
"""An option with its value, or a word."""


def shell_lines(typed: str, width: int, *, indent: str = "") -> list[str]:
    """A command on lines of that width, each but the last with the backslash by which a shell goes on; no word is
    broken. Windows shells have no common way to do that, so there it stays on one line. Width 0: one line."""
    if not width or os.name == "nt":
        return [indent + typed]
    lines, room = [indent], width - len(" \\")
    for part in (one for unit in _PARTS.findall(typed) for one in _fitting(unit, room - len(indent) - 2)):
        if lines[-1].strip() and len(lines[-1]) + 1 + len(part) > room:
            lines += [f"{indent}  "]
        lines[-1] += f" {part}" if lines[-1].strip() else part
    return [*(f"{line} \\" for line in lines[:-1]), lines[-1]]


def _fitting(unit: str, room: int) -> list[str]:
    """An option and its value, apart where one line has no room for both."""
    return [unit] if len(unit) <= room or not unit.startswith("-") else unit.split(" ", 1)


def sign(state: Path) -> str:
    """The CSR that `OPENSSL` made. It can be typed twice: each certificate gets a name of its own, and ``--out`` keeps
    the file that is there where the CSR is refused, which ``>`` would have emptied."""
    return command(f"certificate sign {CSR} --client demo --out {CERTIFICATE}", state=state)


def curl(*, key: str = KEY, certificate: str = CERTIFICATE, ca: str) -> str:
    """The beginning of each call with a certificate."""
    return f"curl --key {key} --cert {certificate} --cacert {ca}"
