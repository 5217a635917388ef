"""What the compiled engine does not cover, by name and by the place in the plant file that asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from twin.engine.program import Program
from twin.engine.rules.dispatching import OWN
from twin.plant.errors import Path


@dataclass(frozen=True)
class Refusal:
    """One thing that the compiled engine does not cover."""

    what: str  # "the tank `bulk`"
    path: Path  # in the plant


def refusals(program: Program) -> list[Refusal]:
    """All that keeps the compiled engine from running a program; none: it runs it."""
    return [*_stores(program), *_units(program)]


def _stores(program: Program) -> Iterator[Refusal]:
    for tank in program.tanks:
        yield Refusal(f"the tank `{tank.name}`", ("tanks", tank.name))
    for utility in program.utilities:
        yield Refusal(f"the utility `{utility.name}`", ("utilities", utility.name))


def _units(program: Program) -> Iterator[Refusal]:
    for unit in (*program.units, *program.stations):
        path: Path = ("equipment", unit.name)
        if unit.dispatching >= OWN:
            yield Refusal(f"`dispatching` of `{unit.name}`", (*path, "dispatching"))
