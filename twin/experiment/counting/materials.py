"""Amounts that costs are charged for: bought material used up, lots released, scrap. Pure."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from twin.engine.columns import numbers
from twin.experiment.arrays import NEVER, Integers, Mask, Windows, codes, exact_sums, integers
from twin.experiment.counting.lots import Counted
from twin.experiment.lots import LOST, Visits
from twin.experiment.names import Names


def count_materials(visits: Visits, genealogy: pa.Table, windows: Windows, names: Names) -> Counted:
    """Quantities in mg or pieces by material and by recipe, and whether they are pieces."""
    return {**_used(genealogy, windows, names.materials), **_by_recipe(visits, genealogy, windows, names)}


def _used(rows: pa.Table, windows: Windows, materials: tuple[str, ...]) -> Counted:
    """Bought material that lots used up in the window."""
    n, kinds = len(windows.replications), len(materials)
    place, material = windows.place(rows), codes(rows, "material", materials)
    mine = (integers(rows, "delivered") != NEVER) & (material >= 0)
    group = place * kinds + material
    pieces = np.zeros(n * kinds, dtype=np.int64)
    pieces[group[mine & (codes(rows, "unit_of_quantity", ("pieces",)) == 0)]] = 1
    mine &= windows.holds(place, integers(rows, "time"))
    total = exact_sums(group[mine], integers(rows, "quantity")[mine], n * kinds)
    return {
        "used": np.array(total, dtype=np.int64).reshape(n, kinds),
        "used_in_pieces": pieces.reshape(n, kinds),
    }


def _by_recipe(visits: Visits, genealogy: pa.Table, windows: Windows, names: Names) -> Counted:
    """Lots as they were released, and what they lost to scrap when they left an operation or its line."""
    n, kinds = len(windows.replications), len(names.recipes)
    number = {recipe: k for k, recipe in enumerate(names.recipes)}
    of = np.array([number[name.split("/")[0]] for name in names.operations] + [-1], dtype=np.int64)
    recipe = of[visits.operation]
    group, known = visits.place * kinds + recipe, recipe >= 0
    first = visits.first[known[visits.first]]
    came_in = windows.holds(visits.place[first], visits.arrived[first]) & (visits.outcome[first] != LOST)
    first = first[came_in & ~_parts(visits, first, genealogy, windows)]
    gone = known & (visits.left != NEVER) & windows.holds(visits.place, visits.left)
    gone &= visits.outcome != LOST
    pieces = np.zeros(n * kinds, dtype=np.int64)
    pieces[group[known & visits.in_pieces]] = 1
    released = exact_sums(group[first], visits.quantity_in[first], n * kinds)
    scrapped = exact_sums(group[gone], visits.scrapped[gone], n * kinds)
    return {
        "recipe_released": np.array(released, dtype=np.int64).reshape(n, kinds),
        "recipe_scrapped": np.array(scrapped, dtype=np.int64).reshape(n, kinds),
        "recipe_in_pieces": pieces.reshape(n, kinds),
    }


def _parts(visits: Visits, first: Integers, rows: pa.Table, windows: Windows) -> Mask:
    """Which lots, by their first visits, were made straight from a lot before and not released."""
    no_stock = numbers(rows.column("material").is_null())
    straight = (integers(rows, "parent") != NEVER) & no_stock
    place, child = windows.place(rows)[straight], integers(rows, "child")[straight]
    made = set(zip(place.tolist(), child.tolist(), strict=True))
    here = zip(visits.place[first].tolist(), visits.lot[first].tolist(), strict=True)
    return np.array([lot in made for lot in here], dtype=np.bool_)
