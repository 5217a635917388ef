"""The inputs of visits to one operation as arrays: drawn by address, brought by the lot, or of the unit.

Every draw is the one that `streams` gives at the same address. Raw material is drawn once for each released
lot, whatever it was split into, and settings anew for each visit and attempt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from twin.engine.broker.rows import ABSENT, Integers, Reals, Visits
from twin.engine.draws import draw_addresses, inverse, source_hash
from twin.engine.physics_call import BATCH_MASS
from twin.engine.program import PhysicsCall, Source
from twin.engine.rules.parts import ROOT

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
        lots = len(visits.number)
        if lots > len(self._known):
            self._known = np.full(2 * lots, self._value)
            self._known.flags.writeable = False
        return self._known[:lots]


class Drawn:
    """A source of draws of all replications of one seed."""

    def __init__(self, source: Source, seed: int) -> None:
        self._distribution = (source.kind, source.p0, source.p1, source.p2, source.table)
        self._keys: tuple[Any, Any] = np.uint64(source_hash(source.name)), np.uint64(seed)
        self._constant = Constant(float(inverse(*self._distribution, 0.5))) if source.constant else None

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


class Parameter:
    """A parameter of the units that do an operation."""

    def __init__(self, by_unit: Mapping[int, float]) -> None:
        values = set(by_unit.values())
        self._constant = Constant(values.pop()) if len(values) == 1 else None
        self._values = np.full(max(by_unit) + 1, np.nan)
        self._values[list(by_unit)] = list(by_unit.values())

    def of(self, visits: Visits) -> Reals:
        """That of the unit of each visit, shape (n,)."""
        return self._values[visits.unit] if self._constant is None else self._constant.of(visits)


class OperationInputs:
    """Where the inputs of one operation's physics come from."""

    def __init__(self, call: PhysicsCall, seed: int) -> None:
        self._carried = [(name, Constant(default)) for name, default in call.carried]
        self._material = {name: Drawn(source, seed) for name, source in call.material}
        self._settings = [(name, Drawn(source, seed)) for name, source in call.settings]
        names = list(next(iter(call.equipment.values()), ()))
        self._equipment = {
            name: Parameter({unit: given[name] for unit, given in call.equipment.items()}) for name in names
        }

    def columns(self, visits: Visits) -> tuple[Columns, Columns, Columns]:
        """Material, settings and equipment as a unit operation takes them, arrays of shape (n,)."""
        material: dict[str, Any] = {name: source.of_lots(visits) for name, source in self._material.items()}
        for name, default in self._carried:
            values = material.get(name)
            if values is None:
                values = default.of(visits)
            brought = visits.brought.get(name)
            if brought is not None:
                values = np.where(brought == ABSENT, values, brought)
            material[name] = values
        material[BATCH_MASS] = visits.quantity * KILOGRAM
        settings = {name: source.of_visits(visits) for name, source in self._settings}
        equipment = {name: parameter.of(visits) for name, parameter in self._equipment.items()}
        return material, settings, equipment


def integers(values: list[int]) -> Integers:
    """Whole numbers as an array."""
    return np.array(values, dtype=np.int64)
