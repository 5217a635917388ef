"""Small plants with known answers, run by the engines; an estimate is compared with its reference.

The full table is the SimPy engine's. The everyday suite has the compiled engine run what that covers: the
same records, as it makes sure of by the first replication of each plant, in a fraction of the time.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from tests.engine.compiled_engine.alike import differences
from twin.engine.compile import compile_program
from twin.engine.compiled_engine.refusals import refusals
from twin.engine.compiled_engine.simulate import simulate as simulate_compiled
from twin.engine.program import Program
from twin.engine.record import SECOND, Record
from twin.engine.simpy_engine import simulate as simulate_simpy
from twin.plant.scenario import Run
from twin.plant.schema import Plant

SEED = 20260105
FULL = os.environ.get("TWIN_FULL_VERIFICATION")  # a file for the rows of the full table: see `table.py`


def plant(**words) -> Plant:
    """A plant of these words; `equipment`, `recipes` and `orders` are needed."""
    return Plant.model_validate({"twin": 1, "plant": "Known answer", **words})


def line(
    stations: int, buffer: int | None, parts: int, takes: str = "exponential(mean=1 s)", **unit
) -> Plant:
    """A saturated line; `buffer` 0 for none between stations, None for unlimited."""
    names = [f"station_{i}" for i in range(stations)]
    storage = {f"buffer_{i}": {"capacity": buffer} for i in range(1, stations)} if buffer else {}
    operations = []
    for i, name in enumerate(names):
        wait = {} if i == 0 or buffer is None else {"wait_in": f"buffer_{i}" if buffer else "none"}
        operations.append({f"operation_{i}": {"on": [name], "takes": takes, **wait}})
    return plant(
        equipment={name: dict(unit) for name in names},
        storage=storage,
        recipes={"part": {"operations": operations}},
        orders=[{"recipe": "part", "batches": parts}],
    )


def queue(interval: str, service: str, servers: int = 1, **words) -> Plant:
    """One operation that lots come to one by one."""
    operation = {"on": ["server"], "takes": service, **words.pop("operation", {})}
    return plant(
        equipment={"server": {"count": servers, **words.pop("unit", {})}},
        recipes={"customer": {"operations": [{"serve": operation}]}},
        orders=[{"recipe": "customer", "every": interval, **words.pop("order", {})}],
        **words,
    )


Statistic = Callable[[Record], float]


def replicate(
    what: Plant, replications: int, statistic: Statistic, horizon: float | None = None
) -> list[float]:
    """The statistic of each replication of a run over `horizon` seconds, or until the plant is empty."""
    return replicate_all(what, replications, [statistic], horizon)[0]


def replicate_all(
    what: Plant, replications: int, statistics: Sequence[Statistic], horizon: float | None = None
) -> list[list[float]]:
    """Several statistics of the same replications; for the full table as many as ±1 % takes."""
    program = compile_program(what, Run(horizon=horizon))
    simulate = engine_for(program)
    values: list[list[float]] = []
    while True:
        done = len(values)
        for replication in range(done, done + replications):
            record = simulate(program, SEED, replication)
            values.append([statistic(record) for statistic in statistics])
        columns = [list(column) for column in zip(*values, strict=True)]
        if FULL is None or all(half_width_of(column) <= 0.01 * abs(np.mean(column)) for column in columns):
            return columns


def engine_for(program: Program) -> Callable[[Program, int, int], Record]:
    """The engine that runs a plant's replications here; fails where the engines differ in the first."""
    if FULL is not None or refusals(program):
        return simulate_simpy
    assert differences(program, SEED) == []
    return simulate_compiled


def seconds(column: pd.Series) -> np.ndarray:
    """Nanoseconds to seconds, null to nan."""
    return column.to_numpy(dtype=float, na_value=np.nan) / SECOND


def completion_rate(skip: int, last: str) -> Callable[[Record], float]:
    """Lots out of the last operation per second, after the first `skip`."""

    def statistic(record: Record) -> float:
        lots = record.lots.to_pandas()
        left = np.sort(seconds(lots.loc[lots.operation == last, "left"]))
        return (len(left) - 1 - skip) / (left[-1] - left[skip])

    return statistic


def mean_in(record: Record, operation: str, since: str, until: str, warm_up: float) -> float:
    """Time average of the number of lots between two events of an operation, after `warm_up` s."""
    end = next(iter(record.horizon.values())) / SECOND
    lots = record.lots.to_pandas()
    lots = lots[lots.operation == operation]
    start = np.maximum(seconds(lots[since]), warm_up)
    stop = np.where(np.isnan(seconds(lots[until])), end, seconds(lots[until]))
    return float(np.nansum(np.maximum(stop - start, 0.0)) / (end - warm_up))


def agree(
    values: Sequence[float], reference: float, reference_se: float = 0.0, half_width: float = 0.01
) -> None:
    """Fail unless the estimate is within 3.5 standard errors, and its 99 % half-width small enough."""
    n = len(values)
    mean, se = float(np.mean(values)), float(np.std(values, ddof=1) / math.sqrt(n))
    width = half_width_of(values)
    if FULL is not None:
        note(reference, reference_se, mean, width, n)
    assert width <= half_width * reference, f"99 % half-width {width:.5f} is too wide for {reference}"
    bound = 3.5 * math.hypot(se, reference_se)
    assert abs(mean - reference) <= bound, f"{mean:.5f} ± {se:.5f} is not {reference} ± {reference_se}"


def half_width_of(values: Sequence[float]) -> float:
    """Half-width of the 99 % Student interval of the mean."""
    n = len(values)
    return float(stats.t.ppf(0.995, n - 1) * np.std(values, ddof=1) / math.sqrt(n))


def note(reference: float, reference_se: float, mean: float, width: float, n: int) -> None:
    """Add a line to the file of the full table, which `table.py` turns into a page."""
    test = os.environ["PYTEST_CURRENT_TEST"].split("::")[-1].removesuffix(" (call)")
    row = {
        "test": test,
        "reference": reference,
        "reference_se": reference_se,
        "mean": mean,
        "width": width,
        "n": n,
    }
    assert FULL is not None
    with Path(FULL).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
