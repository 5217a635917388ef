"""What a run says of emulated physics: how good its emulators are, and for how many lots they answered.

How good they are follows from the plant, how many lots from the record. `run` puts it into the manifest, and
has the emulators made before processes share the work, so that each finds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from twin.engine.program import Operation, Program
from twin.experiment.arrays import reals, together
from twin.experiment.store import Chunk
from twin.physics.emulation.emulator import EMULATED, Emulator
from twin.physics.emulation.quality import TOLERANCE

COLUMN = f"attribute.{EMULATED}"


def emulated_operations(program: Program) -> list[Operation]:
    """The operations whose physics is emulated, in the order of the program."""
    return [o for o in program.operations if o.physics is not None and o.physics.emulation is not None]


def make_ready(program: Program) -> None:
    """Make the emulators that are neither in this process nor in the user's cache."""
    for operation in emulated_operations(program):
        _emulators(operation)


def report(program: Program, chunks: Sequence[Chunk]) -> list[dict[str, Any]]:
    """Of each emulated operation: its emulators, and how many visits were emulated and solved in full."""
    operations = emulated_operations(program)
    if not operations:
        return []
    counts = _counts(chunks)
    rows = []
    for operation in operations:
        emulated, visits = counts.get(operation.name, (0, 0))
        assert operation.physics is not None
        rows.append(
            {
                "operation": operation.name,
                "model": operation.physics.model.name,
                "lots_emulated": emulated,
                "lots_in_full": visits - emulated,
                "tolerance": TOLERANCE,
                "emulators": [_words(emulator) for emulator in _emulators(operation)],
            }
        )
    return rows


def _emulators(operation: Operation) -> tuple[Emulator, ...]:
    assert operation.physics is not None
    assert operation.physics.emulation is not None
    return operation.physics.emulation.emulators


def _words(emulator: Emulator) -> dict[str, Any]:
    """An emulator's design and its errors, each over the output's standard deviation between lots."""
    return {
        "points": emulator.points,
        "points_out_of_range": emulator.failed,
        "declined": emulator.declined,
        "outputs": {
            name: {"error": q.error, "error_at_most": q.bound, "noise": q.noise, "method": q.method}
            for name, q in emulator.quality.items()
        },
    }


def _counts(chunks: Sequence[Chunk]) -> dict[str, tuple[int, int]]:
    """Visits emulated, and visits at all, by `recipe/operation`."""
    found: dict[str, tuple[int, int]] = {}
    for chunk in chunks:
        if chunk.kept == "folded":
            sums = chunk.sums()
            for k, name in enumerate(sums.names.operations):
                emulated, visits = found.get(name, (0, 0))
                answered = int(sums.answered[:, k].sum())
                found[name] = (emulated + int(sums.emulated[:, k].sum()), visits + answered)
            continue
        lots = chunk.table("lots", ["recipe", "operation", COLUMN])
        names, place = together(lots, "recipe", "operation")
        answers = reals(lots, COLUMN)
        given = ~np.isnan(answers)
        visited = np.bincount(place[given], minlength=len(names)).tolist()
        stood_in = np.bincount(place[given], answers[given], minlength=len(names)).tolist()
        for (recipe, operation), those, all_of_them in zip(names, stood_in, visited, strict=True):
            name = f"{recipe}/{operation}"
            before = found.get(name, (0, 0))
            found[name] = (before[0] + int(those), before[1] + int(all_of_them))
    return found
