"""docs/examples: small plants that between them use every key of the language, each checked and run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from twin.engine.compile import compile_program
from twin.engine.compile.situation import complaints, situation
from twin.engine.simpy_engine import simulate
from twin.experiment.designs import points_of
from twin.plant.document import read_document
from twin.plant.load import LoadedScenario, load, load_plant
from twin.plant.reference import models_of
from twin.plant.scenario import Run, Scenario
from twin.plant.schema import Plant
from twin.plant.shorthand import Model
from twin.plant.situation import StateFile

FOLDER = Path(__file__).parents[2] / "docs" / "examples"
EXAMPLES = sorted(FOLDER.glob("*.yaml"))
STATES = sorted((FOLDER / "states").glob("*.yaml"))


def keys_in(value: Any) -> Iterator[tuple[str, str]]:
    """(model, key) of every key that a file gives."""
    if isinstance(value, Model):
        for name in value.model_fields_set:
            info = type(value).model_fields.get(name)
            if info is not None:
                yield type(value).__name__, info.alias or name
                yield from keys_in(getattr(value, name))
    elif isinstance(value, dict):
        for item in value.values():
            yield from keys_in(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from keys_in(item)


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_an_example_is_right_and_runs(path):
    loaded = load(path, workspace=FOLDER)
    if isinstance(loaded, LoadedScenario):
        for point in islice(points_of(loaded.scenario.sweep), 5) if loaded.scenario.sweep else ():
            assert loaded.at(point.changes).base
        program = compile_program(loaded.base.plant, loaded.scenario.run)
    else:
        program = compile_program(loaded.plant, Run())
    record = simulate(program, seed=1)
    done = [outcome for outcome in record.lots.column("outcome").to_pylist() if outcome == "done"]
    assert done


@pytest.mark.parametrize("path", STATES, ids=[path.stem for path in STATES])
def test_a_plant_goes_on_from_an_example_of_a_state(path):
    words = StateFile.model_validate(read_document(path, path.name).data)
    plant = load_plant(path.parent / words.of).plant
    run = Run(horizon=30 * 24 * 3600.0, **({} if words.time is None else {"start": words.time}))
    program = compile_program(plant, run)
    assert complaints(words, plant, program, run) == []
    record = simulate(program, seed=1, start=situation(words, plant, program, run))
    outcomes = [row["outcome"] for row in record.lots.to_pylist() if row["lot"] < len(words.lots)]
    assert outcomes.count("done") >= len(words.lots)


def test_every_key_of_the_language_is_in_an_example():
    used: set[tuple[str, str]] = set()
    for path in EXAMPLES:
        loaded = load(path, workspace=FOLDER)
        used |= set(keys_in(loaded.scenario if isinstance(loaded, LoadedScenario) else loaded.plant))
    for path in STATES:
        used |= set(keys_in(StateFile.model_validate(read_document(path, path.name).data)))
    known = {
        (model.__name__, info.alias or name)
        for root in (Plant, Scenario, StateFile)
        for model in models_of(root)
        for name, info in model.model_fields.items()
    }
    assert known - used == set(), "give each of these keys a place in a file of docs/examples"
