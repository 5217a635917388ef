"""A maker and a user with a tank between them: levels, promises, mixtures, holding and stirring."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.plants import causes_of, operation, plant, run, states_of
from twin.engine.record import SECOND, Record
from twin.engine.simpy_engine import SimulationError
from twin.plant.consistency import complaints
from twin.plant.remainder import Refused
from twin.plant.schema import Plant

KG = 1_000_000  # mg
Words = dict[str, Any]


def making(tank: Words, draw: str = "60 kg", **words: Any) -> Plant:
    """100 kg flow into the tank in 100 s; a user draws from it for 60 s."""
    use = operation("use", "user", "60 s", draws={"bulk": draw}, **words.pop("use", {}))
    made = words.pop("made", 1)
    used = words.pop("used", 1)
    return plant(
        {"maker": words.pop("maker", {}), "user": {"count": words.pop("users", 1)}},
        operation("make", "maker", "100 s", transfer_to="bulk", **words.pop("make", {})),
        batch="100 kg",
        recipes={"use": {"batch": "1 kg", "operations": [use]}},
        orders=[
            {"recipe": "part", **(made if isinstance(made, dict) else {"batches": made})},
            {"recipe": "use", **(used if isinstance(used, dict) else {"batches": used})},
        ],
        materials={"stuff": {"lot": "1 kg"}},
        tanks={"bulk": {"material": "stuff", "volume": "200 kg", **tank}},
        **words,
    )


def levels(record: Record, name: str = "bulk") -> list[tuple[float, float, float]]:
    """(second, kg, kg/s) of a tank."""
    return [
        (row["time"] / SECOND, row["level"] / KG, row["rate"] / KG)
        for row in record.levels.to_pylist()
        if row["entity"] == f"tank/{name}"
    ]


def counted(record: Record, what: str) -> list[tuple[float, int]]:
    """(second, number) of something that is counted of the tank."""
    rows = [row for row in record.levels.to_pylist() if row["entity"] == f"tank/bulk/{what}"]
    return [(row["time"] / SECOND, row["level"]) for row in rows]


def taken(record: Record) -> list[tuple[int | None, int, float]]:
    """(parent, child, kg) of the genealogy."""
    return [(row["parent"], row["child"], row["quantity"] / KG) for row in record.genealogy.to_pylist()]


def test_a_user_draws_from_a_tank_while_it_is_filled():
    record = run(making({"heel": "10 kg", "start": "10 kg"}))
    # 60 kg above the heel are there at 60 s; from then on 1 kg/s come in and go out, until 100 s.
    assert causes_of(record, "user") == [("starved", 0, 60, "bulk"), ("producing", 60, 120, None)]
    assert levels(record) == [(0, 10, 1), (60, 70, 0), (100, 70, -1), (120, 50, 0)]
    start = 60 * 10 / 110
    assert taken(record) == [(None, 1, pytest.approx(start)), (0, 1, pytest.approx(60 - start))]


def test_a_draw_that_can_be_had_at_the_very_end_of_the_inflow_starts_then():
    record = run(making({}, draw="100 kg"))
    assert causes_of(record, "user")[0] == ("starved", 0, 100, "bulk")
    assert levels(record) == [(0, 0, 1), (100, 100, pytest.approx(-100 / 60)), (160, 0, 0)]
    assert taken(record) == [(0, 1, 100)]


def test_what_is_promised_to_one_is_not_given_to_another_and_the_lower_machine_goes_first():
    record = run(making({"start": "100 kg"}, users=2, used=2, made={"batches": 1, "first": "30 s"}))
    # 40 kg are left of 100; the other 20 come from 30 s on at 1 kg/s.
    assert states_of(record, "user")[0] == ("producing", 0, 60)
    assert causes_of(record, "user_2")[:2] == [("starved", 0, 50, "bulk"), ("producing", 50, 110, None)]


def test_a_maker_waits_for_room_for_all_that_it_fills():
    record = run(making({"start": "150 kg"}))
    # 100 kg more than 200 until 50 kg are drawn, at 1 kg/s.
    assert causes_of(record, "maker")[:2] == [("blocked", 0, 50, "bulk"), ("producing", 50, 150, None)]
    assert levels(record) == [(0, 150, -1), (50, 100, 0), (60, 100, 1), (150, 190, 0)]


def test_work_that_is_interrupted_keeps_what_it_was_promised_and_flows_on():
    failing = {"failures": [{"clock": "calendar", "between": "40 s", "repair": "30 s", "rate": 1}]}
    record = run(making({}, draw="100 kg", maker=failing), horizon=75)
    assert states_of(record, "maker") == [("producing", 0, 40), ("down", 40, 70), ("producing", 70, 75)]
    assert levels(record) == [(0, 0, 1), (40, 40, 0), (70, 40, 1)]


def test_a_lot_that_a_failure_scraps_leaves_in_the_tank_what_has_flowed():
    failing = {"failures": [{"clock": "running", "between": "40 s", "repair": "30 s", "work": "scrap"}]}
    record = run(making({}, draw="30 kg", maker=failing))
    (made,) = [row for row in record.lots.to_pylist() if row["operation"] == "make"]
    assert (made["scrapped"], made["sink.tanks"], made["good"]) == (60 * KG, 40 * KG, 0)
    assert levels(record) == [(0, 0, 1), (30, 30, 0.5), (40, 35, -0.5), (90, 10, 0)]


def test_phases_share_what_flows_by_their_times():
    phases = {"a": {"takes": "3 s"}, "b": {"takes": "1 s"}}
    what = plant(
        {"maker": {}},
        operation("make", "maker", None, phases=phases, transfer_to="bulk"),
        batch="8 kg",
        materials={"stuff": {"lot": "1 kg"}},
        tanks={"bulk": {"material": "stuff", "volume": "9 kg"}},
    )
    assert levels(run(what)) == [(0, 0, 2), (3, 6, 2), (4, 8, 0)]


def test_a_slow_utility_stretches_the_flow():
    what = making(
        {},
        make={"uses": {"power": "10 kW"}},
        draw="100 kg",
        utilities={"power": {"capacity": "5 kW", "when_short": "slow_down"}},
    )
    assert levels(run(what))[:2] == [(0, 0, 0.5), (200, 100, pytest.approx(-100 / 60))]


def test_what_is_filled_out_of_a_lot_is_a_named_sink():
    what = plant(
        {"rinser": {}},
        operation("rinse", "rinser", "10 s", fills={"drain": "5 kg"}, yields=0.9),
        batch="20 kg",
        materials={"waste": {"lot": "1 kg"}},
        tanks={"drain": {"material": "waste", "volume": "9 L", "density": "1 kg/L"}},
    )
    (row,) = run(what).lots.to_pylist()
    assert (row["quantity_in"], row["good"]) == (20 * KG, 13 * KG)
    assert (row["scrapped"], row["sink.tanks"]) == (2 * KG, 5 * KG)


def test_a_content_that_is_held_too_long_is_counted():
    record = run(making({"hold": "30 s"}, used={"first": "200 s"}), horizon=300)
    found = counted(record, "hold_violations")
    assert found == [(0, 0), (30, 1)]


def test_a_content_that_is_held_too_long_is_thrown_away_when_nothing_flows():
    hold = {"limit": "90 s", "then": "discard"}
    again = {"every": "250 s", "times": 2}
    record = run(making({"hold": hold}, made=again, used={"first": "95 s"}), horizon=260)
    # It is too old at 90 s; the maker ends at 100 s, and nothing starts to draw before.
    assert levels(record) == [(0, 0, 1), (90, 90, 1), (100, 0, 0), (250, 0, 1)]
    assert causes_of(record, "user") == [("starved", 0, 95, None), ("starved", 95, 260, "bulk")]
    assert counted(record, "discarded") == [(100, 100 * KG)]


def test_a_tank_is_stirred_while_it_holds_anything_and_work_has_the_rest():
    what = making(
        {"agitation": {"power": "3 kW"}},
        draw="100 kg",
        make={"uses": {"power": "8 kW"}},
        utilities={"power": {"capacity": "11 kW"}},
    )
    drawn = [
        (row["time"] / SECOND, row["level"] / 3.6e12)
        for row in run(what).levels.to_pylist()
        if row["entity"] == "utility/power/rate"
    ]
    assert drawn == [(0, 11), (100, 3), (160, 0)]


def test_a_tank_that_is_never_filled_is_named():
    with pytest.raises(SimulationError, match=r"'user' \(starved for bulk\)"):
        run(making({}, used=2))


@pytest.mark.parametrize(
    ("tank", "words", "message"),
    [
        ({"material": "stone"}, {}, "names a material that is not there, `stone`"),
        ({"heel": "200 kg"}, {}, "leaves nothing to be drawn"),
        ({"start": "1 m3"}, {}, "is more than the tank holds"),
        ({"heel": "150 kg"}, {}, "never has more than 50 kg for it"),
        ({}, {"make": {"yields": 0.9}}, "stands beside `yields`"),
        ({}, {"make": {"draws": {"bulk": "1 kg"}}}, "fills and draws `bulk` at once"),
        ({}, {"use": {"transfer_to": "bulc"}}, "names a tank that is not there, `bulc`"),
        (
            {"agitation": {"power": "5 kW"}},
            {"utilities": {"power": {"capacity": "5 kW"}}},
            "leaves nothing of `power` for any work",
        ),
    ],
)
def test_what_a_tank_cannot_do_is_told(tank, words, message):
    what = making(tank, **words)
    found = complaints(what, what.model_dump(by_alias=True), Refused())
    assert any(message in complaint.message for complaint in found), found


@settings(derandomize=True, max_examples=80, suppress_health_check=list(HealthCheck))
@given(
    start=st.integers(0, 150),
    heel=st.integers(0, 40),
    draw=st.integers(1, 99),
    made=st.integers(1, 4),
    used=st.integers(1, 6),
    fails=st.sampled_from(["resume", "repeat", "scrap"]),
    then=st.sampled_from(["count", "discard"]),
    seed=st.integers(1, 9),
)
def test_every_milligram_is_somewhere(start, heel, draw, made, used, fails, then, seed):
    mode = {"clock": "running", "between": "exponential(mean=90 s)", "repair": "9 s", "work": fails}
    what = making(
        {
            "start": f"{start + heel} kg",
            "heel": f"{heel} kg",
            "hold": {"limit": "300 s", "then": then},
        },
        draw=f"{draw}.7 kg",
        maker={"failures": [mode]},
        users=2,
        made={"batches": 1, "every": "exponential(mean=70 s)", "times": made},
        used={"batches": 1, "every": "exponential(mean=50 s)", "times": used},
    )
    try:
        record = run(what, horizon=600, seed=seed)
    except SimulationError:  # somebody waits for ever
        return
    steps = levels(record)
    assert all(kg <= 200 for _, kg, _ in steps)
    discarded = counted(record, "discarded")
    if not discarded:
        assert all(kg >= heel for _, kg, _ in steps)
    for (time, kg, rate), (after, then_kg, _) in pairwise(steps):
        if then_kg or not discarded:
            assert then_kg - kg == pytest.approx(rate * (after - time), abs=1e-5)
    by_child: dict[int, int] = defaultdict(int)
    by_parent: dict[int | None, int] = defaultdict(int)
    for row in record.genealogy.to_pylist():
        by_child[row["child"]] += row["quantity"]
        by_parent[row["parent"]] += row["quantity"]
    assert set(by_child.values()) <= {round((draw + 0.7) * KG)}
    made_lots = [row for row in record.lots.to_pylist() if row["operation"] == "make"]
    into = {row["lot"]: row.get("sink.tanks", 0) or row["good"] for row in made_lots}
    for parent, amount in by_parent.items():
        most = (start + heel) * KG if parent is None else into[parent]
        assert most is None or amount <= most
