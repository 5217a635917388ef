"""What the benchmarks of physics share: rounds with every entry in each, a GPU's row, the machine's name.

Rates are lots per second of processor time, all threads of the process counted, so that other work on the
machine does not spoil them; on a GPU they are per second of the clock.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import math
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twin.physics.backend import DeviceError, select
from twin.physics.kernels import launch
from twin.physics.kernels.launch import Kernel

NOT_MEASURED = "not measured"
MOST_LOTS = 131_072  # up to which a break-even is looked for


@dataclass(frozen=True)
class Work:
    """What is timed: `run` does `lots` lots."""

    lots: int
    run: Callable[[], object]


def seconds(run: Callable[[], object]) -> float:
    """Return the processor time that a call takes."""
    begin = time.process_time()
    run()
    return time.process_time() - begin


def rates(entries: Mapping[str, Work], rounds: int) -> dict[str, list[float]]:
    """Return each entry's lots a second, round by round; each runs once before, to compile and warm up."""
    for work in entries.values():
        work.run()
    found: dict[str, list[float]] = {name: [] for name in entries}
    for _ in range(rounds):
        for name, work in entries.items():
            found[name].append(work.lots / seconds(work.run))
    return found


def times_faster(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median over rounds of how many times our rate is theirs."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def speed_cells(found: Mapping[str, Sequence[float]], name: str, baseline: str, digits: int = 0) -> str:
    """Return a row's cells: median rate, slowest to fastest round, how many times the baseline is faster."""
    mine = found[name]
    spread = f"{min(mine):,.{digits}f}–{max(mine):,.{digits}f}"
    ratio = "" if name == baseline else f"{times_faster(found[baseline], mine):,.1f} ×"
    return f"{statistics.median(mine):,.{digits}f} | {spread} | {ratio}"


def gpu_cell(kernel: Kernel, sizes: Sequence[int], inputs: np.ndarray, lots: int, operations: int = 0) -> str:
    """Return lots a second with arrays on the GPU, their bandwidth and the break-even, or "not measured".

    `inputs` of shape (fields, some lots) are repeated until there are `lots`; `operations` of a lot, where
    they were counted, give a rate of arithmetic.
    """
    try:
        backend = select("gpu")
        many = backend.array(np.tile(inputs, -(-lots // inputs.shape[1]))[:, :lots])
        launch.run(kernel, sizes, many)
    except DeviceError:
        return NOT_MEASURED
    synchronise = backend.namespace.cuda.get_current_stream().synchronize
    best = math.inf
    for _ in range(5):
        synchronise()
        begin = time.perf_counter()
        launch.run(kernel, sizes, many)
        synchronise()
        best = min(best, time.perf_counter() - begin)
    moved = 8 * (inputs.shape[0] + kernel.outputs) * lots / best
    even = f"even with all CPU threads at {break_even(kernel, sizes, inputs)}"
    done = f", {operations * lots / best / 1e9:,.0f} Gflop/s" if operations else ""
    return f"{lots / best:,.0f} ({moved / 1e9:.1f} GB/s of inputs and outputs{done}; {even})"


def break_even(kernel: Kernel, sizes: Sequence[int], inputs: np.ndarray) -> str:
    """Return from how many lots of a NumPy array the GPU is faster, transfers counted."""
    lots = 1
    while lots <= MOST_LOTS:
        part = np.ascontiguousarray(np.tile(inputs, -(-lots // inputs.shape[1]))[:, :lots])
        taken = {device: _clocked(kernel, sizes, part, device) for device in ("cpu", "gpu")}
        if taken["gpu"] < taken["cpu"]:
            return f"{lots:,} lots"
        lots *= 2
    return f"more than {MOST_LOTS:,} lots"


def _clocked(kernel: Kernel, sizes: Sequence[int], inputs: np.ndarray, device: str) -> float:
    launch.run(kernel, sizes, inputs, device)  # type: ignore[arg-type]
    begin = time.perf_counter()
    for _ in range(5):
        launch.run(kernel, sizes, inputs, device)  # type: ignore[arg-type]
    return time.perf_counter() - begin


def measured_on(script: str, packages: Sequence[str] = ("numba", "numpy", "scipy")) -> str:
    """Return the sentence that says when, where and with what a page was made."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    return (
        f"Measured on {datetime.date.today()} on {processor()}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, {versions}, by `python benchmarks/physics/{script}`."
    )


def processor() -> str:
    """Return the processor's name where the system tells it."""
    about = Path("/proc/cpuinfo")
    if about.exists():
        for line in about.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def options(what: str | None) -> argparse.Namespace:
    """Return the command line's options, `rounds` and `page`."""
    parser = argparse.ArgumentParser(description=what, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--page", type=Path, help="write the table there as well")
    return parser.parse_args()


def write(lines: Sequence[str], page: Path | None) -> None:
    """Print the page, and write it where one is asked for."""
    text = "\n".join(lines) + "\n"
    print(text)
    if page:
        page.write_text(text, encoding="utf-8")
