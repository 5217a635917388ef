"""The shipped tablet line: it loads, runs to its end, and answers its scenarios' questions plausibly."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest

from twin.engine.compile import compile_program
from twin.engine.record import Record
from twin.engine.simpy_engine import simulate
from twin.plant.load import load_plant, load_scenario

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = ["baseline", "second_press", "one_operator_more", "faster_press"]
DAY = 86_400e9  # ns


@cache
def campaign(question: str, replication: int) -> Record:
    loaded = load_scenario(ROOT / "scenarios" / f"tablet_line_{question}.yaml")
    program = compile_program(loaded.base.plant, loaded.scenario.run)
    return simulate(program, loaded.scenario.run.seed, replication)


def days(question: str) -> float:
    return float(np.mean([next(iter(campaign(question, r).horizon.values())) for r in range(3)])) / DAY


def time_in(question: str, unit: str, state: str) -> float:
    """Fraction of the campaign that a unit spends in a state."""
    record = campaign(question, 0)
    rows = record.states.filter(
        pc.and_(pc.equal(record.states["unit"], unit), pc.equal(record.states["state"], state))
    )
    return sum(pc.subtract(rows["end"], rows["start"]).to_pylist()) / next(iter(record.horizon.values()))


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_scenario_says_which_question_it_answers(question: str) -> None:
    scenario = load_scenario(ROOT / "scenarios" / f"tablet_line_{question}.yaml").scenario
    assert scenario.question.endswith("?")
    assert question == "baseline" or "twin:tablet_line_baseline" in scenario.compare


def test_every_batch_is_packed() -> None:
    lots = campaign("baseline", 0).lots
    assert len(lots) == 56 * 5
    assert set(lots["outcome"].to_pylist()) == {"done"}
    assert max(lots["attribute.physics_status"].drop_null().to_pylist()) == 0


def test_the_press_is_the_busiest_machine() -> None:
    busy = {unit: time_in("baseline", unit, "producing") for unit in ("booth", "blender", "press", "coater")}
    assert max(busy, key=lambda unit: busy[unit]) == "press"
    assert 0.5 < busy["press"] < 0.7


def test_the_press_rests_over_the_weekend_and_the_rest_at_night() -> None:
    length = next(iter(campaign("baseline", 0).horizon.values())) / DAY
    assert 30 < length < 33  # four weekends
    assert time_in("baseline", "press", "off_shift") == pytest.approx(4 * 2 / length, abs=1e-9)
    assert time_in("baseline", "blender", "off_shift") > 0.45


def test_containers_come_back_dirty_and_are_washed() -> None:
    record = campaign("baseline", 0)
    cleaned = record.states.filter(pc.equal(record.states["state"], "cleaning"))
    assert set(cleaned["unit"].to_pylist()) == {"ibc_washer"}
    assert len(cleaned) >= 56 - 8


def test_a_second_press_alone_helps_less_than_an_operator_more() -> None:
    assert days("one_operator_more") < days("second_press") < days("baseline")


def test_a_faster_press_helps_at_the_measured_stop_rate() -> None:
    assert days("faster_press") < days("baseline")


def test_the_assumed_rise_of_the_stop_rate_is_marked_and_swept() -> None:
    loaded = load_scenario(ROOT / "scenarios" / "tablet_line_faster_press.yaml")
    assert loaded.scenario.sweep is not None
    axes = loaded.scenario.sweep.axes
    assert list(axes) == ["equipment.press.failures.production_stops.rate"]
    assert axes["equipment.press.failures.production_stops.rate"].values == (1, 1.25, 1.5, 1.75, 2)
    assert loaded.scenario.assumptions[0].startswith("ASSUMED, not measured")


def test_the_plant_file_loads_without_a_complaint() -> None:
    plant = load_plant(ROOT / "plant_models" / "tablet_line.yaml").plant
    assert list(plant.recipes["tablet"].operations) == ["dispense", "blend", "compress", "coat", "pack"]
    assert plant.recipes["tablet"].batch.amount == pytest.approx(960_000 * plant.recipes["tablet"].piece)
