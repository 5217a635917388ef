"""Runs compared with a baseline: paired differences under common random numbers, corrected for how many are
asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import pyarrow as pa

from twin.experiment.catalogue import HEADLINES, describe
from twin.experiment.results import Result
from twin.experiment.statistics import (
    Correction,
    Difference,
    corrected_levels,
    paired_difference,
    welch_difference,
)
from twin.plant.errors import InputError, Problem

CORRECTIONS: tuple[Correction, ...] = ("bonferroni", "holm", "none")
EQUAL, NOT_SHOWN, TOO_FEW = "equal", "no difference shown", "too few replications"

COMPARISON_SCHEMA = pa.schema(
    [
        ("run", pa.string()),
        ("name", pa.string()),
        ("measure", pa.string()),
        ("baseline", pa.float64()),
        ("difference", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("level", pa.float64()),
        ("n", pa.int32()),
        ("paired", pa.bool_()),
        ("p", pa.float64()),
        ("verdict", pa.string()),
        ("unit", pa.string()),
    ]
)


@dataclass(frozen=True)
class Compared:
    """One measure of one run against the baseline. `level` is the family's; bounds None where there are too
    few.
    """

    run: str
    name: str
    measure: str
    baseline: float
    difference: float
    low: float | None
    high: float | None
    level: float
    n: int
    paired: bool
    p: float | None
    verdict: str
    unit: str


@dataclass(frozen=True)
class Comparison:
    """A baseline, runs compared with it, and how the intervals were corrected."""

    baseline: Result
    others: tuple[Result, ...]
    rows: tuple[Compared, ...]
    correction: Correction

    @property
    def table(self) -> pa.Table:
        """All rows as Arrow."""
        return pa.Table.from_pylist([vars(row) for row in self.rows], schema=COMPARISON_SCHEMA)

    def figure(self, *, template: str = "light") -> Any:
        """Relative differences with their intervals, as a Plotly figure."""
        from twin.experiment.figures import comparison_figure

        return comparison_figure(self, template=template)

    def row(self, run: str, measure: str) -> Compared:
        """The row of a run's id and a measure; raises KeyError."""
        for row in self.rows:
            if row.run == run and row.measure == measure:
                return row
        raise KeyError((run, measure))


def compare(
    baseline: Result,
    *others: Result,
    measures: Sequence[str] | None = None,
    level: float | None = None,
    correction: Correction = "bonferroni",
) -> Comparison:
    """Compare runs with a baseline, measure by measure.

    Pairs are replications of the same seed and number: their draws are the same wherever the plants are.
    Where seeds or numbers of replications differ the comparison is Welch's, unpaired, and says so.

    Args:
        baseline: what the others are compared with; a difference is other − baseline.
        others: at least one.
        measures: names or patterns such as `unit.press.state.*`; default: the headlines of the catalogue.
        level: at which the whole family of intervals (`bonferroni`) or verdicts (`holm`) holds; default the
            baseline's.
        correction: for the number of differences asked for.

    Raises:
        InputError: nothing to compare, or a pattern that fits no common measure.
    """
    if not others:
        raise InputError(
            [Problem(baseline.id, 0, 0, "There is nothing to compare this run with.", "Name two runs.")]
        )
    level = level or baseline.level
    raw = [
        (other, name, _difference(baseline, other, name))
        for other in others
        for name in _chosen(baseline, other, measures)
    ]
    known = [d.p for _, _, d in raw if d is not None]
    levels = iter(corrected_levels(known, level, correction))
    rows = [_row(baseline, other, name, d, level, next(levels) if d else level) for other, name, d in raw]
    return Comparison(baseline, others, tuple(rows), correction)


def pairable(baseline: Result, other: Result) -> bool:
    """Whether two runs share their random numbers replication by replication."""
    return bool(
        baseline.manifest["seed"] == other.manifest["seed"]
        and baseline.manifest["replications"] == other.manifest["replications"]
    )


def _chosen(baseline: Result, other: Result, patterns: Sequence[str] | None) -> list[str]:
    """Measures that both runs have and that are asked for."""
    common = [n for n in baseline.values if baseline.values[n] and other.values.get(n)]
    if patterns is None:
        return [name for name in common if name in HEADLINES]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in common):
            message = f"No measure that both runs have is named `{pattern}`."
            raise InputError(
                [Problem("--measure", 0, 0, message, "`twin results show RUN --all` lists a run's measures.")]
            )
    return [name for name in common if any(fnmatchcase(name, pattern) for pattern in patterns)]


def _difference(baseline: Result, other: Result, name: str) -> Difference | None:
    """The difference, paired where it can be; None where there are too few values."""
    mine, theirs = baseline.values[name], other.values[name]
    if pairable(baseline, other):
        common = sorted(mine.keys() & theirs.keys())
        if len(common) >= 2:
            return paired_difference([mine[r] for r in common], [theirs[r] for r in common])
    elif min(len(mine), len(theirs)) >= 2:
        return welch_difference(list(mine.values()), list(theirs.values()))
    return None


def _row(
    baseline: Result, other: Result, name: str, d: Difference | None, level: float, own_level: float
) -> Compared:
    before = baseline.interval(name).mean
    after = other.interval(name).mean
    assert before is not None, "measures are chosen among those that both have"
    assert after is not None, "measures are chosen among those that both have"
    label = (other.id, other.name, name, before)
    if d is None:
        n = min(len(baseline.values[name]), len(other.values[name]))
        paired = pairable(baseline, other)
        return Compared(
            *label, after - before, None, None, level, n, paired, None, TOO_FEW, baseline.unit_of(name)
        )
    low, high = d.interval(own_level)
    verdict = verdict_of(name, low, high)
    return Compared(
        *label, d.difference, low, high, level, d.n, d.paired, d.p, verdict, baseline.unit_of(name)
    )


def verdict_of(measure: str, low: float, high: float) -> str:
    """`better`, `worse`, or `higher`, `lower` where neither is better; `equal`; or `no difference shown`."""
    if low == high == 0:
        return EQUAL
    if low <= 0 <= high:
        return NOT_SHOWN
    direction = "higher" if low > 0 else "lower"
    better = describe(measure).better
    return direction if not better else "better" if direction == better else "worse"
