"""Operations whose physics is emulated: nearly the same lots, and a record that says which they are."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.plants import attribute_of, operation, plant, run, visits_of
from twin import physics
from twin.engine import emulation
from twin.engine.compile import compile_program
from twin.engine.emulation import Emulation
from twin.physics.emulation import cache
from twin.physics.emulation.emulator import EMULATED
from twin.plant.scenario import Run

SETTINGS = {
    "tablet_rate": "normal(mean=50 1/s, sd=2 1/s)",
    "tablet_mass": "200 mg",
    "compression_pressure": "normal(mean=150 MPa, sd=8 MPa)",
}


@pytest.fixture(autouse=True)
def a_cache_of_its_own(tmp_path, monkeypatch):
    """No emulator of another test is found, neither on disk nor in this process."""
    monkeypatch.setattr(cache, "user_folder", lambda: tmp_path)
    emulation._emulator.cache_clear()
    return tmp_path


def press(solve="emulated", lots=40, blend=None, batch="100 kg", **words):
    """Blending makes what compression needs; compression is emulated."""
    return plant(
        {"blender": {"parameters": {"blender_volume": "0.4 m3"}}, "press": {}, "other": {}},
        operation("blend", "blender", None, physics="blending", **(blend or {})),
        operation(
            "compress",
            words.pop("on", "press"),
            None,
            physics="tablet_compression",
            solve=solve,
            settings=SETTINGS,
        ),
        lots=lots,
        batch=batch,
        **words,
    )


def emulation_of(what, name="part/compress") -> Emulation:
    program = compile_program(what, Run())
    (call,) = [o.physics for o in program.operations if o.name == name]
    assert call is not None
    assert call.emulation is not None
    return call.emulation


def test_emulated_lots_are_near_those_solved_in_full():
    emulated, full = press(), press("full")
    near, exact = (np.array(attribute_of(what, "hardness")[1::2]) for what in (emulated, full))
    assert attribute_of(emulated, EMULATED)[1::2].count(1.0) >= 38
    assert 0.0 < np.abs(near - exact).max() < 0.3 * exact.std()
    assert near.mean() == pytest.approx(exact.mean(), abs=0.05 * exact.std())


def test_durations_come_from_the_emulator_too():
    near, exact = (
        [finished - started for _, name, _, started, finished, *_ in visits_of(what) if name == "compress"]
        for what in (press(), press("full"))
    )
    assert near == pytest.approx(exact, rel=0.01)
    assert near != exact


def test_nothing_is_emulated_where_nobody_asks_for_it():
    for solve in ("full", None):
        record = run(press(solve, lots=1))
        assert f"attribute.{EMULATED}" not in record.lots.column_names
    program = compile_program(press("full"), Run())
    models = [o.physics.model for o in program.operations if o.physics is not None]
    assert models == [physics.models()["blending"], physics.models()["tablet_compression"]]


def test_a_lot_outside_the_range_is_solved_in_full():
    program = compile_program(press(), Run())
    (call,) = [o.physics for o in program.operations if o.physics is not None and o.physics.emulation]
    lot = {name: [1.0] for name, _ in call.carried} | {name: [s.mean] for name, s in call.material}
    light = lot | {"batch_mass": [60.0]}  # far from the recipe's 100 kg
    settings = {name: [source.mean] for name, source in call.settings}
    equipment = {name: [value] for name, value in call.equipment[1].items()}
    true = physics.evaluate_on("cpu", physics.models()["tablet_compression"], light, settings, equipment)
    outcome = physics.evaluate_on("cpu", call.model, light, settings, equipment)
    assert outcome.attributes[EMULATED].tolist() == [0.0]
    assert np.array_equal(outcome.duration, true.duration)
    assert all(np.array_equal(outcome.attributes[name], values) for name, values in true.attributes.items())


def test_one_emulator_serves_units_of_equal_parameters_and_recipes_of_equal_words(a_cache_of_its_own):
    what = press(on=["press", "other"], lots=4)
    twice = {"batch": "100 kg", "operations": [*recipe_words(what)]}
    run(
        press(
            on=["press", "other"],
            lots=2,
            recipes={"again": twice},
            orders=[{"recipe": "part", "batches": 2}, {"recipe": "again", "batches": 2}],
        )
    )
    assert len(list(a_cache_of_its_own.iterdir())) == 1


def recipe_words(what):
    """The operations of a plant's recipe, as words."""
    return [
        {name: op.model_dump(mode="json", by_alias=True, exclude_unset=True)}
        for name, op in what.recipes["part"].operations.items()
    ]


def test_what_is_kept_serves_the_next_process_without_asking_the_model(monkeypatch):
    first = run(press(lots=3))
    emulation._emulator.cache_clear()  # as another process begins
    monkeypatch.setattr(emulation, "_made", lambda problem: pytest.fail("made anew"))
    assert run(press(lots=3)).lots.equals(first.lots)


def test_other_ranges_are_another_problem():
    def keys(what):
        of = emulation_of(what)
        return {emulation._Problem(of, tuple(u.items())).key for u in emulation._different(of.call)}

    wider = {**SETTINGS, "tablet_rate": "normal(mean=50 1/s, sd=3 1/s)"}
    other = plant(
        {"blender": {"parameters": {"blender_volume": "0.4 m3"}}, "press": {}},
        operation("blend", "blender", None, physics="blending"),
        operation("compress", "press", None, physics="tablet_compression", solve="emulated", settings=wider),
        batch="100 kg",
    )
    assert keys(press()) == keys(press(lots=7))
    assert keys(press()).isdisjoint(keys(other))


def test_where_it_cannot_be_known_what_lots_come_all_are_solved_in_full():
    what = press(blend={"split": 2}, lots=2)
    (only,) = emulation_of(what).emulators
    assert only.declined == "its lots are parts since `blend`"
    assert set(attribute_of(what, EMULATED)) == {None, 0.0}
    assert attribute_of(what, "hardness") == attribute_of(
        press("full", blend={"split": 2}, lots=2), "hardness"
    )


def test_waste_of_earlier_operations_leaves_lots_within_the_range():
    words = {"start_up": {"takes": "10 min", "waste": "1 kg"}, "parameters": {"blender_volume": "0.4 m3"}}
    what = plant(
        {"blender": words, "press": {}},
        operation("blend", "blender", None, physics="blending"),
        operation(
            "compress", "press", None, physics="tablet_compression", solve="emulated", settings=SETTINGS
        ),
        batch="100 kg",
        lots=10,
    )
    assert attribute_of(what, EMULATED)[1::2].count(1.0) >= 9


def test_runs_are_the_same_again():
    assert run(press(lots=5), seed=4).lots.equals(run(press(lots=5), seed=4).lots)


def test_lots_that_were_sent_back_once_are_emulated_too():
    again = {"yields": "99 %", "rework": {"probability": 0.4, "to": "blend", "limit": 4}}
    rows = run(press(blend=again, lots=30)).lots.to_pylist()
    times = {row["lot"]: row["visit"] for row in rows if row["operation"] == "blend"}
    answered = {row["lot"]: row[f"attribute.{EMULATED}"] for row in rows if row["operation"] == "compress"}
    emulated = {visit: [answered[lot] for lot in answered if times[lot] == visit] for visit in (0, 1, 2)}
    assert np.mean(emulated[0]) > 0.8
    assert np.mean(emulated[1]) > 0.8
    assert emulated[2]
    assert not any(emulated[2])  # two hundredths lighter, which no emulator was made for
