"""The command line of the benchmark; ``scripts/bench`` prepares what it needs and calls it."""

import argparse
import json
import os
import platform
import ssl
import sys
import tempfile
from collections.abc import Sequence, Set
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sandbox.errors import SandbankError
from scripts.measure.cores import Cores, choose
from scripts.measure.large import LARGE, with_halves
from scripts.measure.load import Failed
from scripts.measure.report import as_json, table
from scripts.measure.rounds import measure
from scripts.measure.scenarios import SCENARIOS, Scenario
from scripts.measure.several import SEVERAL, with_several
from scripts.measure.stage import FULL, QUICK, Length, staged
from scripts.measure.transfers import CROWDED, with_transfers


def main() -> int:
    """0 when everything was measured, whatever came out; 1 when something could not be."""
    options = read_options()
    length = QUICK if options.quick else FULL
    cores = choose()
    scenarios = chosen(options)
    try:
        with tempfile.TemporaryDirectory(prefix="sandbank-bench-") as folder:
            say(f"preparing two states and {_where(cores)} ...")
            with ExitStack() as stack:
                stage = stack.enter_context(staged(Path(folder), cores, length))
                if any(scenario in LARGE for scenario in scenarios):
                    stage = stack.enter_context(with_halves(stage, say))
                if any(scenario in CROWDED for scenario in scenarios):
                    stage = stack.enter_context(with_transfers(stage, say))
                if any(scenario in SEVERAL for scenario in scenarios):
                    stage = stack.enter_context(with_several(stage, say))
                results = measure(stage, scenarios, say)
    except (Failed, SandbankError) as error:
        say(f"not measured: {error}")
        return 1
    print(table(results))
    if options.json:
        said = json.dumps(as_json(results, _machine(cores, length)), indent=2)
        options.json.write_text(f"{said}\n", encoding="utf-8")
    return 0


def say(line: str) -> None:
    """Progress, apart from the result."""
    print(line, file=sys.stderr, flush=True)


def read_options(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line asks for; without *words* it is this process's own."""
    names = [scenario.name for scenario in (*SCENARIOS, *SEVERAL, *LARGE)]
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure this sandbox against bare Hypercorn.")
    parser.add_argument("--quick", action="store_true", help="about a minute; a rough result, not a figure")
    parser.add_argument("--large", action="store_true", help="also over stores of 100,000 certificates and transfers")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all results, as JSON")
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=f"one of {', '.join(names)}")
    return parser.parse_args(words)


def chosen(options: argparse.Namespace) -> Sequence[Scenario]:
    """The rows that were named, or all; those over a large store take a minute to prepare and have to be asked for. Who
    asks for payments is shown them over both kinds of store."""
    if options.only:
        named = [scenario for scenario in (*SCENARIOS, *SEVERAL, *LARGE) if scenario.name in options.only]
        return [*named, *(CROWDED if "payments" in options.only else ())]
    once = [scenario for scenario in SCENARIOS if scenario.once]
    often = [scenario for scenario in SCENARIOS if not scenario.once]
    return [*often, *SEVERAL, *((*LARGE, *CROWDED) if options.large else ()), *once]


def _where(cores: Cores) -> str:
    if not cores.server:
        return "both servers, which share their cores with the client"
    return f"both servers on core {_numbers(cores.server)}, the client on {_numbers(cores.client)}"


def _numbers(cores: Set[int]) -> str:
    return ", ".join(map(str, sorted(cores)))


def _machine(cores: Cores, length: Length) -> dict[str, Any]:
    return {
        "machine": {
            "system": platform.platform(),
            "cores": os.cpu_count(),
            "server_cores": sorted(cores.server),
            "client_cores": sorted(cores.client),
            "python": platform.python_version(),
            "openssl": ssl.OPENSSL_VERSION,
        },
        "rounds": length.rounds,
        "seconds_per_sample": length.seconds,
    }


if __name__ == "__main__":
    sys.exit(main())
