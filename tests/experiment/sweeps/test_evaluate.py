"""What comes out at settings: the same for the same question, and computed once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import twin
from tests.experiment.sweeps.conftest import MIX, PRESS, scenario, swept
from twin.experiment.evaluation import Asked
from twin.experiment.sweeps.evaluate import Evaluator, evaluator

SLOW = {PRESS: "exponential(mean=16 min)"}
TWO = f"{MIX}: [5 min, 10 min]"


def cell(folder: Path) -> Evaluator:
    scenario(folder, TWO)
    return evaluator(folder / "cell.yaml", engine="simpy", workspace=folder, workers=1)


def test_answers_are_what_a_run_gives(tmp_path: Path) -> None:
    (answer,) = cell(tmp_path)([Asked(SLOW, 1, 6)])
    run = twin.run(
        tmp_path / "cell.yaml", set=SLOW, replications=6, engine="simpy", workspace=tmp_path / "runs"
    )
    for name, values in run.values.items():
        if values:
            assert list(answer.values[name]) == list(values.values()), name


def test_further_replications_add_to_the_first(tmp_path: Path, computed: list[tuple[int, int]]) -> None:
    ask = cell(tmp_path)
    (first,) = ask([Asked(SLOW, 1, 10)])
    (more,) = ask([Asked(SLOW, 11, 13)])
    (all_,) = ask([Asked(SLOW, 1, 13)])
    joined = np.concatenate([first.values["makespan"], more.values["makespan"]])
    assert all_.values["makespan"].tolist() == joined.tolist()
    assert sorted(number for _, number in computed) == list(range(1, 14))


def test_a_question_asked_twice_is_computed_once_and_answered_in_order(
    tmp_path: Path, computed: list[tuple[int, int]]
) -> None:
    ask = cell(tmp_path)
    asked = [Asked(SLOW, 1, 4), Asked({}, 1, 4), Asked(SLOW, 3, 4)]
    answers = ask(asked)
    assert [answer.asked for answer in answers] == asked
    assert answers[2].values["makespan"].tolist() == answers[0].values["makespan"][2:].tolist()
    assert len(computed) == 8


def test_searches_and_sweeps_share_what_they_compute(tmp_path: Path, computed: list[tuple[int, int]]) -> None:
    swept(scenario(tmp_path, TWO), tmp_path)
    computed.clear()
    ask = evaluator(tmp_path / "cell.yaml", engine="simpy", workspace=tmp_path, workers=1)
    ask([Asked({MIX: "5 min"}, 1, 5), Asked({MIX: "7 min"}, 1, 5)])
    assert len(computed) == 5
    swept(scenario(tmp_path, f"{MIX}: [7 min, 10 min]"), tmp_path)
    assert len(computed) == 5


def test_settings_that_cannot_be_run_are_answered_in_words(tmp_path: Path) -> None:
    wrong, right = cell(tmp_path)([Asked({MIX: "5 kg"}, 1, 2), Asked({}, 1, 2)])
    assert "5 kg" in wrong.error
    assert not right.error
    (steady,) = cell(tmp_path)([Asked({"orders": [{"recipe": "tablet", "every": "20 min"}]}, 1, 2)])
    assert "run.warm_up" in steady.error


@pytest.mark.parametrize("count", [1, 3])
def test_random_numbers_are_shared_between_settings(tmp_path: Path, count: int) -> None:
    fast, slow = cell(tmp_path)([Asked({}, 1, count), Asked(SLOW, 1, count)])
    assert np.all(fast.values["makespan"] < slow.values["makespan"])
