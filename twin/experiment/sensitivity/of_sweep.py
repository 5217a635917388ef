"""The sensitivity of a measure from a stored sweep: its design made again from its words, its values read.

A sweep by `morris` is screened, one by `sobol` has indices, one by `lhs` a metamodel and, where that is good
enough, the metamodel's indices. Points that failed have no values; where points have had unequal numbers of
replications, those that all of them have are used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from twin.experiment.designs import fractions_of
from twin.experiment.designs.labels import short_names
from twin.experiment.query.stored import StoredSweep
from twin.experiment.sensitivity.metamodel import Metamodel, fit_metamodel
from twin.experiment.sensitivity.metamodel_indices import metamodel_indices
from twin.experiment.sensitivity.morris import Screening, screen
from twin.experiment.sensitivity.sobol import Indices, sobol_indices
from twin.plant.errors import InputError, Problem
from twin.plant.scenario import Sweep
from twin.plant.sentences import did_you_mean

METHODS = ("morris", "sobol", "lhs")

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Design:
    """A sweep's design on the unit cube, (points, axes), values of one measure, (points, replications), and
    SALib's problem.
    """

    sweep: Sweep
    problem: dict[str, Any]
    fractions: Array
    values: Array


@dataclass(frozen=True)
class Sensitivity:
    """What a sweep says of a measure; what its method does not give is None.

    `axes` are the dotted paths in order, and `factors` what tables call them.
    """

    sweep: str
    method: str
    measure: str
    unit: str
    axes: tuple[str, ...]
    factors: tuple[str, ...]
    screening: Screening | None = None
    indices: Indices | None = None
    metamodel: Metamodel | None = None


def sensitivity_of(stored: StoredSweep, measure: str, *, level: float | None = None) -> Sensitivity:
    """The sensitivity of a measure of a sweep by `morris`, `sobol` or `lhs`.

    Args:
        stored: the sweep.
        measure: its name.
        level: of intervals; default: the sweep's.

    Raises:
        InputError: another method, a measure that was not kept, too few values, or damaged files.
    """
    design = design_of(stored, measure)
    level = level or stored.level
    axes, factors = tuple(design.sweep.axes), tuple(design.problem["names"])
    about = Sensitivity(stored.id, design.sweep.method, measure, stored.unit_of(measure), axes, factors)
    try:
        return _analysed(design, about, level)
    except ValueError as wrong:
        raise InputError([Problem(stored.id, 0, 0, f"{wrong}", "")]) from None


def design_of(stored: StoredSweep, measure: str) -> Design:
    """The design of a sweep with the values of a measure; raises InputError as `sensitivity_of` does."""
    sweep = Sweep.model_validate(stored.manifest["design"])
    if sweep.method not in METHODS:
        message = f"The sweep is by `{sweep.method}`; sensitivity is told by {', '.join(METHODS)}."
        hint = "Write for example `method: morris` and `trajectories: 10`."
        raise InputError([Problem(stored.id, 0, 0, message, hint)])
    if measure not in stored.measures:
        message = f"The sweep has no measure `{measure}`."
        hint = did_you_mean(measure, stored.measures)
        raise InputError([Problem("--measure", 0, 0, message, hint)])
    names = short_names(list(sweep.axes))
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    fractions = fractions_of(sweep)
    return Design(sweep, problem, fractions, _values(stored, measure, len(fractions)))


def _analysed(design: Design, about: Sensitivity, level: float) -> Sensitivity:
    sweep, problem, values = design.sweep, design.problem, design.values
    match sweep.method:
        case "morris":
            found = screen(problem, design.fractions, values, level=level, levels=sweep.levels)
            return replace(about, screening=found)
        case "sobol":
            rows = _without_second_order(values, problem["num_vars"]) if sweep.second_order else values
            return replace(about, indices=sobol_indices(problem, rows, level=level, seed=sweep.seed))
        case _:
            model = fit_metamodel(problem, design.fractions, values, level=level, seed=sweep.seed)
            indices = metamodel_indices(model) if model.usable else None
            return replace(about, indices=indices, metamodel=model)


def _values(stored: StoredSweep, measure: str, points: int) -> Array:
    """(points, replications) of a measure, NaN where there is none; as many as every point that did not fail
    has.
    """
    columns = ["point", "replication", measure]
    table = pa.concat_tables([pq.read_table(path, columns=columns) for path in stored.results])
    point = table.column("point").to_numpy() - 1
    replication = table.column("replication").to_numpy() - 1
    had = np.bincount(point, minlength=points)
    common = int(had[had > 0].min()) if had.any() else 0
    values = np.full((points, max(common, 1)), np.nan)
    kept = replication < common
    numbers = table.column(measure).to_numpy(zero_copy_only=False).astype(np.float64)
    values[point[kept], replication[kept]] = numbers[kept]
    return values


def _without_second_order(values: Array, factors: int) -> Array:
    """The blocks of a design with second order without the rows that only pairs need."""
    blocks = values.reshape(-1, 2 * factors + 2, values.shape[1])
    kept = [*range(factors + 1), 2 * factors + 1]
    return blocks[:, kept].reshape(-1, values.shape[1])
