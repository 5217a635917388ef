"""Materials are used up, delivered, made and thrown away, and every kilogram has a lot behind it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.plants import HOUR, causes_of, operation, plant, run
from twin.engine.record import Record
from twin.engine.simpy_engine import SimulationError
from twin.plant.consistency import complaints
from twin.plant.errors import Complaint
from twin.plant.remainder import Refused
from twin.plant.schema import Plant

KG = 1_000_000  # mg


def stock(record: Record, name: str) -> list[tuple[float, float]]:
    """(hour, kg) of a material from its levels."""
    rows = record.levels.to_pandas()
    rows = rows[rows.entity == f"material/{name}"]
    return [(t / HOUR, level / KG) for t, level in zip(rows.time, rows.level, strict=True)]


def taken(record: Record) -> list[tuple[int, str | None, int | None, int | None, float]]:
    """(child, material, delivered lot, parent, kg) of the genealogy."""
    return [
        (
            row["child"],
            row["material"],
            row["delivered"],
            row["parent"],
            row["quantity"] / KG,
        )
        for row in record.genealogy.to_pylist()
    ]


def told(what: Plant) -> list[Complaint]:
    """What is wrong between the parts of a plant."""
    return complaints(what, what.model_dump(by_alias=True), Refused())


def blending(lots: int, api: dict[str, object], bill: str = "60 kg", **words: object):
    """A blender that needs `bill` of API for an hour's lot."""
    return plant(
        {"blender": {}},
        operation("blend", "blender", "1 h", bill={"api": bill}),
        lots=lots,
        batch="100 kg",
        materials={"api": {"lot": "100 kg", **api}},
        **words,
    )


def test_a_lot_takes_from_the_oldest_delivery_first_and_from_the_next_what_is_missing():
    record = run(blending(2, {"stock": 2}))
    assert stock(record, "api") == [(0, 140), (1, 80)]
    assert taken(record) == [(0, "api", 0, None, 60), (1, "api", 0, None, 40), (1, "api", 1, None, 20)]


def test_a_blender_starves_for_its_material_until_the_delivery():
    record = run(blending(2, {"stock": 1, "supply": {"every": "5 h"}}), horizon=7 * 3600)
    assert causes_of(record, "blender", HOUR) == [
        ("producing", 0, 1, None),
        ("starved", 1, 5, "api"),
        ("producing", 5, 6, None),
        ("starved", 6, 7, None),
    ]
    assert stock(record, "api") == [(0, 40), (5, 80)]


def test_the_first_delivery_comes_when_it_is_said_and_the_others_every_so_often():
    supply = {"every": "5 h", "first": "2 h", "lots": 2, "times": 2}
    record = run(blending(1, {"stock": 1, "supply": supply}), horizon=20 * 3600)
    assert stock(record, "api") == [(0, 40), (2, 240), (7, 440)]


def test_more_is_ordered_when_stock_and_orders_fall_below_the_mark():
    reorder = {"below": "150 kg", "lots": 2, "lead_time": "90 min"}
    record = run(blending(4, {"stock": 2, "reorder": reorder}))
    # 140 kg left at once: two lots ordered, here at 1:30. 80 and 20 + 200 kg on the way are enough; 160, 100.
    assert stock(record, "api") == [(0, 140), (1, 80), (1.5, 280), (2, 220), (3, 160)]


def test_a_bill_above_what_is_ever_ordered_is_told():
    reorder = {"below": "10 kg", "lead_time": "1 h"}
    (only,) = told(blending(2, {"reorder": reorder}, bill="250 kg"))
    assert "takes 250 kg, and no more than 110 is ever ordered" in only.message


def test_a_plant_that_waits_for_a_material_for_ever_says_for_which():
    with pytest.raises(SimulationError, match=r"'blender' \(starved for api\)"):
        run(blending(2, {"stock": 1}))


def test_stock_expires_and_is_thrown_away_before_anything_starts_at_that_instant():
    record = run(blending(3, {"stock": 2, "shelf_life": "1 h", "supply": {"every": "9 h"}}), horizon=3 * 3600)
    assert stock(record, "api") == [(0, 140), (1, 0)]
    assert causes_of(record, "blender", HOUR) == [("producing", 0, 1, None), ("starved", 1, 3, "api")]


def test_what_expires_first_is_used_first_though_it_came_later():
    from twin.engine.rules.materials import next_to_use

    assert next_to_use([9, 5, 5], [1, 7, 3]) == 2


def test_a_made_lot_becomes_stock_and_is_named_as_the_parent():
    what = plant(
        {"granulator": {}, "press": {}},
        operation("granulate", "granulator", "1 h", yields=0.9),
        batch="100 kg",
        lots=2,
        recipe={"makes": "granules"},
        recipes={
            "tablet": {
                "batch": "120 kg",
                "operations": [operation("compress", "press", "1 h", bill={"granules": "120 kg"})],
            }
        },
        orders=[{"recipe": "part", "batches": 2}, {"recipe": "tablet"}],
        materials={"granules": {"lot": "100 kg"}},
    )
    record = run(what)
    assert stock(record, "granules") == [(0, 0), (1, 90), (2, 60)]
    assert taken(record) == [(2, "granules", None, 0, 90), (2, "granules", None, 1, 30)]


def test_a_scrapped_lot_becomes_no_stock():
    what = plant(
        {"granulator": {}},
        operation("granulate", "granulator", "1 h", scrap=1),
        batch="100 kg",
        recipe={"makes": "granules"},
        materials={"granules": {"lot": "100 kg"}},
    )
    assert stock(run(what), "granules") == [(0, 0)]


@settings(max_examples=60)
@given(
    st.integers(1, 12),
    st.integers(0, 5),
    st.integers(1, 250),
    st.sampled_from(["1 h", "exponential(mean=2 h)"]),
    st.one_of(st.none(), st.integers(1, 9)),
)
def test_no_gram_is_used_that_was_not_there(lots, first, bill, every, life):
    words = {"stock": first, "supply": {"every": every, "lots": 3}}
    if life is not None:
        words["shelf_life"] = f"{life} h"
    record = run(blending(lots, words, bill=f"{bill} kg"), horizon=40 * 3600)
    used = sum(row[4] for row in taken(record))
    started = len({row[0] for row in taken(record)})
    assert used == pytest.approx(started * bill)
    last = stock(record, "api")[-1][1]
    assert last >= 0
    if life is None:
        delivered = round((last + used) / 100) - first
        assert last + used == pytest.approx((first + delivered) * 100)
        assert delivered % 3 == 0
        assert every != "1 h" or started == lots or delivered == 3 * 40
    by_lot: dict[int, float] = {}
    for _, _, delivered, _, quantity in taken(record):
        by_lot[delivered] = by_lot.get(delivered, 0) + quantity
    assert all(quantity <= 100 + 1e-9 for quantity in by_lot.values())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"materials": {"api": {"lot": "1 kg"}}}, "comes from nowhere"),
        ({"materials": {"api": {"lot": "5 pieces", "stock": 1}}}, "is kept in pieces"),
        ({"materials": {}}, "names a material that is not there, `api`"),
    ],
)
def test_a_bill_that_cannot_be_met_is_told(words, message):
    what = plant({"blender": {}}, operation("blend", "blender", "1 h", bill={"api": "1 kg"}), **words)
    assert any(message in c.message for c in told(what))
