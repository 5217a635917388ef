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
_NOTHING = np.array(ABSENT)


class Drawn:
    """A source of draws of all replications of one seed."""

    def __init__(self, source: Source, seed: int) -> None:
        self._distribution = (source.kind, source.p0, source.p1, source.p2, source.table)
        self._keys: tuple[Any, Any] = np.uint64(source_hash(source.name)), np.uint64(seed)
        self._constant = float(inverse(*self._distribution, 0.5)) if source.constant else None

    def of_lots(self, visits: Visits) -> Reals:
        """Draws by released lot, shape (n,)."""
        if self._constant is not None:
            return np.full(len(visits.number), self._constant)
        none = np.zeros_like(visits.number)
        return draw_addresses(
            *self._distribution, *self._keys, visits.replication, visits.number & ROOT, none, none, none
        )

    def of_visits(self, visits: Visits) -> Reals:
        """Draws by lot, visit and attempt, shape (n,)."""
        if self._constant is not None:
            return np.full(len(visits.number), self._constant)
        return draw_addresses(
            *self._distribution,
            *self._keys,
            visits.replication,
            visits.number & ROOT,
            visits.visit,
            visits.attempt,
            visits.number >> _WORD,
        )


class OperationInputs:
    """Where the inputs of one operation's physics come from."""

    def __init__(self, call: PhysicsCall, seed: int) -> None:
        self._carried = call.carried
        self._material = {name: Drawn(source, seed) for name, source in call.material}
        self._settings = [(name, Drawn(source, seed)) for name, source in call.settings]
        units = max(call.equipment, default=-1) + 1
        names = [] if not call.equipment else list(next(iter(call.equipment.values())))
        self._equipment = {name: _by_unit(call.equipment, name, units) for name in names}

    def columns(self, visits: Visits) -> tuple[Columns, Columns, Columns]:
        """Material, settings and equipment as a unit operation takes them, arrays of shape (n,)."""
        material: dict[str, Any] = {n: source.of_lots(visits) for n, source in self._material.items()}
        for name, default in self._carried:
            brought = visits.brought.get(name, _NOTHING)
            material[name] = np.where(brought == ABSENT, material.get(name, default), brought)
        material = {
            name: np.ascontiguousarray(np.broadcast_to(values, visits.number.shape))
            for name, values in material.items()
        }
        material[BATCH_MASS] = visits.quantity * KILOGRAM
        settings = {name: source.of_visits(visits) for name, source in self._settings}
        equipment = {name: values[visits.unit] for name, values in self._equipment.items()}
        return material, settings, equipment


def _by_unit(parameters: Mapping[int, Mapping[str, float]], name: str, units: int) -> Reals:
    values = np.full(units, np.nan)
    for unit, given in parameters.items():
        values[unit] = given[name]
    return values


def integers(values: list[int]) -> Integers:
    """Whole numbers as an array."""
    return np.array(values, dtype=np.int64)
