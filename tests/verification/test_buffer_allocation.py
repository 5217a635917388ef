"""Where a fixed number of buffer places pays most, searched by simulation and known from a Markov chain.

Three machines with exponential service, always fed, blocking after service. The chain has two counts: parts
that wait for the second machine, are on it or block the first (x), and likewise for the third (y).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import lil_array
from scipy.sparse.linalg import spsolve

from twin.experiment.optimisation import optimise
from twin.experiment.optimisation.words import search_of
from twin.experiment.sweeps.evaluate import evaluator
from twin.plant.load import load_scenario

pytestmark = pytest.mark.verification

RATES = (1.0, 0.8, 1.25)  # a second; the second machine is the slowest
PLACES = 6

PLANT = """\
twin: 1
plant: Three machines
equipment: {one: {}, two: {}, three: {}}
storage: {before_two: {capacity: 1}, before_three: {capacity: 1}}
recipes:
  part:
    operations:
      - a: {on: [one], takes: exponential(mean=1 s)}
      - b: {on: [two], takes: exponential(mean=1.25 s), wait_in: before_two}
      - c: {on: [three], takes: exponential(mean=0.8 s), wait_in: before_three}
orders: [{recipe: part, batches: 3000}]
"""
SCENARIO = """\
twin: 1
scenario: Six places
base: line.yaml
run: {kind: steady, horizon: 1200 s, warm_up: 200 s, replications: 8, seed: 5, record: folded}
optimise:
  settings: {storage: [«]}
  goals: [{measure: throughput, aim: maximise}]
  trials: 5
  replications: 6
  most: 24
  confirm: 24
"""


def throughput(before_two: int, before_three: int, rates: tuple[float, float, float] = RATES) -> float:
    """Parts a second, exactly."""
    states = [
        (x, y)
        for x in range(before_two + 3)
        for y in range(before_three + 3)
        if _possible(x, y, before_two, before_three)
    ]
    number = {state: k for k, state in enumerate(states)}
    flow = lil_array((len(states), len(states)))
    for (x, y), k in number.items():
        blocked = y == before_three + 2  # the second machine holds a finished part
        if x < before_two + (1 if blocked else 2):
            flow[k, number[x + 1, y]] += rates[0]
        if x > 0 and not blocked:
            flow[k, number[x - 1, y + 1]] += rates[1]
        if y > 0:
            flow[k, number[x, y - 1]] += rates[2]
    balance = (flow - _diagonal(flow)).T.tolil()
    balance[0, :] = 1.0
    share = spsolve(balance.tocsc(), np.eye(len(states))[0])
    return rates[2] * float(sum(p for (_, y), p in zip(states, share, strict=True) if y > 0))


def _possible(x: int, y: int, before_two: int, before_three: int) -> bool:
    return x <= before_two + 1 or y <= before_three + 1


def _diagonal(flow: lil_array) -> lil_array:
    diagonal = lil_array(flow.shape)
    diagonal.setdiag(flow.sum(axis=1))
    return diagonal


def test_the_chain_has_the_published_throughputs() -> None:
    assert throughput(1, 1, (1, 1, 1)) == pytest.approx(0.67047, abs=5e-6)
    assert throughput(5, 5, (1, 1, 1)) == pytest.approx(0.83076, abs=5e-6)


def test_the_search_finds_the_allocation_that_is_best(tmp_path: Path) -> None:
    splits = [(k, PLACES - k) for k in range(1, PLACES)]
    exact = {split: throughput(*split) for split in splits}
    best = max(exact, key=exact.__getitem__)
    choices = ", ".join(
        f"{{before_two: {{capacity: {a}}}, before_three: {{capacity: {b}}}}}" for a, b in splits
    )
    (tmp_path / "line.yaml").write_text(PLANT, encoding="utf-8")
    (tmp_path / "six.yaml").write_text(SCENARIO.replace("«", choices), encoding="utf-8")
    study = load_scenario(tmp_path / "six.yaml")
    evaluate = evaluator(tmp_path / "six.yaml", {"optimise": None}, engine="simpy", workspace=tmp_path)
    found = optimise(search_of(study), evaluate)
    winner = found.announced[0]
    storage = winner.candidate.changes["storage"]
    assert (storage["before_two"]["capacity"], storage["before_three"]["capacity"]) == best
    fresh = winner.means["throughput"]
    assert fresh.low <= exact[best] <= fresh.high
    gain = found.gain(winner, found.search.goals[0])
    assert gain.low <= exact[best] - throughput(1, 1) <= gain.high

    computed = evaluate.computed
    again = evaluator(tmp_path / "six.yaml", {"optimise": None}, engine="simpy", workspace=tmp_path)
    repeated = optimise(search_of(study), again)
    assert again.computed == 0 < computed  # every evaluation is found again
    assert [each.means for each in repeated.contenders] == [each.means for each in found.contenders]
