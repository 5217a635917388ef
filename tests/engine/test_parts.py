"""A lot is split into parts, the parts go their ways and become one lot again; packs are filled."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.plants import levels_of, operation, plant, run, states_of
from twin.engine.record import SECOND, Record
from twin.engine.rules.parts import part, parts_of, portion, released_as, split_from
from twin.plant.consistency import complaints
from twin.plant.remainder import Refused
from twin.plant.schema import Plant

NAMES = {part(0, k): f"0.{k}" for k in range(20)} | {part(1, k): f"1.{k}" for k in range(20)}


def visits(record: Record) -> list[tuple[str, str, float | None, float | None, float, str, int, int | None]]:
    """(lot, operation, arrived, started, left, outcome, in, good), the parts of lot 0 being 0.0, 0.1, …"""
    return [
        (
            NAMES.get(r["lot"], str(r["lot"])),
            r["operation"],
            *(None if r[name] is None else r[name] / SECOND for name in ("arrived", "started", "left")),
            r["outcome"],
            r["quantity_in"],
            r["good"],
        )
        for r in sorted(record.lots.to_pylist(), key=lambda r: (r["arrived"], NAMES.get(r["lot"], "")))
    ]


def coated(split: object, batch: str = "100 pieces", lots: int = 1, **words: object) -> Plant:
    """A press of 10 s splits its lot for two coaters of 30 s; a checker of 5 s wants it whole again."""
    coat = {"wait_in": "rack"} if "storage" in words else {}
    return plant(
        {"press": {}, "coater": {"count": 2}, "checker": {}},
        operation("press", "press", "10 s", split=split),
        operation("coat", "coater", "30 s", **coat, **words.pop("coat", {})),
        operation("check", "checker", "5 s", merge=True),
        batch=batch,
        lots=lots,
        **words,
    )


def test_parts_go_their_own_ways_and_become_the_lot_again():
    record = run(coated(3))
    assert visits(record) == [
        ("0", "press", 0, 0, 10, "split", 100, 100),
        ("0.0", "coat", 10, 10, 40, "done", 34, 34),
        ("0.1", "coat", 10, 10, 40, "done", 33, 33),
        ("0.2", "coat", 10, 40, 70, "done", 33, 33),
        ("0.0", "check", 40, None, 70, "merged", 34, None),
        ("0.1", "check", 40, None, 70, "merged", 33, None),
        ("0", "check", 70, 70, 75, "done", 100, 100),
        ("0.2", "check", 70, None, 70, "merged", 33, None),
    ]
    assert levels_of(record, "wip") == [(0, 1), (10, 3), (70, 1), (75, 0)]


def test_the_genealogy_leads_from_the_lot_to_its_parts_and_back():
    rows = run(coated(2)).genealogy.to_pylist()
    assert [(r["time"] / SECOND, r["parent"], r["child"], r["quantity"]) for r in rows] == [
        (10, 0, part(0, 0), 50),
        (10, 0, part(0, 1), 50),
        (40, part(0, 0), 0, 50),
        (40, part(0, 1), 0, 50),
    ]


def test_parts_of_a_size_leave_the_rest_to_the_last():
    record = run(coated({"each": "40 pieces"}))
    assert [row[6] for row in visits(record) if row[1] == "coat"] == [40, 40, 20]


def test_a_scrapped_part_is_not_waited_for():
    record = run(coated(2, coat={"scrap": 1}))
    assert [row[5] for row in visits(record)] == ["split", "scrapped", "scrapped"]
    assert levels_of(record, "wip")[-1] == (40, 0)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_left_of_the_parts_becomes_the_lot(seed):
    rows = visits(run(coated(4, coat={"scrap": 0.5}), seed=seed))
    coated_well = [row for row in rows if row[1] == "coat" and row[5] == "done"]
    checked = [row for row in rows if row[1] == "check" and row[5] == "done"]
    assert [row[6] for row in checked] == [25 * len(coated_well)] * bool(coated_well)


def test_a_lot_keeps_the_press_until_there_is_room_for_all_its_parts():
    record = run(coated(2, lots=2, storage={"rack": {"capacity": 2}}))
    # The coaters take the parts of the first lot at once; those of the second are in the rack from 20 s on.
    assert levels_of(record, "storage/rack") == [(0, 0), (20, 2), (40, 0)]
    three = run(coated(2, lots=3, storage={"rack": {"capacity": 2}}))
    assert ("blocked", 30, 40) in states_of(three, "press")


def test_the_container_that_a_merge_takes_is_the_whole_lots_and_comes_back():
    what = plant(
        {"press": {}, "coater": {"count": 2}, "checker": {}},
        operation("press", "press", "10 s", split=2),
        operation("coat", "coater", "30 s"),
        operation("check", "checker", "5 s", merge=True, take="ibc"),
        operation("pack", "checker", "5 s", **{"return": {"ibc": "clean"}}),
        containers={"ibc": {"count": 1}},
        lots=2,
    )
    record = run(what)
    assert [v[:5] for v in visits(record) if v[1] == "pack"] == [
        ("0", "pack", 45, 45, 50),
        ("1", "pack", 75, 75, 80),
    ]
    assert levels_of(record, "container/ibc/in_use") == [(0, 0), (40, 1), (50, 0), (70, 1), (80, 0)]


def test_different_parts_merge_with_their_own():
    record = run(coated(2, lots=2))
    checked = [row for row in visits(record) if row[1] == "check" and row[5] == "done"]
    assert [(row[0], row[3]) for row in checked] == [("0", 40), ("1", 70)]


def test_a_lot_that_is_split_again_has_new_parts():
    what = plant(
        {"press": {}, "coater": {}, "store": {}},
        operation("press", "press", "10 s", split=2),
        operation("coat", "coater", "10 s", merge=True, split=3),
        operation("store", "store", "1 s"),
        batch="90 pieces",
    )
    rows = run(what).lots.to_pylist()
    assert {r["lot"] for r in rows if r["operation"] == "store"} == {part(0, k) for k in (2, 3, 4)}


def test_parts_do_not_merge_while_one_of_them_is_on_a_unit_that_failed_when_it_was_done():
    """Both ovens are done at 6 s, and one of them is down from then on until 9 s."""
    failing = {"failures": [{"clock": "calendar", "between": "6 s", "repair": "3 s"}]}
    what = plant(
        {"mill": {}, "oven": {}, "kiln": failing, "bench": {}},
        operation("mill", "mill", "2 s", split=2),
        operation("dry", ["oven", "kiln"], "4 s"),
        operation("check", "bench", "1 s", merge=True),
    )
    assert [row[3:6] for row in visits(run(what)) if row[:2] == ("0", "check")] == [(9, 10, "done")]


def test_packs_are_filled_and_the_rest_is_scrapped():
    what = plant(
        {"cartoner": {}}, operation("pack", "cartoner", "10 s", pack="30 pieces"), batch="100 pieces"
    )
    (row,) = run(what).lots.to_pylist()
    assert (row["attribute.packs"], row["good"], row["scrapped"]) == (3, 90, 10)


def test_packs_of_a_lot_in_kilograms_are_counted_by_the_mass_of_a_piece():
    what = plant(
        {"cartoner": {}},
        operation("pack", "cartoner", "10 s", pack="30 pieces"),
        batch="1 kg",
        recipe={"piece": "200 mg"},
    )
    (row,) = run(what).lots.to_pylist()
    assert (row["attribute.packs"], row["scrapped"]) == (166, 1_000_000 - 166 * 30 * 200)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (coated({}), "needs one of `into` and `each`"),
        (coated({"each": "1 kg"}), "is in kg, and lots are in pieces"),
        (coated({"each": "1 pieces"}, batch="5000 pieces"), "makes 5,000 parts of a lot, more than 1,000"),
        (coated(3, storage={"rack": {"capacity": 2}}), "makes 3 parts, and `rack` has 2 places"),
        (coated(3, coat={"wait_in": "none"}), "leaves the parts without a place"),
        (coated(None), "has nothing to merge"),
        (coated(2, coat={"take": "ibc"}, containers={"ibc": {"count": 2}}), "finds the parts in containers"),
        (coated(2, coat={"rework": {"probability": 0.1, "to": "press"}}), "leads back across a split"),
        (plant({"a": {}}, operation("cut", "a", "1 s", split=2)), "has no operation for the parts"),
    ],
)
def test_what_cannot_be_split_or_merged_is_told(what, message):
    found = complaints(what, what.model_dump(by_alias=True), Refused())
    assert [message in complaint.message for complaint in found].count(True) == 1


@given(st.integers(0, 2**31), st.lists(st.integers(0, 999), max_size=3))
def test_a_part_knows_where_it_comes_from(lot, way):
    numbers = [lot]
    for k in way:
        numbers.append(part(numbers[-1], k))
    assert [split_from(n) for n in numbers[1:]] == numbers[:-1]
    assert split_from(lot) == -1
    assert {released_as(n) for n in numbers} == {lot}
    assert len(set(numbers)) == len(numbers)
    assert numbers[-1] < 2**63


@given(st.integers(0, 10**12), st.integers(1, 1000))
def test_portions_add_up_and_differ_by_one_at_most(quantity, into):
    parts = parts_of(quantity, into, 0)
    found = [portion(quantity, parts, k) for k in range(parts)]
    assert sum(found) == quantity
    assert max(found) - min(found) <= 1


@settings(max_examples=50)
@given(
    st.integers(1, 5),
    st.integers(1, 4),
    st.sampled_from([0, 0.3]),
    st.sampled_from([None, 4, 6]),
    st.integers(1, 3),
)
def test_no_piece_is_lost_on_the_way(lots, into, scrap, capacity, coaters):
    words = {} if capacity is None else {"storage": {"rack": {"capacity": capacity}}}
    what = coated(into, lots=lots, batch="101 pieces", coat={"scrap": scrap}, **words)
    what = what.model_copy(
        update={
            "equipment": what.equipment
            | {"coater": what.equipment["coater"].model_copy(update={"count": coaters})}
        }
    )
    rows = run(what, seed=into).lots.to_pandas()
    scrapped = int(rows.scrapped.sum())
    done = rows[(rows.operation == "check") & (rows.outcome == "done")]
    assert int(done.good.sum()) + scrapped == 101 * lots
    assert levels_of(run(what, seed=into), "wip")[-1][1] == 0


def test_a_merge_waits_for_the_part_that_stands_behind_another_on_its_unit():
    what = plant(
        {"press": {}, "oven": {}, "checker": {}, "packer": {}},
        operation("press", "press", "10 s", split=2),
        operation("bake", "oven", "10 s", together={"min": 2, "max": 2}),
        operation("check", "checker", "5 s", merge=True, wait_in="rack"),
        storage={"rack": {"capacity": 1}},
        recipes={"filler": {"operations": [operation("pack", "packer", "40 s", wait_in="rack")]}},
        orders=[{"recipe": "filler", "batches": 2}, {"recipe": "part"}],
    )
    record = run(what)
    # The rack holds the second lot to be packed until 40 s; the first part waits on the oven until then.
    checked = [row for row in record.lots.to_pylist() if row["operation"] == "check" and row["unit"]]
    assert [row["started"] / SECOND for row in checked] == [40]
    assert ("blocked", 20, 40) in states_of(record, "oven")
