"""Trying points: all of a small space, else those that Optuna's sampler proposes, some at a time.

The sampler (tree-structured Parzen estimators; S. Watanabe, arXiv 2304.11127) sees means and by how much they
break constraints, never replications. Points are proposed `AT_A_TIME`, whatever the number of workers, so the
same seed gives the same search anywhere; a point proposed twice is not tried twice. Nothing is kept between
runs: who asks the same evaluations again finds them in the store, which is how a search is gone on with.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from twin.experiment.evaluation import Asked, Evaluate, Evaluated
from twin.experiment.optimisation.asking import Candidate, Search, violations
from twin.experiment.optimisation.space import Index, changes_of, size_of
from twin.plant.errors import InputError, Problem

AT_A_TIME = 4
_PROPOSALS = 20  # times the trials: proposals after which a search that only repeats itself ends


def tried(search: Search, evaluate: Evaluate, tell: Callable[[int], None]) -> list[Candidate]:
    """Every point that was tried, in order; `tell` hears after some of them how many there are.

    Raises:
        InputError: the space is too large to be tried whole, and Optuna is not installed.
    """
    if size_of(search.settings) <= search.trials:
        return _all(search, evaluate, tell)
    return _proposed(search, evaluate, tell)


def evaluated(
    search: Search, evaluate: Evaluate, first_number: int, indices: Sequence[Index]
) -> list[Candidate]:
    """New points with their first replications."""
    changes = [changes_of(search.settings, index) for index in indices]
    answers = evaluate([Asked(each, 1, search.replications) for each in changes])
    return [
        candidate_of(search, first_number + k, index, answer)
        for k, (index, answer) in enumerate(zip(indices, answers, strict=True))
    ]


def candidate_of(search: Search, number: int, index: Index, answer: Evaluated) -> Candidate:
    """A candidate from an answer; one that lacks a measure has an error instead of values."""
    error = answer.error or missing(search, answer)
    values = {} if error else {name: np.asarray(answer.values[name], float) for name in search.measures}
    return Candidate(number, index, answer.asked.changes, values, error)


def missing(search: Search, answer: Evaluated) -> str:
    """Which measure has no value in any replication, as a sentence; empty where none."""
    for name in search.measures:
        if name not in answer.values or np.isnan(answer.values[name]).all():
            return f"No replication has a value of `{name}`."
    return ""


def _all(search: Search, evaluate: Evaluate, tell: Callable[[int], None]) -> list[Candidate]:
    points = itertools.product(*(range(setting.count) for setting in search.settings))
    found: list[Candidate] = []
    for batch in _batches(points):
        found += evaluated(search, evaluate, len(found) + 1, batch)
        tell(len(found))
    return found


def _batches(points: Iterator[Index]) -> Iterator[list[Index]]:
    while batch := list(itertools.islice(points, AT_A_TIME)):
        yield batch


def _proposed(search: Search, evaluate: Evaluate, tell: Callable[[int], None]) -> list[Candidate]:
    """Points that Optuna proposes, until there are enough different ones, or it only repeats itself."""
    optuna = load_optuna()
    known: dict[Index, Candidate] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study = optuna.create_study(
            sampler=_sampler(optuna, search, known),
            directions=["maximize" if goal.sign > 0 else "minimize" for goal in search.goals],
        )
        for _ in range(_PROPOSALS * search.trials):
            if len(known) >= search.trials:
                break
            asked = [_ask(optuna, study, search) for _ in range(min(AT_A_TIME, search.trials - len(known)))]
            new = list(dict.fromkeys(index for _, index in asked if index not in known))
            for candidate in evaluated(search, evaluate, len(known) + 1, new):
                known[candidate.index] = candidate
            for trial, index in asked:
                _tell(optuna, study, trial, search, known[index])
            tell(len(known))
    return list(known.values())


def load_optuna() -> Any:
    """Optuna, quiet; raises InputError where it is not installed."""
    try:
        import optuna
    except ImportError:
        hint = "Install it with `pip install 'plant-twin[opt]'`, or give no more combinations than `trials`."
        message = "Searching a space needs Optuna, which is not installed."
        raise InputError([Problem("optimise", 0, 0, message, hint)]) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _sampler(optuna: Any, search: Search, known: dict[Index, Candidate]) -> Any:
    """The sampler, which looks up by how much a trial's means break the constraints."""

    def broken(trial: Any) -> list[float]:
        candidate = known[tuple(trial.params[setting.path] for setting in search.settings)]
        if candidate.error:
            return [float("inf")] * len(search.constraints)
        return violations(candidate, search.constraints)

    with warnings.catch_warnings():
        # Optuna 5 wants `Trial.set_constraint` in its place, which Optuna 4 does not have.
        warnings.filterwarnings("ignore", message=".*constraints_func", category=FutureWarning)
        return optuna.samplers.TPESampler(
            seed=search.seed % 2**32,
            n_startup_trials=max(10, search.trials // 5),
            multivariate=True,
            constant_liar=True,
            constraints_func=broken if search.constraints else None,
        )


def _ask(optuna: Any, study: Any, search: Search) -> tuple[Any, Index]:
    kinds = optuna.distributions
    space = {
        s.path: kinds.IntDistribution(0, s.count - 1)
        if s.ordered
        else kinds.CategoricalDistribution(tuple(range(s.count)))
        for s in search.settings
    }
    trial = study.ask(space)
    return trial, tuple(int(trial.params[setting.path]) for setting in search.settings)


def _tell(optuna: Any, study: Any, trial: Any, search: Search, candidate: Candidate) -> None:
    if candidate.error:
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    else:
        study.tell(trial, [candidate.mean(goal.measure) for goal in search.goals])
