"""Rules of different kinds that meet in one small plant, each with the record worked out by hand."""

from __future__ import annotations

import pytest

from tests.engine.plants import (
    HOUR,
    attribute_of,
    causes_of,
    levels_of,
    operation,
    plant,
    quantities_of,
    run,
    visits_of,
)
from twin.engine.simpy_engine import SimulationError
from twin.plant.consistency import complaints
from twin.plant.errors import ComplaintError
from twin.plant.remainder import Refused

FIRST, SECOND = 1 << 32, 2 << 32  # the parts of lot 0
BELT = {"belt": {"capacity": 3, "conveyor": {"length": "60 m", "speed": "0.01 m/s"}}}


def test_a_lot_whose_hold_time_passes_on_the_unit_that_it_keeps_leaves_it():
    """The oven heats lot 0 until 1 h; its result would come at 10 h, but the lot may wait until 3 h only."""
    assay = {"assay": {"test": {"on": ["bench"], "takes": "9 h"}}}
    what = plant(
        {"oven": {}, "bench": {}},
        operation("heat", "oven", "1 h", unit_procedure="bake", sampling=assay),
        operation(
            "cool", "oven", "1 h", unit_procedure="bake", needs_release=["assay"], max_wait_before="2 h"
        ),
        lots=2,
    )
    record = run(what, horizon=12 * 3600)
    assert visits_of(record, HOUR) == [
        (0, "heat", "oven", 0, 1, 3, "expired"),
        (1, "heat", "oven", 3, 4, 6, "expired"),
    ]
    assert causes_of(record, "oven", HOUR) == [
        ("producing", 0, 1, None),
        ("waiting_quality", 1, 3, "assay"),
        ("producing", 3, 4, None),
        ("waiting_quality", 4, 6, "assay"),
        ("starved", 6, 12, None),
    ]


def test_a_unit_that_goes_by_due_dates_takes_a_batch_of_one():
    """The second lot comes at 3 h, when the first has been worked on since its release."""
    what = plant(
        {"oven": {"dispatching": "edd"}},
        operation("heat", "oven", "2 h", together={"max": 3}),
        order={"every": "3 h", "times": 2},
    )
    assert visits_of(what, HOUR) == [
        (0, "heat", "oven", 0, 2, 2, "done"),
        (1, "heat", "oven", 3, 5, 5, "done"),
    ]


def test_parts_merge_when_the_last_has_been_carried_to_where_they_wait():
    """The rack is 200 m from the bench, 100 s; both parts are there at 105 s, when the press begins."""
    what = plant(
        {"bench": {"at": [0, 0]}, "press": {"at": [200, 10]}},
        operation("weigh", "bench", "1 s", split=2),
        operation("mix", "bench", "2 s"),
        operation("press", "press", "5 s", wait_in="rack", merge=True),
        storage={"rack": {"capacity": 4, "at": [200, 0]}},
        transport={"speed": "2 m/s"},
    )
    assert visits_of(what) == [
        (0, "weigh", "bench", 0, 1, 1, "split"),
        (0, "press", "press", 105, 115, 115, "done"),
        (FIRST, "mix", "bench", 1, 3, 3, "done"),
        (FIRST, "press", None, None, None, 105, "merged"),
        (SECOND, "mix", "bench", 3, 5, 5, "done"),
        (SECOND, "press", None, None, None, 105, "merged"),
    ]


def test_parts_have_the_bad_result_of_the_lot_that_they_were():
    what = plant(
        {"mill": {}, "press": {}, "bench": {}},
        operation(
            "mill",
            "mill",
            "1 h",
            split=2,
            sampling={"s": {"test": {"on": ["bench"], "takes": "5 h", "fails": 1}}},
        ),
        operation("press", "press", "1 h", needs_release=["s"]),
    )
    assert visits_of(what, HOUR) == [
        (0, "mill", "mill", 0, 1, 1, "split"),
        (FIRST, "press", None, None, None, 6, "rejected"),
        (SECOND, "press", None, None, None, 6, "rejected"),
    ]


@pytest.mark.parametrize("needing", ["press", "pack"])
def test_a_lot_that_was_merged_has_the_results_of_all_its_parts(needing):
    """The results of both parts come at 7 h and 12 h; whoever needs them starts at 12 h."""
    sampling = {"s": {"test": {"on": ["bench"], "takes": "5 h"}}}
    what = plant(
        {"mill": {"count": 2}, "press": {}, "bench": {}},
        operation("split", "mill", "1 h", split=2),
        operation("mill", "mill", "1 h", sampling=sampling),
        operation(
            "press", "press", "1 h", merge=True, **({"needs_release": ["s"]} if needing == "press" else {})
        ),
        operation("pack", "press", "1 h", **({"needs_release": ["s"]} if needing == "pack" else {})),
    )
    assert [visit for visit in visits_of(what, HOUR) if visit[1] == needing and visit[2]] == [
        (0, needing, "press", 12, 13, 13, "done")
    ]


def test_parts_have_the_shelf_life_of_the_lot_that_they_were():
    what = plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "1 h", split=2, shelf_life="90 min"),
        operation("press", "press", "2 h"),
    )
    assert visits_of(what, HOUR) == [
        (0, "mill", "mill", 0, 1, 1, "split"),
        (FIRST, "press", "press", 1, 3, 3, "done"),
        (SECOND, "press", None, None, None, 2.5, "expired"),
    ]


def test_a_part_that_expires_while_it_waits_for_the_others_is_not_waited_for():
    """Parts come to the press at 4, 7 and 10 h; the first may wait until 8 h."""
    what = plant(
        {"mill": {}, "press": {}},
        operation("split", "mill", "1 h", split=3),
        operation("mill", "mill", "3 h"),
        operation("press", "press", "1 h", merge=True, max_wait_before="4 h"),
    )
    outcomes = [(visit[0] >> 32, *visit[5:]) for visit in visits_of(what, HOUR) if visit[1] == "press"]
    assert outcomes == [(0, 11, "done"), (1, 8, "expired"), (2, 10, "merged"), (3, 10, "merged")]


def test_what_fills_no_pack_is_no_part():
    """Of 101 pieces 90 fill packs of 30, and are parts of 20 and the rest."""
    what = plant(
        {"packer": {}, "truck": {}},
        operation("pack", "packer", "1 h", pack="30 pieces", split={"each": "20 pieces"}),
        operation("send", "truck", "1 h"),
        batch="101 pieces",
    )
    assert quantities_of(what)[0] == ("pack", 101, 90, 11)
    assert [part for _, part, _, _ in quantities_of(what)[1:]] == [20, 20, 20, 20, 10]


def test_a_lot_that_expires_before_it_is_divided_has_no_parts():
    """Two other lots keep the places that the parts would need, until the lot's time is over at 3 h."""
    what = plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "1 h", split=2),
        operation("press", "press", "1 h", wait_in="rack", max_wait_before="2 h"),
        storage={"rack": {"capacity": 2}},
        recipes={"other": {"operations": [operation("press", "press", "4 h", wait_in="rack")]}},
        orders=[{"recipe": "other", "batches": 3}, {"recipe": "part"}],
    )
    record = run(what)
    assert [visit for visit in visits_of(record, HOUR) if visit[0] == 3] == [
        (3, "mill", "mill", 0, 1, 3, "expired"),
    ]
    assert levels_of(record, "wip", HOUR) == [(0, 4), (3, 3), (4, 2), (8, 1), (12, 0)]
    assert causes_of(record, "mill", HOUR) == [
        ("producing", 0, 1, None),
        ("blocked", 1, 3, "rack"),
        ("starved", 3, 12, None),
    ]


def test_a_lot_whose_time_passes_on_its_way_to_be_divided_expires_as_its_parts():
    """It leaves the mill at 1 s as two parts, which count from then on; their time is over at 4 s."""
    what = plant(
        {"mill": {"at": [0, 0]}, "press": {"at": [0, 0]}},
        operation("mill", "mill", "1 s", split=2),
        operation("press", "press", "1 s", wait_in="rack", max_wait_before="3 s"),
        storage={"rack": {"at": [4, 0], "capacity": 2}},
        transport={"speed": "1 m/s"},
    )
    record = run(what)
    assert visits_of(record) == [
        (0, "mill", "mill", 0, 1, 1, "split"),
        (FIRST, "press", None, None, None, 5, "expired"),
        (SECOND, "press", None, None, None, 5, "expired"),
    ]
    assert attribute_of(record, "hold_exceeded") == [None, 1, 1]
    assert quantities_of(record)[1:] == [("press", 50, None, 50), ("press", 50, None, 50)]
    assert levels_of(record, "wip") == [(0, 1), (1, 2), (5, 0)]
    assert levels_of(record, "storage/rack")[-1] == (5, 0)


def test_lots_in_quarantine_are_counted_as_their_parts():
    what = plant(
        {"mill": {}, "office": {}},
        operation("mill", "mill", "1 h", split=3),
        operation("release", "office", "1 h", hold="quarantine"),
        operation("send", "mill", "1 h"),
    )
    assert levels_of(what, "quarantine", HOUR) == [(0, 0), (1, 3), (2, 2), (3, 1), (4, 0)]


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ({"split": 2}, {}, "`split`"),
        ({}, {"merge": True}, "`merge`"),
        ({}, {"together": {"max": 2}}, "`together`"),
    ],
)
def test_a_conveyor_takes_and_gives_its_lots_one_by_one(first, second, says):
    what = plant(
        {"mill": {}, "press": {}},
        operation("cut", "mill", "1 h", split=2),
        operation("mill", "mill", "1 h", **first),
        operation("press", "press", "1 h", wait_in="belt", **second),
        storage=BELT,
    )
    with pytest.raises(ComplaintError) as error:
        run(what)
    assert says in str(error.value)


WAYS_BACK = (
    ({}, {"max_wait_before": {"limit": "1 h", "when_late": "rework", "to": "mill"}}),
    ({"shelf_life": {"limit": "1 h", "when_late": "rework", "to": "mill"}}, {}),
)


@pytest.mark.parametrize(("first", "second"), WAYS_BACK)
def test_a_lot_that_is_late_cannot_go_back_across_a_split(first, second):
    what = plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "1 h", split=2, **first),
        operation("press", "press", "1 h", **second),
    )
    assert [c.message for c in complaints(what, {}, Refused()) if "across" in c.message]


@pytest.mark.parametrize(("first", "second"), WAYS_BACK)
def test_parts_that_are_late_for_their_merge_cannot_go_back_across_the_split(first, second):
    what = plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "1 h", split=2, **first),
        operation("press", "press", "1 h", merge=True, **second),
    )
    assert [c.message for c in complaints(what, {}, Refused()) if "across" in c.message]


@pytest.mark.parametrize(("first", "second"), [({"split": 2}, {}), ({}, {"merge": True})])
def test_a_lot_is_not_divided_or_merged_inside_a_unit_procedure(first, second):
    what = plant(
        {"mill": {}, "press": {}},
        operation("cut", "press", "1 h", split=2),
        operation("mill", "mill", "1 h", unit_procedure="all", **first),
        operation("press", "mill", "1 h", unit_procedure="all", **second),
    )
    assert [c.message for c in complaints(what, {}, Refused()) if "inside a unit procedure" in c.message]


def test_deliveries_that_go_on_for_ever_do_not_hide_a_plant_that_is_stuck():
    """Lot 1 waits in the only place for the line, which lot 0 can only leave for that place."""
    what = plant(
        {"line": {}, "office": {}, "dock": {}},
        operation("fill", "line", "1 h", wait_in="rack"),
        operation("release", "office", "1 h", wait_in="rack", hold="quarantine"),
        operation("send", "dock", "1 h"),
        lots=2,
        storage={"rack": {"capacity": 1}},
        materials={"powder": {"lot": "60 pieces", "supply": {"every": "9 h"}}},
    )
    with pytest.raises(SimulationError, match="'line' \\(blocked for rack\\)"):
        run(what)


def test_a_plant_that_waits_for_a_delivery_of_long_intervals_is_not_stuck():
    """The only lot needs two deliveries, the second of which comes after eight weeks."""
    what = plant(
        {"line": {}},
        operation("fill", "line", "1 h", bill={"powder": "100 pieces"}),
        materials={"powder": {"lot": "60 pieces", "supply": {"every": "4 weeks"}}},
    )
    assert visits_of(what, HOUR) == [(0, "fill", "line", 1344, 1345, 1345, "done")]


def test_a_lot_that_is_sent_back_for_ever_does_not_hide_a_plant_that_is_stuck():
    """The oven is never open for as long as baking takes; the lot is sent back to it every 5 h."""
    late = {"limit": "5 h", "when_late": "rework", "to": "bake"}
    day = {"open": [{"days": "daily", "from": "06:00", "to": "14:00"}]}
    what = plant(
        {"oven": {"calendar": "day"}},
        operation("bake", "oven", "9 h", max_wait_before=late),
        calendars={"day": {**day, "at_close": "do_not_start_unless_it_fits"}},
    )
    with pytest.raises(SimulationError, match="'oven' \\(off_shift\\)"):
        run(what)


def test_a_lot_is_sent_back_after_a_long_time_before_the_plant_is_stuck():
    """After five weeks without an answer the lot is milled and sampled again, and then rejected."""
    late = {"limit": "5 weeks", "when_late": "rework", "to": "mill"}
    sample = {"every": 1, "test": {"on": ["bench"], "takes": "6 weeks", "fails": 1}}
    what = plant(
        {"mill": {}, "press": {}, "bench": {}},
        operation("mill", "mill", "1 h", sampling={"s": sample}),
        operation("press", "press", "1 h", needs_release=["s"], max_wait_before=late),
    )
    assert visits_of(what, HOUR) == [
        (0, "mill", "mill", 0, 1, 1, "done"),
        (0, "press", None, None, None, 841, "rework"),
        (0, "mill", "mill", 841, 842, 842, "done"),
        (0, "press", None, None, None, 1009, "rejected"),
    ]


def test_a_line_whose_lot_is_scrapped_by_a_unit_that_it_shares_is_empty():
    """The skid fails after 2 h at work; the filler is 20 pieces ahead of the capper then."""
    stations = {"filler": {"rate": "20/h", "buffer_after": "50 pieces"}, "capper": {"rate": "10/h"}}
    fails = {"clock": "running", "between": "2 h", "repair": "1 h", "work": "scrap"}
    what = plant(
        {"line": {"flow": {"stations": stations}}, "skid": {"failures": [fails]}},
        operation("fill", "line", None, needs=[{"unit": "skid"}]),
    )
    record = run(what, horizon=4 * 3600)
    assert visits_of(record, HOUR) == [(0, "fill", "line", 0, 2, 2, "scrapped")]
    buffer = [row for row in record.levels.to_pylist() if row["entity"] == "buffer/line/filler"]
    assert (buffer[-1]["time"], buffer[-1]["level"], buffer[-1]["rate"]) == (2 * HOUR, 0, 0)


def test_what_a_part_lost_on_the_unit_on_which_it_waited_is_not_merged():
    """Each half loses 10 of its 50 pieces, and the first waits on its mill for the other."""
    what = plant(
        {"mill": {"count": 2}, "press": {}},
        operation("cut", "press", "1 h", split=2),
        operation("mill", "mill", "1 h", yields="0.8"),
        operation("press", "press", "1 h", wait_in="none", merge=True),
    )
    assert ("press", 80, 80, 0) in quantities_of(what)
