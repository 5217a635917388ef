"""What the measures say of records small enough to work out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.experiment.records import levels, lots, ns, states, visit
from twin.engine.record import OCCASIONAL, STATES
from twin.engine.rules.parts import part as part_of
from twin.experiment.catalogue import HEADLINES, MEASURES, describe
from twin.experiment.charges import Charge, Charges
from twin.experiment.measures import measure
from twin.experiment.names import Names
from twin.experiment.state_measures import E10

NO_STATES, NO_LOTS, NO_LEVELS = states([]), lots(), levels([])


CHARGES = Charges((Charge("capital", "owned", "press", 1.0),), "EUR", True)


def values(table: pa.Table, replication: int = 1) -> dict[str, Any]:
    rows = table.to_pylist()
    return {row["measure"]: row["value"] for row in rows if row["replication"] == replication}


def of_lots(table: pa.Table, end: float, start: float = 0, **options: Any) -> dict[str, Any]:
    return values(measure(NO_STATES, table, NO_LEVELS, {1: (ns(start), ns(end))}, **options))


def test_two_lots_through_two_operations() -> None:
    found = of_lots(
        lots(
            visit(0, "mix", 0, 0, 10),
            visit(0, "press", 10, 10, 30),
            visit(1, "mix", 0, 10, 20),
            visit(1, "press", 20, 30, 60),
        ),
        end=100,
    )
    assert found["lots_finished"] == 2
    assert found["throughput"] == 0.02
    assert found["lead_time_mean"] == 45
    assert found["lead_time_p50"] == 30
    assert found["lead_time_p90"] == found["lead_time_p95"] == 60
    assert found["waiting_time_mean"] == 10
    assert found["makespan"] == 60
    assert found["output_pieces"] == 200
    assert found["yield"] == found["first_pass"] == 1
    assert found["lost_fraction"] == found["rework_ratio"] == 0
    assert found["operation.tablet.press.waiting_mean"] == 5
    assert found["operation.tablet.press.queue_mean"] == 0.1
    assert found["operation.tablet.press.processing_mean"] == 25


def test_a_window_counts_what_leaves_inside_it_and_clips_what_waits() -> None:
    table = lots(
        visit(0, "press", 0, 0, 20),
        visit(1, "press", 0, 20, 40),
        visit(2, "press", 0, 40, None, outcome="open"),
    )
    found = of_lots(table, start=20, end=60)
    assert found["lots_finished"] == 1
    assert found["lead_time_mean"] == 40
    assert "makespan" not in found
    assert found["operation.tablet.press.queue_mean"] == 20 / 40
    assert found["operation.tablet.press.waiting_mean"] == 40


def test_a_lot_that_expires_in_its_line_waits_until_then_and_counts_as_a_violation() -> None:
    table = lots(
        visit(0, "press", 0, 0, 30),
        visit(1, "press", 0, None, None, 20, unit=None, outcome="expired", hold_exceeded=0.0),
        attributes=("hold_exceeded",),
    )
    found = of_lots(table, end=40)
    assert found["hold_time_violations"] == 1
    assert found["operation.tablet.press.queue_mean"] == 20 / 40
    assert found["yield"] == found["first_pass"] == 1 / 2


def test_a_lot_that_leaves_at_the_window_s_end_counts_once_over_adjoining_windows() -> None:
    table = lots(visit(0, "press", 0, 0, 20))
    assert of_lots(table, start=0, end=20)["lots_finished"] == 1
    assert of_lots(table, start=20, end=40)["lots_finished"] == 0


def test_a_reworked_lot_is_not_first_pass_and_a_scrapped_lot_yields_nothing() -> None:
    found = of_lots(
        lots(
            visit(0, "press", 0, 0, 10, outcome="rework"),
            visit(0, "press", 10, 10, 20, number=1, good=90),
            visit(1, "press", 0, 20, 30, outcome="scrapped", good=0),
            visit(2, "press", 0, 30, 40),
        ),
        end=40,
    )
    assert found["first_pass"] == 1 / 3
    assert found["rework_ratio"] == 1 / 4
    assert found["yield"] == pytest.approx((0.9 + 0 + 1) / 3)
    assert found["lots_finished"] == 2


def test_lots_that_find_no_place_are_lost_and_neither_wait_nor_finish() -> None:
    found = of_lots(
        lots(visit(0, "press", 0, 0, 10), visit(1, "press", 5, None, None, 5, unit=None, outcome="lost")),
        end=10,
    )
    assert found["lost_fraction"] == 0.5
    assert found["operation.tablet.press.queue_mean"] == 0
    assert found["lots_finished"] == 1


def test_mass_is_told_in_kilograms() -> None:
    found = of_lots(
        lots(visit(0, "press", 0, 0, 10, quantity=240_000_000, good=236_500_000, kind="mg")), end=10
    )
    assert found["output_mass"] == 236.5
    assert "output_pieces" not in found


def test_attributes_and_stops_are_means_over_finished_visits_that_have_them() -> None:
    found = of_lots(
        lots(
            visit(0, "press", 0, 0, 10, stops=3.0, hardness=120.0),
            visit(1, "press", 0, 10, 20, stops=0.0),
            visit(2, "press", 0, 20, None, outcome="open", hardness=999.0),
            attributes=("stops", "hardness"),
        ),
        end=30,
    )
    assert found["operation.tablet.press.stops_mean"] == 1.5
    assert found["attribute.hardness.mean"] == 120


def test_delivery_is_on_time_where_a_good_lot_left_by_its_due_date() -> None:
    table = lots(
        visit(0, "mix", 0, 0, 10, due=30),
        visit(0, "press", 10, 10, 30, due=30),  # at the very instant
        visit(1, "press", 0, 30, 50, due=35),  # 15 s late
        visit(2, "press", 0, 50, 60, due=70, outcome="scrapped", good=0),
        visit(3, "press", 0, 60, None, outcome="open", due=80),  # late, and still here
        visit(4, "press", 0, None, None, outcome="open", unit=None, due=200),  # not due yet
        visit(5, "press", 0, 60, 65),  # no due date
    )
    found = of_lots(table, end=100)
    assert found["on_time"] == 1 / 4
    assert found["tardiness_mean"] == 15 / 2
    assert of_lots(table, start=30, end=75)["on_time"] == 0
    assert "on_time" not in of_lots(lots(visit(0, "press", 0, 0, 10)), end=100)


def test_hold_times_that_passed_are_counted_by_operation() -> None:
    found = of_lots(
        lots(
            visit(0, "mix", 0, 0, 10),
            visit(0, "press", 10, 30, 40, hold_exceeded=5.0),
            visit(1, "press", 0, None, None, 20, unit=None, outcome="expired", hold_exceeded=0.0),
            visit(2, "press", 0, 40, 70, hold_exceeded=9.0),
            attributes=("hold_exceeded",),
        ),
        end=60,
    )
    assert found["operation.tablet.press.hold_time_violations"] == 2
    assert found["operation.tablet.mix.hold_time_violations"] == 0
    assert found["hold_time_violations"] == 2


def test_shares_of_the_window_by_state() -> None:
    record = states(
        [
            (1, "press", "off_shift", 0, 20),
            (1, "press", "setup", 20, 30),
            (1, "press", "producing", 30, 80),
            (1, "press", "down", 80, 90),
            (1, "press", "starved", 90, 120),
        ]
    )
    found = values(measure(record, NO_LOTS, NO_LEVELS, {1: (ns(10), ns(110))}))
    shares = {state: found[f"unit.press.state.{state}"] for state in STATES if state not in OCCASIONAL}
    assert shares["producing"] == 0.5
    assert shares["off_shift"] == shares["setup"] == shares["down"] == 0.1
    assert shares["starved"] == 0.2
    assert sum(shares.values()) == 1
    assert found["unit.press.utilisation"] == 60 / 90
    assert found["unit.press.availability"] == 50 / 90


def test_states_that_only_some_plants_know_are_measured_where_they_occur() -> None:
    record = states([(1, "press", "loading", 0, 30), (1, "press", "producing", 30, 100)])
    found = values(measure(record, NO_LOTS, NO_LEVELS, {1: (0, ns(100))}))
    assert found["unit.press.state.loading"] == 0.3
    assert found["unit.press.utilisation"] == 1
    assert found["unit.press.availability"] == 0.7
    assert "unit.press.state.unloading" not in found


def test_oee_is_availability_times_effectiveness_times_quality() -> None:
    record = states([(1, "press", "producing", 0, 80), (1, "press", "down", 80, 100)])
    made = lots(
        visit(0, "press", 0, 0, 40, good=90),
        visit(1, "press", 0, 40, 70, outcome="rework"),
        visit(1, "press", 70, 70, 80, number=1),
    )
    found = values(measure(record, made, NO_LEVELS, {1: (0, ns(100))}, planned={"tablet/press": 24.0}))
    assert found["unit.press.availability"] == 0.8
    assert found["unit.press.effectiveness"] == pytest.approx(3 * 24 / 80)
    assert found["unit.press.quality_ratio"] == pytest.approx((0.9 + 0 + 1) / 3)
    assert found["unit.press.oee"] == pytest.approx(0.8 * 0.9 * 1.9 / 3)


def test_without_a_planned_time_there_is_no_oee() -> None:
    record = states([(1, "press", "producing", 0, 100)])
    found = values(measure(record, lots(visit(0, "press", 0, 0, 40)), NO_LEVELS, {1: (0, ns(100))}))
    assert found["unit.press.oee"] is None
    assert found["unit.press.availability"] == 1


def test_levels_are_weighted_with_time() -> None:
    record = levels(
        [
            (1, "wip", 0, 0),
            (1, "wip", 10, 3),
            (1, "wip", 40, 1),
            (1, "people/operator/present", 0, 2),
            (1, "people/operator/present", 50, 4),
            (1, "people/operator/busy", 0, 0),
            (1, "people/operator/busy", 50, 3),
            (1, "container/ibc/in_use", 20, 5),
            (1, "storage/cage", 0, 7),
        ]
    )
    found = values(measure(NO_STATES, NO_LOTS, record, {1: (0, ns(100))}))
    assert found["wip_mean"] == (30 * 3 + 60 * 1) / 100
    assert found["people.operator.utilisation"] == 150 / 300
    assert found["people.operator.busy_mean"] == 1.5
    assert found["people.operator.busy_peak"] == 3
    assert found["container.ibc.in_use_mean"] == 4
    assert found["container.ibc.in_use_peak"] == 5
    assert found["storage.cage.mean"] == found["storage.cage.peak"] == 7


def test_a_peak_is_the_highest_level_that_lasts_inside_the_window() -> None:
    record = levels(
        [
            (1, "people/operator/present", 0, 9),
            (1, "people/operator/busy", 0, 8),
            (1, "people/operator/busy", 20, 2),
            (1, "people/operator/busy", 60, 7),
        ]
    )
    found = values(measure(NO_STATES, NO_LOTS, record, {1: (ns(20), ns(60))}))
    assert found["people.operator.busy_peak"] == 2


def test_little_s_ratio_is_one_from_empty_to_empty() -> None:
    made = lots(visit(0, "press", 0, 0, 20), visit(1, "press", 10, 20, 40, outcome="scrapped"))
    steps = levels([(1, "wip", 0, 1), (1, "wip", 10, 2), (1, "wip", 20, 1), (1, "wip", 40, 0)])
    assert values(measure(NO_STATES, made, steps, {1: (0, ns(60))}))["little_ratio"] == 1
    # From 5 s to 30 s there are 15 + 20 lot-seconds, and one lot leaves, after 20 s.
    assert values(measure(NO_STATES, made, steps, {1: (ns(5), ns(30))}))["little_ratio"] == 35 / 20


def test_little_s_ratio_is_one_where_lots_are_split_and_merge_again() -> None:
    """The lot is away from 20 to 50 s, while its two parts are inside in its place."""
    made = lots(
        visit(0, "press", 0, 0, 20, outcome="split"),
        visit(0, "press", 50, 50, 60),
        visit(part_of(0, 0), "press", 20, None, None, 50, outcome="merged"),
        visit(part_of(0, 1), "press", 20, None, None, 50, outcome="merged"),
    )
    steps = levels([(1, "wip", 0, 1), (1, "wip", 20, 2), (1, "wip", 50, 1), (1, "wip", 60, 0)])
    assert values(measure(NO_STATES, made, steps, {1: (0, ns(60))}))["little_ratio"] == 1


def test_the_share_of_a_state_is_told_by_cause() -> None:
    record = states(
        [
            (1, "press", "down", 0, 10, "jam"),
            (1, "press", "down", 10, 15, "punch"),
            (1, "press", "waiting_people", 15, 35, "operator"),
            (1, "press", "down", 35, 50, "jam"),
            (1, "mill", "down", 0, 50, "jam"),
            (1, "mill", "starved", 50, 100),
        ]
    )
    found = values(measure(record, NO_LOTS, NO_LEVELS, {1: (ns(5), ns(105))}))
    by_cause = {name: value for name, value in found.items() if ".cause." in name}
    assert by_cause == {
        "unit.mill.cause.down.jam": 0.45,
        "unit.press.cause.down.jam": 0.2,
        "unit.press.cause.down.punch": 0.05,
        "unit.press.cause.waiting_people.operator": 0.2,
    }


def test_a_time_weighted_mean_is_the_correctly_rounded_quotient_of_integers() -> None:
    # 10,000 lots over a century: the integral is 3.2e22 ns, past the range of 64 bits.
    century = 100 * 365 * 86_400
    record = levels([(1, "wip", 0, 10_000), (1, "wip", century / 3, 9_999)])
    third, whole = ns(century / 3), ns(century)
    exact = (10_000 * third + 9_999 * (whole - third)) / whole
    assert values(measure(NO_STATES, NO_LOTS, record, {1: (0, whole)}))["wip_mean"] == exact


def test_work_in_process_from_levels_equals_the_lots_times_inside() -> None:
    made = lots(
        visit(0, "mix", 3, 3, 17),
        visit(0, "press", 17, 20, 41),
        visit(1, "mix", 11, 17, 29, None, outcome="open"),
    )
    steps = levels([(1, "wip", 0, 0), (1, "wip", 3, 1), (1, "wip", 11, 2), (1, "wip", 41, 1)])
    inside = (41 - 5) + (50 - 11)
    found = values(measure(NO_STATES, made, steps, {1: (ns(5), ns(50))}))
    assert found["wip_mean"] == ns(inside) / ns(45)


def test_measures_do_not_depend_on_how_replications_are_cut_into_chunks() -> None:
    made = [
        [visit(0, "mix", 0, 0, 10 + r, replication=r), visit(0, "press", 10 + r, 20, 30, replication=r)][
            : 1 + r % 2
        ]
        for r in (1, 2, 3)
    ]
    windows = {r: (0, ns(50)) for r in (1, 2, 3)}
    whole = measure(NO_STATES, lots(*made[0], *made[1], *made[2]), NO_LEVELS, windows)
    names = Names.union(Names.of(NO_STATES, lots(*rows), NO_LEVELS) for rows in made)
    parts = [
        measure(NO_STATES, lots(*rows), NO_LEVELS, {r: windows[r]}, names=names)
        for r, rows in zip(windows, made, strict=True)
    ]
    for r, part in zip(windows, parts, strict=True):
        assert values(part, r) == values(whole, r)


def test_replications_in_a_chunk_keep_apart() -> None:
    table = lots(visit(0, "press", 0, 0, 10, replication=4), visit(0, "press", 0, 0, 40, replication=7))
    found = measure(NO_STATES, table, NO_LEVELS, {4: (0, ns(50)), 7: (0, ns(80))})
    assert values(found, 4)["lead_time_mean"] == 10
    assert values(found, 7)["throughput"] == 1 / 80


def test_nothing_finished_has_no_lead_time() -> None:
    found = of_lots(lots(visit(0, "press", 0, 0, None, outcome="open")), end=10)
    assert found["lead_time_mean"] is None
    assert found["lead_time_p90"] is None
    assert found["throughput"] == 0


def test_a_window_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="must end after it starts"):
        of_lots(lots(), start=10, end=10)


FLEET = ("count", "busy", "loaded", "empty", "charging")


def test_every_measure_computed_is_in_the_catalogue() -> None:
    record = states([(1, "press", "producing", 0, 9), (1, "press", "down", 9, 10, "jam")])
    steps = levels(
        [
            (1, "wip", 0, 1),
            (1, "people/operator/busy", 0, 1),
            (1, "people/operator/present", 0, 1),
            (1, "container/ibc/in_use", 0, 1),
            (1, "storage/cage", 0, 1),
            (1, "loop/stage", 0, 1),
            *((1, f"transport/cart/{what}", 0, 1) for what in FLEET),
            *((1, f"tank/bulk{what}", 0, 1) for what in ("", "/volume", "/heel", "/hold_violations")),
            *((1, f"container/ibc/{hold}_hold_violations", 0, 1) for hold in ("dirty", "clean")),
            *((1, f"unit/press/{hold}_hold_violations", 0, 1) for hold in ("dirty", "clean")),
            (1, "utility/wfi/rate", 0, 1),
            (1, "utility/wfi/capacity", 0, 2),
        ]
    )
    made = lots(
        visit(0, "press", 0, 0, 5, stops=1.0, physics_status=0.0, kind="mg"),
        visit(1, "press", 0, 5, 9, hold_exceeded=2.0, due=9),
        visit(2, "press", 0, 5, 9, outcome="scrapped"),
        attributes=("stops", "hold_exceeded", "physics_status"),
    )
    table = measure(record, made, steps, {1: (0, ns(10))}, charges=CHARGES)
    names = table.column("measure").unique().to_pylist()
    found = {describe(name) for name in names}
    assert found == set(MEASURES)


def test_the_catalogue_is_free_of_overlap_and_its_headlines_exist() -> None:
    assert all(describe(name).pattern == name for name in HEADLINES)
    with pytest.raises(KeyError):
        describe("unit.press.speed")


def test_every_state_has_its_semi_e10_state() -> None:
    assert tuple(E10) == STATES


def test_sums_do_not_depend_on_the_order_of_rows() -> None:
    rows = [visit(k, "press", k, k + 1, k + 3) for k in range(20)]
    order = np.argsort([(7 * k) % 20 for k in range(20)])
    assert of_lots(lots(*rows), end=50) == of_lots(lots(*[rows[k] for k in order]), end=50)


def test_visits_beyond_what_the_physics_holds_for_are_counted_by_operation() -> None:
    found = of_lots(
        lots(
            visit(0, "mix", 0, 0, 10),
            visit(0, "press", 10, 10, 20, physics_status=0.0),
            visit(1, "press", 0, 20, 30, physics_status=1.0),
            visit(2, "press", 0, 30, 40, physics_status=1.0),
            visit(3, "press", 0, 40, 70, physics_status=1.0),  # after the window
            attributes=("physics_status",),
        ),
        end=60,
    )
    assert found["operation.tablet.press.deviations"] == 2
    assert "operation.tablet.mix.deviations" not in found  # it asks no physics
    assert found["deviations"] == 2
    assert "deviations" not in of_lots(lots(visit(0, "press", 0, 0, 10)), end=60)
