"""Quarantine: lots stand in their place while the laboratory releases them."""

from __future__ import annotations

from tests.engine.plants import causes_of, levels_of, operation, plant, run, states_of, visits_of


def pressed_released_packed(lots=2, lab=None, release=None, pack=None, press=None, **words):
    """Pressed for 1 s, released for 4 s in the laboratory, packed for 2 s."""
    return plant(
        {"press": {}, "lab": lab or {}, "packer": {}},
        operation("press", "press", "1 s", **(press or {})),
        operation("release", "lab", "4 s", hold="quarantine", **(release or {})),
        operation("pack", "packer", "2 s", **(pack or {})),
        lots=lots,
        **words,
    )


def test_lots_stand_in_quarantine_until_they_are_released_one_by_one():
    record = run(pressed_released_packed())
    assert visits_of(record) == [
        (0, "press", "press", 0, 1, 1, "done"),
        (0, "release", "lab", 1, 5, 5, "done"),
        (0, "pack", "packer", 5, 7, 7, "done"),
        (1, "press", "press", 1, 2, 2, "done"),
        (1, "release", "lab", 5, 9, 9, "done"),
        (1, "pack", "packer", 9, 11, 11, "done"),
    ]
    assert levels_of(record, "quarantine") == [(0, 0), (1, 1), (2, 2), (5, 1), (9, 0)]


def test_as_many_lots_are_released_at_once_as_the_laboratory_can():
    record = run(pressed_released_packed(lab={"count": 2}))
    assert [row[3:5] for row in visits_of(record) if row[1] == "release"] == [(1, 5), (2, 6)]


def test_a_lot_keeps_its_place_in_the_storage_until_it_is_packed():
    """The rack has two places: lot 2 waits on the press until lot 0 is packed."""
    what = pressed_released_packed(lots=3, release={"wait_in": "rack"}, storage={"rack": {"capacity": 2}})
    assert levels_of(what, "storage/rack") == [(0, 0), (1, 1), (2, 2), (9, 1), (13, 0)]
    assert states_of(what, "press")[-2:] == [("blocked", 3, 5), ("starved", 5, 15)]
    assert [row[3:5] for row in visits_of(what) if row[1] == "pack"] == [(5, 7), (9, 11), (13, 15)]


def test_a_released_lot_stays_where_it_is_while_the_packer_is_busy_and_the_laboratory_is_free():
    what = plant(
        {"press": {}, "lab": {}, "packer": {}},
        operation("press", "press", "1 s"),
        operation("release", "lab", "1 s", hold="quarantine", wait_in="rack"),
        operation("pack", "packer", "5 s"),
        storage={"rack": {"capacity": 3}},
        lots=3,
    )
    assert levels_of(what, "storage/rack") == [(0, 0), (1, 1), (3, 2), (7, 1), (12, 0)]
    assert states_of(what, "lab")[-1] == ("starved", 4, 17)


def test_a_lot_that_is_not_released_frees_its_place():
    what = pressed_released_packed(
        lots=2, release={"wait_in": "rack", "scrap": 1}, storage={"rack": {"capacity": 1}}
    )
    assert levels_of(what, "storage/rack") == [(0, 0), (1, 1), (9, 0)]
    assert [row[-1] for row in visits_of(what)] == ["done", "scrapped", "done", "scrapped"]


def test_release_needs_the_results_of_the_samples():
    what = pressed_released_packed(
        lots=1,
        press={"sampling": {"assay": {"test": {"on": ["lab"], "takes": "3 s"}}}},
        release={"needs_release": ["assay"]},
    )
    assert visits_of(what) == [
        (0, "press", "press", 0, 1, 1, "done"),
        (0, "release", "lab", 4, 8, 8, "done"),
        (0, "pack", "packer", 8, 10, 10, "done"),
    ]
    assert causes_of(what, "lab") == [
        ("starved", 0, 1, None),
        ("producing", 1, 4, None),
        ("producing", 4, 8, None),
        ("starved", 8, 10, None),
    ]


def test_a_lot_does_not_travel_to_the_laboratory():
    what = plant(
        {"press": {"at": [0, 0]}, "lab": {"at": [50, 0]}, "packer": {"at": [7, 0]}},
        operation("press", "press", "1 s"),
        operation("release", "lab", "4 s", hold="quarantine", wait_in="rack"),
        operation("pack", "packer", "2 s"),
        storage={"rack": {"at": [3, 0]}},
        transport={"speed": "1 m/s"},
    )
    assert visits_of(what)[1:] == [
        (0, "release", "lab", 4, 8, 8, "done"),
        (0, "pack", "packer", 8, 14, 14, "done"),
    ]


def test_a_lot_expires_out_of_quarantine():
    what = pressed_released_packed(
        lots=2,
        release={"wait_in": "rack", "max_wait_before": "2 s"},
        storage={"rack": {"capacity": 2}},
    )
    assert levels_of(what, "quarantine") == [(0, 0), (1, 1), (2, 2), (4, 1), (5, 0)]
    assert levels_of(what, "storage/rack") == [(0, 0), (1, 1), (2, 2), (4, 1), (5, 0)]
