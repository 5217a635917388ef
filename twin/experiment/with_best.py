"""Finished runs compared with the best of the others, measure by measure (MCB). Reads results, computes no
run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from twin.experiment.catalogue import describe
from twin.experiment.compare import Comparison, difference_of
from twin.experiment.inference.best import Aim, against_best
from twin.experiment.results import Result
from twin.experiment.statistics import Difference


@dataclass(frozen=True)
class RunAgainstBest:
    """One measure of one run less the best of the other runs; `level` is that of all rows together."""

    measure: str
    run: str
    name: str
    difference: float
    low: float
    high: float
    level: float
    verdict: str
    unit: str


def with_best(comparison: Comparison) -> list[RunAgainstBest]:
    """Each run of a comparison against the best of the others, for its measures that have a better direction.

    Measures that some run has too few values of are left out. The error is shared among the measures, unless
    the comparison's correction is `none`.
    """
    runs = [comparison.baseline, *comparison.others]
    names = [name for name in dict.fromkeys(row.measure for row in comparison.rows) if _known(name, runs)]
    if not names:
        return []
    level = comparison.rows[0].level
    own_level = level if comparison.correction == "none" else 1 - (1 - level) / len(names)
    return [row for name in names for row in _rows(name, runs, level, own_level)]


def _known(name: str, runs: Sequence[Result]) -> bool:
    """Whether a measure has a better direction and every pair of runs has values enough of it."""
    if not describe(name).better or any(name not in run.values for run in runs):
        return False
    return all(difference_of(one, other, name) is not None for one, other in combinations(runs, 2))


def _rows(name: str, runs: Sequence[Result], level: float, own_level: float) -> list[RunAgainstBest]:
    aim: Aim = "higher" if describe(name).better == "higher" else "lower"
    table: list[list[Difference | None]] = [
        [None if one is other else difference_of(other, one, name) for other in runs] for one in runs
    ]
    found = against_best(table, aim, own_level)
    return [
        RunAgainstBest(
            name, run.id, run.name, row.difference, row.low, row.high, level, row.verdict, run.unit_of(name)
        )
        for run, row in zip(runs, found, strict=True)
    ]
