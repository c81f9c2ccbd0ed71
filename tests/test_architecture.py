"""Who may import whom, read from the code with `ast`: imports inside functions and for type checkers count as well.

The map below is the one that CONTRIBUTING.md tells in words. A new arrow is a decision: change the map in the same
commit, and give the reason there.
"""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# --- the map ---

LEAVES = "sandbox.errors sandbox.ids sandbox.settings sandbox.body"
CA_FACTS = "ca.errors ca.clock ca.x509"
# What services answer with: whoever shows it names these types, and asks nothing of the rooms behind them.
ANSWERS = "sandbox.journal sandbox.oauth sandbox.webhooks ca.issuance ca.records ca.request ca.errors ca.clock"
PURE = "sandbox.errors sandbox.ids sandbox.journal sandbox.oauth sandbox.jose sandbox.webhooks"
DECLARED = "sandbox.providers.context sandbox.providers.declare sandbox.providers.doors sandbox.providers.sealing"
PROVIDER = f"{PURE} ca.errors ca.policy ca.issuance ca.records ca.clock"
BELOW_SERVICES = (
    f"{LEAVES} ca sandbox.journal sandbox.jose sandbox.oauth sandbox.storage sandbox.tls sandbox.providers "
    "sandbox.webhooks"
)

# Room -> the rooms it may import. A name also stands for everything below it: "ca" is any module of ca.
ALLOWED = {
    "ca": "",
    "ca.rules": "",
    "ca.clock": "",
    "ca.errors": "ca.rules",
    "ca.x509": "ca.errors ca.clock",
    "ca.records": CA_FACTS,
    "ca.request": CA_FACTS,
    "ca.policy": f"{CA_FACTS} ca.rules ca.records ca.request",
    "ca.issuance": f"{CA_FACTS} ca.records ca.request ca.policy",
    "ca.store": f"{CA_FACTS} ca.records",
    "ca.status": f"{CA_FACTS} ca.issuance ca.store",
    "ca.approval": f"{CA_FACTS} ca.records ca.request ca.policy ca.issuance ca.store",
    "ca.authority": f"{CA_FACTS} ca.records ca.request ca.issuance ca.store ca.approval",
    "ca.publishing": f"{CA_FACTS} ca.records ca.issuance ca.store ca.status ca.authority",
    "sandbox": "",
    "sandbox.errors": "ca.errors ca.clock",
    "sandbox.body": "sandbox.errors",
    "sandbox.ids": "sandbox.errors ca.errors ca.clock",
    "sandbox.settings": "sandbox.errors ca.errors ca.clock",
    "sandbox.journal": "sandbox.errors sandbox.ids ca.errors ca.rules ca.clock",
    "sandbox.jose": "sandbox.errors ca.errors ca.x509 ca.request ca.clock",
    "sandbox.oauth": "sandbox.errors ca.clock",
    "sandbox.webhooks": "sandbox.errors sandbox.ids ca.clock",
    # The sender is no pure part of its room: it opens sockets, and so has a row of its own.
    "sandbox.webhooks.delivery": "sandbox.webhooks sandbox.tls sandbox.errors ca",
    "sandbox.providers": "sandbox.providers.known",
    # The list of them, beside the package itself so that this can be imported without loading all that they declare.
    "sandbox.providers.known": "sandbox.providers sandbox.errors",
    "sandbox.providers.context": PROVIDER,
    "sandbox.providers.doors": "",
    "sandbox.providers.sealing": f"sandbox.providers.context {PROVIDER}",
    "sandbox.providers.declare": f"{DECLARED} {PROVIDER}",
    "sandbox.providers.kit": f"{DECLARED} {PROVIDER}",
    "sandbox.providers.*": f"{DECLARED} sandbox.providers.kit {PROVIDER}",
    # A condition on rows is asked of the store as a provider words it: for its type alone.
    "sandbox.storage": f"{LEAVES} ca sandbox.journal sandbox.oauth sandbox.webhooks sandbox.providers.context",
    "sandbox.tls": "ca",
    "sandbox.services": BELOW_SERVICES,
    "sandbox.server": f"{BELOW_SERVICES} sandbox.services",
    "sandbox.control": f"{LEAVES} {ANSWERS} sandbox.services sandbox.providers",
    "sandbox.hub": f"{LEAVES} {ANSWERS} sandbox.services sandbox.providers",
    "sandbox.embed": f"{BELOW_SERVICES} sandbox.services sandbox.server sandbox.control sandbox.hub",
    "sandbox.cli": f"{LEAVES} {ANSWERS} sandbox.services sandbox.embed",
    # The command line too, for `python -m sandbank`.
    "sandbank": "sandbox.embed sandbox.errors sandbox.cli",
}

# Package -> the only rooms that may import it. Whatever else is not in the standard library may be imported nowhere.
AT_HOME = {
    "hypercorn": "sandbox.server.http sandbox.server.listener",
    # Hypercorn brings both, and our connection subclasses what it builds on them. Webhooks go out over h11 alone.
    "h11": "sandbox.server.http sandbox.webhooks",
    "h2": "sandbox.server.http",
    "OpenSSL": "sandbox.tls",
    "cryptography": "ca sandbox.tls sandbox.jose sandbox.webhooks sandbox.server sandbox.services sandbox.embed",
    "joserfc": "sandbox.jose",
    "aiosql": "ca.store.store",
    "sqlite3": "sandbox.storage ca.store",
    "psycopg": "sandbox.storage ca.store",
    "starlette": "sandbox.body sandbox.server sandbox.control sandbox.hub",
    "jinja2": "sandbox.hub",
    "markupsafe": "sandbox.hub",
    "click": "sandbox.cli",
    "pytest": "sandbank sandbox.embed.fixtures",  # not a dependency: pytest loads the one, a fixture the other
}

# What aiosql calls the drivers, and where each is at home: `following` is a part of PostgreSQL's store.
DRIVERS = "sqlite3 psycopg"
DRIVER_MODULES = "sandbox.storage.sqlite sandbox.storage.postgresql sandbox.storage.following"
DRIVER_WORKS = "sandbox.storage.sqlite.SqliteWork sandbox.storage.postgresql.PostgresqlWork"

# Rooms whose functions take values and give values: nothing that waits, talks or reads the outside.
VALUES_ONLY = (
    "ca sandbox.errors sandbox.ids sandbox.journal sandbox.jose sandbox.oauth sandbox.providers sandbox.webhooks"
)
# The one module in such a room that talks to the outside.
SENDER = "sandbox.webhooks.delivery"
OUTSIDE = "asyncio http.client http.server select selectors socket ssl subprocess urllib.request"

TIME_OF_DAY = (
    "datetime.datetime.now datetime.datetime.utcnow datetime.datetime.today datetime.date.today time.time time.time_ns"
)
STOPWATCH = "time.monotonic time.monotonic_ns time.perf_counter time.perf_counter_ns"
STOPWATCH_ROOMS = (
    "sandbox.storage sandbox.server sandbox.tls sandbox.webhooks.delivery sandbox.services sandbox.cli sandbox.embed"
)

# The imitated firms are named by their own folders and by the list of them, and nowhere else.
FIRM = re.compile(
    r"(?<![A-Za-z])(?:wise|nuapay|treezor|transcrypts|truv)(?![a-z])|(?:Wise|Nuapay|Treezor|Transcrypts|Truv)(?![a-z])"
    r"|(?<![A-Za-z])(?:WISE|NUAPAY|TREEZOR|TRANSCRYPTS|TRUV)(?![A-Za-z])"
)
FIRM_ROOMS = "sandbox.providers"

# What `sandbank serve` may have loaded when its doors answer, beside the standard library.
STARTS_WITH = {
    "ca": "",
    "sandbox": "",
    "sandbank": "",
    "aiosql": "",
    "__mp_main__": "the main module under the name that multiprocessing gives it, for Hypercorn",
    "cffi": "for cryptography",
    "_cffi_backend": "for cryptography",
    "click": "",
    "cryptography": "",
    "_openssl": "for cryptography",
    "h11": "for Hypercorn",
    "h2": "for Hypercorn",
    "hpack": "for Hypercorn",
    "hyperframe": "for Hypercorn",
    "hypercorn": "",
    "OpenSSL": "",
    "priority": "for Hypercorn",
    "typing_extensions": "for pyOpenSSL",
    "wsproto": "for Hypercorn",
}
# What costs time at every start and is needed later or never: for tests, mail, certificates, signatures, webhooks.
NOT_AT_START = (
    "unittest doctest pydoc pdb email.mime xml xmlrpc tkinter joserfc jinja2 starlette "
    "ca.issuance ca.policy ca.request ca.status ca.publishing sandbox.hub sandbox.control sandbox.jose "
    "sandbox.webhooks sandbox.server.sender sandbox.providers.kit"
)


# --- reading the code ---


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Module:
    """One of our Python files, read and not imported."""

    name: str
    path: Path
    tree: ast.Module
    nodes: tuple[ast.AST, ...]
    """All of the tree: every claim walks through them."""

    @property
    def room(self) -> str:
        """The room this module lives in: `ca.request.csr` lives in `ca.request`, `sandbox.errors` is its own."""
        parts = self.name.split(".")
        depth = 3 if parts[:2] == ["sandbox", "providers"] or ".".join(parts[:3]) in ALLOWED else 2
        return ".".join(parts[:depth])

    @property
    def package(self) -> str:
        """What a relative import in this file is relative to."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]

    def where(self, node: ast.stmt | ast.expr) -> str:
        return f"{self.path.relative_to(ROOT)}:{node.lineno}"


@cache
def modules() -> dict[str, Module]:
    """All of them by name: read when the first test asks, since not every process that collects tests runs these."""
    found = {}
    paths = [ROOT / "sandbank.py", *ROOT.glob("ca/**/*.py"), *ROOT.glob("sandbox/**/*.py")]
    for path in sorted(path for path in paths if path.exists()):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        tree = ast.parse(path.read_text(encoding="utf-8"), path)
        found[name] = Module(name=name, path=path, tree=tree, nodes=tuple(ast.walk(tree)))
    return found


def imports(module: Module) -> Iterator[tuple[ast.stmt, str]]:
    """Every name this module imports, in full: `from ca.csr import Csr` is `ca.csr.Csr`."""
    for node in module.nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom):
            above = module.package.split(".")[: len(module.package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node, f"{source}.{alias.name}"


def ours(name: str) -> Module | None:
    """The module of ours that an imported name comes from; None for anybody else's."""
    while name and name not in modules():
        name = name.rpartition(".")[0]
    return modules().get(name)


def within(name: str, listed: str) -> bool:
    """Is the name one of those listed, or below one of them?"""
    return any(name == one or name.startswith(f"{one}.") for one in listed.split())


def row_of(room: str) -> str | None:
    """The row of the map that speaks of a room; the providers share one."""
    if room not in ALLOWED and room.startswith("sandbox.providers."):
        return "sandbox.providers.*"
    return room if room in ALLOWED else None


def loaded_by(*names: str) -> set[str]:
    """The modules that a fresh Python has loaded after importing these, without those it always has."""
    missing = [name for name in names if name not in modules()]
    assert not missing, "there is no such module"
    lines = ["import sys", "before = set(sys.modules)", *(f"import {name}" for name in names)]
    program = "\n".join([*lines, "print(*sorted(set(sys.modules) - before))"])
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"importing {', '.join(names)} failed:\n{done.stderr}"
    return set(done.stdout.split())


@cache
def full_names(module: Module) -> tuple[tuple[ast.expr, str], ...]:
    """Every (dotted) name this module uses, aliases undone: after `import time as t`, `t.time` is `time.time`."""
    known = {}
    for node in module.nodes:
        if isinstance(node, ast.Import):
            known.update({alias.asname: alias.name for alias in node.names if alias.asname})
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            known.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    names = []
    for node in module.nodes:
        if isinstance(node, ast.Name | ast.Attribute):
            first, dot, rest = ast.unparse(node).partition(".")
            names.append((node, known.get(first, first) + dot + rest))
    return tuple(names)


# --- the claims ---


def test_every_room_is_on_the_map() -> None:
    """A new room is a decision: it has a row of its own in the map."""
    unknown = sorted({module.room for module in modules().values() if row_of(module.room) is None})
    assert not unknown, (
        f"not on the map: {unknown}. Add a row to ALLOWED with what it may import, and say so in CONTRIBUTING.md."
    )


def test_imports_follow_the_map() -> None:
    """Rooms import only the rooms the map allows them."""
    broken = []
    for module in modules().values():
        for node, name in imports(module):
            target = ours(name)
            if target is None or target.room == module.room:
                continue
            if not within(target.room, ALLOWED.get(row_of(module.room) or "", "")):
                broken.append(f"{module.where(node)}: {module.room} -> {target.room}")
    assert not broken, (
        "these arrows are not on the map:\n  "
        + "\n  ".join(dict.fromkeys(broken))
        + "\nMove the code to where its imports point down, or hand in "
        "what it needs from above. If the arrow is right, add it to ALLOWED with a reason in the commit."
    )


def test_the_map_stays_short() -> None:
    """A map of rooms fits on a page; one of files would not be read."""
    assert len(ALLOWED) < 60


def test_no_two_classes_have_one_name() -> None:
    """Whoever reads a class's name knows which one is meant."""
    places: dict[str, list[str]] = {}
    for module in modules().values():
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(module.where(node))
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert not twice, f"these names mean two things: {twice}"


def test_the_list_of_rooms_is_the_tree() -> None:
    """CONTRIBUTING names every package of ours, and every module that is a room by itself; and no other."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    listed = text[text.index("## The rooms") : text.index("### Who may import whom")]
    told = set(re.findall(r"^ +(?:[a-z0-9_]+/)*([a-z0-9_]+)(?:/|\.py)? ", listed, re.MULTILINE))
    rooms = {module.room.rpartition(".")[2] for module in modules().values() if module.room not in {"sandbox", "ca"}}
    assert rooms - told == set(), "CONTRIBUTING.md, The rooms, does not name these"
    assert told - rooms - {"sandbox", "ca", "sandbank", "tests", "http", "pipeline"} == set(), "and these are not there"


def test_no_provider_reaches_into_another_or_upward() -> None:
    """A provider knows its own folder and what it declares itself with; the map has no way around that."""
    row = ALLOWED["sandbox.providers.*"]
    forbidden = [
        "sandbox.providers.wise",
        "sandbox.server",
        "sandbox.storage",
        "sandbox.services",
        "sandbox.tls",
        "ca.authority",
    ]
    assert [room for room in forbidden if within(room, row)] == []


def test_no_import_goes_round_in_a_circle() -> None:
    """Modules can be read in an order in which each needs only those before it."""
    graph = {
        name: {target.name for _, imported in imports(module) if (target := ours(imported)) and target.name != name}
        for name, module in modules().items()
    }
    while free := {name for name, targets in graph.items() if not targets & graph.keys()}:
        graph = {name: targets for name, targets in graph.items() if name not in free}
    # Whatever is left is in a circle or above one: walk down until a name comes twice.
    path: list[str] = sorted(graph)[:1]
    while path and path[-1] not in path[:-1]:
        path.append(min(graph[path[-1]] & graph.keys()))
    circle = path[path.index(path[-1]) :] if path else []
    assert not circle, (
        f"a circle of imports: {' -> '.join(circle)}. One of them holds a second noun: give that a file of its own."
    )


def test_third_parties_have_a_room_each() -> None:
    """A library is imported in its own room only, so that changing it is the work of one room."""
    broken = []
    for module in modules().values():
        for node, name in imports(module):
            package = name.partition(".")[0]
            if ours(name) or (package in sys.stdlib_module_names and package not in AT_HOME):
                continue
            if not within(module.name, AT_HOME.get(package, "")):
                broken.append(f"{module.where(node)}: {package} belongs to {AT_HOME.get(package) or 'no room'}")
    assert not broken, "\n".join([*broken, "Ask the room that has it, or give the library a room in AT_HOME."])


def test_only_a_store_knows_which_database_it_is() -> None:
    """Where databases differ, a unit of work or a store has a method; its driver's name is for aiosql and no branch."""
    broken = [
        f"{module.where(node)}: {ast.unparse(node)}"
        for module in modules().values()
        for node in module.nodes
        if isinstance(node, ast.Compare | ast.Match)
        for side in ([node.subject] if isinstance(node, ast.Match) else [node.left, *node.comparators])
        if isinstance(side, ast.Attribute) and side.attr == "driver"
    ]
    broken += [
        f"{module.where(node)}: {node.value!r}"
        for module in modules().values()
        if not within(module.name, DRIVER_MODULES)
        for node in module.nodes
        if isinstance(node, ast.Constant) and node.value in DRIVERS.split()
    ]
    broken += [
        f"{module.where(node)}: {name}"
        for module in modules().values()
        for node, name in full_names(module)
        if name in DRIVER_WORKS.split() and not within(module.name, DRIVER_MODULES)
    ]
    assert not broken, "\n".join([*broken, "Give Work or Store (sandbox/storage/work.py) a method for the difference."])


def test_pure_rooms_take_values_and_give_values() -> None:
    """Nothing in the core waits, opens a socket or starts a process."""
    broken = [
        f"{module.where(node)}: {name}"
        for module in modules().values()
        if within(module.room, VALUES_ONLY) and module.name != SENDER
        for node, name in imports(module)
        if within(name, OUTSIDE)
    ]
    broken += [
        f"{module.where(node)}: async"
        for module in modules().values()
        if within(module.room, VALUES_ONLY) and module.name != SENDER
        for node in module.nodes
        if isinstance(node, ast.AsyncFunctionDef)
    ]
    assert not broken, "\n".join([*broken, "The core is pure: let the server fetch it, and hand it in."])


def test_only_the_clock_knows_what_time_it_is() -> None:
    """The time of day is read in ca/clock.py; everybody else is told. Stopwatches are for those who measure or wait."""
    broken = []
    for module in modules().values():
        for node, name in full_names(module):
            if name in TIME_OF_DAY.split() and module.name != "ca.clock":
                broken.append(f"{module.where(node)}: {name}")
            if name in STOPWATCH.split() and not within(module.room, STOPWATCH_ROOMS):
                broken.append(f"{module.where(node)}: {name}")
    assert not broken, "\n".join([*broken, "Take `now` as an argument; the server asks the clock once per call."])


def test_no_branch_asks_which_provider_this_is() -> None:
    """If two providers differ, there is a field in their declaration; a branch on a provider's name is a bug."""
    broken = [
        f"{module.where(node)}: {ast.unparse(node)}"
        for module in modules().values()
        for node in module.nodes
        if isinstance(node, ast.Compare) and asks_which_provider(node)
    ]
    broken += [
        f"{module.where(node)}: match {ast.unparse(node.subject)}"
        for module in modules().values()
        for node in module.nodes
        if isinstance(node, ast.Match) and is_name_of_provider(node.subject)
    ]
    assert not broken, "\n".join([*broken, "Declare the difference as a field of Provider, and read that."])


def asks_which_provider(node: ast.Compare) -> bool:
    """Is a provider's name held against one written into the code? (`token.provider == provider.name` is not that.)"""
    sides = [node.left, *node.comparators]
    return any(is_name_of_provider(side) for side in sides) and any(is_written_down(side) for side in sides)


def is_name_of_provider(node: ast.expr) -> bool:
    if not (isinstance(node, ast.Attribute) and node.attr == "name"):
        return False
    return ast.unparse(node.value).rpartition(".")[2].strip("_") == "provider"


def is_written_down(node: ast.expr) -> bool:
    """A literal, something with a literal in it, or a constant by its spelling: `WISE`, `wise.NAME`, `WISE.name`."""
    return any(
        isinstance(part, ast.Constant)
        or (isinstance(part, ast.Name) and part.id.isupper())
        or (isinstance(part, ast.Attribute) and part.attr.isupper())
        for part in ast.walk(node)
    )


def test_firms_are_named_in_their_own_folders() -> None:
    """The machinery knows no provider by name: not in code, SQL or pages. Comments and docstrings may."""
    broken = []
    for module in modules().values():
        if not within(module.name, FIRM_ROOMS):
            broken += [f"{module.where(node)}: {word!r}" for node, word in words(module) if FIRM.search(word)]
    for path in sorted(path for suffix in ("sql", "html") for path in ROOT.glob(f"sandbox/**/*.{suffix}")):
        if not within(".".join(path.relative_to(ROOT).parts), FIRM_ROOMS) and FIRM.search(path.read_text("utf-8")):
            broken.append(f"{path.relative_to(ROOT)}")
    assert not broken, "\n".join([*broken, "What is true of one provider stands in sandbox/providers/."])


def words(module: Module) -> Iterator[tuple[ast.stmt | ast.expr, str]]:
    """Every name and every text in the code of a module, without its docstrings and comments."""
    remarks = {id(node.value) for node in module.nodes if isinstance(node, ast.Expr)}
    for node in module.nodes:
        match node:
            case ast.Constant(value=str() as text) if id(node) not in remarks:
                yield node, text
            case ast.Name(id=word) | ast.Attribute(attr=word):
                yield node, word
            case ast.FunctionDef(name=word) | ast.AsyncFunctionDef(name=word) | ast.ClassDef(name=word):
                yield node, word
    for node, name in imports(module):
        yield node, name


@pytest.mark.parametrize(
    ("text", "names_a_firm"),
    [
        ("wise_door", True),
        ("WiseDoor", True),
        ('"nuapay"', True),
        ("api.wise-sandbox.example", True),
        ("WISE_CLIENT_ID", True),
        ("otherwise", False),
        ("likewise, wisely", False),
    ],
)
def test_words_that_only_sound_like_a_firm_are_free(text: str, names_a_firm: bool) -> None:
    """`otherwise` is not Wise."""
    assert bool(FIRM.search(text)) is names_a_firm


@pytest.mark.parametrize("entrance", ["sandbox.embed.sandbox", "sandbox.cli", "sandbank"])
def test_serving_starts_with_nothing_it_does_not_need(entrance: str) -> None:
    """What `sandbank serve` loads before its doors answer is this list; each library on it costs every start."""
    loaded = loaded_by(entrance)
    foreign = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names - STARTS_WITH.keys()
    heavy = {name for name in loaded if within(name, NOT_AT_START)}
    assert not foreign | heavy, (
        f"importing {entrance} loads {sorted(foreign | heavy)}: import it inside the function that needs it. "
        f"`python -X importtime -c 'import {entrance}'` shows who asks for it."
    )


def test_importing_the_public_face_costs_nothing() -> None:
    """`sandbank` loads the rest when it is used: a test run that never starts a sandbox does not pay for one."""
    assert not {
        name for name in loaded_by("sandbank") if within(name, "sandbox ca cryptography starlette hypercorn pytest")
    }
