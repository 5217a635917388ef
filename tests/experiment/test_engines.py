"""Which engine runs a plant, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.engine.choice import WORTH_COMPILING
from twin.experiment.prepare import prepare
from twin.plant.errors import InputError

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
TANKS = EXAMPLES / "tanks.yaml"


def test_a_few_replications_are_not_worth_compiling():
    prepared = prepare("twin:two_machines", replications=WORTH_COMPILING - 1)
    assert prepared.engine_note in {
        "auto: simpy, because 29 replications are not worth compiling",
        "auto: compiled",  # where somebody has compiled it before
    }


def test_many_replications_run_in_the_compiled_engine():
    prepared = prepare("twin:two_machines", replications=WORTH_COMPILING)
    assert (prepared.engine, prepared.engine_note) == ("compiled", "auto: compiled")


def test_the_engine_is_no_part_of_what_a_run_is():
    ids = {prepare("twin:two_machines", engine=engine).id for engine in ("auto", "simpy", "compiled")}
    assert len(ids) == 1


def test_a_plant_that_the_compiled_engine_does_not_cover_runs_in_the_other_one_and_says_why():
    prepared = prepare(TANKS, replications=1000)
    assert prepared.engine == "simpy"
    assert "does not cover the tank" in prepared.engine_note


def test_the_compiled_engine_names_what_it_does_not_cover_with_its_line():
    with pytest.raises(InputError) as wrong:
        prepare(TANKS, engine="compiled")
    tank = next(p for p in wrong.value.problems if "the tank" in p.message)
    line = TANKS.read_text(encoding="utf-8").splitlines()[tank.line - 1]
    assert line.strip().startswith(tank.message.split("`")[1])
    assert "--engine auto" in tank.hint
