"""Two machines and a utility: who waits, who is slowed, what a storage gives, and what is written of it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.plants import causes_of, operation, plant, run, states_of, visits_of
from twin.engine.record import SECOND, Record
from twin.experiment.charges import charges_of
from twin.experiment.measures import measure
from twin.plant.consistency import complaints
from twin.plant.remainder import Refused
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


def contents(record: Record, name: str = "wfi") -> list[tuple[float, float, float]]:
    """(second, L, L/s) of a utility's storage."""
    return [
        (row["time"] / SECOND, row["level"] / 1000, pytest.approx(row["rate"] / 1000))
        for row in record.levels.to_pylist()
        if row["entity"] == f"utility/{name}/level"
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


def test_a_storage_gives_what_is_short_until_it_is_empty_and_then_what_is_generated():
    loop = {
        "capacity": "1000 L/h",
        "when_short": "slow_down",
        "storage": {"volume": "2 L", "generation": "100 L/h"},
    }
    record = run(washing(loop))
    # 900 L/h drain 2 L in 8 s; 2 s of work at a tenth of full speed take 20 s.
    assert states_of(record, "left") == states_of(record, "right") == [("producing", 0, 28)]
    assert rates(record) == [(0, 1000), (8, 100), (28, 0)]
    assert contents(record) == [(0, 2, -0.25), (8, 0, 0), (28, 0, 1 / 36)]


def test_a_storage_that_is_empty_when_the_work_is_done_has_slowed_nobody():
    loop = {
        "capacity": "1000 L/h",
        "when_short": "slow_down",
        "storage": {"volume": "4 L", "generation": "100 L/h", "start": "2 L"},
    }
    record = run(washing(loop, use="820 L/h", lots=1, order={"every": "100 s", "times": 2}))
    assert [visit[3:5] for visit in visits_of(record)] == [(0, 10), (100, 110)]
    # 100 L/h for 90 s are 2.5 L; the second lot drains 2 L of it.
    assert contents(record) == [(0, 2, -0.2), (10, 0, 1 / 36), (100, 2.5, -0.2), (110, 0.5, 1 / 36)]


def test_a_full_storage_is_filled_no_further():
    loop = {"capacity": "1000 L/h", "storage": {"volume": "1 L", "generation": "360 L/h", "start": "0.5 L"}}
    record = run(washing(loop, use="180 L/h", takes="20 s", lots=1), horizon=30)
    assert contents(record) == [(0, 0.5, 0.05), (10, 1, 0)]
    assert rates(record) == [(0, 180), (20, 0)]


def test_work_waits_until_the_storage_lasts_for_all_of_it():
    record = run(washing({"capacity": "1000 L/h", "storage": {"volume": "2 L", "generation": "100 L/h"}}))
    # A lot takes 10 s × 400 L/h = 1.111 L net; at 10 s .889 L are left, and the rest comes in 8 s.
    assert causes_of(record, "left") == [
        ("producing", 0, 10, None),
        ("waiting_utility", 10, 18, "wfi"),
        ("producing", 18, 28, None),
    ]
    assert causes_of(record, "right")[0] == ("waiting_utility", 0, 18, "wfi")


def test_work_that_no_storage_can_last_for_starts_alone_on_a_full_one():
    record = run(washing({"capacity": "1000 L/h", "storage": {"volume": "1 L", "generation": "100 L/h"}}))
    # 400 L/h drain 1 L in 9 s; the last second takes 5 s. The next start waits 36 s for a full litre.
    assert [visit[3:5] for visit in visits_of(record)] == [(0, 14), (50, 64)]


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


@pytest.mark.parametrize(
    ("wfi", "use", "message"),
    [
        ({"capacity": "1 m3/h"}, "80 kg/h", "is in kg/s, while the capacity of `wfi` is in m3/s"),
        ({"capacity": "1 m3/h"}, "3 kg", "is in kg, while the capacity of `wfi` is in m3/s"),
        ({"capacity": "1 m3/h"}, "2 m3/h", "draws more of `wfi` than can be drawn at once"),
        ({"capacity": "1 m3/h"}, {}, "must have one of `rate` and `amount`"),
        ({"capacity": "1 m3/h"}, {"amount": "1 L", "during": "setup"}, "is drawn over processing"),
        (
            {"capacity": "1 m3/h", "storage": {"volume": "1 kg", "generation": "1 m3/h"}},
            "1 L",
            "is in kg, while the capacity is in m3/s",
        ),
        (
            {"capacity": "1 m3/h", "storage": {"volume": "1 m3", "generation": "1 m3/h", "start": "2 m3"}},
            "1 L",
            "is more than the storage holds",
        ),
    ],
)
def test_what_does_not_fit_a_utility_is_told(wfi, use, message):
    what = washing(wfi, use=use)
    found = complaints(what, what.model_dump(by_alias=True), Refused())
    assert any(message in complaint.message for complaint in found)


def test_a_utility_that_is_not_there_is_told():
    what = plant(
        {"a": {}},
        operation("wash", "a", "1 s", uses={"wif": "1 L"}),
        utilities={"wfi": {"capacity": "1 L/h"}},
    )
    (found,) = complaints(what, what.model_dump(by_alias=True), Refused())
    assert "names a utility that is not there, `wif`" in found.message


def test_a_flow_section_is_not_slowed():
    what = plant(
        {"line": {"flow": {"stations": {"fill": {"rate": "10/s"}}}}},
        operation("fill", "line", None, uses={"power": "3 kW"}),
        utilities={"power": {"capacity": "5 kW", "when_short": "slow_down"}},
    )
    (found,) = complaints(what, what.model_dump(by_alias=True), Refused())
    assert "and `line` flows" in found.message


def test_a_flow_section_draws_while_it_flows():
    what = plant(
        {"line": {"flow": {"stations": {"fill": {"rate": "10/s"}}}}},
        operation("fill", "line", None, uses={"wfi": "500 L/h"}),
        utilities={"wfi": {"capacity": "1 m3/h"}},
    )
    assert rates(run(what)) == [(0, 500), (10, 0)]


LIMITED = settings(deadline=None, derandomize=True, max_examples=80, suppress_health_check=list(HealthCheck))
USE = st.one_of(st.integers(1, 9).map(lambda n: f"{n}00 L/h"), st.integers(1, 9).map(lambda n: f"{n} L"))
LOOP = st.fixed_dictionaries(
    {"capacity": st.just("1 m3/h"), "when_short": st.sampled_from(["wait", "slow_down"])},
    optional={
        "storage": st.fixed_dictionaries(
            {
                "volume": st.integers(1, 9).map(lambda n: f"{n} L"),
                "generation": st.integers(1, 20).map(lambda n: f"{n}00 L/h"),
            }
        )
    },
)


@LIMITED
@given(st.data())
def test_no_more_is_drawn_than_there_is_and_all_that_work_needs(data):
    takes = data.draw(st.sampled_from(["50 s", "73 s", "uniform(low=60 s, high=90 s)"]))
    loops = {name: data.draw(LOOP) for name in ("wfi", "cold")}
    uses = [{name: data.draw(USE) for name in names} for names in (("wfi",), ("wfi", "cold"), ("cold",))]
    fails = data.draw(st.sampled_from([[], [{"clock": "running", "between": "40 s", "repair": "9 s"}]]))
    what = plant(
        {"a": {"count": 2, "failures": fails}, "b": {"count": 2}},
        *(
            operation(f"step_{k}", on, takes, uses=use)
            for k, (on, use) in enumerate(zip(("a", "b", "a"), uses, strict=True))
        ),
        lots=5,
        order={"every": "exponential(mean=200 s)", "times": 2},
        utilities=loops,
    )
    if complaints(what, what.model_dump(by_alias=True), Refused()):
        return
    record = run(what)
    end = record.horizon[0]
    done = [row["operation"] for row in record.lots.to_pylist() if row["finished"] is not None]
    for name, loop in loops.items():
        drawn = _rows(record, f"utility/{name}/rate")
        assert all(0 <= row["level"] <= 1_000_000 for row in drawn)
        end = record.horizon[0]
        ends = [*(row["time"] for row in drawn[1:]), end]
        total = sum(row["level"] * (after - row["time"]) for row, after in zip(drawn, ends, strict=True)) / (
            3600 * SECOND
        )
        wanted = {f"step_{k}": _millilitres(use.get(name), takes) for k, use in enumerate(uses)}
        if all(each is not None for each in wanted.values()):
            rounded = 4 * end / (3600 * SECOND)  # what is slowed by another utility is drawn in whole mL/h
            assert total == pytest.approx(sum(wanted[each] for each in done), rel=1e-5, abs=rounded)
        if "storage" in loop:
            _check_balance(record, name, loop["storage"], drawn)


def _rows(record: Record, entity: str) -> list[Words]:
    return [row for row in record.levels.to_pylist() if row["entity"] == entity]


def _millilitres(use: str | None, takes: str) -> float | None:
    """What one visit draws; None where it depends on a random duration."""
    if use is None:
        return 0.0
    if use.endswith(" L"):
        return float(use.split()[0]) * 1000
    return None if takes.startswith("uniform") else float(use.split()[0]) / 3.6 * float(takes.split()[0])


def _check_balance(record: Record, name: str, storage: Words, drawn: list[Words]) -> None:
    """What a storage gains is what is generated beyond what is drawn, unless it is full."""
    volume = float(storage["volume"].split()[0]) * 1000
    generation = float(storage["generation"].split()[0]) * 1000
    for row, after in pairwise(_rows(record, f"utility/{name}/level")):
        assert -1e-6 <= row["level"] <= volume
        gained = row["rate"] * (after["time"] - row["time"]) / SECOND
        assert after["level"] - row["level"] == pytest.approx(gained, abs=1.1)
        rate = [each["level"] for each in drawn if each["time"] <= row["time"]][-1]
        full = row["level"] >= volume and rate <= generation
        assert row["rate"] * 3600 == pytest.approx(0 if full else generation - rate, abs=1e-3)
