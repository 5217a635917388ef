"""A situation: what a state file says of a plant, by the numbers of its program.

`compile/situation.py` makes one; `simpy_engine/situations.py` puts lots and units where it says before
anything moves. Each replication begins with it and goes its own way, its clocks of failures included.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from twin.engine.program import NONE, Program
from twin.engine.snapshot import SnapshotError, inventory

OPENING = '{"situation"'  # how the text of every situation begins


@dataclass(frozen=True)
class Standing:
    """A lot that is inside: waiting in line (`unit` none), done on a unit, or in work there."""

    order: int
    operation: int
    unit: int
    in_work: bool
    phase: int  # in hand, numbered from 0
    remaining: int  # ns of the phase
    waited: int  # ns
    quantity: int  # mg or pieces
    priority: int
    due: int  # ns, or `rules.calendars.NEVER`
    container: int  # kind that it has, or none
    ended: tuple[tuple[int, int], ...] = ()  # operation, ns ago
    samples: tuple[tuple[int, int, int], ...] = ()  # inquiry, unit or none, ns left or waited
    passed: tuple[int, ...] = ()  # mg or pieces, by station of a flow section
    starting_up: tuple[int, ...] = ()  # ns, likewise


@dataclass(frozen=True)
class StandingUpkeep:
    """What a unit has done for itself and since; times in ns before the start of the run."""

    unit: int
    cleaned: int  # highest level since the last use; none: not told
    cleaned_for: int
    unused: int
    set_up: int  # product, or none
    since: tuple[tuple[int, int, int, int], ...]  # chore, lots, producing time, time since
    worn: int  # lots or ns of producing


@dataclass(frozen=True)
class Situation:
    """What is known at the start of a run; `names` is the plant's inventory."""

    names: dict[str, list[str]]
    lots: tuple[Standing, ...] = ()
    down: tuple[tuple[int, int, int], ...] = ()  # unit or station, failure mode, ns yet
    doing: tuple[tuple[int, int, int], ...] = ()  # unit, task or cleaning of containers, ns yet
    upkeep: tuple[StandingUpkeep, ...] = ()
    dirty: tuple[tuple[int, int, int], ...] = ()  # kind of container, how many, ns so far
    clean_for: tuple[tuple[int, int], ...] = ()  # kind of container, ns so far
    last_products: tuple[tuple[int, int], ...] = ()  # unit, product
    stocks: tuple[tuple[int, int], ...] = ()  # material, mg or pieces
    ages: tuple[tuple[int, int], ...] = ()  # material, ns
    tanks: tuple[tuple[int, int], ...] = ()  # tank, mg
    held: tuple[tuple[int, int], ...] = ()  # tank, ns so far
    utilities: tuple[tuple[int, int], ...] = ()  # utility, content of its storage

    @property
    def at(self) -> int:
        """The time in ns of the run to which it belongs."""
        return 0

    def to_json(self) -> str:
        """The form in which it is kept beside a run."""
        return json.dumps({"situation": 1, **asdict(self)}) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Situation:
        """Read what `to_json` wrote; raises `SnapshotError`."""
        try:
            data: dict[str, Any] = json.loads(text)
            apart = ("situation", "names", "lots", "upkeep")
            rest = {key: _in_tuples(value) for key, value in data.items() if key not in apart}
            lots = tuple(Standing(**_values(lot)) for lot in data["lots"])
            upkeep = tuple(StandingUpkeep(**_values(unit)) for unit in data["upkeep"])
            return cls(names=data["names"], lots=lots, upkeep=upkeep, **rest)
        except (KeyError, TypeError, ValueError) as wrong:
            raise SnapshotError(f"the state is damaged: {wrong!r}") from wrong

    def complain_unless_it_fits(self, program: Program) -> None:
        """Raise `SnapshotError` unless the names are those of the program."""
        if self.names != inventory(program):
            raise SnapshotError("the state is of another plant")

    def origin(self, program: Program) -> str:
        """As of `Snapshot.origin`: no code has made it."""
        return ""

    def opening(self, program: Program) -> Program:
        """The program with the stocks, levels and last products of the situation.

        What lots in work have used up is added to the stocks, from which they take it as they begin.
        """
        units = list(program.units)
        for index, product in self.last_products:
            kept = units[index].upkeep
            if kept is not None:
                units[index] = replace(units[index], upkeep=replace(kept, last_product=product))
        stocks = {i: m.stock * m.lot + m.opening for i, m in enumerate(program.materials)} | dict(self.stocks)
        for lot in self.lots:
            for material, amount in program.operations[lot.operation].bill if lot.in_work else ():
                stocks[material] += amount
        materials = [
            replace(material, stock=stocks[i] // material.lot, opening=stocks[i] % material.lot)
            for i, material in enumerate(program.materials)
        ]
        tanks, utilities = list(program.tanks), list(program.utilities)
        for number, level in self.tanks:
            tanks[number] = replace(tanks[number], start=level)
        for number, content in self.utilities:
            utilities[number] = replace(utilities[number], start=content)
        return replace(
            program,
            units=tuple(units),
            materials=tuple(materials),
            tanks=tuple(tanks),
            utilities=tuple(utilities),
        )


def _in_tuples(value: Any) -> Any:
    """Lists as tuples, all the way down."""
    return tuple(_in_tuples(each) for each in value) if isinstance(value, list) else value


def _values(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: _in_tuples(value) for key, value in fields.items()}


def container_of(program: Program, operation: int, in_work: bool) -> int:
    """The kind of container that a lot has while it waits for an operation, or is in work there."""
    number, kind = program.recipes[program.operations[operation].recipe].first, NONE
    while number != operation:
        kind = _after(program, number, kind)
        number = program.operations[number].next
    take = program.operations[operation].take
    return take if in_work and kind == NONE else kind


def _after(program: Program, number: int, kind: int) -> int:
    operation = program.operations[number]
    kind = operation.take if kind == NONE else kind
    return NONE if operation.give_back != NONE else kind
