"""A unit's speed divides the time of processing on it, and nothing else."""

from __future__ import annotations

import numpy as np

from tests.engine.plants import operation, plant, run, states_of
from tests.engine.test_reproducibility import as_bytes, durations, random_plant
from twin.engine.record import SECOND
from twin.engine.rules.speeds import processing_time
from twin.plant.schema import Plant


def changed(what: Plant, unit: str, speed: float) -> Plant:
    equipment = {**what.equipment, unit: what.equipment[unit].model_copy(update={"speed": speed})}
    return what.model_copy(update={"equipment": equipment})


def test_a_unit_twice_as_fast_takes_half_the_time_to_process() -> None:
    line = plant(
        {"mill": {"speed": 2}, "press": {}},
        operation("mill", "mill", "10 s"),
        operation("press", "press", "4 s"),
    )
    assert states_of(line, "mill") == [("producing", 0, 5), ("starved", 5, 9)]
    assert states_of(line, "press") == [("starved", 0, 5), ("producing", 5, 9)]


def test_setup_start_up_and_repair_keep_their_time() -> None:
    failure = {"clock": "running", "between": "4 s", "repair": "3 s"}
    mill = {"speed": 2, "start_up": "2 s", "failures": [failure]}
    # 10 s of processing become 5 s; the clock of the failures counts them as they pass.
    assert states_of(plant({"mill": mill}, operation("mill", "mill", "10 s", setup="1 s")), "mill") == [
        ("setup", 0, 1),
        ("start_up", 1, 3),
        ("producing", 3, 7),
        ("down", 7, 10),
        ("producing", 10, 11),
    ]


def test_alternative_units_each_have_their_own_speed() -> None:
    what = plant({"old": {"speed": 0.5}, "new": {}}, operation("mill", ["old", "new"], "6 s"), lots=2)
    assert states_of(what, "old") == [("producing", 0, 12)]
    assert states_of(what, "new") == [("producing", 0, 6), ("starved", 6, 12)]


def test_the_washing_of_containers_follows_the_washer_s_speed() -> None:
    what = plant(
        {"mill": {}, "washer": {"speed": 4}},
        operation("mill", "mill", "1 s", take="ibc", **{"return": {"ibc": "dirty"}}),
        containers={"ibc": {"count": 1, "cleaning": {"takes": "8 s", "on": ["washer"]}}},
        lots=2,
    )
    assert states_of(what, "washer")[:2] == [("starved", 0, 1), ("cleaning", 1, 3)]


def test_a_duration_is_divided_and_then_rounded_once_half_to_even() -> None:
    assert processing_time(1e-9, 2.0) == 0
    assert processing_time(3e-9, 2.0) == 2
    assert processing_time(3600.0, 1.05) == round(3600 / 1.05 * 1e9) == 3_428_571_428_571
    assert processing_time(1e12, 1.0) == 4_000_000_000_000_000_000


def test_look_ahead_knows_the_speed() -> None:
    day = {"open": [{"days": "daily", "from": "06:00", "to": "14:00"}]}
    calendars = {"day": {**day, "at_close": "do_not_start_unless_it_fits"}}

    def second_start(speed: float) -> float:
        mill = {"calendar": "day", "speed": speed}
        what = plant({"mill": mill}, operation("mill", "mill", "5 h"), lots=2, calendars=calendars)
        return float(run(what).lots.column("started").to_pylist()[1] / SECOND / 3600)

    assert second_start(1) == 24
    assert second_start(1.25) == 4


def test_speed_one_changes_no_byte_and_another_speed_no_draw() -> None:
    what = random_plant()
    assert as_bytes(run(changed(what, "press", 1.0))) == as_bytes(run(what))
    before, after = run(what), run(changed(what, "press", 1.5))
    milled, meanwhile = durations(before, "mill"), durations(after, "mill")
    assert all(milled[key] == meanwhile[key] for key in milled.keys() & meanwhile.keys())
    slow, fast = durations(before, "press"), durations(after, "press")
    both = sorted(slow.keys() & fast.keys())
    assert len(both) > 30
    ratio = np.array([slow[k] / fast[k] for k in both])
    assert np.allclose(ratio, 1.5, rtol=1e-8)
