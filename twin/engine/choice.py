"""Which engine runs a program: the compiled one where it covers the plant, else the reference.

Both give the same record, so that the choice is one of speed; it is no part of what a run is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from twin.engine.broker import Counts
from twin.engine.compiled_engine.compiling import is_kept
from twin.engine.compiled_engine.refusals import refusals
from twin.engine.lines import Line, line_into, line_of, simulate_line
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.rows import TakesRows
from twin.engine.simpy_engine import simulate_all as simulate_all_by_reference
from twin.engine.simpy_engine import simulate_into as simulate_into_by_reference
from twin.engine.situation import Situation
from twin.engine.snapshot import Snapshot
from twin.physics.backend import Device

SIMPY, COMPILED = "simpy", "compiled"

# From so many replications on the compiled engine pays for being compiled, which a new version of twin does
# once on each machine.
WORTH_COMPILING = 30
AT_ONCE = 16  # records of a line that are made before the first is handed on


@dataclass(frozen=True)
class Choice:
    """An engine, and why."""

    engine: str
    note: str


def choose(program: Program, asked: str, replications: int, starts: bool) -> Choice:
    """The engine for so many replications; `starts` says that they begin with a snapshot or a situation."""
    if asked == SIMPY:
        return Choice(SIMPY, "simpy, as asked")
    refused = refusals(program)
    if starts:
        return Choice(SIMPY, f"{asked}: simpy, because the run begins with something inside")
    if refused:
        rest = "" if len(refused) == 1 else f" and {len(refused) - 1} more"
        return Choice(SIMPY, f"{asked}: simpy, because compiled does not cover {refused[0].what}{rest}")
    line = isinstance(line_of(program), Line)
    if asked == "auto" and replications < WORTH_COMPILING and (line or not is_kept()):
        return Choice(SIMPY, f"auto: simpy, because {replications} replications are not worth compiling")
    note = "auto: compiled" if asked == "auto" else "compiled, as asked"
    return Choice(COMPILED, f"{note}, as a line" if line else note)


def simulate_all(
    engine: str,
    program: Program,
    seed: int,
    replications: Sequence[int],
    device: Device = "cpu",
    start: Snapshot | Situation | None = None,
    counts: Counts | None = None,
    threads: int | None = None,
) -> Iterator[tuple[int, Record]]:
    """Run replications in an engine, and yield each with its number as it ends.

    Raises as the SimPy engine's `simulate_all` does.
    """
    if engine == SIMPY:
        yield from simulate_all_by_reference(program, seed, replications, device, start, counts=counts)
        return
    if isinstance(line_of(program), Line):
        for first in range(0, len(replications), AT_ONCE):
            part = replications[first : first + AT_ONCE]
            yield from zip(part, simulate_line(program, seed, part, threads), strict=True)
        return
    # Only those who use the kernels wait for their hundreds of functions to be read.
    from twin.engine.compiled_engine.replications import simulate_all as simulate_all_compiled

    yield from simulate_all_compiled(program, seed, replications, device, counts, threads)


def simulate_into(
    takes: TakesRows,
    engine: str,
    program: Program,
    seed: int,
    replications: Sequence[int],
    device: Device = "cpu",
    start: Snapshot | Situation | None = None,
    counts: Counts | None = None,
    threads: int | None = None,
) -> Iterator[tuple[int, int]]:
    """`simulate_all`, with the rows handed to what `takes` them; yields each number with its end in ns."""
    if engine == SIMPY:
        yield from simulate_into_by_reference(takes, program, seed, replications, device, start, None, counts)
        return
    if isinstance(line_of(program), Line):
        yield from line_into(takes, program, seed, replications, threads)
        return
    from twin.engine.compiled_engine.replications import simulate_into as simulate_into_compiled

    yield from simulate_into_compiled(takes, program, seed, replications, device, counts, threads)
