"""Selection of the best: the probability of a correct choice where the answer is known, and published
numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from twin.experiment.evaluation import Asked, Evaluated
from twin.experiment.inference.kn import KN, first_stage_constant
from twin.experiment.inference.ocba import OCBA, allocation
from twin.experiment.inference.procedures import Procedure, Question
from twin.experiment.inference.stopping import Precision
from twin.experiment.selecting import Selected, SelectionError, select

Reals = np.ndarray
EXPERIMENTS = 600
SPREAD = 2.0


def lowest(probability: float) -> float:
    """The share of correct choices below which so many experiments speak against it."""
    return probability - 3.5 * math.sqrt(probability * (1 - probability) / EXPERIMENTS)


def drive(procedure: type[KN] | type[OCBA], question: Question, pool: Reals) -> Procedure:
    """Run a procedure over values of shape (systems, replications) to its end."""
    state: Procedure = procedure.begin(question, list(pool[:, : question.first]))
    while blocks := state.asks():
        state = state.told({b.system: pool[b.system, b.first - 1 : b.last] for b in blocks})
    return state


def pools(means: Sequence[float], correlation: float, seed: int) -> Reals:
    """Normal values, (experiments, systems, replications), equally correlated in each replication."""
    generator = np.random.default_rng(seed)
    k = len(means)
    own = generator.normal(size=(EXPERIMENTS, k, 800)) * math.sqrt(1 - correlation)
    common = generator.normal(size=(EXPERIMENTS, 1, 800)) * math.sqrt(correlation)
    return np.asarray(SPREAD * (own + common) + np.array(means)[:, None])


def share_right(procedure: type[KN] | type[OCBA], question: Question, pool: Reals) -> tuple[float, float]:
    """Share of experiments in which system 0 is chosen, and mean number of replications."""
    ends = [drive(procedure, question, one) for one in pool]
    assert all(end.stopped for end in ends)
    right = np.mean([end.best == 0 for end in ends])
    return float(right), float(np.mean([sum(len(v) for v in end.values) for end in ends]))


@pytest.mark.parametrize("procedure", [KN, OCBA])
@pytest.mark.parametrize("correlation", [0.0, 0.8])
@pytest.mark.parametrize("probability", [0.9, 0.95])
def test_the_best_is_found_where_all_others_are_worse_by_the_zone(
    procedure: type[KN] | type[OCBA], correlation: float, probability: float
) -> None:
    question = Question(probability, Precision(1.0, relative=False))
    right, _ = share_right(procedure, question, pools((1, 0, 0, 0, 0), correlation, 31))
    assert right > lowest(probability)


@pytest.mark.parametrize("procedure", [KN, OCBA])
def test_one_of_the_near_best_is_chosen_where_two_are_near(procedure: type[KN] | type[OCBA]) -> None:
    question = Question(0.9, Precision(1.0, relative=False))
    pool = pools((0.4, 0, -0.7, -0.7, -0.7), 0.0, 38)
    good = np.mean([drive(procedure, question, one).best < 2 for one in pool])
    assert good > lowest(0.9)


def test_common_random_numbers_save_replications() -> None:
    question = Question(0.95, Precision(1.0, relative=False))
    _, apart = share_right(KN, question, pools((1, 0, 0, 0, 0), 0.0, 32))
    _, together = share_right(KN, question, pools((1, 0, 0, 0, 0), 0.8, 32))
    assert together < 0.5 * apart


def test_a_zone_relative_to_the_first_stage_keeps_the_probability() -> None:
    question = Question(0.9, Precision(1 / 11))
    right, _ = share_right(KN, question, pools((11, 10, 10, 10), 0.0, 33))
    assert right > lowest(0.9)


def test_systems_far_behind_are_dropped_early() -> None:
    question = Question(0.95, Precision(0.5, relative=False))
    ends = [drive(KN, question, one) for one in pools((10, 9.5, 0), 0.0, 34)[:50]]
    assert max(end.dropped[2] for end in ends) <= 20
    assert all(len(end.values[2]) < len(end.values[0]) for end in ends)


def test_batches_do_not_change_what_is_chosen() -> None:
    pool = pools((1, 0, 0), 0.0, 35)[0]
    question = Question(0.95, Precision(1.0, relative=False))
    end = drive(KN, question, pool)
    state = KN.begin(question, list(pool[:, :10]))
    while state.asks():
        n = state.screened
        state = state.told({k: pool[k, n : n + 1] for k in state.alive})
    assert (state.best, state.screened, dict(state.dropped)) == (end.best, end.screened, dict(end.dropped))


def test_kn_is_what_its_authors_wrote() -> None:
    # η = ½[(2α/(k−1))^(−2/(n₀−1)) − 1], h² = 2η(n₀−1); W = max(0, δ/(2r)·(h²S²/δ² − r)).
    eta = 0.5 * ((2 * 0.05 / 2) ** (-2 / 9) - 1)
    assert first_stage_constant(0.95, 3, 10) == pytest.approx(2 * eta * 9)
    pool = pools((0.3, 0.2, 0.0), 0.0, 36)[1]
    state = KN.begin(Question(0.95, Precision(1.0, relative=False)), list(pool[:, :10]))
    alive, r = {0, 1, 2}, 9
    while len(alive) > 1:
        r += 1
        mean = pool[:, :r].mean(axis=1)
        margin = {
            (i, j): max(0.0, (2 * eta * 9 * np.var(pool[i, :10] - pool[j, :10], ddof=1) - r) / (2 * r))
            for i in alive
            for j in alive
        }
        alive = {i for i in alive if all(mean[i] >= mean[j] - margin[i, j] for j in alive if j != i)}
    end = drive(KN, state.question, pool)
    assert (end.best, end.screened) == (alive.pop(), r)


def test_systems_that_tie_for_ever_end_with_the_first() -> None:
    question = Question(0.95, Precision(1.0, relative=False))
    end = drive(KN, question, np.full((3, 800), 5.0))
    assert (end.best, end.stopped, end.screened) == (0, True, 10)
    assert drive(OCBA, question, np.full((3, 800), 5.0)).stopped


def test_the_most_replications_end_a_selection_undecided() -> None:
    pool = pools((0, 0), 0.0, 37)[0]
    for procedure in (KN, OCBA):
        end = drive(procedure, Question(0.99, Precision(0.01, relative=False), most=40), pool)
        assert not end.stopped
        assert max(len(mine) for mine in end.values) == 40


def test_the_allocation_is_that_of_the_book() -> None:
    # Chen & Lee, Stochastic Simulation Optimization, 2010: of 100 more replications 48, 38, 11, 2, 1; the
    # best
    # takes what rounding down leaves.
    means, variances = [1.2, 2.1, 3.4, 4.87, 6.05], [3.3, 2.0, 4.5, 5.3, 6.9]
    have = np.array([12, 6, 5, 5, 4])
    shares = allocation([-m for m in means], np.sqrt(variances).tolist(), 1e-9)
    more = np.floor(shares * 132 - have).astype(int)
    more[0] += 100 - more.sum()
    assert more.tolist() == [48, 38, 11, 2, 1]


def line(asked: Sequence[Asked]) -> list[Evaluated]:
    """A plant whose throughput peaks at 7 workers, and that cannot be built with none."""
    answers = []
    for one in asked:
        workers = int(str(one.changes["workers"]))
        if workers == 0:
            answers.append(Evaluated(one, {}, "A line without workers does nothing."))
            continue
        noise = [
            np.random.default_rng(r).normal() + 0.2 * np.random.default_rng((r, workers)).normal()
            for r in range(one.first, one.last + 1)
        ]
        values = 100 - (workers - 7) ** 2 + np.array(noise)
        answers.append(Evaluated(one, {"throughput": values, "cost": -values}))
    return answers


def finish(
    points: Sequence[int], measure: str = "throughput", aim: str = "maximise", **more: object
) -> Selected:
    """Select among numbers of workers."""
    question = Question(0.95, Precision(0.005))
    steps = select(
        [{"workers": k} for k in points],
        line,
        measure=measure,
        aim=aim,
        question=question,
        **more,  # type: ignore[arg-type]
    )
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Selected = end.value
            return found


@pytest.mark.parametrize("method", ["kn", "ocba"])
@pytest.mark.parametrize(("measure", "aim"), [("throughput", "maximise"), ("cost", "minimise")])
def test_the_winner_is_stated_with_fresh_replications(method: str, measure: str, aim: str) -> None:
    found = finish([5, 6, 7, 8], measure, aim, method=method)
    assert (found.best, found.decided) == (2, True)
    used = max(standing.replications for standing in found.standings)
    expected = line([Asked({"workers": 7}, used + 1, used + 30)])[0].values[measure]
    assert found.fresh.mean == pytest.approx(expected.mean())
    assert found.fresh.n == 30
    assert found.standings[2].mean == pytest.approx(100 if measure == "throughput" else -100, abs=1)


def test_a_point_that_cannot_be_run_is_left_out_and_named() -> None:
    found = finish([0, 6, 7])
    assert found.best == 2
    assert found.standings[0].error == "A line without workers does nothing."
    assert found.standings[0].mean is None
    with pytest.raises(SelectionError, match="Fewer than two points"):
        finish([0, 7])
    with pytest.raises(SelectionError, match="no `speed`"):
        finish([6, 7], "speed")


def test_questions_without_sense_are_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.5 and 1"):
        Question(1.0, Precision(0.1))
    with pytest.raises(ValueError, match="first stage"):
        Question(0.9, Precision(0.1), first=1)
    with pytest.raises(ValueError, match="mean is 0"):
        KN.begin(Question(0.9, Precision(0.1)), [np.zeros(10), np.zeros(10)])
