"""Line L5 in twin and in five other simulators, one after the other, several times round, in one table.

    python benchmarks/line_l5/run.py

Run it from an environment in which twin is installed. Every other tool gets an environment of its own, made
on demand in `.venvs` beside this file. Each round runs every entry once, so that a slow minute of the machine
falls on all of them; the median round counts. An entry whose throughput disagrees with the known answer of
line L5 stops the benchmark: it would be measuring another line.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from line import BUFFER, PARTS, REFERENCE, REFERENCE_ERROR, STATIONS

HERE = Path(__file__).resolve().parent

# Entry, name in the table, what pip installs, and how many times twin's speed must be that of the entry.
ENTRIES = (
    ("twin", "twin, SimPy engine, full record", "", None),
    ("simpy", "SimPy, process per station, `Store`", "simpy", 1.0),
    ("salabim", "salabim, component per station, `Store`", "salabim", 5.0),
    ("simprocesd", "simprocesd, `PartProcessor` and `Buffer`", "simprocesd", 5.0),
    ("ciw", "Ciw, ten nodes, type I blocking", "ciw", 5.0),
    ("prodsys", "prodsys, ten resources with queues", "prodsys", 100.0),
)


EXPLANATION = f"""# Line L5

{STATIONS} stations in series, exponential service with mean 1, {BUFFER} places between neighbours, the first
never short of work, blocking after service, the first {PARTS:,} parts from an empty line. A station-operation
is one part worked on by one station.

Every entry pushes the parts through the line again and again, each round for a few seconds; the first
replication of a round warms caches and is not counted. Seconds are of processor time, all threads together.
There are {{rounds}} rounds with every entry in each. Speed is that of the median round, the slowest and the
fastest stand beside it; how much faster twin is, is the median of the ratios within a round. twin writes its
full record of states, lots and levels in that time; the others write what they write by default (bare SimPy:
nothing).
"""


def interpreter(tool: str, package: str) -> Path:
    """The Python that runs an entry: this one for twin, else one in an environment made for the tool."""
    if not package:
        return Path(sys.executable)
    folder = HERE / ".venvs" / tool
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (folder / "complete").exists():
        print(f"installing {package} …", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "--no-cache-dir", package], check=True)
        (folder / "complete").touch()
    return python


def measure(tool: str, python: Path, seconds: float, seed: int) -> dict[str, Any]:
    """One round of one entry: the object it prints."""
    command = [str(python), str(HERE / f"entry_{tool}.py"), "--seconds", str(seconds), "--seed", str(seed)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def deviation(rounds: list[dict[str, Any]]) -> tuple[float, float, float]:
    """Mean throughput of all replications, its standard error, and how many of these it is off the answer."""
    values = [value for one in rounds for value in one["throughputs"]]
    mean = statistics.fmean(values)
    error = statistics.stdev(values) / math.sqrt(len(values))
    return mean, error, (mean - REFERENCE) / math.hypot(error, REFERENCE_ERROR)


def machine() -> str:
    """Processor, cores and operating system, as far as the machine tells."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line for line in cpuinfo.read_text(encoding="utf-8").splitlines() if "model name" in line]
        name = models[0].partition(":")[2].strip() if models else name
    return f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def report(results: dict[str, list[dict[str, Any]]]) -> str:
    """The table as Markdown."""
    own = [r["operations_per_second"] for r in results["twin"]]
    lines = [
        EXPLANATION.format(rounds=len(results["twin"])),
        f"Measured on {datetime.datetime.now(datetime.UTC):%Y-%m-%d} on {machine()}, "
        "by `python benchmarks/line_l5/run.py`.",
        "",
        "| entry | version | station-operations/s | slowest–fastest round | twin is faster by | wanted "
        f"| throughput ({REFERENCE} expected) |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for tool, title, _, wanted in ENTRIES:
        rounds = results[tool]
        in_turn = [r["operations_per_second"] for r in rounds]
        times = statistics.median(mine / other for mine, other in zip(own, in_turn, strict=True))
        rates = sorted(in_turn)
        middle = statistics.median(rates)
        mean, error, _ = deviation(rounds)
        ratio = "" if wanted is None else f"{times:.2f} ×"
        bar = "" if wanted is None else f"{wanted:.0f} ×"
        lines.append(
            f"| {title} | {rounds[0]['version']} | {middle:,.0f} | {rates[0]:,.0f}–{rates[-1]:,.0f} "
            f"| {ratio} | {bar} | {mean:.4f} ± {error:.4f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--rounds", type=int, default=5)
    ask.add_argument("--seconds", type=float, default=3.0, help="of each entry in each round")
    ask.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    args = ask.parse_args()
    pythons = {tool: interpreter(tool, package) for tool, _, package, _ in ENTRIES}
    results: dict[str, list[dict[str, Any]]] = {tool: [] for tool, *_ in ENTRIES}
    for number in range(args.rounds):
        for tool in results:
            results[tool].append(measure(tool, pythons[tool], args.seconds, seed=1 + 1000 * number))
            print(
                f"round {number + 1} {tool}: {results[tool][-1]['operations_per_second']:,.0f}/s",
                file=sys.stderr,
            )
    for tool, rounds in results.items():
        mean, error, off = deviation(rounds)
        if abs(off) > 3.5:
            print(
                f"{tool}: throughput {mean:.5f} ± {error:.5f} is not line L5's {REFERENCE}", file=sys.stderr
            )
            return 1
    text = report(results)
    args.out.write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
