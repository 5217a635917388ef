"""A plant put by hand amid whatever it can be amid goes on as the plant that had come there by itself.

Each test runs a plant to a time at which its state is known on paper, writes that state down, and compares
all that units and lots do from then on.
"""

from __future__ import annotations

import pytest

from tests.engine.plants import causes_of, levels_of, operation, plant, run, visits_of
from tests.engine.test_flows import line
from tests.engine.test_quarantine import pressed_released_packed
from tests.engine.test_samples import mixed_and_packed
from tests.engine.test_situations import LATER, begun, wrong
from tests.engine.test_tanks import making
from tests.engine.test_together import oven
from tests.engine.test_utilities import washing

JAM = {"name": "jam", "clock": "running", "between": "9 s", "repair": "5 s"}
END = 200  # s


def goes_on(whole, rest, at, *units, levels=(), **state):
    """Compare a run from `at` s on with the run that begins in a state; returns the second."""
    first, second = run(whole, horizon=END), begun(rest, horizon=END - at, **state)
    for unit in units:
        assert after(first, unit, at) == after(second, unit, 0), unit
    for entity in levels:
        assert changes(first, entity, at) == changes(second, entity, 0), entity
    assert ended(first, at) == ended(second, 0)
    return second


def after(record, unit, at):
    """What a unit does and why, in s after `at`."""
    return [
        (state, max(start, at) - at, end - at, cause)
        for state, start, end, cause in causes_of(record, unit)
        if end > at
    ]


def changes(record, entity, at):
    """The levels of something after `at`."""
    return [(time - at, level) for time, level in levels_of(record, entity) if time > at]


def ended(record, at):
    """The visits that end after `at`, but for when they began."""
    rows = [
        (name, unit, finished, left, outcome)
        for _, name, unit, _, finished, left, outcome in visits_of(record)
    ]
    moved = [
        (name, unit, *(None if t is None else t - at for t in (finished, left)), outcome)
        for name, unit, finished, left, outcome in rows
        if (left is None or left > at) and (finished is None or finished > at)
    ]
    return sorted(moved, key=str)


def part(**words):
    return {"recipe": "part", **words}


@pytest.mark.parametrize(
    ("at", "passed", "starting_up"),
    [
        (2, {"a": "0 pieces", "b": "0 pieces"}, {"a": "1 s"}),
        (3 + 4, {"a": "16 pieces", "b": "8 pieces"}, {}),
        (3 + 6, {"a": "22 pieces", "b": "12 pieces"}, {}),
        (3 + 16, {"a": "40 pieces", "b": "32 pieces"}, {}),
    ],
)
def test_a_lot_that_flows(at, passed, starting_up):
    """The first station starts for 3 s and makes 4 a second, the second 2; 10 pieces stand between."""
    a = {"rate": "4/s", "buffer_after": "10 pieces", "start_up": "3 s"}
    record = goes_on(
        line(a, {"rate": "2/s"}, lots=1),
        line(a, {"rate": "2/s"}, **LATER),
        at,
        "line",
        "line/a",
        "line/b",
        levels=["buffer/line/a"],
        lots=[part(in_work="pack", on="line", passed=passed, starting_up=starting_up)],
    )
    held = [int(passed[station].split()[0]) for station in "ab"]
    if held[0] > held[1]:
        assert levels_of(record, "buffer/line/a")[0] == (0, held[0] - held[1])


def test_a_lot_that_flows_while_a_station_is_down():
    """The second station jams after 3 s, at 6 pieces, for 5 s; by then the buffer is full. At 7 s it has 1 s
    left, and then runs for another 3 s.
    """
    jam = {"name": "jam", "clock": "running", "between": "3 s", "repair": "5 s"}
    stations = {"rate": "4/s", "buffer_after": "10 pieces"}, {"rate": "2/s", "failures": [jam]}
    goes_on(
        line(*stations),
        line(*stations, **LATER),
        7,
        "line",
        "line/a",
        "line/b",
        levels=["buffer/line/a"],
        lots=[part(in_work="pack", on="line", passed={"a": "16 pieces", "b": "6 pieces"})],
        units={"line": {"stations": {"b": {"down": "1 s", "failure": "jam"}}}},
    )


def test_a_batch_in_the_oven():
    """Two lots bake since 2 s, a third has come and waits for a fourth, which would come at 9 s."""
    orders = [{"recipe": "part", "first": f"{at} s"} for at in (0, 2, 3, 9)]
    goes_on(
        plant({"oven": {}}, operation("bake", "oven", "4 s", together={"min": 2, "max": 2}), orders=orders),
        plant(
            {"oven": {}},
            operation("bake", "oven", "4 s", together={"min": 2, "max": 2}),
            orders=[{"recipe": "part", "first": "5 s"}],
        ),
        4,
        "oven",
        lots=[
            part(waits_for="bake", waiting="1 s"),
            part(in_work="bake", on="oven", remaining="2 s"),
            part(in_work="bake", on="oven", remaining="2 s"),
        ],
    )


def test_lots_of_a_batch_may_be_written_as_one_line_and_are_as_many_as_the_unit_takes():
    what = oven(arrivals=("1 h",), together={"max": 3})
    record = begun(what, horizon=20, lots=[part(in_work="bake", on="oven", remaining="2 s", count=3)])
    assert [visit[4:6] for visit in visits_of(record)] == [(2, 2)] * 3
    lot = part(in_work="bake", on="oven", remaining="2 s", count=2)
    assert wrong(what, lots=[lot, lot])[0] == (
        ("lots", 1, "on"),
        "`on` of item 2 of `lots` has a lot already, `oven`.",
    )
    other = part(in_work="bake", on="oven", remaining="3 s")
    assert wrong(what, lots=[lot, other])[0][0] == ("lots", 1, "remaining")
    assert wrong(what, lots=[{**lot, "count": 4}])[0][0] == ("lots", 0, "count")


def test_a_tank_between_its_maker_and_its_user():
    """From 60 s on 1 kg/s come in and go out of 70 kg; at 80 s the maker has 20 s left, the user 40 s."""
    tank = {"heel": "10 kg", "start": "10 kg"}
    later = {"first": "1 h", "batches": 1}
    goes_on(
        making(tank),
        making(tank, made=later, used=later),
        80,
        "maker",
        "user",
        levels=["tank/bulk"],
        lots=[
            {"recipe": "part", "in_work": "make", "on": "maker", "remaining": "20 s"},
            {"recipe": "use", "in_work": "use", "on": "user", "remaining": "40 s"},
        ],
        tanks={"bulk": {"level": "70 kg"}},
    )


def test_a_tank_that_has_held_its_content_for_some_time():
    """It may hold 150 kg for 100 s, and has for 80 s."""
    later = {"first": "1 h", "batches": 1}
    tank = {"start": "150 kg", "hold": {"limit": "100 s", "then": "discard"}}
    goes_on(
        making(tank, made=later, used=later),
        making(tank, made=later, used=later),
        80,
        levels=["tank/bulk", "tank/bulk/hold_violations", "tank/bulk/discarded"],
        tanks={"bulk": {"level": "150 kg", "held": "80 s"}},
    )


def test_a_tank_gives_what_it_holds_to_work_in_hand_and_no_more():
    later = {"first": "1 h", "batches": 1}
    record = begun(
        making({"heel": "10 kg"}, made=later, used=later),
        horizon=50,
        lots=[{"recipe": "use", "in_work": "use", "on": "user", "remaining": "30 s"}],
        tanks={"bulk": {"level": "25 kg"}},
    )
    assert levels_of(record, "tank/bulk")[-1] == (30, 10_000_000)


def test_a_storage_of_water_that_has_been_drawn_from():
    """2 L are full; each lot takes 10 s × 400 L/h net. After the first, at 10 s, 8/9 L are left."""
    loop = {"capacity": "1000 L/h", "storage": {"volume": "2 L", "generation": "100 L/h"}}
    second = begun(
        washing(loop, lots=1, order={"first": "1 h"}),
        horizon=50,
        lots=[part(waits_for="wash")],
        utilities={"wfi": "0.888889 L"},
    )
    # What it lacks of 1.111 L comes in 8 s, as in the run from a full storage.
    assert [round(end, 2) for _, _, end, _ in causes_of(second, "left")][:2] == [8, 18]


def test_samples_that_wait_and_samples_in_work():
    """At 4.5 s lot 0 waits for the assay, .5 s of which are left; the sample of lot 1 waits since .5 s."""
    goes_on(
        mixed_and_packed(lots=2),
        mixed_and_packed(**LATER),
        4.5,
        "lab",
        "packer",
        lots=[
            part(waits_for="pack", waiting="2.5 s", samples={"assay": {"on": "lab", "remaining": "0.5 s"}}),
            part(waits_for="pack", waiting="0.5 s", samples={"assay": {"waiting": "0.5 s"}}),
        ],
    )


def test_lots_in_quarantine_and_one_that_is_being_released():
    """At 2.5 s both stand in the rack, and the laboratory is at the papers of the first."""
    rack = {"release": {"wait_in": "rack"}, "storage": {"rack": {"capacity": 2}}}
    goes_on(
        pressed_released_packed(lots=2, **rack),
        pressed_released_packed(**rack, **LATER),
        2.5,
        "lab",
        "packer",
        levels=["quarantine", "storage/rack"],
        lots=[
            part(in_work="release", on="lab", remaining="2.5 s"),
            part(waits_for="release", waiting="0.5 s"),
        ],
    )


def test_shelf_life_counts_from_the_operation_that_ended_and_goes_on_in_work():
    """Granulated at 1 s and to be pressed by 8 s: at 4 s one lot is milled, one has waited since 2 s."""

    def three_steps(**words):
        return plant(
            {"granulator": {}, "mill": {}, "press": {}},
            operation("granulate", "granulator", "1 s", shelf_life={"limit": "7 s", "until": "press"}),
            operation("mill", "mill", "5 s"),
            operation("press", "press", "2 s"),
            **words,
        )

    record = goes_on(
        three_steps(lots=2),
        three_steps(**LATER),
        4,
        "mill",
        "press",
        lots=[
            part(in_work="mill", on="mill", remaining="2 s", ended={"granulate": "3 s"}),
            part(waits_for="mill", waiting="2 s", ended={"granulate": "2 s"}),
        ],
    )
    assert visits_of(record)[-1][-1] == "expired"
