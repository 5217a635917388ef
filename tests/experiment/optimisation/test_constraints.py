"""Constraints on quantiles and probabilities, of noise whose quantiles are known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from scipy import stats

from tests.experiment.optimisation.formulas import Formula, array
from twin.experiment.optimisation import Constraint, Goal, Search, optimise, setting_of
from twin.experiment.optimisation.asking import Candidate, keeps, may_keep
from twin.plant.scenario import Axis

N = setting_of("n", Axis(from_=0, to=9, integer=True))
NOISE = 0.3  # standard deviation of a normal load whose mean is n
MUCH = Goal("made", "maximise")
LITTLE = Goal("made", "minimise")


def loaded(changes: Mapping[str, object]) -> dict[str, float]:
    """A load of n, and as much is made."""
    n = float(changes.get("n", 0))  # type: ignore[arg-type]  # changes are of any kind
    return {"made": n, "load": n}


def best(goal: Goal, *constraints: Constraint) -> object:
    """The n that is announced."""
    search = Search((N,), (goal,), constraints, trials=10, replications=5, most=40, confirm=80)
    (winner,) = optimise(search, Formula(loaded, own=NOISE)).announced
    return winner.candidate.changes["n"]


def test_a_quantile_is_kept_where_the_mean_would_allow_more() -> None:
    # The 95 % quantile of the load is n + 0.49, so a limit of 5.3 leaves n = 4, and one on the mean n = 5.
    assert best(MUCH, Constraint("load", None, 5.3, quantile=0.95)) == 4
    assert best(MUCH, Constraint("load", None, 5.3)) == 5


def test_a_low_quantile_is_kept_from_below() -> None:
    # The 10 % quantile is n - 0.38, so 3.8 is kept from n = 5 on; the mean would allow n = 4.
    assert best(LITTLE, Constraint("load", 3.8, None, quantile=0.1)) == 5
    assert best(LITTLE, Constraint("load", 3.8, None)) == 4


def test_a_probability_is_kept_on_either_side() -> None:
    # P(load > 3.8) is 0.75 at n = 4, and all but 1 at n = 5; P(load < 5.2) is 0.75 at n = 5, and 1 at n = 4.
    assert best(LITTLE, Constraint("load", 0.9, None, above=3.8)) == 5
    assert best(LITTLE, Constraint("load", None, 0.1, below=3.8)) == 5
    assert best(MUCH, Constraint("load", 0.9, None, below=5.2)) == 4
    assert best(MUCH, Constraint("load", 0.55, None, below=5.2)) == 5


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.95])
@pytest.mark.parametrize("count", [10, 60, 200])
def test_a_share_on_its_limit_is_wrongly_shown_in_at_most_one_of_twenty(share: float, count: int) -> None:
    def shown_in(hits: int, limit: Constraint) -> bool:
        values = np.repeat([1.0, 0.0], [hits, count - hits])
        return limit.shown(values) >= 0.95

    chances = stats.binom.pmf(np.arange(count + 1), count, share)
    for limit in (
        Constraint("load", share, None, above=0.5),
        Constraint("load", None, 1 - share, below=0.5),
        Constraint("load", 0.5, None, quantile=1 - share),
    ):
        wrong = sum(chance for hits, chance in enumerate(chances) if shown_in(hits, limit))
        assert wrong <= 0.05 + 1e-12


def test_what_is_shown_is_the_one_sided_exact_test() -> None:
    values = np.repeat([1.0, 0.0], [57, 3])
    oracle = stats.binomtest(57, 60, 0.9, alternative="greater")
    assert Constraint("load", 0.9, None, above=0.5).shown(values) == pytest.approx(1 - oracle.pvalue)


def test_few_replications_show_neither_that_a_share_is_kept_nor_that_it_is_broken() -> None:
    def tried(*load: float) -> Candidate:
        return Candidate(1, (0,), {}, {"load": array(*load)})

    limit = (Constraint("load", 0.95, None, above=0.0),)
    for values in ((1, 1, 1, 1, 1), (1, 1, 1, 1, -1)):
        assert not keeps(tried(*values), limit)
        assert may_keep(tried(*values), limit)
    assert not may_keep(tried(-1, -1, -1, -1, 1), limit)


def test_what_is_estimated_stands_beside_it_with_its_interval() -> None:
    values = np.arange(1.0, 101.0)
    found = Constraint("load", None, 99.0, quantile=0.9).estimate(values, 0.95)
    assert (found.mean, found.low, found.high) == (90.0, 84.0, 96.0)
    assert Constraint("load", 0.5, None, above=20.0).estimate(values, 0.95).mean == 0.8
    assert Constraint("load", None, 85.0, quantile=0.9).violation(values) == 5.0
    assert Constraint("load", 0.9, None, above=20.0).violation(values) == pytest.approx(0.1)
