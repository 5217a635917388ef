"""The press of a plant file with fitted numbers in it, run alone through the twin's own engine.

The plant file stays what it is: the fitted numbers go in as changes by dotted path, as a scenario's would.
`press_alone` then leaves only the press and its operation, so that a recorded batch, from its first to its
last running row, has the same meaning as a simulated one. Nothing here knows how an engine works.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from twin.calibration.fit import PressFit
from twin.calibration.likelihood import FittedDistribution
from twin.engine.compile import compile_program
from twin.engine.record import SECOND, Record
from twin.engine.simpy_engine import simulate
from twin.plant.load import load_plant
from twin.plant.scenario import Run
from twin.plant.schema import Order, Plant

Floats = NDArray[np.float64]
MILLIGRAMS = 1e6  # per kg
NOTHING: Floats = np.empty(0)


@dataclass(frozen=True)
class PressPlace:
    """Where the press stands in a plant file."""

    source: str | Path = "twin:tablet_line"
    equipment: str = "press"
    recipe: str = "tablet"
    operation: str = "compress"
    failure: str = "production_stops"


@dataclass(frozen=True)
class Campaign:
    """What is known of a batch before it runs: tablets, set speed (tablets/s), mass of a tablet (kg)."""

    tablets: float
    speed: float
    tablet_mass: float


@dataclass(frozen=True)
class SimulatedBatches:
    """Batches that the engine ran: arrays of shape (batches,), times in s, waste in tablets.

    The last two hold an array a batch: lengths of its stops in production, and running times between them.
    """

    batch_time: Floats
    production_stops: Floats
    start_up_stops: Floats
    waste: Floats
    stopped: Floats  # s in production stops
    stop_lengths: tuple[Floats, ...]
    between: tuple[Floats, ...]


def changes(fit: PressFit, campaign: Campaign, place: PressPlace) -> dict[str, object]:
    """The plant file's dotted paths with their fitted values.

    The lots' stray in running time goes in as tablet mass: heavier tablets, fewer of them from a batch.
    """
    press, recipe = f"equipment.{place.equipment}", f"recipes.{place.recipe}"
    failure, settings = f"{press}.failures.{place.failure}", f"{recipe}.operations.{place.operation}.settings"
    ratio, spread = (fit.running.estimates[name].value for name in ("mean", "sd"))
    mass = campaign.tablet_mass / ratio
    return {
        f"{press}.start_up.takes": exact(fit.start_up_time),
        f"{press}.start_up.waste": exact(fit.start_up_waste),
        f"{press}.start_up.stops": exact(fit.start_up_stops),
        f"{failure}.between": exact(fit.between_stops),
        f"{failure}.rate_between_lots": exact(fit.rate_between_lots),
        f"{failure}.repair": exact(fit.repair),
        f"{failure}.waste": exact(fit.stop_waste),
        f"{recipe}.batch": f"{campaign.tablets * campaign.tablet_mass!r} kg",
        f"{recipe}.piece": f"{campaign.tablet_mass!r} kg",
        f"{settings}.tablet_rate": f"{campaign.speed!r}/s",
        f"{settings}.tablet_mass": f"normal(mean={mass!r} kg, sd={mass * spread / ratio!r} kg)",
    }


def exact(fitted: FittedDistribution) -> str:
    """A fitted distribution in the language's short form, with every digit."""
    values = ", ".join(f"{name}={value!r}" + _unit(name, fitted.unit) for name, value in _values(fitted))
    return f"{fitted.kind}({values})"


def _values(fitted: FittedDistribution) -> list[tuple[str, float]]:
    return [(name, float(estimate.value)) for name, estimate in fitted.estimates.items()]


def _unit(name: str, unit: str) -> str:
    return "" if unit == "1" or name in ("cv", "shape") else f" {unit}"


def press_alone(plant: Plant, place: PressPlace, batches: int) -> Plant:
    """The same plant with nothing but the press, its operation and `batches` lots that wait for it.

    What the press needs of the rest of the plant (people, containers, transport, shifts) is left out: a press
    log shows none of it inside a batch.
    """
    press, recipe = plant.equipment[place.equipment], plant.recipes[place.recipe]
    freed = tuple(failure.model_copy(update={"needs": ()}) for failure in press.failures)
    operation = recipe.operations[place.operation].model_copy(
        update={
            "on": (place.equipment,),
            "needs": (),
            "setup": None,
            "take": None,
            "return_": {},
            "wait_in": None,
            "rework": None,
            "scrap": 0.0,
        }
    )
    return plant.model_copy(
        update={
            "equipment": {place.equipment: press.model_copy(update={"calendar": None, "failures": freed})},
            "recipes": {place.recipe: recipe.model_copy(update={"operations": {place.operation: operation}})},
            "orders": (Order(recipe=place.recipe, batches=batches),),
            "people": {},
            "calendars": {},
            "containers": {},
            "storage": {},
            "transport": None,
        }
    )


def simulate_batches(
    fit: PressFit, campaign: Campaign, place: PressPlace, batches: int, seed: int
) -> SimulatedBatches:
    """Run `batches` batches of one campaign on the fitted press, one after another, through the engine."""
    loaded = load_plant(place.source, changes(fit, campaign, place))
    program = compile_program(press_alone(loaded.plant, place, batches), Run())
    return read_record(simulate(program, seed, 0), campaign.tablet_mass)


def read_record(record: Record, tablet_mass: float) -> SimulatedBatches:
    """The simulated batches of a press that stands alone; `tablet_mass` (kg) turns lost mass into tablets."""
    lots = record.lots.sort_by("lot")
    lengths, between = _stretches(record.states, "down"), _stretches(record.states, "producing")
    numbers = lots["lot"].to_pylist()
    return SimulatedBatches(
        batch_time=_column(pc.subtract(lots["finished"], lots["started"])) / SECOND,
        production_stops=_column(lots["attribute.stops"]),
        start_up_stops=_column(lots["attribute.start_up_stops"]),
        waste=_column(lots["scrapped"]) / (tablet_mass * MILLIGRAMS),
        stopped=np.array([float(np.sum(lengths.get(number, NOTHING))) for number in numbers]),
        stop_lengths=tuple(lengths.get(number, NOTHING) for number in numbers),
        between=tuple(between[number][1:-1] for number in numbers),
    )


def _stretches(states: pa.Table, state: str) -> dict[int, Floats]:
    """Lengths of a press's intervals in one state by lot, in s and in order of time."""
    rows = states.filter(pc.equal(states["state"], state)).sort_by("start")
    lengths = _column(pc.subtract(rows["end"], rows["start"])) / SECOND
    lots = np.asarray(rows["lot"].to_numpy())
    starts = np.flatnonzero(np.diff(lots, prepend=-1))
    return {int(lots[at]): part for at, part in zip(starts, np.split(lengths, starts[1:]), strict=True)}


def _column(values: pa.ChunkedArray) -> Floats:
    return np.asarray(values.to_numpy(), dtype=np.float64)
