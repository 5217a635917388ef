"""Costs and footprint of a run, from its record and the plant's charges. Pure, called by `measures`.

What is charged is what happens inside the window, each amount a sum of whole numbers and rounded once:

- people for their time present, or busy; units for the whole window, whether they work or not;
- energy by the time that a unit spends in each state; utilities as they are drawn;
- bought material when it is used up, and a lot when it is released; a lot that is lost at the door is not
  charged, nor a part of a lot that was charged whole;
- scrap when the lot leaves the operation that scraps it, or the line in which it expired.

Per batch, kg or piece is what is charged over the good output of the same window, so in a run that is cut
short work in process weighs on what was finished. Prices and factors are constant; nothing is discounted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from twin.engine.record import SECOND, STATES
from twin.experiment.arrays import NEVER, Integers, Reals, Windows, codes, exact_sums, integers, ratios
from twin.experiment.charges import PARTS, Charge, Charges
from twin.experiment.level_measures import MICRO_HOURS, level_integrals
from twin.experiment.lot_measures import MILLIGRAMS
from twin.experiment.lots import LOST, Visits

Columns = dict[str, Reals]
GOOD = {"per_batch": "lots_finished", "per_kg": "output_mass", "per_piece": "output_pieces"}
LEFT_BEHIND = ("co2", "water", "energy")


@dataclass(frozen=True)
class Tables:
    """What of a record the charges are counted from."""

    visits: Visits
    levels: pa.Table
    genealogy: pa.Table
    times: Integers  # ns, (r, units, states)
    units: tuple[str, ...]
    windows: Windows


def cost_measures(charges: Charges, tables: Tables, output: Mapping[str, Reals]) -> Columns:
    """Costs by part and in all, what is left behind, and both per batch and per good kg or piece.

    Args:
        charges: of the plant.
        tables: of the record.
        output: measures of the good output: those of `GOOD` that there are.

    Returns:
        Arrays of shape (r,), in the plant's currency, kg, m3 and J; NaN per batch where none was finished.
    """
    amounts = [AMOUNTS[charge.amount](charge, tables) for charge in charges.items]
    columns: Columns = {}
    if charges.currency is not None:
        for part in PARTS:
            priced = [
                amount * charge.price
                for charge, amount in zip(charges.items, amounts, strict=True)
                if charge.part == part and charge.price is not None
            ]
            if priced:
                columns[f"cost.{part}"] = _total(priced, tables)
        columns = {"cost.total": _total(list(columns.values()), tables), **columns}
    if charges.footprint:
        for kind in LEFT_BEHIND:
            left = [a * getattr(c, kind) for c, a in zip(charges.items, amounts, strict=True)]
            columns[f"footprint.{kind}"] = _total(left, tables)
    for name, column in list(columns.items()):
        for suffix, good in GOOD.items():
            if good in output:
                below = np.where(output[good] == 0, np.nan, output[good])
                columns[f"{name}.{suffix}"] = column / below
    return columns


def _total(parts: list[Reals], tables: Tables) -> Reals:
    """Sum in the order given, from 0."""
    return np.asarray(sum(parts, np.zeros(len(tables.windows.replications))), dtype=np.float64)


def _people(charge: Charge, tables: Tables) -> Reals:
    """Person-seconds of a pool, present or busy."""
    entity = f"people/{charge.name}/{charge.amount}"
    return _seconds(level_integrals(tables.levels, tables.windows, entity))


def _owned(charge: Charge, tables: Tables) -> Reals:
    """Seconds of the window, for one unit."""
    return _seconds(tables.windows.length.tolist())


def _drawn(charge: Charge, tables: Tables) -> Reals:
    """Joules that a unit draws, by its states."""
    if charge.name not in tables.units:
        return np.zeros(len(tables.windows.replications))
    times = tables.times[:, tables.units.index(charge.name)]
    return _total([times[:, s] / SECOND * charge.power[s] for s in range(len(STATES))], tables)


def _used(charge: Charge, tables: Tables) -> Reals:
    """Kilograms or pieces of a bought material that were used up."""
    rows = tables.genealogy
    place, time = tables.windows.place(rows), integers(rows, "time")
    bought = integers(rows, "delivered") != NEVER
    mine = bought & (codes(rows, "material", (charge.name,)) == 0) & tables.windows.holds(place, time)
    in_pieces = codes(rows, "unit_of_quantity", ("pieces",)) == 0
    return _quantity(place[mine], integers(rows, "quantity")[mine], bool(in_pieces[mine].any()), tables)


def _released(charge: Charge, tables: Tables) -> Reals:
    """Kilograms or pieces of a recipe's lots as they were released."""
    visits = tables.visits
    first = visits.first[_of_recipe(charge.name, visits)[visits.first]]
    place = visits.place[first]
    came_in = tables.windows.holds(place, visits.arrived[first]) & (visits.outcome[first] != LOST)
    came_in &= ~_parts(first, tables)
    first, place = first[came_in], place[came_in]
    return _quantity(place, visits.quantity_in[first], bool(visits.in_pieces[first].any()), tables)


def _scrapped(charge: Charge, tables: Tables) -> Reals:
    """Kilograms or pieces that a recipe's lots lost to scrap, when they left the operation or its line."""
    visits = tables.visits
    gone = (visits.left != NEVER) & tables.windows.holds(visits.place, visits.left)
    mine = _of_recipe(charge.name, visits) & gone & (visits.outcome != LOST)
    in_pieces = bool(visits.in_pieces[mine].any())
    return _quantity(visits.place[mine], visits.scrapped[mine], in_pieces, tables)


def _consumed(charge: Charge, tables: Tables) -> Reals:
    """Cubic metres, kilograms or joules that are drawn of a utility."""
    drawn = level_integrals(tables.levels, tables.windows, f"utility/{charge.name}/rate")
    return ratios(drawn, [MICRO_HOURS] * len(drawn))


AMOUNTS: dict[str, Callable[[Charge, Tables], Reals]] = {
    "present": _people,
    "busy": _people,
    "owned": _owned,
    "drawn": _drawn,
    "used": _used,
    "released": _released,
    "scrapped": _scrapped,
    "consumed": _consumed,
}
"""How each amount of `charges.Amount` is counted."""


def _of_recipe(recipe: str, visits: Visits) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Visits to operations of a recipe."""
    mine = np.array([name.split("/")[0] == recipe for name in visits.operation_names] + [False])
    return np.asarray(mine[visits.operation])


def _parts(first: Integers, tables: Tables) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which lots, by their first visits, were made straight from a lot before and not released."""
    rows = tables.genealogy
    no_stock = np.asarray(rows.column("material").is_null().to_numpy())
    straight = (integers(rows, "parent") != NEVER) & no_stock
    made = set(
        zip(
            tables.windows.place(rows)[straight].tolist(),
            integers(rows, "child")[straight].tolist(),
            strict=True,
        )
    )
    visits = tables.visits
    here = zip(visits.place[first].tolist(), visits.lot[first].tolist(), strict=True)
    return np.array([lot in made for lot in here], dtype=np.bool_)


def _quantity(place: Integers, quantity: Integers, in_pieces: bool, tables: Tables) -> Reals:
    """Sum by replication of mg or pieces, in kg or pieces."""
    size = len(tables.windows.replications)
    return ratios(exact_sums(place, quantity, size), [1 if in_pieces else MILLIGRAMS] * size)


def _seconds(nanoseconds: list[int]) -> Reals:
    return ratios(nanoseconds, [SECOND] * len(nanoseconds))
