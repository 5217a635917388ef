"""What a sweep costs beside its simulations, what a second process gains, and what kills lose.

    python benchmarks/sweeps/run.py [--points 200] [--engine simpy] [--engine compiled] [--workers]
        [--rounds 1] [--kill] [--page docs/performance.md]

Run it from the project's root, in an environment in which twin is installed. The sweep is of the tablet
line's press over so many speeds, 30 replications each, kept in a new workspace. Simulation is the processor
time of the thread that is in the engine, of which there is one; the rest of the process's (reading, checking,
compiling, measures, files) is what stands beside it. Rows are folded as they come, in the engine's calls, and
count as simulation. `--workers` runs the sweep in SimPy in two processes as well and in one again, `--rounds`
times, and compares by the clock; the one process has all libraries loaded. `--kill` kills a process at 40 %
and the parent at 60 %, goes on, and compares the files with undisturbed ones. `--page` writes the tables
between the page's markers. On two idle cores `--points 200 --workers --kill` takes a quarter of an hour,
nearly all of it in SimPy.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from twin.engine.compiled_engine import replications
from twin.experiment.executors import Executor, Processes, Serial
from twin.experiment.sweeps import work
from twin.experiment.sweeps.plan import plan_sweep
from twin.experiment.sweeps.running import stream_sweep

BEGIN, END = (f"<!-- {edge}: benchmarks/sweeps/run.py -->" for edge in ("begin", "end"))
REPLICATIONS = 30
KILLED = 20  # points, at most, of the sweep that is killed
SCENARIO = """\
scenario: How fast must the press be?
base: twin:tablet_line
run: {{replications: {replications}}}
sweep: {{axes: {{equipment.press.speed: {{from: 1, to: 1.5, steps: {points}}}}}}}
"""


def scenario(folder: Path, points: int) -> Path:
    """The scenario's file."""
    file = folder / "sweep.yaml"
    file.write_text(SCENARIO.format(replications=REPLICATIONS, points=points), encoding="utf-8")
    return file


def swept(source: Path, workspace: Path, engine: str, executor: Executor) -> Path:
    """The folder of a sweep, run to its end."""
    steps = stream_sweep(plan_sweep(source, engine=engine), workspace=workspace, executor=executor)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            folder: Path = end.value.path
            return folder


class Cost(NamedTuple):
    """Seconds of processor time of a sweep in its simulations and beside them; and by the clock."""

    simulation: float
    beside: float
    clock: float


Function = Callable[..., Any]


@contextmanager
def replaced(owner: Any, name: str, by: Callable[[Function], Function]) -> Iterator[None]:
    """Meanwhile, have what `by` makes of a function in its place."""
    function: Function = getattr(owner, name)
    setattr(owner, name, by(function))
    try:
        yield
    finally:
        setattr(owner, name, function)


def timed(spent: list[float]) -> Callable[[Function], Function]:
    """A function as it is, which adds the processor time of its thread to `spent`."""

    def of(function: Function) -> Function:
        def measured(*given: Any, **named: Any) -> Any:
            begun = time.thread_time()
            try:
                return function(*given, **named)
            finally:
                spent[0] += time.thread_time() - begun

        return measured

    return of


def stepped(spent: list[float]) -> Callable[[Function], Function]:
    """An iteration as it is, which adds the processor time of its thread in each step to `spent`."""

    def of(function: Function) -> Function:
        def steps(*given: Any, **named: Any) -> Iterator[Any]:
            ended = function(*given, **named)
            while True:
                begun = time.thread_time()
                each = next(ended, None)
                spent[0] += time.thread_time() - begun
                if each is None:
                    return
                yield each

        return steps

    return of


def cost(engine: str, points: int) -> Cost:
    """What a sweep costs, in this process and in one thread of the engine."""
    simulated = [0.0]
    if engine == "compiled":
        meanwhile = replaced(replications._Worker, "run", timed(simulated))
    else:
        meanwhile = replaced(work, "simulate_into", stepped(simulated))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        swept(scenario(folder, 2), folder / "warm", engine, Serial(1))
        source = scenario(folder, points)
        with meanwhile:
            begun, clock = time.process_time(), time.perf_counter()
            swept(source, folder / "measured", engine, Serial(1))
            whole = time.process_time() - begun
            return Cost(simulated[0], whole - simulated[0], time.perf_counter() - clock)


def by_clock(points: int, executor: Executor) -> float:
    """Seconds of a sweep in SimPy."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        begun = time.perf_counter()
        swept(scenario(folder, points), folder, "simpy", executor)
        return time.perf_counter() - begun


def gained(points: int, before: float, rounds: int) -> str:
    """How much faster two processes are than the one that took so long before, in a sentence: by turns, each
    round compared with the mean of what one process takes before and after it, for a computer's speed drifts.
    """
    one, two = [before], []
    for _ in range(rounds):
        two.append(by_clock(points, Processes(2)))
        one.append(by_clock(points, Serial(1)))
    ratios = sorted((one[k] + one[k + 1]) / 2 / seconds for k, seconds in enumerate(two))
    spread = "" if rounds == 1 else f" (median; {ratios[0]:.2f} to {ratios[-1]:.2f})"
    told = [", ".join(f"{seconds:.0f}" for seconds in each) for each in (one, two)]
    return (
        f"By the clock, SimPy, by turns: {told[0]} s in one process, {told[1]} s in two, "
        f"{statistics.median(ratios):.2f} times as fast{spread}."
    )


def child(folder: Path) -> None:
    """Run the sweep in two processes, and tell progress and their ids."""
    plan = plan_sweep(folder / "sweep.yaml", engine="simpy")
    for step in stream_sweep(plan, workspace=folder / "killed", executor=Processes(2)):
        ids = [process.pid for process in multiprocessing.active_children()]
        print(json.dumps([step.done / step.total, *ids]), flush=True)


def killed(points: int) -> str:
    """What came of a sweep that was killed twice, in a sentence."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        source = scenario(folder, points)
        command = [sys.executable, __file__, "--child", str(folder)]
        parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert parent.stdout is not None
        dead = False
        for line in parent.stdout:
            share, *processes = json.loads(line)
            if share >= 0.4 and not dead:
                os.kill(processes[0], signal.SIGKILL)
                dead = True
            if share >= 0.6:
                parent.kill()
                break
        parent.wait()
        counted = [0]

        def counting(function: Function) -> Function:
            def steps(*given: Any, **named: Any) -> Iterator[Any]:
                for each in function(*given, **named):
                    counted[0] += 1
                    yield each

            return steps

        with replaced(work, "simulate_into", counting):
            resumed = files(swept(source, folder / "killed", "simpy", Serial()))
        same = resumed == files(swept(source, folder / "undisturbed", "simpy", Processes(2)))
    verdict = "the same bytes as undisturbed" if same else "OTHER BYTES than undisturbed"
    total = points * REPLICATIONS
    return (
        f"{points} points. Killed, a process at 40 % and the parent at 60 %, and gone on with: {counted[0]} "
        f"of {total} replications were still to be computed; {verdict}."
    )


def files(folder: Path) -> dict[str, bytes]:
    """The files of a sweep that follow from what was asked."""
    found = [*folder.glob("*.parquet"), *folder.glob("results/*.parquet")]
    return {file.name: file.read_bytes() for file in found}


def put(page: Path, text: str) -> None:
    """Write the tables between the page's markers."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def report(points: int, engines: list[str], rounds: int, kill: bool) -> str:
    """The tables; two processes are compared in so many rounds."""
    lines = [f"{points} points × {REPLICATIONS} replications of the tablet line, one thread.", ""]
    lines += [
        "| engine | simulation, s | beside it, s | share | ms a point beside |",
        "| --- | --- | --- | --- | --- |",
    ]
    costs = {engine: cost(engine, points) for engine in engines}
    for engine, found in costs.items():
        share = found.beside / (found.simulation + found.beside)
        each = 1000 * found.beside / points
        lines.append(f"| {engine} | {found.simulation:.1f} | {found.beside:.2f} | {share:.1%} | {each:.1f} |")
    if rounds and "simpy" in costs:
        lines += ["", gained(points, costs["simpy"].clock, rounds)]
    if kill:
        lines += ["", killed(min(points, KILLED))]
    return "\n".join(lines)


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--engine", action="append", choices=["simpy", "compiled"])
    parser.add_argument("--workers", action="store_true")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--page", type=Path)
    parser.add_argument("--child", type=Path)
    given = parser.parse_args()
    gc.set_threshold(10_000, 10, 10)  # as `twin` does
    if given.child is not None:
        child(given.child)
        return
    rounds = given.rounds if given.workers else 0
    text = report(given.points, given.engine or ["simpy", "compiled"], rounds, given.kill)
    print(text)
    if given.page is not None:
        put(given.page, text)


if __name__ == "__main__":
    main()
