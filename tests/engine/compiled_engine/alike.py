"""Whether both engines give the same record of a plant, row by row."""

from __future__ import annotations

import pyarrow as pa

from twin.engine.compiled_engine.refusals import refusals
from twin.engine.compiled_engine.simulate import CannotGoOnError
from twin.engine.compiled_engine.simulate import simulate as simulate_compiled
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.simpy_engine import SimulationError, simulate

TABLES = ("states", "lots", "levels", "genealogy")


def differences(program: Program, seed: int, replication: int = 0) -> list[str]:
    """The first rows in which the records of both engines differ; none where they are the same."""
    assert refusals(program) == []
    try:
        reference = simulate(program, seed, replication)
    except SimulationError:
        try:
            simulate_compiled(program, seed, replication)
        except CannotGoOnError:
            return []
        return ["the SimPy engine says that the plant is stuck"]
    return differences_from(reference, program, seed, replication)


def differences_from(reference: Record, program: Program, seed: int, replication: int) -> list[str]:
    """The first rows in which the compiled engine's record differs from the reference."""
    compiled = simulate_compiled(program, seed, replication)
    found = [] if reference.horizon == compiled.horizon else [f"{reference.horizon} {compiled.horizon}"]
    for name in TABLES:
        found += of_table(name, getattr(reference, name), getattr(compiled, name))
    return found


def of_table(name: str, one: pa.Table, other: pa.Table) -> list[str]:
    if one.equals(other):
        return []
    if one.schema != other.schema:
        return [f"{name}: columns {one.column_names} and {other.column_names}"]
    rows = zip(one.to_pylist(), other.to_pylist(), strict=False)
    unlike = [(a, b) for a, b in rows if a != b and repr(a) != repr(b)][:3]
    shown = [f"{name}: { {k: (a[k], b[k]) for k in a if a[k] != b[k]} } of {a}" for a, b in unlike]
    return shown or [f"{name}: {one.num_rows} rows and {other.num_rows}"]
