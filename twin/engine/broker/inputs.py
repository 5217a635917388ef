"""The inputs of visits to one operation as arrays: drawn by address, brought by the lot, or of the unit.

Every draw is the one that `streams` gives at the same address. Raw material is drawn once for each released
lot, whatever it was split into, and settings anew for each visit and attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from twin.engine.broker.rows import ABSENT, Integers, Reals, Visits
from twin.engine.draws import draw_addresses, source_hash
from twin.engine.physics_call import BATCH_MASS
from twin.engine.program import PhysicsCall, Source
from twin.engine.rules.parts import ROOT
from twin.plant.remembered import remembered

KILOGRAM = 1e-6  # per mg

Columns = dict[str, Reals]
_WORD = 32


class Constant:
    """One number for every visit. What it gives is one array again and again, which nobody may change."""

    def __init__(self, value: float) -> None:
        self._value = value
        self._known = np.empty(0)

    def of(self, visits: Visits) -> Reals:
        """The number, shape (n,)."""
        lots, known = len(visits.number), self._known
        if lots > len(known):  # threads may come here together: each gives what is long enough for it
            known = np.full(2 * lots, self._value)
            known.flags.writeable = False
            self._known = known
        return known[:lots]


class Drawn:
    """A source of draws of all replications of one seed."""

    def __init__(self, source: Source, seed: int) -> None:
        self._distribution = (source.kind, source.p0, source.p1, source.p2, source.table)
        self._keys: tuple[Any, Any] = np.uint64(source_hash(source.name)), np.uint64(seed)
        self.constant = float(source.p0) if source.constant else None
        self._constant = None if self.constant is None else Constant(self.constant)

    def of_lots(self, visits: Visits) -> Reals:
        """Draws by released lot, shape (n,)."""
        if self._constant is not None:
            return self._constant.of(visits)
        none = np.zeros_like(visits.number)
        return draw_addresses(
            *self._distribution, *self._keys, visits.replication, visits.number & ROOT, none, none, none
        )

    def of_visits(self, visits: Visits) -> Reals:
        """Draws by lot, visit and attempt, shape (n,)."""
        if self._constant is not None:
            return self._constant.of(visits)
        return draw_addresses(
            *self._distribution,
            *self._keys,
            visits.replication,
            visits.number & ROOT,
            visits.visit,
            visits.attempt,
            visits.number >> _WORD,
        )


class _Column(NamedTuple):
    """Where an input comes from: `of` gives it for visits; `constant` where it is the same for all."""

    of: Callable[[Visits], Reals]
    constant: float | None = None


class OperationInputs:
    """Where the inputs of one operation's physics come from."""

    def __init__(self, call: PhysicsCall, seed: int) -> None:
        self._material = {name: _drawn(Drawn(source, seed), Drawn.of_lots) for name, source in call.material}
        for name, default in call.carried:
            self._material[name] = _brought(name, self._material.get(name, _constant(default)))
        self._material[BATCH_MASS] = _Column(_mass)
        self._settings = {
            name: _drawn(Drawn(source, seed), Drawn.of_visits) for name, source in call.settings
        }
        names = list(next(iter(call.equipment.values()), ()))
        self._equipment = {
            name: _of_units({unit: given[name] for unit, given in call.equipment.items()}) for name in names
        }
        self._template, self._varying = self._laid_out(call)

    def columns(self, visits: Visits) -> tuple[Columns, Columns, Columns]:
        """Material, settings and equipment as a unit operation takes them, arrays of shape (n,)."""
        material, settings, equipment = (
            {name: column.of(visits) for name, column in group.items()}
            for group in (self._material, self._settings, self._equipment)
        )
        return material, settings, equipment

    def fill(self, block: Reals, visits: Visits) -> None:
        """Write all inputs into a block, shape (fields, n), rows in the order of the model's fields."""
        block[:] = self._template
        for row, of in self._varying:
            block[row] = of(visits)

    def _laid_out(self, call: PhysicsCall) -> tuple[Reals, list[tuple[int, Callable[[Visits], Reals]]]]:
        """What every visit has, and the rows that differ."""
        model = call.model
        groups = (model.material, self._material), (model.settings, self._settings)
        constants: list[list[float]] = []
        varying: list[tuple[int, Callable[[Visits], Reals]]] = []
        for fields, columns in (*groups, (model.equipment, self._equipment)):
            for field in fields:
                default = np.nan if field.default is None else field.default
                column = columns.get(field.name, _constant(default))
                if column.constant is None:
                    varying.append((len(constants), column.of))
                constants.append([np.nan if column.constant is None else column.constant])
        return np.array(constants, dtype=np.float64).reshape(-1, 1), varying


@remembered(most=64)
def inputs_of_call(call: PhysicsCall, seed: int) -> OperationInputs:
    """Where the inputs of a call come from, the same again for the very same call."""
    return OperationInputs(call, seed)


def _constant(value: float) -> _Column:
    return _Column(Constant(value).of, value)


def _drawn(drawn: Drawn, of: Callable[[Drawn, Visits], Reals]) -> _Column:
    return _Column(partial(of, drawn), drawn.constant)


def _of_units(by_unit: Mapping[int, float]) -> _Column:
    """A parameter of the units that do an operation."""
    values = set(by_unit.values())
    if len(values) == 1:
        return _constant(values.pop())
    known = np.full(max(by_unit) + 1, np.nan)
    known[list(by_unit)] = list(by_unit.values())
    return _Column(lambda visits: known[visits.unit])


def _brought(name: str, otherwise: _Column) -> _Column:
    """What lots bring, and what stands in where one brings nothing."""

    def of(visits: Visits) -> Reals:
        values, brought = otherwise.of(visits), visits.brought.get(name)
        return values if brought is None else np.where(brought == ABSENT, values, brought)

    return _Column(of)


def _mass(visits: Visits) -> Reals:
    return visits.quantity.astype(np.float64) * KILOGRAM


def integers(values: list[int]) -> Integers:
    """Whole numbers as an array."""
    return np.array(values, dtype=np.int64)
