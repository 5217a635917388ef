"""Measures of fleets, tanks, limits that passed and lots that went wrong, on records written by hand."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tests.engine.plants import operation, plant, run
from tests.experiment.records import levels, lots, ns, states, visit
from twin.engine.record import LEVELS_SCHEMA
from twin.experiment.measures import measure
from twin.experiment.names import Names, failed_of


def measured(
    steps: pa.Table | None = None, made: pa.Table | None = None, start: float = 0, end: float = 10
) -> dict[str, float | None]:
    """The measures of replication 1."""
    table = measure(
        states([(1, "press", "starved", 0, end)]),
        lots() if made is None else made,
        levels([(1, "wip", 0, 0)]) if steps is None else steps,
        {1: (ns(start), ns(end))},
    )
    return {row["measure"]: row["value"] for row in table.to_pylist()}


def changing(*rows: tuple[str, float, int, float]) -> pa.Table:
    """Levels that change: entity, time in s, level, rate per s."""
    made = [
        {"replication": 1, "entity": name, "time": ns(time), "level": level, "rate": rate}
        for name, time, level, rate in rows
    ]
    return pa.Table.from_pylist(made, schema=LEVELS_SCHEMA)


def test_the_shares_of_a_fleet_are_of_all_its_transporters() -> None:
    """Two carts: one drives empty for 2 s and loaded for 3 s, and is charged for 1 s."""
    steps = levels(
        [
            (1, "transport/cart/count", 0, 2),
            (1, "transport/cart/busy", 0, 1),
            (1, "transport/cart/busy", 6, 0),
            (1, "transport/cart/empty", 0, 1),
            (1, "transport/cart/empty", 2, 0),
            (1, "transport/cart/loaded", 0, 0),
            (1, "transport/cart/loaded", 2, 1),
            (1, "transport/cart/loaded", 5, 0),
            (1, "transport/cart/charging", 5, 1),
            (1, "transport/cart/charging", 6, 0),
        ]
    )
    found = measured(steps)
    shares = [found[f"fleet.cart.{what}"] for what in ("empty", "loaded", "charging", "idle")]
    assert shares == pytest.approx([0.1, 0.15, 0.05, 0.7])


def test_the_content_of_a_tank_is_integrated_as_it_changes() -> None:
    """Filled from 1 kg to 5 kg in 4 s, full for 2 s, drawn to its heel of 1 kg in 2 s, and empty for 2 s."""
    kilogram = 1_000_000
    steps = changing(
        ("tank/bulk/volume", 0, 5 * kilogram, 0.0),
        ("tank/bulk/heel", 0, kilogram, 0.0),
        ("tank/bulk", 0, kilogram, float(kilogram)),
        ("tank/bulk", 4, 5 * kilogram, 0.0),
        ("tank/bulk", 6, 5 * kilogram, -2.0 * kilogram),
        ("tank/bulk", 8, kilogram, 0.0),
    )
    whole = measured(steps)
    assert whole["tank.bulk.mean"] == pytest.approx((12 + 10 + 6 + 2) / 10)
    assert (whole["tank.bulk.min"], whole["tank.bulk.max"]) == (1, 5)
    assert (whole["tank.bulk.full"], whole["tank.bulk.empty"]) == (0.2, 0.2)
    later = measured(steps, start=2, end=7)
    assert later["tank.bulk.mean"] == pytest.approx(((3 + 5) / 2 * 2 + 10 + (5 + 3) / 2) / 5)
    assert later["tank.bulk.min"] == 3


def test_limits_that_pass_are_counted_inside_the_window() -> None:
    name = "unit/press/dirty_hold_violations"
    steps = levels([(1, name, 0, 0), (1, name, 2, 1), (1, name, 5, 2), (1, name, 9, 3)])
    assert measured(steps)["unit.press.dirty_hold_violations"] == 3
    assert measured(steps, start=2, end=8)["unit.press.dirty_hold_violations"] == 1


def test_hold_times_that_pass_are_told_apart_by_their_words() -> None:
    rows = [
        visit(0, "press", 0, 1, 2, hold_exceeded=1.0) | {"cause": "max_wait_before press"},
        visit(1, "press", 0, 2, 3, hold_exceeded=1.0) | {"cause": "shelf_life mill"},
        visit(2, "press", 0, 3, 4, hold_exceeded=1.0) | {"cause": "shelf_life mill"},
        visit(3, "press", 0, 4, 5) | {"cause": None},
    ]
    schema = lots(rows[0], attributes=("hold_exceeded",)).schema.append(pa.field("cause", pa.string()))
    found = measured(made=pa.Table.from_pylist(rows, schema=schema))
    assert found["hold_time_violations"] == 3
    assert found["hold_time_violations.max_wait_before"] == 1
    assert found["hold_time_violations.shelf_life"] == 2


def test_lots_that_went_wrong_are_counted_where_they_did() -> None:
    made = lots(
        visit(0, "press", 0, 0, 2, outcome="rework"),
        visit(0, "press", 2, 2, 4, outcome="scrapped", number=1),
        visit(1, "press", 0, 4, 6),
        visit(2, "press", 0, left=5, outcome="expired", unit=None),
        visit(3, "press", 0, 8, 20, outcome="rejected"),
    )
    found = measured(made=made)
    wrong = {name: value for name, value in found.items() if ".lots." in name}
    assert wrong == {
        "operation.tablet.press.lots.expired": 1,
        "operation.tablet.press.lots.rejected": 0,
        "operation.tablet.press.lots.rework": 1,
        "operation.tablet.press.lots.scrapped": 1,
        "unit.press.lots.rejected": 0,
        "unit.press.lots.rework": 1,
        "unit.press.lots.scrapped": 1,
    }


def test_what_failed_in_another_part_of_a_run_is_measured_as_none_here() -> None:
    other = Names((), (), (), (), failed=failed_of(lots(visit(0, "press", 0, 0, 2, outcome="scrapped"))))
    here = lots(visit(1, "press", 0, 0, 2))
    steps, rows = levels([(1, "wip", 0, 0)]), states([(1, "press", "starved", 0, 10)])
    names = Names.union([other, Names.of(rows, here, steps)])
    table = measure(rows, here, steps, {1: (0, ns(10))}, names=names).to_pylist()
    assert {r["measure"]: r["value"] for r in table}["unit.press.lots.scrapped"] == 0


def test_a_transporter_is_empty_on_its_way_and_loaded_with_its_lot() -> None:
    """100 m at 1 m/s from its home to the mill, 200 m with the lot to the press; loads for 10 s."""
    what = plant(
        {"mill": {"at": [100, 0]}, "press": {"at": [300, 0]}},
        operation("mill", "mill", "100 s"),
        operation("press", "press", "590 s"),
        layout={"aisles": [[[0, 0], [400, 0]]]},
        transport={
            "speed": "1 m/s",
            "fleets": {
                "cart": {"count": 1, "speed": "1 m/s", "at": [0, 0], "load": "10 s", "unload": "10 s"}
            },
        },
    )
    record = run(what, horizon=1000)
    table = measure(record.states, record.lots, record.levels, {0: (0, ns(1000))})
    found = {row["measure"]: row["value"] for row in table.to_pylist()}
    shares = [found[f"fleet.cart.{what}"] for what in ("empty", "loaded", "charging", "idle")]
    assert shares == pytest.approx([0.1, 0.22, 0, 0.68])
