"""Line L5, a thousand replications at once: twin's recursion beside a bare one in NumPy and the SimPy engine.

    python benchmarks/line_l5/compiled.py

Each round runs every entry once. Before anything is timed, sampled replications of the recursion are compared
with the SimPy engine, the record to the byte and the sums to the nanosecond; an entry whose throughput
disagrees with the known answer of line L5 stops the benchmark.
"""

from __future__ import annotations

import argparse
import datetime
import math
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from entry_twin import SECOND, program
from line import BUFFER, PARTS, REFERENCE, REFERENCE_ERROR, STATIONS
from run import machine

from twin.engine.lines import fold_line, left_to_reference, line_of, simulate_line
from twin.engine.lines.totals import totals_of
from twin.engine.program import Program
from twin.engine.simpy_engine import simulate

Reals = npt.NDArray[np.float64]

HERE = Path(__file__).resolve().parent
REPLICATIONS = 1_000
WITH_RECORD = 16
IN_SIMPY = 2
BAR = 100e6  # station-operations/s without record, on two cores


@dataclass
class Entry:
    """What is timed, and the rates of its rounds: by the clock, and by processor time of all threads."""

    title: str
    replicate: Callable[[int], Reals]  # seed → ends in s
    threads: int
    by_clock: list[float]
    by_processor: list[float]
    throughputs: list[float]

    def measure(self, seed: int) -> None:
        """One round."""
        processor, clock = time.process_time(), time.perf_counter()
        ends = self.replicate(seed)
        clock, processor = time.perf_counter() - clock, time.process_time() - processor
        work = STATIONS * PARTS * len(ends)
        self.by_clock.append(work / clock)
        self.by_processor.append(work / processor)
        self.throughputs += (PARTS / ends).tolist()

    def deviation(self) -> tuple[float, float, float]:
        """Mean throughput, its standard error, and how many of these it is off the known answer."""
        mean = statistics.fmean(self.throughputs)
        error = statistics.stdev(self.throughputs) / math.sqrt(len(self.throughputs))
        return mean, error, (mean - REFERENCE) / math.hypot(error, REFERENCE_ERROR)


def numpy_recursion(seed: int) -> Reals:
    """The bare recursion over all replications, with NumPy's own exponential draws and no time but floats."""
    draws = np.random.default_rng(seed)
    left = np.zeros((STATIONS, REPLICATIONS))
    started = np.zeros((STATIONS, BUFFER, REPLICATIONS))
    takes = np.empty((STATIONS, REPLICATIONS))
    start = np.empty(REPLICATIONS)
    for part in range(PARTS):
        draws.standard_exponential(out=takes)
        come = np.zeros(REPLICATIONS)
        place = part % BUFFER
        for station in range(STATIONS):
            np.maximum(come, left[station], out=start)
            takes[station] += start
            if station + 1 < STATIONS:
                np.maximum(takes[station], started[station + 1, place], out=left[station])
            else:
                left[station] = takes[station]
            started[station, place] = start
            come = left[station]
    return left[-1].copy()


def entries(line: Program, threads: int) -> list[Entry]:
    """All that is timed; the first is held to the bar."""

    def folded(seed: int) -> Reals:
        return fold_line(line, seed, range(REPLICATIONS), threads).end / SECOND

    def recorded(seed: int) -> Reals:
        records = simulate_line(line, seed, range(WITH_RECORD), threads)
        return np.array([end for record in records for end in record.horizon.values()]) / SECOND

    def stepped(seed: int) -> Reals:
        records = [simulate(line, seed, replication) for replication in range(IN_SIMPY)]
        return np.array([end for record in records for end in record.horizon.values()]) / SECOND

    return [
        Entry("twin, recursion, sums", folded, threads, [], [], []),
        Entry("twin, recursion, full record", recorded, threads, [], [], []),
        Entry("bare recursion in NumPy, draws of its own, ends alone", numpy_recursion, 1, [], [], []),
        Entry("twin, SimPy engine, full record", stepped, 1, [], [], []),
    ]


def compare(line: Program, seed: int, sampled: list[int]) -> None:
    """Stop where a sampled replication is not the SimPy engine's."""
    shape = line_of(line)
    if isinstance(shape, str):
        raise SystemExit(shape)
    sums = fold_line(line, seed, range(REPLICATIONS))
    records = simulate_line(line, seed, sampled)
    for replication, record in zip(sampled, records, strict=True):
        reference = simulate(line, seed, replication)
        tables = ("states", "lots", "levels", "genealogy")
        if not all(getattr(record, name).equals(getattr(reference, name)) for name in tables):
            raise SystemExit(f"the record of replication {replication} is not the SimPy engine's")
        for name, values in asdict(totals_of(shape, reference)).items():
            if (getattr(sums, name)[replication] != values[0]).any():
                raise SystemExit(f"`{name}` of replication {replication} is not the SimPy engine's")


EXPLANATION = f"""# Line L5, a thousand replications at once

The line of `RESULTS.md`: {STATIONS} stations in series, exponential service with mean 1, {BUFFER} places
between neighbours, the first {PARTS:,} parts from an empty line. A station-operation is one part worked on by
one station. A round of an entry is one call: {REPLICATIONS:,} replications where there are sums only,
{WITH_RECORD} with the record, {IN_SIMPY} in the SimPy engine. twin draws by address (Philox4x32-10) and
counts in whole nanoseconds; its sums are those that throughput, shares of states, lead time, waiting and work
in process are made of. Compiled functions come from the cache on disk.

The machine is shared with other work. So the rate counts that the threads have in the processor time they
get, as if they had their cores to themselves: work over processor time, times threads, best round. What the
clock showed of the best round stands beside it.
"""


def load() -> float:
    """Processes that ran or wanted to over the last minutes, as far as the machine tells."""
    return os.getloadavg()[1] if hasattr(os, "getloadavg") else math.nan


def report(timed: list[Entry], sampled: list[int], left: int) -> str:
    """The table as Markdown."""
    lines = [
        EXPLANATION,
        f"Measured on {datetime.datetime.now(datetime.UTC):%Y-%m-%d} on {machine()}, "
        f"by `python benchmarks/line_l5/compiled.py`, {len(timed[0].by_clock)} rounds, at a load of "
        f"{load():.0f} processes.",
        "",
        "| entry | threads | station-operations/s, best round | median round | by the clock, best "
        f"| throughput ({REFERENCE} expected) |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for entry in timed:
        mean, error, _ = entry.deviation()
        rates = sorted(rate * entry.threads for rate in entry.by_processor)
        lines.append(
            f"| {entry.title} | {entry.threads} | {rates[-1]:,.0f} | {statistics.median(rates):,.0f} "
            f"| {max(entry.by_clock):,.0f} | {mean:.5f} ± {error:.5f} |"
        )
    bar = "met" if max(timed[0].by_processor) * timed[0].threads >= BAR else "missed"
    lines += [
        "",
        f"The bar is {BAR:,.0f} station-operations/s without record on two cores: {bar}, at that rate.",
        "",
        f"In the same run, before it was timed: of replications {', '.join(map(str, sampled))} all tables "
        "of the record equal the SimPy engine's, every time at which a part starts, finishes and leaves "
        f"included, and the sums equal those over its record. Of {REPLICATIONS:,} replications {left} are "
        "left to the SimPy engine where a record is wanted.",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--rounds", type=int, default=7)
    ask.add_argument("--threads", type=int, default=2)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--out", type=Path, default=HERE / "RESULTS_compiled.md")
    args = ask.parse_args()
    line = program()
    sampled = [0, 1, 499, REPLICATIONS - 1]
    compare(line, args.seed, sampled)
    left = len(left_to_reference(line, args.seed, range(REPLICATIONS)))
    timed = entries(line, args.threads)
    for number in range(args.rounds):
        for entry in timed:
            entry.measure(args.seed + number)
            print(f"round {number + 1} {entry.title}: {entry.by_clock[-1]:,.0f}/s", file=sys.stderr)
    for entry in timed:
        mean, error, off = entry.deviation()
        if abs(off) > 3.5:
            print(f"{entry.title}: {mean:.5f} ± {error:.5f} is not line L5's {REFERENCE}", file=sys.stderr)
            return 1
    text = report(timed, sampled, left)
    args.out.write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
