"""A state file checked against its plant, and compiled: every complaint has its path in the state file.

`experiment/starting.py` and `experiment/check.py` read the file, ask for `complaints` with those of the
schema, and then compile. Its chapters are read by `state_lots`, `state_units` and `state_stores`.
"""

from __future__ import annotations

from twin.engine.compile import state_stores, state_units
from twin.engine.compile.state_lots import standing_lots
from twin.engine.compile.state_reading import Reading
from twin.engine.program import Program
from twin.engine.situation import Situation
from twin.engine.snapshot import inventory
from twin.plant import control, schema, upkeep
from twin.plant.errors import Complaint
from twin.plant.scenario import Run
from twin.plant.situation import StateFile


def complaints(words: StateFile, plant: schema.Plant, program: Program, run: Run) -> list[Complaint]:
    """What of a state file does not fit its plant."""
    return _read(words, plant, program, run)[1]


def situation(words: StateFile, plant: schema.Plant, program: Program, run: Run) -> Situation:
    """The state file by the numbers of the program; it fits."""
    return _read(words, plant, program, run)[0]


def _read(
    words: StateFile, plant: schema.Plant, program: Program, run: Run
) -> tuple[Situation, list[Complaint]]:
    whole_plant = control.expanded(plant)
    products = {
        upkeep.product(recipe.name, whole_plant.recipes[recipe.name]): recipe.product
        for recipe in program.recipes
    }
    reading = Reading(words, whole_plant, program, run, products)
    if words.time is not None and words.time != run.start:
        message = f"is not that of the run, which starts at {run.start:%Y-%m-%d %H:%M}"
        reading.wrong(("time",), message, "Set `run.start` of the scenario to this time.")
    found = Situation(
        names=inventory(program),
        lots=tuple(standing_lots(reading)),
        down=tuple(state_units.down(reading)),
        doing=tuple(state_units.doing(reading)),
        upkeep=tuple(state_units.upkeep(reading)),
        last_products=tuple(state_units.last_products(reading)),
        dirty=tuple(state_stores.dirty(reading)),
        clean_for=tuple(state_stores.clean_for(reading)),
        stocks=tuple(state_stores.stocks(reading)),
        ages=tuple(state_stores.ages(reading)),
        tanks=tuple(state_stores.levels(reading)),
        held=tuple(state_stores.held(reading)),
        utilities=tuple(state_stores.contents(reading)),
    )
    return found, reading.found
