"""Runs compared with a baseline, with several, or each with each other: paired differences under common
random numbers, corrected for how many are asked. `with_best` compares each with the best of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import combinations
from typing import Any

import pyarrow as pa

from twin.experiment.catalogue import HEADLINES, describe
from twin.experiment.inference.separation import replications_to_separate
from twin.experiment.inference.simultaneous import all_pairs_levels
from twin.experiment.results import Result
from twin.experiment.statistics import (
    Correction,
    Difference,
    corrected_levels,
    paired_difference,
    welch_difference,
)
from twin.plant.errors import InputError, Problem

CORRECTIONS: tuple[Correction, ...] = ("bonferroni", "holm", "tukey", "none")
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
        ("reference", pa.string()),
        ("needed", pa.int64()),
        ("left_out", pa.int32()),
    ]
)


@dataclass(frozen=True)
class Compared:
    """One measure of one run against another, `reference`, whose value `baseline` is. `level` is the
    family's; bounds None where there are too few. `needed` is the number of replications of each run that
    would show a difference of this size with a probability of 90 %, None where nobody can say. `left_out` are
    replications of one run that have no counterpart of the same number in the other, where they are paired.
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
    reference: str
    needed: int | None
    left_out: int = 0

    @property
    def samples(self) -> str:
        """How the samples stand to each other, in words."""
        if not self.paired:
            return "unpaired"
        return "paired" if not self.left_out else f"paired, {self.left_out} without a pair"

    @property
    def more(self) -> int | None:
        """Replications that each run is short of to show the difference; 0 where it is shown."""
        if self.verdict not in (NOT_SHOWN, TOO_FEW):
            return 0
        return None if self.needed is None else max(self.needed - self.n, 1)


@dataclass(frozen=True)
class Comparison:
    """A baseline, runs compared with it, and how the intervals were corrected; with `all_pairs` the others
    are compared with each other too. `together_with` differences from other baselines share the error.
    """

    baseline: Result
    others: tuple[Result, ...]
    rows: tuple[Compared, ...]
    correction: Correction
    all_pairs: bool = False
    together_with: int = 0

    @property
    def family(self) -> int:
        """How many differences were corrected together: these, and those of the baselines beside."""
        return len(self.rows) + self.together_with

    @property
    def how(self) -> str:
        """How the differences were corrected, in words."""
        if self.correction != "tukey":
            return self.correction
        if any(row.paired for row in self.rows):
            return "Bonferroni over all pairs, as Tukey's range does not hold for paired samples"
        return "Tukey's range with Welch's errors (Games and Howell)"

    @property
    def table(self) -> pa.Table:
        """All rows as Arrow."""
        return pa.Table.from_pylist([vars(row) for row in self.rows], schema=COMPARISON_SCHEMA)

    def figure(self, *, template: str = "light") -> Any:
        """Relative differences with their intervals, as a Plotly figure."""
        from twin.experiment.figures import comparison_figure

        return comparison_figure(self, template=template)

    def row(self, run: str, measure: str) -> Compared:
        """The row of a run's id and a measure, against the baseline; raises KeyError."""
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
    all_pairs: bool = False,
) -> Comparison:
    """Compare runs with a baseline, measure by measure.

    Pairs are replications of the same seed and number: their draws are the same wherever the plants are.
    Where one run has more replications than the other, those that both have are compared, and the row says
    how many were left out. Where seeds differ the comparison is Welch's, unpaired, and says so.

    Args:
        baseline: what the others are compared with; a difference is other − baseline.
        others: at least one.
        measures: names or patterns such as `unit.press.state.*`; default: the headlines of the catalogue.
        level: at which the whole family of intervals (`bonferroni`) or verdicts (`holm`) holds; default the
            baseline's.
        correction: for the number of differences asked for; `tukey` is of all pairs.
        all_pairs: compare the others with each other too.

    Raises:
        InputError: nothing to compare, or a pattern that fits no common measure.
    """
    if not others:
        raise InputError(
            [Problem(baseline.id, 0, 0, "There is nothing to compare this run with.", "Name two runs.")]
        )
    level = level or baseline.level
    everything = all_pairs or correction == "tukey"
    pairs = [(baseline, other) for other in others]
    pairs += list(combinations(others, 2)) if everything else []
    asked = [(one, other, name) for one, other in pairs for name in _chosen(one, other, measures)]
    return Comparison(baseline, others, tuple(_rows_of(asked, level, correction)), correction, everything)


def compare_with_each(
    baselines: Sequence[Result], results: Sequence[Result], measures: Sequence[str] = HEADLINES
) -> tuple[Comparison, ...]:
    """Every result with each of several baselines, in those of the measures that both have, at the results'
    level; all intervals of all baselines hold together (Bonferroni).
    """
    asked = [
        (one, other, name)
        for one in baselines
        for other in results
        for name in _common(one, other)
        if name in measures
    ]
    rows = _rows_of(asked, results[0].level, "bonferroni") if asked else []
    by_baseline = {one.id: tuple(row for row in rows if row.reference == one.id) for one in baselines}
    return tuple(
        Comparison(one, tuple(results), mine, "bonferroni", together_with=len(rows) - len(mine))
        for one, mine in ((one, by_baseline[one.id]) for one in baselines)
    )


def _rows_of(
    asked: Sequence[tuple[Result, Result, str]], level: float, correction: Correction
) -> list[Compared]:
    """Measures of pairs of runs, corrected together."""
    raw = [_Pair(one, other, name, difference_of(one, other, name)) for one, other, name in asked]
    own_levels = _levels([pair for pair in raw if pair.found is not None], level, correction)
    return [_row(pair, level, own_levels.get(pair.key, level)) for pair in raw]


@dataclass(frozen=True)
class _Pair:
    """A measure of two runs, and their difference where there are values enough."""

    one: Result
    other: Result
    measure: str
    found: Difference | None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.one.id, self.other.id, self.measure


def _levels(
    pairs: Sequence[_Pair], level: float, correction: Correction
) -> dict[tuple[str, str, str], float]:
    """The level of each pair's own interval. Tukey's is of the pairs of one measure, and each measure takes
    its share of the error.
    """
    if correction != "tukey":
        p_values = [pair.found.p for pair in pairs if pair.found is not None]
        return {
            pair.key: own
            for pair, own in zip(pairs, corrected_levels(p_values, level, correction), strict=True)
        }
    by_measure: dict[str, list[_Pair]] = {}
    for pair in pairs:
        by_measure.setdefault(pair.measure, []).append(pair)
    own_levels: dict[tuple[str, str, str], float] = {}
    for mine in by_measure.values():
        runs = {run.id for pair in mine for run in (pair.one, pair.other)}
        found = [pair.found for pair in mine if pair.found is not None]
        shared = all_pairs_levels(found, len(runs), 1 - (1 - level) / len(by_measure))
        own_levels |= {pair.key: own for pair, own in zip(mine, shared, strict=True)}
    return own_levels


def pairable(baseline: Result, other: Result) -> bool:
    """Whether replications of equal number of two runs share their random numbers: draws are addressed by
    seed and replication, so how many replications there are of each plays no part.
    """
    return bool(baseline.manifest["seed"] == other.manifest["seed"])


def _chosen(baseline: Result, other: Result, patterns: Sequence[str] | None) -> list[str]:
    """Measures that both runs have and that are asked for."""
    common = _common(baseline, other)
    if patterns is None:
        return [name for name in common if name in HEADLINES]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in common):
            message = f"No measure that both runs have is named `{pattern}`."
            raise InputError(
                [Problem("--measure", 0, 0, message, "`twin results show RUN --all` lists a run's measures.")]
            )
    return [name for name in common if any(fnmatchcase(name, pattern) for pattern in patterns)]


def _common(baseline: Result, other: Result) -> list[str]:
    """Measures that both have, in the baseline's order."""
    return [name for name in baseline.values if baseline.values[name] and other.values.get(name)]


def difference_of(baseline: Result, other: Result, name: str) -> Difference | None:
    """The difference, paired where it can be; None where there are too few values."""
    mine, theirs = baseline.values[name], other.values[name]
    if pairable(baseline, other):
        common = sorted(mine.keys() & theirs.keys())
        if len(common) >= 2:
            return paired_difference([mine[r] for r in common], [theirs[r] for r in common])
    elif min(len(mine), len(theirs)) >= 2:
        return welch_difference(list(mine.values()), list(theirs.values()))
    return None


def _row(pair: _Pair, level: float, own_level: float) -> Compared:
    one, other, name, d = pair.one, pair.other, pair.measure, pair.found
    before = one.interval(name).mean
    after = other.interval(name).mean
    assert before is not None, "measures are chosen among those that both have"
    assert after is not None, "measures are chosen among those that both have"
    low, high = (None, None) if d is None else d.interval(own_level)
    verdict = TOO_FEW if low is None or high is None else verdict_of(name, low, high)
    paired = pairable(one, other) if d is None else d.paired
    mine, theirs = one.values[name].keys(), other.values[name].keys()
    return Compared(
        run=other.id,
        name=other.name,
        measure=name,
        baseline=before,
        difference=after - before if d is None else d.difference,
        low=low,
        high=high,
        level=level,
        n=min(len(mine), len(theirs)) if d is None else d.n,
        paired=paired,
        p=None if d is None else d.p,
        verdict=verdict,
        unit=one.unit_of(name),
        reference=one.id,
        needed=None if d is None else replications_to_separate(d, own_level),
        left_out=len(mine ^ theirs) if paired else 0,
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
