"""Optimisation on formulas with a known best."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tests.experiment.optimisation.formulas import Formula
from twin.experiment.optimisation import Constraint, Goal, Search, optimise, setting_of
from twin.plant.errors import InputError
from twin.plant.scenario import Axis

X = setting_of("x", Axis(from_=-5, to=5))
N = setting_of("n", Axis(from_=0, to=9, integer=True))
KIND = setting_of("kind", Axis(values=("a", "b", "c")))
LOWEST = Goal("cost", "minimise")


def bowl(changes):
    """Lowest, 1, at x = 2, n = 6, kind b."""
    kind = {"a": 3.0, "b": 0.0, "c": 5.0}[changes.get("kind", "a")]
    return {"cost": 1 + (changes.get("x", 0) - 2) ** 2 + (changes.get("n", 0) - 6) ** 2 / 4 + kind}


def test_the_best_of_a_mixed_space_is_found() -> None:
    search = Search((X, N, KIND), (LOWEST,), trials=150, replications=3)
    found = optimise(search, Formula(bowl, own=0.2, shared=1.0))
    winner = found.announced[0]
    assert winner.candidate.changes["kind"] == "b"
    assert bowl(winner.candidate.changes)["cost"] < 1.6
    assert not found.whole_space


def test_a_small_space_is_tried_whole() -> None:
    found = optimise(Search((N, KIND), (LOWEST,), trials=30, replications=3), Formula(bowl, own=0.5))
    assert found.whole_space
    assert len(found.tried) == 30
    assert found.announced[0].candidate.changes == {"n": 6, "kind": "b"}


def test_the_same_seed_finds_the_same_and_another_one_searches_elsewhere() -> None:
    def points(seed: int) -> list[object]:
        search = Search((X, N, KIND), (LOWEST,), trials=30, replications=2, seed=seed)
        return [each.index for each in optimise(search, Formula(bowl, own=0.5)).tried]

    assert points(1) == points(1)
    assert points(1) != points(2)


def test_no_point_is_tried_twice() -> None:
    found = optimise(Search((N, KIND), (LOWEST,), trials=25, replications=2), Formula(bowl, own=0.5))
    assert len({each.index for each in found.tried}) == 25


def test_the_winner_is_announced_on_replications_that_the_search_never_saw() -> None:
    plant = Formula(bowl, own=2.0)
    search = Search((N, KIND), (LOWEST,), trials=30, replications=3, most=24, confirm=20)
    found = optimise(search, plant)
    fresh = [each for each in plant.asked if each.first > 24]
    assert {(each.first, each.last) for each in fresh} == {(25, 44)}
    assert len(fresh) == len(found.contenders) + 1  # and the present plant
    assert found.announced[0].means["cost"].n == 20


def test_the_search_is_too_optimistic_and_says_so() -> None:
    """Of forty equal points the one announced looked good by luck; the fresh mean takes that back."""
    many = setting_of("n", Axis(from_=0, to=39, integer=True))
    optimism = []
    for seed in range(12):
        plant = Formula(lambda changes, seed=seed: {"cost": 10.0}, own=1.0)
        plant.means = lambda changes, seed=seed: {"cost": 10.0, f"unused{seed}": 0.0}
        search = Search((many,), (LOWEST,), trials=40, replications=4, most=4, confirm=30)
        shifted = Formula(plant.means, own=1.0)
        found = optimise(search, _with_seed(shifted, seed))
        optimism.append(found.announced[0].optimism["cost"].mean)
        low, high = found.announced[0].means["cost"].low, found.announced[0].means["cost"].high
        assert high - low < 1.0
    assert np.mean(optimism) > 0.5  # the lowest of forty means of four, each with error 1/2


def _with_seed(plant: Formula, seed: int) -> Formula:
    """The same formula with other noise."""
    inner = plant.means

    def means(changes):
        return inner({key: value for key, value in changes.items() if key != "seed"})

    class Shifted(Formula):
        def _answer(self, asked):
            moved = asked.__class__({**asked.changes, "seed": seed}, asked.first, asked.last)
            answer = super()._answer(moved)
            return answer.__class__(asked, answer.values, answer.error)

    return Shifted(means, own=plant.own, shared=plant.shared)


def limited(changes):
    """More is better, and breaks the limit of 5 on `load` from n = 6 on."""
    n = float(changes.get("n", 0))
    return {"cost": -n, "load": n}


def test_a_constraint_is_kept_with_the_probability_asked_for() -> None:
    limit = Constraint("load", None, 5.5, 0.95)
    search = Search((N,), (LOWEST,), (limit,), trials=10, replications=5)
    winner = optimise(search, Formula(limited, own=0.3)).announced[0]
    assert winner.candidate.changes == {"n": 5}
    assert winner.probabilities[0] > 0.95


def test_where_nothing_keeps_the_constraints_nothing_is_announced() -> None:
    search = Search((N,), (LOWEST,), (Constraint("load", 20.0, None),), trials=10, replications=5)
    found = optimise(search, Formula(limited, own=0.3))
    assert found.announced == ()
    assert len(found.tried) == 10


def test_a_point_on_the_limit_is_not_called_feasible() -> None:
    search = Search((N,), (LOWEST,), (Constraint("load", None, 5.0, 0.95),), trials=10, replications=5)
    winner = optimise(search, Formula(limited, own=1.0)).announced[0]
    assert winner.candidate.changes["n"] < 5


def two(changes):
    """Two goals that pull x to 0 and to 3; what lies between cannot be improved in both."""
    x = changes.get("x", 0)
    return {"left": x**2, "right": (x - 3) ** 2}


def test_several_goals_give_a_front_on_which_none_beats_another() -> None:
    grid = setting_of("x", Axis(from_=-5, to=5, integer=True))
    goals = (Goal("left", "minimise"), Goal("right", "minimise"))
    found = optimise(Search((grid,), goals, trials=11, replications=4), Formula(two, own=0.1))
    assert sorted(each.candidate.changes["x"] for each in found.announced) == [0, 1, 2, 3]


def test_a_front_is_searched_in_a_large_space_too() -> None:
    goals = (Goal("left", "minimise"), Goal("right", "minimise"))
    found = optimise(Search((X, N), goals, trials=80, replications=2), Formula(two, own=0.05))
    xs = [each.candidate.changes["x"] for each in found.announced]
    assert len(xs) > 3
    assert all(-0.5 < x < 3.5 for x in xs)


def test_the_gain_over_the_present_plant_is_paired() -> None:
    search = Search((N, KIND), (LOWEST,), trials=30, replications=3)
    found = optimise(search, Formula(bowl, shared=50.0))
    gain = found.gain(found.announced[0], LOWEST)
    assert gain.mean == pytest.approx(bowl({})["cost"] - bowl({"n": 6, "kind": "b"})["cost"])
    assert gain.half_width < 1e-6


def test_points_that_fail_are_kept_with_their_message_and_the_rest_is_used() -> None:
    def fails(changes):
        if changes.get("n", 0) > 6:
            raise ValueError("The plant is stuck.")
        return bowl(changes)

    found = optimise(Search((N, KIND), (LOWEST,), trials=30, replications=2), Formula(fails, own=0.1))
    assert found.announced[0].candidate.changes == {"n": 6, "kind": "b"}
    assert {each.error for each in found.tried if each.changes["n"] > 6} == {"The plant is stuck."}


def test_a_measure_that_nothing_has_is_told() -> None:
    search = Search((N,), (Goal("speed", "maximise"),), trials=10, replications=2)
    found = optimise(search, Formula(bowl))
    assert found.announced == ()
    assert found.tried[0].error == "No replication has a value of `speed`."


def test_without_optuna_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(InputError, match="needs Optuna"):
        optimise(Search((X,), (LOWEST,), trials=5), Formula(bowl))
    optimise(Search((N,), (LOWEST,), trials=10), Formula(bowl))  # a small space needs none
