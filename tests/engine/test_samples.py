"""Samples for the laboratory: jobs of their own, and lots that wait for their results."""

from __future__ import annotations

from tests.engine.plants import (
    causes_of,
    levels_of,
    operation,
    plant,
    quantities_of,
    run,
    states_of,
    visits_of,
)
from twin.engine.streams import Streams

ASSAY = {"on": ["lab"], "takes": "3 s"}


def mixed_and_packed(sample=None, lots=3, pack=None, mix=None, equipment=None, **words):
    """A lot is mixed for 2 s, and packed for 1 s on another unit once its assay is there."""
    plan = {"test": ASSAY, **(sample or {})}
    return plant(
        {"mill": {}, "packer": {}, "lab": {}, **(equipment or {})},
        operation("mix", "mill", "2 s", sampling={"assay": plan}, **(mix or {})),
        operation("pack", "packer", "1 s", **({"needs_release": ["assay"]} if pack is None else pack)),
        lots=lots,
        **words,
    )


def test_a_lot_waits_for_the_result_of_its_sample():
    what = mixed_and_packed(lots=2)
    assert visits_of(what) == [
        (0, "mix", "mill", 0, 2, 2, "done"),
        (0, "pack", "packer", 5, 6, 6, "done"),
        (1, "mix", "mill", 2, 4, 4, "done"),
        (1, "pack", "packer", 8, 9, 9, "done"),
    ]
    assert causes_of(what, "packer") == [
        ("starved", 0, 2, None),
        ("waiting_quality", 2, 5, "assay"),
        ("producing", 5, 6, None),
        ("waiting_quality", 6, 8, "assay"),
        ("producing", 8, 9, None),
    ]
    assert states_of(what, "lab") == [("starved", 0, 2), ("producing", 2, 8), ("starved", 8, 9)]


def test_a_lot_goes_on_while_its_sample_is_tested_where_nothing_needs_the_result():
    what = mixed_and_packed(lots=2, pack={})
    assert visits_of(what) == [
        (0, "mix", "mill", 0, 2, 2, "done"),
        (0, "pack", "packer", 2, 3, 3, "done"),
        (1, "mix", "mill", 2, 4, 4, "done"),
        (1, "pack", "packer", 4, 5, 5, "done"),
    ]
    assert states_of(what, "lab", horizon=10) == [("starved", 0, 2), ("producing", 2, 8), ("starved", 8, 10)]


def test_the_first_lot_and_then_every_second_one_is_sampled_and_the_others_go_past():
    """Lot 1 is not sampled, and is packed while lot 0 waits for its assay."""
    what = mixed_and_packed({"every": 2})
    assert [row for row in visits_of(what) if row[1] == "pack"] == [
        (0, "pack", "packer", 5, 6, 6, "done"),
        (1, "pack", "packer", 4, 5, 5, "done"),
        (2, "pack", "packer", 9, 10, 10, "done"),
    ]


def test_a_lot_that_has_its_results_goes_past_one_whose_test_takes_longer():
    """Both wait for the laboratory at 4 s; lot 0 is also tested for sterility, which takes until 22 s."""
    sterility = {"test": {"on": ["incubator"], "takes": "20 s"}, "every": 2}
    what = plant(
        {"mill": {}, "packer": {}, "lab": {}, "incubator": {}},
        operation("mix", "mill", "2 s", sampling={"assay": {"test": ASSAY}, "sterility": sterility}),
        operation("pack", "packer", "1 s", needs_release=["assay", "sterility"]),
        lots=2,
    )
    assert [row for row in visits_of(what) if row[1] == "pack"] == [
        (0, "pack", "packer", 22, 23, 23, "done"),
        (1, "pack", "packer", 8, 9, 9, "done"),
    ]


def test_a_fraction_of_the_lots_is_drawn_by_lot():
    what = mixed_and_packed({"fraction": 0.3, "quantity": "2 pieces"}, lots=40)
    streams = Streams(1, 0)
    drawn = [2 * (streams.uniform("part/mix/sampling/assay/fraction", lot, 0) < 0.3) for lot in range(40)]
    rows = run(what).lots.to_pylist()
    assert [row["sink.sampled"] for row in rows if row["operation"] == "mix"] == drawn
    assert 4 < sum(drawn) / 2 < 20


def test_what_is_sampled_leaves_the_lot_and_is_no_scrap():
    what = mixed_and_packed({"quantity": "5 pieces"}, lots=1, mix={"yields": 0.9})
    record = run(what)
    assert quantities_of(record) == [("mix", 100, 85, 10), ("pack", 85, 85, 0)]
    assert record.lots.column("sink.sampled").to_pylist() == [5, 0]


def test_a_sample_takes_no_more_than_there_is():
    what = mixed_and_packed({"quantity": "50 pieces"}, lots=1, mix={"yields": 0.2})
    record = run(what)
    assert quantities_of(record) == [("mix", 100, 0, 80), ("pack", 0, 0, 0)]
    assert record.lots.column("sink.sampled").to_pylist() == [20, 0]


def test_a_bad_result_rejects_the_lot_when_it_comes():
    what = mixed_and_packed({"test": {**ASSAY, "fails": 1}}, lots=1)
    record = run(what)
    assert visits_of(record) == [
        (0, "mix", "mill", 0, 2, 2, "done"),
        (0, "pack", None, None, None, 5, "rejected"),
    ]
    assert record.lots.column("cause").to_pylist() == [None, "assay"]
    assert record.lots.column("scrapped").to_pylist() == [0, 100]
    assert levels_of(record, "wip") == [(0, 1), (5, 0)]


def test_a_bad_result_rejects_a_lot_from_the_unit_on_which_it_waits():
    what = mixed_and_packed(
        {"test": {**ASSAY, "fails": 1}},
        lots=1,
        pack={"needs_release": ["assay"], "wait_in": "none"},
    )
    assert visits_of(what) == [(0, "mix", "mill", 0, 2, 5, "rejected")]
    assert states_of(what, "mill") == [("producing", 0, 2), ("blocked", 2, 5)]


def test_a_bad_result_rejects_a_lot_out_of_its_storage():
    what = mixed_and_packed(
        {"test": {**ASSAY, "fails": 1}},
        lots=2,
        pack={"needs_release": ["assay"], "wait_in": "rack"},
        storage={"rack": {"capacity": 1}},
    )
    assert visits_of(what) == [
        (0, "mix", "mill", 0, 2, 2, "done"),
        (0, "pack", None, None, None, 5, "rejected"),
        (1, "mix", "mill", 2, 4, 5, "done"),
        (1, "pack", None, None, None, 8, "rejected"),
    ]
    assert levels_of(what, "storage/rack") == [(0, 0), (2, 1), (8, 0)]


def test_a_result_that_comes_before_it_is_needed_rejects_the_lot_at_the_end_of_its_operation():
    what = plant(
        {"mill": {}, "oven": {}, "packer": {}, "lab": {}},
        operation("mix", "mill", "2 s", sampling={"assay": {"test": {**ASSAY, "fails": 1}}}),
        operation("dry", "oven", "9 s"),
        operation("pack", "packer", "1 s", needs_release=["assay"]),
    )
    assert visits_of(what) == [
        (0, "mix", "mill", 0, 2, 2, "done"),
        (0, "dry", "oven", 2, 11, 11, "rejected"),
    ]


def test_tests_need_people_and_instruments():
    what = mixed_and_packed(
        {"test": {**ASSAY, "needs": ["analyst"]}}, lots=1, people={"analyst": {"count": 1}}
    )
    assert levels_of(what, "people/analyst/busy") == [(0, 0), (2, 1), (5, 0)]


def test_two_instruments_test_two_samples_at_once():
    what = mixed_and_packed(lots=2, equipment={"lab": {"count": 2}})
    assert [row for row in visits_of(what) if row[1] == "pack"] == [
        (0, "pack", "packer", 5, 6, 6, "done"),
        (1, "pack", "packer", 7, 8, 8, "done"),
    ]


def test_a_lot_needs_the_results_of_all_its_samples():
    what = plant(
        {"mill": {}, "packer": {}, "lab": {}, "bench": {}},
        operation(
            "mix",
            "mill",
            "2 s",
            sampling={
                "assay": {"test": ASSAY},
                "microbiology": {"test": {"on": ["bench"], "takes": "7 s"}},
            },
        ),
        operation("pack", "packer", "1 s", needs_release=["assay", "microbiology"]),
    )
    assert causes_of(what, "packer") == [
        ("starved", 0, 2, None),
        ("waiting_quality", 2, 5, "assay"),
        ("waiting_quality", 5, 9, "microbiology"),
        ("producing", 9, 10, None),
    ]


def test_a_lot_that_is_sent_back_is_sampled_when_it_goes_on():
    rework = {"probability": 1, "to": "mix", "limit": 2}
    what = mixed_and_packed(lots=1, mix={"rework": rework})
    assert [row[-1] for row in visits_of(what)] == ["rework", "scrapped"]
    assert states_of(what, "lab") == [("starved", 0, 4)]


def test_a_hot_lots_sample_is_tested_first():
    what = mixed_and_packed(
        orders=[{"recipe": "part", "batches": 3}, {"recipe": "part", "priority": -1, "first": "5 s"}]
    )
    assert [row for row in visits_of(what) if row[1] == "pack"] == [
        (0, "pack", "packer", 5, 6, 6, "done"),
        (1, "pack", "packer", 8, 9, 9, "done"),
        (2, "pack", "packer", 14, 15, 15, "done"),
        (3, "pack", "packer", 11, 12, 12, "done"),
    ]
