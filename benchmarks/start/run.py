"""How long `twin run` takes to start: processor seconds from the process's start to the first replication.

Each round is a process of its own on a warm cache: functions compiled and modules' bytecode written by a
round before that does not count, and a seed of its own, so that nothing is found computed. A mark is the
processor time of the process, Python's start with it, when a part has been done. From the root:

    python benchmarks/start/run.py --page docs/performance.md
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = "benchmarks/start/run.py"
BEGIN, END = f"<!-- begin: {NAME} -->", f"<!-- end: {NAME} -->"
CASES = (
    ("tablet line, 30 replications, compiled", "twin:tablet_line_baseline", "compiled", 30),
    ("tablet line, 2 replications, SimPy", "twin:tablet_line_baseline", "simpy", 2),
    ("solid-dose building, 2 replications, compiled", "twin:solid_dose_baseline", "compiled", 2),
    ("solid-dose building, 2 replications, SimPy", "twin:solid_dose_baseline", "simpy", 2),
)
MARKS = (
    "command line read",
    "modules read",
    "plant read and checked",
    "first replication begins",
    "all printed",
)

PROGRAM = """
import gc, json, sys, time
gc.set_threshold(10_000, 10, 10)  # as `twin.cli.main` does
marks = {}
def mark(name):
    marks.setdefault(name, time.process_time())
def marked(module, function, name, after):
    whole = getattr(module, function)
    def one(*given, **words):
        if not after:
            mark(name)
        found = whole(*given, **words)
        if after:
            mark(name)
        return found
    setattr(module, function, one)
engine, *command = sys.argv[1:]
from twin.cli import execute
mark("command line read")
from twin import reports
from twin.experiment import prepare, run
if engine == "compiled":
    from twin.engine.compiled_engine import blocks
    from twin.physics.kernels.calling import kinds_of
    kernel = blocks.run
    def run_kernel(*given):
        kernel.address(kinds_of(given))  # its machine code is in memory
        mark("first replication begins")
        return kernel(*given)
    blocks.run = run_kernel
else:
    from twin.engine.simpy_engine import side_by_side
    marked(side_by_side._Live, "step", "first replication begins", False)
mark("modules read")
marked(run, "prepare", "plant read and checked", True)
marked(prepare, "prepare", "plant read and checked", True)
assert execute(command) == 0
mark("all printed")
print(json.dumps(marks))
"""


def measured(source: str, engine: str, replications: int, seed: int, folder: Path) -> dict[str, float]:
    """Processor seconds at each mark of one run in a process of its own."""
    how = ["--replications", str(replications), "--engine", engine, "--seed", str(seed)]
    command = [sys.executable, "-c", PROGRAM, engine, "run", source, *how, "--workspace", str(folder)]
    settings = os.environ | {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    settings.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=settings)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def best(case: int, rounds: int, folder: Path) -> list[float]:
    """The least processor seconds at each mark."""
    _, source, engine, replications = CASES[case]
    seed = 100 * case  # what another case has computed would be found, whichever engine did
    measured(source, engine, replications, seed, folder)  # compiles what is not kept
    found = [measured(source, engine, replications, seed + 1 + k, folder) for k in range(rounds)]
    return [min(one[name] for one in found) for name in MARKS]


def table(rounds: int) -> str:
    """The figures as Markdown."""
    lines = [
        f"Measured on {datetime.now(UTC):%Y-%m-%d}, least of {rounds} rounds, {platform.machine()}, Python "
        f"{platform.python_version()}; seconds of the processor since the process began.",
        "",
        f"| `twin run` | {' | '.join(MARKS)} |",
        f"| --- |{' ---: |' * len(MARKS)}",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for case, (label, *_) in enumerate(CASES):
            found = best(case, rounds, Path(folder))
            lines.append(f"| {label} | {' | '.join(f'{seconds:.2f}' for seconds in found)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and write between the markers of a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--page", type=Path)
    arguments = parser.parse_args()
    text = table(arguments.rounds)
    print(text)
    if arguments.page:
        page = arguments.page.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        _, after = rest.split(END)
        arguments.page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
