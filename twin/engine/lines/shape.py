"""Whether a program is a line that the max-plus recursion can run, and its shape, or why it is none.

A line here is any number of units of one operation a recipe, each lot going forward and waiting for its turn
first come, first served. Units that all lots of the same recipes pass one after the other are a `Segment`:
within it storages may be limited, and blocking runs back. Between segments, where branches come together or
part, lots wait without a limit, so that a segment never depends on those after it. Nothing is simulated
here; `compile_lines` makes arrays of what this finds.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from functools import cache
from itertools import pairwise
from typing import Any

from twin.engine.draws import inverse
from twin.engine.order_book import OrderLine
from twin.engine.program import NO_STORAGE, NONE, Operation, Program, Source, Unit
from twin.engine.rules.dispatching import FIFO, PRIORITY
from twin.engine.rules.speeds import processing_time

# What an operation of a line may say; all its other fields stand at their defaults.
_OPERATION = {"name", "recipe", "next", "units", "storage", "takes", "nominal", "nominal_on"}
_PROGRAM_DEFAULTS = {
    "materials": "keeps materials in stock",
    "stations": "has flow sections",
    "releases": "has release rules",
    "loops": "has kanban loops",
    "fleets": "has transporters",
    "airlocks": "has airlocks",
    "quality": "has rules of quality",
    "utilities": "has utilities",
    "tanks": "has tanks",
}
_UNIT_WORDS = {
    "failures": "can fail",
    "part_of": "works on several lots at once",
    "stations": "is a flow section",
    "tasks": "has upkeep",
    "upkeep": "has upkeep",
}
_SHORT = 1e-3  # of the draws of a duration, those that may be no time at all


@dataclass(frozen=True)
class Segment:
    """Units that all lots of `recipes` pass in this order: operations and storages by recipe, then unit.

    The first storage of a recipe is where its lots wait for the segment.
    """

    units: tuple[int, ...]
    recipes: tuple[int, ...]
    operations: tuple[tuple[int, ...], ...]
    storages: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Line:
    """A program that is a line, its segments in the order in which lots come to them."""

    program: Program
    segments: tuple[Segment, ...]
    loses: bool  # lots that find no place at once

    @property
    def serial(self) -> bool:
        """Whether all lots are of one recipe and pass the same units, and none is lost."""
        return len(self.segments) == 1 and len(self.segments[0].recipes) == 1 and not self.loses


def line_of(program: Program) -> Line | str:
    """The line that `program` is, or the sentence that says what of it makes it none."""
    reason = _of_plant(program) or _of_orders(program)
    if reason:
        return reason
    paths = _paths(program)
    for path in paths.values():
        for number in path:
            reason = _of_operation(program, number)
            if reason:
                return reason
    return _of_paths(program, paths)


def _of_plant(program: Program) -> str:
    """What of the whole plant is no line's, or nothing."""
    for name, has in _PROGRAM_DEFAULTS.items():
        if getattr(program, name) != _default(Program, name):
            return f"The plant {has}."
    if program.people:
        return f"The plant has people, '{program.people[0].name}'."
    if program.containers:
        return f"The plant has containers, '{program.containers[0].name}'."
    if program.attributes:
        return f"Lots have attributes, '{program.attributes[0]}'."
    if program.travel.any():
        return "Transport takes time."
    for storage in program.storages:
        if storage.holds != NONE or storage.conveyor is not None:
            kind = "a conveyor" if storage.conveyor is not None else "limited by quantity"
            return f"The storage '{storage.name}' is {kind}."
    for unit in program.units:
        reason = _of_unit(unit)
        if reason:
            return reason
    return ""


def _of_unit(unit: Unit) -> str:
    """What of a unit is no line's, or nothing; one that no lot comes to must be as plain."""
    if unit.calendar != NONE:
        return f"'{unit.name}' has a calendar."
    if unit.dispatching not in (PRIORITY, FIFO):
        return f"'{unit.name}' has a dispatching rule."
    for field, words in _UNIT_WORDS.items():
        plain = () if field == "failures" else _default(Unit, field)
        if getattr(unit, field) != plain:
            return f"'{unit.name}' {words}."
    return ""


def _of_orders(program: Program) -> str:
    """What of the order book is no line's, or nothing."""
    priorities = {line.priority for line in program.orders}
    for number, line in enumerate(program.orders):
        recipe = program.recipes[line.recipe]
        if line.release != NONE or line.hot:
            word = "is hot" if line.hot else "has a release rule"
            return f"Order line {number}, of '{recipe.name}', {word}."
        if recipe.makes != NONE:
            return f"Lots of '{recipe.name}' become a material."
        if line.every is not None and line.times != 1 and _is_short(line.every, 1.0):
            return f"Releases of order line {number} may follow each other at once."
        if program.until_empty and line.times < 0:
            return f"Order line {number} never ends, and the run has no horizon."
    for unit in program.units:
        if unit.dispatching == PRIORITY and len(priorities) > 1:
            return f"'{unit.name}' takes lots by priority, and order lines differ in it."
    return ""


def _paths(program: Program) -> dict[int, tuple[int, ...]]:
    """The operations of each recipe that is ordered, in order."""
    paths: dict[int, tuple[int, ...]] = {}
    for recipe in sorted({line.recipe for line in program.orders}):
        number, path = program.recipes[recipe].first, list[int]()
        while number != NONE:
            path.append(number)
            number = program.operations[number].next
        paths[recipe] = tuple(path)
    return paths


def _of_operation(program: Program, number: int) -> str:
    """What of an operation is no line's, or nothing."""
    operation = program.operations[number]
    for field in fields(Operation):
        if field.name not in _OPERATION and getattr(operation, field.name) != _default(Operation, field.name):
            return f"'{operation.name}' has `{field.name}`."
    if operation.takes is None:
        return f"'{operation.name}' takes no time that is drawn."
    if len(operation.units) != 1:
        return f"'{operation.name}' is done on several units."
    if _is_short(operation.takes, program.units[operation.units[0]].speed):
        return f"'{operation.name}' may take no time at all."
    return ""


def _of_paths(program: Program, paths: dict[int, tuple[int, ...]]) -> Line | str:
    """The line that lots of all recipes make together, or why they make none."""
    served = _served(program, paths)
    if isinstance(served, str):
        return served
    segments = _segments(program, served)
    firsts = {number for path in paths.values() for number in path[:1]}
    reason = _of_storages(program, paths, segments, firsts) or _of_blocking(program, segments, firsts)
    if reason:
        return reason
    in_order = _in_order(program, paths, segments)
    if isinstance(in_order, str):
        return in_order
    loses = any(_loses(program, line) for line in program.orders)
    return Line(program, in_order, loses)


def _served(program: Program, paths: dict[int, tuple[int, ...]]) -> dict[int, dict[int, int]] | str:
    """For each unit the operation of each recipe that it serves."""
    served: dict[int, dict[int, int]] = {}
    for recipe, path in paths.items():
        for number in path:
            unit = program.operations[number].units[0]
            if recipe in served.setdefault(unit, {}):
                name = program.recipes[recipe].name
                return f"Lots of '{name}' come to '{program.units[unit].name}' twice."
            served[unit][recipe] = number
    return served


def _segments(program: Program, served: dict[int, dict[int, int]]) -> list[Segment]:
    """Chains of units as long as the same recipes go from each to the next."""
    after: dict[int, int] = {}
    for unit, by_recipe in served.items():
        following = {program.operations[number].next for number in by_recipe.values()}
        units = {NONE if n == NONE else program.operations[n].units[0] for n in following}
        if len(units) == 1 and (then := units.pop()) != NONE and set(served[then]) == set(by_recipe):
            after[unit] = then
    heads = [unit for unit in served if unit not in after.values()]
    segments = []
    for unit in heads:
        chain = [unit]
        while chain[-1] in after:
            chain.append(after[chain[-1]])
        recipes = tuple(sorted(served[unit]))
        operations = tuple(tuple(served[u][r] for u in chain) for r in recipes)
        storages = tuple(tuple(program.operations[n].storage for n in row) for row in operations)
        segments.append(Segment(tuple(chain), recipes, operations, storages))
    return segments


def _of_storages(
    program: Program, paths: dict[int, tuple[int, ...]], segments: list[Segment], firsts: set[int]
) -> str:
    """What of the storages is no line's: each serves one unit, and none between segments is limited."""
    serves: dict[int, int] = {}
    for segment in segments:
        for operations in segment.operations:
            for unit, number in zip(segment.units, operations, strict=True):
                storage = program.operations[number].storage
                if storage >= 0 and serves.setdefault(storage, unit) != unit:
                    return f"Lots for several units wait in '{program.storages[storage].name}'."
            first = operations[0]
            storage = program.operations[first].storage
            limited = storage == NO_STORAGE or (storage >= 0 and program.storages[storage].count != NONE)
            if limited and first not in firsts:
                name = program.operations[first].name
                return f"Branches come together or part before '{name}', where room to wait is limited."
    by_first = {program.operations[number].storage for number in firsts}
    for path in paths.values():
        for number in path[1:]:
            storage = program.operations[number].storage
            if storage >= 0 and storage in by_first and program.storages[storage].count != NONE:
                return f"Lots come to '{program.storages[storage].name}' from a unit and from outside."
    return ""


def _of_blocking(program: Program, segments: list[Segment], firsts: set[int]) -> str:
    """What of blocking before service is no line's, or nothing."""
    lossy = {program.recipes[line.recipe].first for line in program.orders if _loses(program, line)}
    for segment in segments:
        for place, index in enumerate(segment.units):
            unit = program.units[index]
            if not unit.blocking_before:
                continue
            if len(segment.recipes) > 1:
                return f"'{unit.name}' blocks before service, and serves several recipes."
            if place == 0 and segment.operations[0][0] in lossy & firsts:
                return f"'{unit.name}' blocks before service, and lots that it cannot take are lost."
    return ""


def _in_order(
    program: Program, paths: dict[int, tuple[int, ...]], segments: list[Segment]
) -> tuple[Segment, ...] | str:
    """The segments such that lots only ever go forward."""
    segment_of = {unit: k for k, segment in enumerate(segments) for unit in segment.units}
    before: dict[int, set[int]] = {k: set() for k in range(len(segments))}
    for path in paths.values():
        passed = [segment_of[program.operations[number].units[0]] for number in path]
        for one, other in pairwise(passed):
            if one != other:
                before[other].add(one)
    order: list[int] = []
    while len(order) < len(segments):
        ready = [k for k, needed in before.items() if k not in order and needed <= set(order)]
        if not ready:
            return "Lots of some recipes go the other way between the same units."
        order.append(ready[0])
    return tuple(segments[k] for k in order)


def _loses(program: Program, line: OrderLine) -> bool:
    """Whether lots of an order line can be lost: where they wait there may be no room."""
    storage = program.operations[program.recipes[line.recipe].first].storage
    limited = storage == NO_STORAGE or (storage >= 0 and program.storages[storage].count != NONE)
    return line.lost_when_full and limited


def _is_short(source: Source, speed: float) -> bool:
    """Whether a draw in a thousand, or more, is no time at all: then rounds of an instant would matter."""
    least = inverse(source.kind, source.p0, source.p1, source.p2, source.table, _SHORT)
    return processing_time(float(least), speed) < 1


@cache  # all are immutable
def _default(table: type[Any], name: str) -> object:
    field = next(field for field in fields(table) if field.name == name)
    if field.default is not MISSING:
        return field.default
    assert field.default_factory is not MISSING
    return field.default_factory()
