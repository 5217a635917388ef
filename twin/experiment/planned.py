"""Planned run times of a program's operations, by which effectiveness is measured. Pure."""

from __future__ import annotations

from twin.engine.program import Operation, Program
from twin.engine.record import SECOND


def planned_times(program: Program) -> dict[str, float]:
    """ISO 22400 planned run time per item of each operation in s: its nominal time without set-up, start-up,
    loading and unloading.
    """
    return {op.name: (op.nominal - _readying(op)) / SECOND for op in program.operations if op.recipe >= 0}


def _readying(operation: Operation) -> int:
    """Mean set-up, start-up, loading and unloading in ns, as far as the nominal time includes them."""
    setup = operation.setup.mean if operation.setup else 0.0
    start_up = max((s.takes.mean for s in operation.start_up.values()), default=0.0)
    handling = sum(
        max((s.mean for s in sources.values()), default=0.0) for sources in (operation.load, operation.unload)
    )
    return round((setup + start_up + handling) * SECOND)
