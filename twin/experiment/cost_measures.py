"""Costs and footprint of a run, from its sums and the plant's charges. Pure, called by `measures`.

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

import numpy as np

from twin.engine.record import SECOND, STATES
from twin.experiment.arrays import Integers, Reals, Windows, ratios
from twin.experiment.charges import PARTS, Charge, Charges
from twin.experiment.level_measures import MICRO_HOURS, level_integrals
from twin.experiment.lot_measures import MILLIGRAMS
from twin.experiment.sums import Sums

Columns = dict[str, Reals]
GOOD = {"per_batch": "lots_finished", "per_kg": "output_mass", "per_piece": "output_pieces"}
LEFT_BEHIND = ("co2", "water", "energy")


def cost_measures(charges: Charges, sums: Sums, windows: Windows, output: Mapping[str, Reals]) -> Columns:
    """Costs by part and in all, what is left behind, and both per batch and per good kg or piece.

    Args:
        charges: of the plant.
        sums: of the record.
        windows: that they were counted over.
        output: measures of the good output: those of `GOOD` that there are.

    Returns:
        Arrays of shape (r,), in the plant's currency, kg, m3 and J; NaN per batch where none was finished.
    """
    amounts = [AMOUNTS[charge.amount](charge, sums, windows) for charge in charges.items]
    columns: Columns = {}
    if charges.currency is not None:
        for part in PARTS:
            priced = [
                amount * charge.price
                for charge, amount in zip(charges.items, amounts, strict=True)
                if charge.part == part and charge.price is not None
            ]
            if priced:
                columns[f"cost.{part}"] = _total(priced, windows)
        columns = {"cost.total": _total(list(columns.values()), windows), **columns}
    if charges.footprint:
        for kind in LEFT_BEHIND:
            left = [a * getattr(c, kind) for c, a in zip(charges.items, amounts, strict=True)]
            columns[f"footprint.{kind}"] = _total(left, windows)
    for name, column in list(columns.items()):
        for suffix, good in GOOD.items():
            if good in output:
                below = np.where(output[good] == 0, np.nan, output[good])
                columns[f"{name}.{suffix}"] = column / below
    return columns


def _total(parts: list[Reals], windows: Windows) -> Reals:
    """Sum in the order given, from 0."""
    return np.asarray(sum(parts, np.zeros(len(windows.replications))), dtype=np.float64)


def _people(charge: Charge, sums: Sums, windows: Windows) -> Reals:
    """Person-seconds of a pool, present or busy."""
    return _seconds(level_integrals(sums, f"people/{charge.name}/{charge.amount}"))


def _owned(charge: Charge, sums: Sums, windows: Windows) -> Reals:
    """Seconds of the window, for one unit."""
    return _seconds(windows.length.tolist())


def _drawn(charge: Charge, sums: Sums, windows: Windows) -> Reals:
    """Joules that a unit draws, by its states."""
    unit = sums.index("units", charge.name)
    if unit is None:
        return np.zeros(len(windows.replications))
    times = sums.state_times[:, unit]
    return _total([times[:, s] / SECOND * charge.power[s] for s in range(len(STATES))], windows)


def _used(charge: Charge, sums: Sums, windows: Windows) -> Reals:
    """Kilograms or pieces of a bought material that were used up."""
    material = sums.index("materials", charge.name)
    if material is None:
        return np.zeros(len(windows.replications))
    return _quantity(sums.used[:, material], sums.ever("used_in_pieces")[material])


def _released(charge: Charge, sums: Sums, windows: Windows) -> Reals:
    """Kilograms or pieces of a recipe's lots as they were released."""
    return _of_recipe(charge.name, sums.recipe_released, sums)


def _scrapped(charge: Charge, sums: Sums, windows: Windows) -> Reals:
    """Kilograms or pieces that a recipe's lots lost to scrap, when they left the operation or its line."""
    return _of_recipe(charge.name, sums.recipe_scrapped, sums)


def _of_recipe(name: str, quantity: Integers, sums: Sums) -> Reals:
    recipe = sums.index("recipes", name)
    if recipe is None:
        return np.zeros(len(sums.replications))
    return _quantity(quantity[:, recipe], sums.ever("recipe_in_pieces")[recipe])


def _consumed(charge: Charge, sums: Sums, windows: Windows) -> Reals:
    """Cubic metres, kilograms or joules that are drawn of a utility."""
    drawn = level_integrals(sums, f"utility/{charge.name}/rate")
    return ratios(drawn, [MICRO_HOURS] * len(drawn))


AMOUNTS: dict[str, Callable[[Charge, Sums, Windows], Reals]] = {
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


def _quantity(quantity: Integers, in_pieces: np.bool_) -> Reals:
    """Sums by replication of mg or pieces, in kg or pieces."""
    size = 1 if in_pieces else MILLIGRAMS
    return ratios(quantity.tolist(), [size] * len(quantity))


def _seconds(nanoseconds: list[int]) -> Reals:
    return ratios(nanoseconds, [SECOND] * len(nanoseconds))
