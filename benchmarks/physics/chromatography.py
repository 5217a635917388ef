"""How long a column takes to break through, in twin, in SciPy and in CADET-Core, and how right each is.

    python benchmarks/physics/chromatography.py --page benchmarks/physics/RESULTS_chromatography.md

The column is case C2: a feed of 1 g/L, kinetic Langmuir, no dispersion, whose times at 1, 10, 50 and 90 % of
the feed Thomas' solution gives. One core each. CADET-Core is run as a program, from a wheel that is unpacked
in `.venvs` beside this file, where h5py writes its files; it is GPL and no part of twin. It is timed by its
own clock, without start and files. Each round runs every entry, and the best round of each counts.
`chromatography_compare.py` prints other columns in both programs.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import math
import os
import platform
import subprocess
import sys
import time
import venv
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq
from scipy.stats import ncx2

from twin.physics import models
from twin.physics.backend import DeviceError, select
from twin.physics.kernels import launch
from twin.physics.kernels.chromatography import BREAKTHROUGH
from twin.physics.numerics import packed_bed

HERE = Path(__file__).resolve().parent
CADET = "cadet-core==5.1.1"
LEVELS = (0.01, 0.1, 0.5, 0.9)
BATCH = 256
BAR_SIZES, BAR = (100, 12_000), 60.0  # cells and steps; ms a column
WANTED_RATIO = 6.0
SIZES = ((25, 50), (50, 100), (100, 200), (200, 400), (400, 800), (800, 1600))
FINITE_VOLUMES = (50, 100, 200, 400, 800)
ELEMENTS = (4, 8, 16)
DEGREE = 4
TOLERANCES = (1e-4, 1e-6)  # relative, of CADET-Core's time steps


@dataclass(frozen=True)
class Column:
    """A packed bed and its feed, as case C2 has them unless said otherwise; SI."""

    length: float = 0.2
    porosity: float = 0.6
    velocity: float = 4e-4
    feed: float = 1.0
    capacity: float = 60.0
    adsorption: float = 1.5e-3
    desorption: float = 1e-4
    dispersion: float = 0.0
    until: float = 24_000.0

    @property
    def dead_time(self) -> float:
        """What the liquid needs through the bed, in s."""
        return self.length / self.velocity

    @property
    def exchange_time(self) -> float:
        """Solid over liquid times the dead time, in s."""
        return (1.0 - self.porosity) / self.porosity * self.dead_time

    @property
    def spread(self) -> float:
        """D/(u L) as the front that binds sees it."""
        constant = self.adsorption / self.desorption
        bound = self.capacity * constant / (1.0 + constant * self.feed)
        retention = (1.0 - self.porosity) / self.porosity * bound
        return self.dispersion / (self.velocity * self.length) * (1.0 + 1.0 / retention) ** 2


C2 = Column()


def thomas(column: Column) -> np.ndarray:
    """Return the times at which Thomas' solution, without dispersion, reaches the levels."""
    pace = column.adsorption * column.feed + column.desorption
    units, separation = column.adsorption * column.capacity * column.exchange_time, column.desorption / pace

    def effluent(relaxed: float) -> float:
        through = float(ncx2.sf(2 * separation * units, 2, 2 * relaxed))
        rest = float(ncx2.cdf(2 * units, 2, 2 * separation * relaxed))
        return through / (through + rest * math.exp((1 - separation) * (units - relaxed)))

    end = pace * column.until
    relaxed = [brentq(lambda x, level=level: effluent(x) - level, 1e-6, end) for level in LEVELS]
    return np.asarray(relaxed) / pace + column.dead_time


def kernel_inputs(column: Column, lots: int) -> np.ndarray:
    duration = column.until - column.dead_time
    bed = (column.adsorption, column.capacity, column.exchange_time, column.spread, column.desorption)
    return np.repeat(np.asarray([[*bed, column.feed, duration, *LEVELS]]).T, lots, axis=1)


def by_kernel(column: Column, sizes: tuple[int, int], lots: int) -> np.ndarray:
    outputs = launch.on_cpu(BREAKTHROUGH, sizes, kernel_inputs(column, lots), threads=1)
    return np.asarray(outputs[:4, 0]) + column.dead_time


def by_arrays(column: Column, sizes: tuple[int, int], lots: int) -> np.ndarray:
    return np.asarray(packed_bed.breakthrough(sizes, kernel_inputs(column, lots))[:4, 0]) + column.dead_time


def by_scipy(column: Column, cells: int) -> np.ndarray:
    """Break through by SciPy's BDF on third-order upwind lines."""
    width, ratio = column.length / cells, (1.0 - column.porosity) / column.porosity

    def rate(_: float, state: np.ndarray) -> np.ndarray:
        liquid, solid = state[0::2], state[1::2]
        face = np.empty(cells + 1)
        face[0], face[1] = column.feed, (liquid[0] + liquid[1]) / 2
        face[2:-1] = liquid[1:-1] + (liquid[2:] - liquid[1:-1]) / 3 + (liquid[1:-1] - liquid[:-2]) / 6
        face[-1] = 1.5 * liquid[-1] - 0.5 * liquid[-2]
        change = np.empty_like(state)
        change[1::2] = column.adsorption * liquid * (column.capacity - solid) - column.desorption * solid
        change[0::2] = -column.velocity * np.diff(face) / width - ratio * change[1::2]
        return change

    pattern = sparse.diags_array([1.0] * 8, offsets=range(-4, 4), shape=(2 * cells, 2 * cells))
    options = {"method": "BDF", "rtol": 1e-6, "atol": 1e-8, "jac_sparsity": pattern}
    times = np.linspace(0.0, column.until, 481)
    answer = solve_ivp(rate, (0.0, column.until), np.zeros(2 * cells), t_eval=times, **options)
    return reached(times, 1.5 * answer.y[-2] - 0.5 * answer.y[-4], column.feed)


def reached(times: np.ndarray, effluent: np.ndarray, feed: float) -> np.ndarray:
    """Return when an effluent known at some times reaches the levels, by a cubic spline through them."""
    curve = CubicSpline(times, effluent / feed)
    found = []
    for level in LEVELS:
        after = int(np.argmax(effluent / feed >= level))
        found.append(brentq(lambda t, level=level: curve(t) - level, times[after - 1], times[after]))
    return np.asarray(found)


def cadet(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run columns with their numerical methods in CADET-Core."""
    folder = HERE / ".venvs" / "cadet"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (folder / "complete").exists():
        print(f"installing h5py and {CADET} …", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip"]
        subprocess.run([*pip, "install", "-q", "--no-cache-dir", "h5py", "numpy"], check=True)
        wheel = ["--no-deps", "--python-version", "3.12", "--only-binary", ":all:", "-d", str(folder)]
        subprocess.run([*pip, "download", "-q", *wheel, CADET], check=True)
        with zipfile.ZipFile(next(folder.glob("cadet_core*.whl"))) as archive:
            archive.extractall(folder / "cadet")
        (folder / "complete").touch()
    program = next((folder / "cadet").rglob("cadet-cli*"))
    program.chmod(0o755)
    command = [str(python), str(HERE / "chromatography_cadet.py"), str(program)]
    done = subprocess.run(command, input=json.dumps(columns), stdout=subprocess.PIPE, text=True, check=True)
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def finite_volumes(column: Column, cells: int, tolerance: float) -> dict[str, Any]:
    return asdict(column) | {"method": "FV", "cells": cells, "tolerance": tolerance}


def elements(column: Column, cells: int, tolerance: float) -> dict[str, Any]:
    return asdict(column) | {"method": "DG", "cells": cells, "degree": DEGREE, "tolerance": tolerance}


def timed(work: Callable[[], np.ndarray], columns: int) -> tuple[float, np.ndarray]:
    begin = time.perf_counter()
    answer = work()
    return (time.perf_counter() - begin) / columns, answer


@dataclass
class Entry:
    """An entry's best seconds a column, and the times that it gives."""

    name: str
    seconds: float = math.inf
    times: np.ndarray | None = None

    def take(self, seconds: float, times: np.ndarray) -> None:
        """Keep a round's seconds where they are the best."""
        self.seconds, self.times = min(self.seconds, seconds), times

    @property
    def error(self) -> float:
        """The largest relative error of the four times."""
        return float(np.max(np.abs(np.asarray(self.times) / thomas(C2) - 1.0)))


def measure(rounds: int) -> dict[str, list[Entry]]:
    """Return the entries by program, each at its best round."""
    sizes = (*SIZES, BAR_SIZES)
    ours = [Entry(f"twin, kernel, {cells} cells, {steps:,} steps") for cells, steps in sizes]
    arrays = [Entry(f"twin, array form, {cells} cells, {steps:,} steps") for cells, steps in SIZES[1:3]]
    scipy = [Entry(f"SciPy BDF, {cells} cells") for cells in (100, 200)]
    peer, asked = [], []
    for tolerance in TOLERANCES:
        for cells in FINITE_VOLUMES:
            peer.append(Entry(f"CADET-Core, {cells} finite volumes (WENO), tolerance {tolerance:g}"))
            asked.append(finite_volumes(C2, cells, tolerance))
        for cells in ELEMENTS:
            name = f"CADET-Core, {cells} elements of degree {DEGREE} (DG), tolerance {tolerance:g}"
            peer.append(Entry(name))
            asked.append(elements(C2, cells, tolerance))
    by_kernel(C2, SIZES[0], 1)  # compiles
    for _ in range(rounds):
        for entry, size in zip(ours, sizes, strict=True):
            entry.take(*timed(lambda size=size: by_kernel(C2, size, BATCH), BATCH))  # type: ignore[misc]
        for entry, size in zip(arrays, SIZES[1:3], strict=True):
            entry.take(*timed(lambda size=size: by_arrays(C2, size, BATCH), BATCH))  # type: ignore[misc]
        for entry, cells in zip(scipy, (100, 200), strict=True):
            entry.take(*timed(lambda cells=cells: by_scipy(C2, cells), 1))  # type: ignore[misc]
        for entry, answer in zip(peer, cadet(asked), strict=True):
            times, effluent = np.asarray(answer["times"]), np.asarray(answer["effluent"])
            entry.take(answer["seconds"], reached(times, effluent, C2.feed))
    return {"twin": ours, "arrays": arrays, "SciPy": scipy, "CADET-Core": peer}


def digits(number: float) -> str:
    """Return two digits of a number that is not written with an exponent."""
    return f"{number:.{max(0, 1 - math.floor(math.log10(number)))}f}"


def like_accuracy(entry: Entry, ours: list[Entry]) -> str:
    """Return how many times less twin's cheapest grid takes of those that are no less accurate."""
    enough = [own.seconds for own in ours if own.error <= entry.error]
    return f"{entry.seconds / min(enough):,.0f} ×" if enough else "none as accurate"


def table(rounds: int) -> list[str]:
    entries = measure(rounds)
    ours = entries["twin"]
    ratios = [
        entry.seconds / min(own.seconds for own in ours if own.error <= entry.error)
        for entry in entries["CADET-Core"]
        if any(own.error <= entry.error for own in ours)
    ]
    bar = ours[-1]
    lines = [
        f"**{BAR_SIZES[0]} cells, {BAR_SIZES[1]:,} steps: {1e3 * bar.seconds:.1f} ms a column** on one core "
        f"in batches of {BATCH} (wanted: {BAR:g} ms).",
        f"**At like accuracy a column takes {min(ratios):,.0f} to {max(ratios):,.0f} times fewer seconds "
        f"than in CADET-Core** (wanted: {WANTED_RATIO:g}):",
        "each of its rows beside the cheapest of twin's that is no less accurate.",
        "",
        "| entry | ms a column | largest error of the four times | twin is faster at like accuracy by |",
        "| --- | ---: | ---: | ---: |",
    ]
    for program, members in entries.items():
        for entry in members:
            faster = "" if program == "twin" else like_accuracy(entry, ours)
            row = (entry.name, digits(1e3 * entry.seconds), f"{digits(100 * entry.error)} %", faster)
            lines.append(f"| {' | '.join(row)} |")
    lines += [f"| twin, kernel, {SIZES[2][0]} cells, {SIZES[2][1]} steps, one GPU | {on_gpu()} | | |", ""]
    return [*lines, whole_operation(rounds)]


def whole_operation(rounds: int, lots: int = 4096) -> str:
    """Return what the unit operation takes for many lots, all threads."""
    capture = models()["protein_a_chromatography"].evaluate
    material = {"batch_mass": np.full(lots, 2000.0), "titre": np.linspace(1.0, 6.0, lots)}
    seconds = min(timed(lambda: capture(material, {}, {}).duration, 1)[0] for _ in range(rounds))
    return (
        f"The whole operation, breakthrough for the capacity and then load, wash and elution on 100 cells: "
        f"{lots / seconds:,.0f} lots a second with all threads."
    )


def on_gpu(lots: int = 65_536) -> str:
    """Return ms a column with arrays that lie on the GPU, or "not measured"."""
    try:
        backend = select("gpu")
        many = backend.array(kernel_inputs(C2, lots))
        launch.run(BREAKTHROUGH, SIZES[2], many)
    except DeviceError:
        return "not measured"
    synchronise = backend.namespace.cuda.get_current_stream().synchronize
    best = math.inf
    for _ in range(5):
        synchronise()
        begin = time.perf_counter()
        launch.run(BREAKTHROUGH, SIZES[2], many)
        synchronise()
        best = min(best, time.perf_counter() - begin)
    cells = SIZES[2][0] * SIZES[2][1] * lots / best
    return (
        f"{1e3 * best / lots:.3g} ({lots / best:,.0f} columns/s, {cells / 1e9:.1f} billion cells and steps/s)"
    )


def page(rounds: int) -> str:
    about = f"""# Chromatography: a column's breakthrough

Case C2: 0.2 m of bed, a feed of 1 g/L, kinetic Langmuir without dispersion, {C2.until:,.0f} s. Errors
are those of the times at which the effluent reaches 1, 10, 50 and 90 % of the feed, against Thomas' solution.
One core; the best of {rounds} rounds with every entry in each, batches of {BATCH} columns in twin, one column
after another in the others. CADET-Core's time is what it says of its own simulation; files and the start of
the program are left out.
"""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("numba", "numpy", "scipy"))
    machine = f"{processor()}, {os.cpu_count()} cores, {platform.system()}"
    versions = f"Python {platform.python_version()}, {versions}"
    measured = (
        f"Measured on {datetime.date.today()} on {machine}, {versions}, {CADET.replace('==', ' ')}, "
        "by `python benchmarks/physics/chromatography.py`."
    )
    return "\n".join([about, *table(rounds), "", measured]) + "\n"


def processor() -> str:
    """Return the processor's name where the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--rounds", type=int, default=5)
    ask.add_argument("--page", type=Path, help="write the table there as well")
    options = ask.parse_args()
    text = page(options.rounds)
    print(text)
    if options.page:
        options.page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
