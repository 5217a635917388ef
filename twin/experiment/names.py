"""What measures range over: the names that occur in a record. Pure; read by measures, folding and results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from twin.engine.record import OCCASIONAL
from twin.experiment.arrays import distinct, together
from twin.experiment.lots import FAILED


@dataclass(frozen=True)
class Names:
    """What the measures range over, each sorted: units, `recipe/operation`, entities of `levels`, lot
    attributes, unit, state and cause of the states that have one, those of the states that only some
    plants know, the operations and units at which visits failed (`operation` or `unit`, name, outcome), and
    materials of `genealogy`.
    """

    units: tuple[str, ...]
    operations: tuple[str, ...]
    entities: tuple[str, ...]
    attributes: tuple[str, ...]
    causes: tuple[tuple[str, str, str], ...] = ()
    occasional: tuple[str, ...] = ()
    failed: tuple[tuple[str, str, str], ...] = ()
    materials: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, states: pa.Table, lots: pa.Table, levels: pa.Table, genealogy: pa.Table | None = None
    ) -> Names:
        """The names that occur in one record."""
        return cls(
            distinct(states, "unit"),
            operations_of(lots),
            distinct(levels, "entity"),
            attributes_of(lots.column_names),
            causes_of(states),
            occasional_of(states),
            failed_of(lots),
            () if genealogy is None else distinct(genealogy, "material"),
        )

    @classmethod
    def union(cls, names: Iterable[Names]) -> Names:
        """The names that occur in any of several records, so that measures do not depend on how they are
        cut.
        """
        parts = list(names)
        return cls(
            *(
                tuple(sorted({name for part in parts for name in getattr(part, field)}))
                for field in cls.__dataclass_fields__
            )
        )

    @cached_property
    def recipes(self) -> tuple[str, ...]:
        """Recipes of the operations, sorted."""
        return tuple(sorted({name.split("/")[0] for name in self.operations}))

    @cached_property
    def tanks(self) -> tuple[str, ...]:
        """Tanks among the entities, sorted."""
        return tuple(named(self.entities, "tank", "volume"))


def named(entities: Iterable[str], kind: str, what: str) -> list[str]:
    """Names of the things of a kind that say `what` of themselves.

    >>> named(("tank/bulk", "tank/bulk/volume", "transport/agv/count"), "tank", "volume")
    ['bulk']
    """
    parts = [entity.split("/") for entity in entities]
    return [part[1] for part in parts if len(part) == 3 and (part[0], part[2]) == (kind, what)]


def operations_of(lots: pa.Table) -> tuple[str, ...]:
    """Every `recipe/operation` that occurs, sorted; needs these two columns only."""
    pairs, _ = together(lots, "recipe", "operation")
    return tuple(sorted(f"{recipe}/{operation}" for recipe, operation in pairs if operation))


def causes_of(states: pa.Table) -> tuple[tuple[str, str, str], ...]:
    """Every unit, state and cause that occur together, sorted; needs these three columns only."""
    found, _ = together(states, "unit", "state", "cause")
    return tuple(sorted((str(unit), str(state), cause) for unit, state, cause in found if cause))


def failed_of(lots: pa.Table) -> tuple[tuple[str, str, str], ...]:
    """Every operation and unit with an outcome of `FAILED` that occurs there, sorted; needs the columns
    `recipe`, `operation`, `unit` and `outcome` only.
    """
    found: set[tuple[str, str, str]] = set()
    rows, _ = together(lots, "recipe", "operation", "unit", "outcome")
    for recipe, operation, unit, outcome in rows:
        if operation and outcome in FAILED:
            found.add(("operation", f"{recipe}/{operation}", outcome))
            if unit:
                found.add(("unit", unit, outcome))
    return tuple(sorted(found))


def occasional_of(states: pa.Table) -> tuple[str, ...]:
    """States of `OCCASIONAL` that occur, sorted; needs the column `state` only."""
    return tuple(name for name in distinct(states, "state") if name in OCCASIONAL)


def attributes_of(columns: Iterable[str]) -> tuple[str, ...]:
    """Names of the lot attributes among the columns of `lots`, sorted."""
    return tuple(sorted(c.removeprefix("attribute.") for c in columns if c.startswith("attribute.")))
