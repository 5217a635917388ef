"""A lot goes on whole, or in portions while the rest of it is worked on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.plants import HOUR, levels_of, operation, plant, quantities_of, run, states_of
from tests.engine.test_parts import visits
from twin.engine.compile import compile_program
from twin.engine.record import SECOND
from twin.engine.rules.parts import part
from twin.engine.simpy_engine import simulate, simulate_and_keep
from twin.engine.snapshot import Snapshot
from twin.plant.consistency import complaints
from twin.plant.remainder import Refused
from twin.plant.scenario import Run
from twin.plant.schema import Plant


def line(
    transfer: object, dry: str = "4 s", lots: int = 1, batch: str = "90 pieces", **words: object
) -> Plant:
    """A mill of 2 s set-up and 9 s a lot, an oven, and a check of 1 s that wants the lot whole again."""
    wait = {"wait_in": "rack"} if "storage" in words else {}
    return plant(
        {"mill": words.pop("mill", {}), "oven": {}, "bench": {}},
        operation("mill", "mill", "9 s", setup="2 s", transfer=transfer, **words.pop("milling", {})),
        operation("dry", "oven", dry, **wait, **words.pop("drying", {})),
        operation("check", "bench", "1 s", merge=transfer != "whole"),
        lots=lots,
        batch=batch,
        **words,
    )


def test_a_lot_goes_on_whole_unless_it_is_said_otherwise():
    assert visits(run(line("whole"))) == [
        ("0", "mill", 0, 0, 11, "done", 90, 90),
        ("0", "dry", 11, 11, 15, "done", 90, 90),
        ("0", "check", 15, 15, 16, "done", 90, 90),
    ]


def test_portions_go_on_as_soon_as_they_are_done_and_without_a_set_up_between_them():
    """Portions of 30 pieces leave the mill at 5, 8 and 11 s; the oven takes 4 s for each."""
    record = run(line({"portions": 3}))
    assert visits(record) == [
        ("0", "mill", 0, 0, 11, "split", 90, 90),
        ("0.0", "dry", 5, 5, 9, "done", 30, 30),
        ("0.1", "dry", 8, 9, 13, "done", 30, 30),
        ("0.0", "check", 9, None, 17, "merged", 30, None),
        ("0.2", "dry", 11, 13, 17, "done", 30, 30),
        ("0.1", "check", 13, None, 17, "merged", 30, None),
        ("0", "check", 17, 17, 18, "done", 90, 90),
        ("0.2", "check", 17, None, 17, "merged", 30, None),
    ]
    assert states_of(record, "mill") == [("setup", 0, 2), ("producing", 2, 11), ("starved", 11, 18)]
    assert levels_of(record, "wip") == [(0, 1), (5, 2), (8, 3), (17, 1), (18, 0)]


def test_the_genealogy_leads_from_the_lot_to_its_portions_and_back():
    rows = run(line({"portions": 2})).genealogy.to_pylist()
    assert [(r["time"] / SECOND, r["parent"], r["child"], r["quantity"]) for r in rows] == [
        (6.5, 0, part(0, 0), 45),
        (11, 0, part(0, 1), 45),
        (15, part(0, 0), 0, 45),
        (15, part(0, 1), 0, 45),
    ]


@pytest.mark.parametrize(("portions", "dry"), [(2, 3), (3, 1), (3, 4), (9, 1), (9, 2)])
def test_two_machines_with_equal_portions_are_done_when_lot_streaming_says(portions, dry):
    """n sublots of p and q: set-up + p + (n - 1) max(p, q) + q, and the check."""
    each = 9 / portions
    record = run(line({"portions": portions}, dry=f"{dry} s"))
    assert max(r["left"] for r in record.lots.to_pylist()) / SECOND == pytest.approx(
        2 + each + (portions - 1) * max(each, dry) + dry + 1, abs=1e-8
    )


def test_a_portion_that_finds_no_place_blocks_the_mill():
    """Portions take 2.25 s; the rack holds one and the oven takes one at 4.25, 12.25 and 20.25 s."""
    record = run(line({"portions": 4}, dry="8 s", batch="4 pieces", storage={"rack": {"capacity": 1}}))
    assert states_of(record, "mill") == [
        ("setup", 0, 2),
        ("producing", 2, 8.75),
        ("blocked", 8.75, 12.25),
        ("producing", 12.25, 14.5),
        ("blocked", 14.5, 20.25),
        ("starved", 20.25, 37.25),
    ]
    assert [row[2] for row in visits(record) if row[1] == "dry"] == [4.25, 6.5, 8.75, 20.25]


def test_a_shelf_by_pieces_takes_the_last_portion_as_it_is():
    """A shelf of 60 pieces takes portions of 30 at 5, 8 and 11 s, though the lot was one of 90."""
    record = run(line({"portions": 3}, storage={"rack": {"holds": "60 pieces"}}))
    assert [row[2] for row in visits(record) if row[1] == "dry"] == [5, 8, 11]
    assert states_of(record, "mill") == [("setup", 0, 2), ("producing", 2, 11), ("starved", 11, 18)]


def test_portions_of_a_size_leave_the_rest_to_the_last():
    record = run(line({"portion": "40 pieces"}))
    assert [(row[2], row[6]) for row in visits(record) if row[1] == "dry"] == [(6, 40), (10, 40), (11, 10)]


def test_what_is_lost_is_lost_of_the_portion_in_hand():
    """The start-up wastes 40 of 90 pieces, and a tenth of the rest is no good: 45 are left of 90."""
    start_up = {"takes": "1 s", "waste": "40 pieces"}
    record = run(line({"portions": 3}, mill={"start_up": start_up}, milling={"yields": "0.9"}))
    assert quantities_of(record)[0] == ("mill", 90, 45, 45)
    assert [row[6] for row in visits(record) if row[1] == "dry"] == [0, 18, 27]
    assert [row[6:] for row in visits(record) if row[:2] == ("0", "check")] == [(45, 45)]


def test_a_stop_delays_the_portions_that_are_not_done():
    """After 4 s at work the mill is down for 10 s; portions need 3 s each."""
    stops = [{"clock": "running", "between": "4 s", "repair": "10 s", "work": "resume"}]
    record = run(line({"portions": 3}, mill={"failures": stops}))
    assert [row[2] for row in visits(record) if row[1] == "dry"] == [5, 18, 31]


def test_a_slow_utility_delays_portions_as_it_delays_the_work():
    """The other mill takes half of the power: the lot runs at half its speed."""
    power = {"power": {"capacity": "10 kW", "when_short": "slow_down"}}
    what = plant(
        {"mill": {"count": 2}, "oven": {"count": 4}},
        operation("mill", "mill", "8 s", transfer={"portions": 2}, uses={"power": "10 kW"}),
        operation("dry", "oven", "1 s"),
        lots=2,
        utilities=power,
    )
    assert [row[2] for row in visits(run(what)) if row[1] == "dry"] == [8, 8, 16, 16]


def test_conwip_counts_a_lot_until_all_its_portions_have_gone():
    """Portions leave the mill at 3 and 6 s; the oven needs 9 s for the first and nothing is behind it."""
    what = plant(
        {"mill": {}, "oven": {"count": 2}},
        operation("mill", "mill", "6 s", transfer={"portions": 2}),
        operation("dry", "oven", "9 s"),
        lots=2,
        releases={"desk": {"rule": "conwip", "limit": 1}},
        order={"release": "desk"},
    )
    assert levels_of(what, "orders/desk/waiting") == [(0, 1), (15, 0)]


def test_a_run_that_is_stopped_between_portions_and_resumed_goes_on():
    what = line({"portions": 4}, dry="8 s", batch="4 pieces", lots=2, storage={"rack": {"capacity": 1}})
    program = compile_program(what, Run())
    whole, snapshot = simulate_and_keep(program, 1, 0, 10 * SECOND)
    assert snapshot is not None
    again = simulate(replace(program), 1, start=Snapshot.from_json(snapshot.to_json()))
    gone = [row for row in whole.lots.to_pylist() if row["left"] > 10 * SECOND]
    assert again.lots.to_pylist() == gone


def test_portions_that_a_horizon_cuts_are_inside_with_the_rest():
    record = run(line({"portions": 3}), horizon=9)
    assert [(row[0], row[1], row[5], row[6]) for row in visits(record)] == [
        ("0", "mill", "open", 90),
        ("0.0", "dry", "done", 30),
        ("0.1", "dry", "open", 30),
        ("0.0", "check", "open", 30),
    ]
    assert levels_of(record, "wip")[-1] == (8, 3)


def test_the_rest_of_a_lot_that_expires_on_the_mill_is_not_waited_for():
    """The other lot has the only place before the oven, which dries the first portion from 1 h to 11 h."""
    dry = {"wait_in": "rack"}
    what = plant(
        {"mill": {}, "oven": {}, "bench": {}},
        operation("mill", "mill", "2 h", transfer={"portions": 2}),
        operation("dry", "oven", "10 h", max_wait_before="5 h", **dry),
        operation("check", "bench", "1 h", merge=True),
        storage={"rack": {"capacity": 1}},
        recipes={"other": {"operations": [operation("dry", "oven", "1 h", **dry)]}},
        orders=[{"recipe": "part"}, {"recipe": "other", "first": "90 min"}],
    )
    rows = run(what).lots.to_pylist()
    whole = [(r["operation"], r["left"] / HOUR, r["outcome"], r["good"]) for r in rows if r["lot"] == 0]
    assert whole == [("mill", 7, "expired", 50), ("check", 12, "done", 50)]


FAILING = {"clock": "running", "between": "1 h", "repair": "1 s"}


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (line({}), "needs one of `portions` and `portion`"),
        (line({"portions": 3}, batch="2 pieces"), "makes 3 portions of a lot of 2 pieces"),
        (line({"portion": "1 kg"}), "is in kg, and lots are in pieces"),
        (line({"portions": 2}, milling={"scrap": 0.1}), "concerns the whole lot"),
        (line({"portions": 2}, milling={"split": 2}), "concerns the whole lot"),
        (line({"portions": 2}, milling={"together": {"max": 2}}), "concerns the whole lot"),
        (line({"portions": 2}, drying={"wait_in": "none"}), "leaves the parts without a place"),
        (
            line({"portions": 2}, drying={"max_wait_before": {"limit": "1 h", "when_late": "rework"}}),
            "could send back",
        ),
        (
            line({"portions": 2}, mill={"failures": [FAILING | {"work": "scrap"}]}),
            "undoes what portions have taken on",
        ),
        (
            plant({"mill": {}}, operation("mill", "mill", "9 s", transfer={"portions": 2})),
            "has no operation for the parts",
        ),
        (
            plant(
                {"line": {"flow": {"stations": {"fill": {"rate": "1/s"}}}}, "bench": {}},
                operation("fill", "line", None, transfer={"portions": 2}),
                operation("check", "bench", "1 s"),
            ),
            "through which lots flow continuously",
        ),
    ],
)
def test_what_cannot_go_on_in_portions_is_told(what, message):
    found = complaints(what, what.model_dump(by_alias=True), Refused())
    assert [message in complaint.message for complaint in found].count(True) == 1, found
