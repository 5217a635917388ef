"""From the record's lots to each lot's stays: where it waited, when it travelled, what carried it.

Pure: plant and tables go in, `Stay`s come out. What the record says took no time is shown as a jump.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

from twin.plant.control import master
from twin.plant.schema import Operation, Plant, Recipe
from twin.scene.motion import Stay, Window
from twin.scene.routes import Routes

NEVER = 2**62
ROUNDING = 1000  # ns by which a time made of several rounded ones may differ


@dataclass(frozen=True)
class Look:
    """How a lot looks: its carrier's asset (`ibc`, `drum`, `pallet`), and its recipe for the colour."""

    carrier: str
    recipe: str


def looks(plant: Plant) -> tuple[Look, ...]:
    """Return every look that lots of the plant can have, in the order of the recipes."""
    return tuple(
        dict.fromkeys(
            Look(carrier, name)
            for name, recipe in plant.recipes.items()
            for carriers in carriers_by_operation(recipe).values()
            for carrier in carriers
        )
    )


def carriers_by_operation(recipe: Recipe) -> dict[str, tuple[str, str]]:
    """Return for each operation what carries the lot while it waits, and while it is worked on."""
    bare = "pallet" if recipe.batch.unit == "pieces" else "drum"
    now = bare
    table = {}
    for name, operation in recipe.operations.items():
        before = now
        if operation.take is not None:
            now = _carrier(operation.take)
        table[name] = (before, now)
        if operation.return_:
            now = bare
    return table


def _carrier(container: str) -> str:
    return next((carrier for carrier in ("drum", "pallet") if carrier in container), "ibc")


def waiting_place(plant: Plant, operation: Operation) -> str:
    """Return where lots wait: `storage/NAME` where that has a position, else `before/UNIT`."""
    name = operation.wait_in
    if name is not None and name in plant.storage and plant.storage[name].at is not None:
        return f"storage/{name}"
    return f"before/{operation.on[0]}"


def stays(
    plant: Plant,
    lots: pa.Table,
    states: pa.Table,
    routes: Routes,
    horizon: int,
    window: Window,
    set_down: Sequence[int] = (),
) -> dict[int, list[Stay]]:
    """Return the stays of every lot that is in the plant during the window, in order of time.

    `lots` and `states` are one replication's tables, `horizon` its end in ns. A unit waits while its lot is
    on the way, so `states` has the time. Into a storage a lot is on its way until a transporter sets it down,
    at one of the sorted instants `set_down`; without fleets the time follows from the plant's transport.
    """
    travels = _travels(states)
    kinds = looks(plant)
    carriers = {name: carriers_by_operation(recipe) for name, recipe in plant.recipes.items()}
    numbers = {(kind.carrier, kind.recipe): number for number, kind in enumerate(kinds)}
    found: dict[int, list[Stay]] = {}
    columns = ["lot", "recipe", "operation", "unit", "arrived", "started", "left"]
    for row in (
        _alive(lots, window)
        .select(columns)
        .sort_by([("lot", "ascending"), ("arrived", "ascending")])
        .to_pylist()
    ):
        recipe, operation = master(row["recipe"]), row["operation"]
        before, during = (numbers[carrier, recipe] for carrier in carriers[recipe][operation])
        visits = found.setdefault(row["lot"], [])
        claimed = horizon if row["started"] is None else row["started"]
        if claimed > row["arrived"]:
            place = waiting_place(plant, plant.recipes[recipe].operations[operation])
            way = routes.duration(visits[-1].place, place) if visits else 0
            there = _stored(row["arrived"] + way, claimed, set_down) if way else row["arrived"]
            visits.append(
                Stay(place, row["arrived"], there, claimed, before, queued=True, leaves=there - way)
            )
        if row["started"] is None:
            continue
        left = horizon if row["left"] is None else row["left"]
        there = min(travels.get((row["unit"], claimed), claimed), left)
        way = routes.duration(visits[-1].place, row["unit"]) if visits and set_down else there - claimed
        visits.append(Stay(row["unit"], claimed, there, left, during, queued=False, leaves=there - way))
    return found


def _stored(least: int, claimed: int, set_down: Sequence[int]) -> int:
    """Return when a lot that is claimed at a time stands in its storage, not before `least`."""
    first = bisect_left(set_down, least - ROUNDING)
    if first < len(set_down) and set_down[first] <= claimed:
        return set_down[first]
    return min(least, claimed)


def instants_of_setting_down(levels: pa.Table) -> list[int]:
    """Return when transporters set their lots down: where the busy ones of a fleet do not become more."""
    found = set()
    for entity in pc.unique(pc.cast(levels["entity"], pa.string())).to_pylist():
        if entity.startswith("transport/") and entity.endswith("/busy"):
            of_fleet = levels.filter(pc.equal(pc.cast(levels["entity"], pa.string()), entity))
            rows = list(zip(of_fleet["time"].to_pylist(), of_fleet["level"].to_pylist(), strict=True))
            found |= {time for (_, before), (time, busy) in pairwise(rows) if busy <= before}
    return sorted(found)


def _alive(lots: pa.Table, window: Window) -> pa.Table:
    """Return the rows of lots that are in the plant at some time of the window."""
    left = pc.fill_null(lots["left"], NEVER)
    spans = pa.table({"lot": lots["lot"], "arrived": lots["arrived"], "left": left})
    spans = spans.group_by("lot").aggregate([("arrived", "min"), ("left", "max")])
    inside = pc.and_(pc.greater(spans["left_max"], window[0]), pc.less_equal(spans["arrived_min"], window[1]))
    return lots.filter(pc.is_in(lots["lot"], spans.filter(inside)["lot"].combine_chunks()))


def _travels(states: pa.Table) -> Mapping[tuple[str, int], int]:
    """Return when the lot that a unit claimed at a time arrived there: (unit, claimed) → ns."""
    moving = states.filter(pc.equal(pc.cast(states["state"], pa.string()), "waiting_transport"))
    rows = moving.select(["unit", "start", "end"]).to_pylist()
    return {(row["unit"], row["start"]): row["end"] for row in rows}
