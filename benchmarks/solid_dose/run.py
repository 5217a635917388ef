"""How fast the SimPy engine runs a year of the solid-dose building, and what takes the time.

    python benchmarks/solid_dose/run.py [--rounds N] [--page docs/performance.md]

Run it from the project's root, in an environment in which twin is installed. Each round runs one replication
of `solid_dose_baseline` with its full record in a process of its own and counts that process's seconds of
processor time and its peak memory; the median round counts. A profile of one more replication tells which
parts of the engine take the time. `--page` writes all of it between the page's markers.
"""

from __future__ import annotations

import argparse
import cProfile
import datetime
import json
import platform
import pstats
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from twin.engine.compile import compile_program
from twin.engine.record import Record
from twin.engine.simpy_engine import simulate
from twin.plant.load import load_scenario

SCENARIO = Path("scenarios/solid_dose_baseline.yaml")
BEGIN, END = (f"<!-- {edge}: benchmarks/solid_dose/run.py -->" for edge in ("begin", "end"))
TABLES = ("states", "lots", "levels")

# What a file of the engine stands for in the table.
PARTS = {
    "instant": "stepping from instant to instant",
    "starts": "looking for lots that can start",
    "work": "phases of work",
    "endings": "phases of work",
    "moves": "moving lots on",
    "stops": "failures, repairs, closing times",
    "people": "people",
    "containers": "containers",
    "releases": "releases",
    "agenda": "the agenda",
    "state": "the state of units and lots",
    "recorder": "writing the record",
    "streams": "random numbers",
    "distributions": "random numbers",
    "draws": "random numbers",
    "core": "SimPy",
    "events": "SimPy",
    "broker": "physics",
    "physics_call": "physics",
    "flows": "flow sections",
    "flow_state": "flow sections",
    "upkeep": "cleaning, change-over, maintenance",
    "maintenance": "cleaning, change-over, maintenance",
    "staff": "people",
    "hours": "people",
    "transport": "transport",
    "laboratory": "laboratory, release, hold times",
    "quarantine": "laboratory, release, hold times",
    "hold_times": "laboratory, release, hold times",
    "dispatching": "looking for lots that can start",
    "lots": "the state of units and lots",
    "evaluation": "physics",
}


def year() -> Callable[[], Record]:
    """The year, ready to be simulated: replication 1; the first, 0, has warmed the caches by then."""
    loaded = load_scenario(SCENARIO)
    run = loaded.scenario.run
    program = compile_program(loaded.base.plant, run)
    warm = compile_program(loaded.base.plant, run.model_copy(update={"horizon": 7 * 86_400.0}))
    simulate(warm, run.seed)
    return lambda: simulate(program, run.seed)


def one_round() -> dict[str, float]:
    """Measure one replication in this process."""
    run = year()
    before = time.process_time()
    record = run()
    seconds = time.process_time() - before
    rows = {name: getattr(record, name).num_rows for name in TABLES}
    return {"seconds": seconds, "megabytes": peak_memory(), **rows}


def peak_memory() -> float:
    """Most memory this process has held, in MB."""
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def shares_of_time() -> list[tuple[str, float]]:
    """Share of the time under the profiler that each part of the engine spends by itself, largest first."""
    run = year()
    profile = cProfile.Profile()
    profile.runcall(run)
    spent: dict[str, float] = defaultdict(float)
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    for (file, _, _), (_, _, own, _, callers) in stats.items():
        if file == "~":  # built in: on the account of whoever called it
            for (caller, _, _), (_, _, part, _) in callers.items():
                spent[part_of(caller)] += part
        else:
            spent[part_of(file)] += own
    whole = sum(spent.values())
    return sorted(((name, time / whole) for name, time in spent.items()), key=lambda item: -item[1])


def part_of(file: str) -> str:
    path = Path(file)
    if "physics" in path.parts or "array_api_compat" in path.parts:
        return "physics"
    return PARTS.get(path.stem, "the rest")


def report(rounds: list[dict[str, float]], shares: list[tuple[str, float]]) -> str:
    """The page's section."""
    seconds = statistics.median(r["seconds"] for r in rounds)
    rows = {name: int(rounds[0][name]) for name in TABLES}
    total = sum(rows.values())
    slowest, fastest = (f(r["seconds"] for r in rounds) for f in (max, min))
    lines = [
        f"Measured on {datetime.date.today().isoformat()}, {len(rounds)} rounds, "
        f"on one core of {processor()}, Python {platform.python_version()}.",
        "",
        "| one year, one replication, full record | |",
        "| --- | ---: |",
        f"| processor time | {seconds:.2f} s ({fastest:.2f} to {slowest:.2f}) |",
        f"| peak memory of the process | {max(r['megabytes'] for r in rounds):.0f} MB |",
        *(f"| rows of `{name}` | {count:,} |" for name, count in rows.items()),
        f"| rows a second | {total / seconds:,.0f} |",
        f"| rows of `states` a second | {rows['states'] / seconds:,.0f} |",
        "",
        "| part of the engine | share of time under the profiler |",
        "| --- | ---: |",
        *(f"| {name} | {share:.0%} |" for name, share in shares if share >= 0.005),
    ]
    return "\n".join(lines)


def processor() -> str:
    try:
        info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in info.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--one-round", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one_round:
        print(json.dumps(one_round()))
        return
    command = [sys.executable, __file__, "--one-round"]
    rounds = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(given.rounds)
    ]
    text = report(rounds, shares_of_time())
    print(text)
    if given.page:
        page = given.page.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        given.page.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
