"""Units, containers and stock put by hand as they were: what was done how long ago, and their wear."""

from __future__ import annotations

from tests.engine.plants import causes_of, levels_of, operation, plant, run, visits_of
from tests.engine.test_situations import LATER, begun
from tests.engine.test_standing import END, goes_on, part


def kept(**words):
    """A press: rinsed after 2 lots or 30 s dirty, washed after producing for 25 s, serviced each minute."""
    cleaning = [
        {"name": "rinse", "takes": "2 s", "batches": 2},
        {"name": "wash", "takes": "3 s", "level": 2, "running": "25 s"},
    ]
    press = {
        "cleaning": cleaning,
        "dirty_hold": {"limit": "30 s", "cleaning": "rinse"},
        "maintenance": [{"name": "service", "takes": "7 s", "every": "1 min"}],
    }
    return plant({"press": press}, operation("press", "press", "10 s"), **words)


def test_what_has_been_done_since_each_cleaning_and_maintenance():
    """Two lots at 0, a rinse until 22 s, two more at 40 s. At 45 s the press has produced for 25 s."""
    orders = [{"recipe": "part", "batches": 2, "every": "40 s", "times": 3}]
    whole = run(kept(orders=orders), horizon=END)
    assert [row[:3] for row in causes_of(whole, "press")][:4] == [
        ("producing", 0, 10),
        ("producing", 10, 20),
        ("cleaning", 20, 22),
        ("starved", 22, 40),
    ]
    goes_on(
        kept(orders=orders),
        kept(orders=[{"recipe": "part", "batches": 2, "first": "35 s", "every": "40 s", "times": 1}]),
        45,
        "press",
        lots=[part(in_work="press", on="press", remaining="5 s"), part(waits_for="press")],
        units={
            "press": {
                "last_product": "part",
                "since": {
                    "rinse": {"lots": 0, "time": "23 s"},
                    "wash": {"lots": 2, "running": "25 s", "time": "45 s"},
                    "service": {"lots": 2, "running": "25 s", "time": "45 s"},
                },
            }
        },
    )


def test_a_unit_that_stands_dirty_and_one_that_stands_clean():
    """One lot at 0: the press is rinsed at 40 s, 30 s after it. At 25 s it is dirty, at 45 s clean."""
    for at, press in (
        (25, {"last_product": "part", "unused": "15 s", "since": {"rinse": {"lots": 1}}}),
        (45, {"last_product": "part", "cleaned": "rinse", "cleaned_for": "3 s", "unused": "35 s"}),
    ):
        since = {**press.get("since", {}), "service": {"time": f"{at} s"}, "wash": {"running": "10 s"}}
        goes_on(kept(), kept(**LATER), at, "press", units={"press": {**press, "since": since}})


def test_a_unit_that_is_being_cleaned_and_a_washer_with_a_container():
    def washed(**words):
        return plant(
            {"filler": {"cleaning": {"takes": "6 s", "batches": 1}}, "washer": {}},
            operation("fill", "filler", "10 s", take="ibc", **{"return": {"ibc": "dirty"}}),
            containers={"ibc": {"count": 3, "cleaning": {"takes": "9 s", "on": ["washer"]}}},
            **words,
        )

    goes_on(
        washed(lots=2),
        washed(**LATER),
        12,
        "filler",
        "washer",
        levels=["container/ibc/clean", "container/ibc/dirty", "container/ibc/in_use"],
        lots=[part(waits_for="fill", waiting="12 s")],
        units={
            "filler": {"last_product": "part", "doing": "cleaning", "remaining": "4 s"},
            "washer": {"doing": "ibc", "remaining": "7 s"},
        },
    )


def test_containers_that_have_stood_dirty_or_clean_for_some_time():
    """They may stand clean for 30 s, and were cleaned 20 s ago; a dirty one has waited 50 s, and may 40 s."""
    what = plant(
        {"filler": {}, "washer": {}},
        operation("fill", "filler", "10 s", take="ibc", **{"return": {"ibc": "dirty"}}),
        containers={
            "ibc": {
                "count": 2,
                "cleaning": {"takes": "1 s", "on": ["washer"]},
                "dirty_hold": {"limit": "40 s", "takes": "4 s"},
                "clean_hold": {"limit": "30 s", "takes": "3 s"},
            }
        },
        **LATER,
    )
    record = begun(
        what, horizon=16, containers={"ibc": {"dirty": 1, "dirty_for": "50 s", "clean_for": "20 s"}}
    )
    assert [row[:3] for row in causes_of(record, "washer")] == [
        ("cleaning", 0, 4),
        ("starved", 4, 10),
        ("cleaning", 10, 13),
        ("starved", 13, 16),
    ]
    assert levels_of(record, "container/ibc/dirty_hold_violations")[-1] == (0, 1)


def test_stock_that_is_of_some_age_and_stock_that_is_used_up():
    what = plant(
        {"press": {}},
        operation("press", "press", "5 s", bill={"powder": "20 kg"}),
        materials={"powder": {"lot": "50 kg", "stock": 1, "shelf_life": "60 s"}},
        **LATER,
    )
    record = begun(what, horizon=60, materials={"powder": {"stock": "30 kg", "age": "45 s"}})
    assert levels_of(record, "material/powder") == [(0, 30_000_000), (15, 0)]
    record = begun(what, horizon=60, materials={"powder": "0 kg"})
    assert levels_of(record, "material/powder") == [(0, 0)]


def test_a_unit_that_is_worn():
    """Each lot slows it by a tenth of full speed: after 5, a lot of 10 s takes 20 s."""
    what = plant(
        {"press": {"wear": {"batches": 1, "speed": -0.1}}}, operation("press", "press", "10 s"), **LATER
    )
    fresh, worn = (
        begun(what, horizon=60, lots=[part(waits_for="press")], units={"press": {"worn_lots": lots}})
        for lots in (0, 5)
    )
    assert [visits_of(record)[0][4] for record in (fresh, worn)] == [10, 20]


def test_a_unit_that_has_been_set_up_needs_no_change_over():
    words = {"changeover": {"default": "8 s"}}
    what = plant(
        {"press": words},
        recipes={name: {"operations": [operation("press", "press", "5 s")]} for name in "ab"},
        orders=[{"recipe": "a", "first": "1 h"}, {"recipe": "b", "first": "1 h"}],
    )
    lots = [{"recipe": "b", "waits_for": "press"}]
    for set_up, start in (("b", 0), (None, 8)):
        press = {"last_product": "a", **({"set_up": set_up} if set_up else {})}
        assert visits_of(begun(what, horizon=30, lots=lots, units={"press": press}))[0][3] == start
