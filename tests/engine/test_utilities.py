"""Two machines and a utility: who waits, who is slowed, what a storage gives, and what is written of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.plants import causes_of, operation, plant, run, states_of, visits_of
from twin.engine.record import SECOND, Record
from twin.experiment.charges import charges_of
from twin.experiment.measures import measure
from twin.plant.schema import Plant

LITRES_PER_HOUR = 1000  # mL/h
Words = dict[str, Any]


def washing(
    wfi: Words, *, use: object = "500 L/h", takes: str = "10 s", lots: int = 2, **words: object
) -> Plant:
    """Two washers, for either of which a lot takes 10 s and 500 L/h of water at full speed."""
    return plant(
        {"left": words.pop("left", {}), "right": words.pop("right", {})},
        operation("wash", ["left", "right"], takes, uses={"wfi": use}),
        lots=lots,
        utilities={"wfi": wfi},
        **words,
    )


def rates(record: Record, name: str = "wfi") -> list[tuple[float, float]]:
    """(second, L/h) drawn of a utility."""
    return [
        (row["time"] / SECOND, row["level"] / LITRES_PER_HOUR)
        for row in record.levels.to_pylist()
        if row["entity"] == f"utility/{name}/rate"
    ]


def test_work_starts_when_its_whole_rate_is_free_and_the_lower_machine_first():
    record = run(washing({"capacity": "800 L/h"}))
    assert causes_of(record, "left") == [("producing", 0, 10, None), ("producing", 10, 20, None)]
    assert causes_of(record, "right") == [("waiting_utility", 0, 10, "wfi"), ("starved", 10, 20, None)]
    assert rates(record) == [(0, 500), (20, 0)]


def test_two_that_fit_draw_together():
    record = run(washing({"capacity": "1000 L/h"}))
    assert visits_of(record) == [
        (0, "wash", "left", 0, 10, 10, "done"),
        (1, "wash", "right", 0, 10, 10, "done"),
    ]
    assert rates(record) == [(0, 1000), (10, 0)]


def test_what_is_short_is_shared_in_proportion_and_work_takes_longer():
    record = run(washing({"capacity": "800 L/h", "when_short": "slow_down"}))
    assert states_of(record, "left") == states_of(record, "right") == [("producing", 0, 12.5)]
    assert rates(record) == [(0, 800), (12.5, 0)]


def test_a_machine_that_joins_slows_the_other_and_speeds_it_up_when_it_leaves():
    what = washing(
        {"capacity": "500 L/h", "when_short": "slow_down"}, lots=1, order={"every": "4 s", "times": 2}
    )
    # From 4 s on each has half: of the first lot 6 s are left, done at 16; of the second 4 s, alone again.
    assert visits_of(what) == [
        (0, "wash", "left", 0, 16, 16, "done"),
        (1, "wash", "right", 4, 20, 20, "done"),
    ]


def test_thirds_of_full_speed_end_exactly():
    what = plant(
        {"washer": {"count": 3}},
        operation("wash", "washer", "10 s", uses={"wfi": "500 L/h"}),
        lots=3,
        utilities={"wfi": {"capacity": "500 L/h", "when_short": "slow_down"}},
    )
    assert {visit[4] for visit in visits_of(what)} == {30}


def test_the_slowest_utility_rules_and_what_it_leaves_is_for_others():
    what = plant(
        {"wet": {}, "dry": {}},
        operation("wash", "wet", "10 s", uses={"wfi": "500 L/h", "power": "10 kW"}),
        recipes={
            "other": {"operations": [operation("dry", "dry", "10 s", uses={"power": "10 kW"})]},
        },
        orders=[{"recipe": "part"}, {"recipe": "other"}],
        utilities={
            "wfi": {"capacity": "250 L/h", "when_short": "slow_down"},
            "power": {"capacity": "15 kW", "when_short": "slow_down"},
        },
    )
    record = run(what)
    assert states_of(record, "wet") == [("producing", 0, 20)]
    assert states_of(record, "dry") == [("producing", 0, 10), ("starved", 10, 20)]
    kilowatts = [(time, rate * 1000 / 3.6e12) for time, rate in rates(record, "power")]
    assert kilowatts == [(0, 15), (10, 5), (20, 0)]


def test_an_amount_is_drawn_evenly_over_processing():
    record = run(washing({"capacity": "2 m3/h"}, use="2 L", lots=1))
    assert rates(record) == [(0, 720), (10, 0)]


def test_an_amount_over_phases_and_one_of_a_phase():
    phases = [{"fill": {"takes": "4 s", "uses": {"wfi": {"amount": "1 L"}}}}, {"boil": {"takes": "6 s"}}]
    what = Plant.model_validate(
        {
            "twin": 1,
            "plant": "Kettle",
            "equipment": {"kettle": {}},
            "utilities": {"wfi": {"capacity": "2 m3/h"}},
            "recipes": {
                "soup": {
                    "operations": [
                        {
                            "cook": {
                                "on": ["kettle"],
                                "setup": "2 s",
                                "phases": phases,
                                "uses": {"wfi": {"amount": "1 L"}},
                            }
                        }
                    ]
                }
            },
            "orders": [{"recipe": "soup"}],
        }
    )
    # 1 L over 10 s is 360 L/h, 1 L over 4 s is 900 L/h; nothing is drawn during set-up.
    assert rates(run(what)) == [(0, 0), (2, 1260), (6, 360), (12, 0)]


def test_a_draw_during_the_operation_goes_on_from_set_up_to_unloading():
    what = plant(
        {"washer": {}},
        operation(
            "wash",
            "washer",
            "10 s",
            setup="2 s",
            unload="3 s",
            uses={
                "wfi": {"rate": "500 L/h", "during": "operation"},
                "power": {"rate": "1 kW", "during": "setup"},
            },
        ),
        utilities={"wfi": {"capacity": "1 m3/h"}, "power": {"capacity": "1 kW"}},
    )
    record = run(what)
    assert rates(record) == [(0, 500), (15, 0)]
    assert [time for time, _ in rates(record, "power")] == [0, 2]


def test_a_machine_that_is_set_up_waits_with_its_lot_for_what_processing_draws():
    what = plant(
        {"left": {}, "right": {}},
        operation("wash", ["left", "right"], "10 s", setup="2 s", uses={"wfi": "500 L/h"}),
        lots=2,
        utilities={"wfi": {"capacity": "800 L/h"}},
    )
    record = run(what)
    assert causes_of(record, "right") == [
        ("setup", 0, 2, None),
        ("waiting_utility", 2, 12, "wfi"),
        ("producing", 12, 22, None),
    ]
    assert rates(record) == [(0, 0), (2, 500), (22, 0)]


def test_a_machine_that_fails_stops_drawing_and_has_to_claim_again():
    failing = {"failures": [{"clock": "calendar", "between": "5 s", "repair": "3 s"}]}
    record = run(washing({"capacity": "500 L/h"}, left=failing), horizon=9)
    assert causes_of(record, "left") == [
        ("producing", 0, 5, None),
        ("down", 5, 8, "failure"),
        ("waiting_utility", 8, 9, "wfi"),
    ]
    assert causes_of(record, "right") == [("waiting_utility", 0, 5, "wfi"), ("producing", 5, 9, None)]
    assert rates(record) == [(0, 500)]


def test_a_running_clock_counts_the_time_of_slowed_work():
    failing = {"failures": [{"clock": "running", "between": "12 s", "repair": "3 s"}]}
    record = run(washing({"capacity": "500 L/h", "when_short": "slow_down"}, left=failing))
    # At half speed until 12 s; the other alone needs 4 s, until 16 s, and half speed again from 15 s on.
    assert states_of(record, "left") == [("producing", 0, 12), ("down", 12, 15), ("producing", 15, 20)]
    assert states_of(record, "right")[0] == ("producing", 0, 17)


def test_cleaning_and_maintenance_draw_and_wait_as_well():
    what = plant(
        {
            "washer": {"cleaning": {"batches": 1, "takes": "4 s", "uses": {"wfi": "500 L/h"}}},
            "filler": {},
        },
        operation("wash", "washer", "2 s"),
        operation("fill", "filler", "10 s", uses={"wfi": "500 L/h"}),
        utilities={"wfi": {"capacity": "800 L/h"}},
    )
    record = run(what, horizon=20)
    assert causes_of(record, "washer") == [
        ("producing", 0, 2, None),
        ("cleaning", 2, 6, "cleaning"),
        ("starved", 6, 20, None),
    ]
    assert causes_of(record, "filler") == [
        ("starved", 0, 2, None),
        ("waiting_utility", 2, 6, "wfi"),
        ("producing", 6, 16, None),
        ("starved", 16, 20, None),
    ]


def test_what_is_drawn_is_measured_and_charged():
    what = washing(
        {"capacity": "1000 L/h"},
        use="360 L/h",
        costs={"currency": "EUR", "utilities": {"wfi": "50 EUR/m3"}},
        footprint={"utilities": {"wfi": {"co2": "3 kg/m3", "water": "2 m3/m3"}}},
    )
    record = run(what, horizon=40)
    table = measure(
        record.states,
        record.lots,
        record.levels,
        {0: (0, 40 * SECOND)},
        genealogy=record.genealogy,
        charges=charges_of(what),
    )
    found = {row["measure"]: row["value"] for row in table.to_pylist()}
    assert found["utility.wfi.consumed"] == pytest.approx(2e-3)
    assert found["utility.wfi.mean"] == pytest.approx(5e-5)
    assert found["utility.wfi.peak"] == pytest.approx(2e-4)
    assert found["utility.wfi.utilisation"] == pytest.approx(0.18)
    assert found["cost.utilities"] == found["cost.total"] == pytest.approx(0.1)
    assert found["footprint.co2"] == pytest.approx(6e-3)
    assert found["footprint.water"] == pytest.approx(4e-3)


def test_measures_of_a_large_power_over_a_year_are_exact():
    what = plant(
        {"oven": {}},
        operation("bake", "oven", "365 days", uses={"power": "400000 kW"}),
        utilities={"power": {"capacity": "400000 kW"}},
    )
    record = run(what)
    end = 365 * 86400
    table = measure(record.states, record.lots, record.levels, {0: (0, end * SECOND)})
    found = {row["measure"]: row["value"] for row in table.to_pylist()}
    assert found["utility.power.consumed"] == 4e8 * end


def test_a_flow_section_draws_while_it_flows():
    what = plant(
        {"line": {"flow": {"stations": {"fill": {"rate": "10/s"}}}}},
        operation("fill", "line", None, uses={"wfi": "500 L/h"}),
        utilities={"wfi": {"capacity": "1 m3/h"}},
    )
    assert rates(run(what)) == [(0, 500), (10, 0)]
