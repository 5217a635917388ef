"""A scenario's words as a search, and what is refused when measures are looked up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plant.sample import GOOD, SCENARIO
from twin.experiment.optimisation import Constraint, Goal
from twin.experiment.optimisation.words import search_of
from twin.plant.errors import InputError
from twin.plant.load import LoadedScenario, load_scenario


def study(folder: Path, measure: str = "throughput", constraint: str = "") -> LoadedScenario:
    (folder / "plant.yaml").write_text(GOOD, encoding="utf-8")
    words = f"  goals: [{{measure: {measure}, aim: maximise}}]\n  constraints: [{constraint}]\n"
    settings = "optimise:\n  settings: {people.operator.count: [1, 2, 3]}\n"
    (folder / "s.yaml").write_text(SCENARIO + settings + words, encoding="utf-8")
    return load_scenario(folder / "s.yaml")


def test_limits_are_in_si(tmp_path: Path) -> None:
    search = search_of(
        study(tmp_path, constraint="{measure: lead_time_mean, at_most: 2 h, probability: 90 %}")
    )
    assert search.goals == (Goal("throughput", "maximise"),)
    assert search.constraints == (Constraint("lead_time_mean", None, 7200.0, 0.9),)
    assert [setting.count for setting in search.settings] == [3]
    assert search.settings[0].ordered


def test_constraints_are_on_quantiles_and_probabilities_too(tmp_path: Path) -> None:
    lead = "{measure: lead_time_mean, quantile: 90 %, at_most: 2 h}"
    rate = "{measure: throughput, above: 3600/h, at_least: 80 %}"
    assert search_of(study(tmp_path, constraint=f"{lead}, {rate}")).constraints == (
        Constraint("lead_time_mean", None, 7200.0, quantile=0.9),
        Constraint("throughput", 0.8, None, above=1.0),
    )


@pytest.mark.parametrize(
    ("measure", "constraint", "message"),
    [
        ("thruput", "", "names `thruput`, which is no measure"),
        ("throughput", "{measure: leadtime, at_most: 3}", "names `leadtime`, which is no measure"),
        (
            "throughput",
            "{measure: lead_time_mean, at_most: 3 kg}",
            "is `3 kg`, and `lead_time_mean` is a time",
        ),
        ("throughput", "{measure: lead_time_mean, at_most: 3}", "is `3`, and `lead_time_mean` is a time"),
        ("throughput", "{measure: throughput, at_least: 3 h}", "`throughput` is a rate"),
        ("throughput", "{measure: throughput, above: 3 h, at_least: 80 %}", "`throughput` is a rate"),
        ("throughput", "{measure: yield, quantile: 80 %, at_least: 3 h}", "`yield` is a share"),
    ],
)
def test_measures_and_units_that_do_not_fit_are_told(
    tmp_path: Path, measure: str, constraint: str, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        search_of(study(tmp_path, measure, constraint))
    assert message in caught.value.problems[0].message
    assert caught.value.problems[0].line > SCENARIO.count("\n")


def test_a_scenario_without_an_optimisation_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plant.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "s.yaml").write_text(SCENARIO, encoding="utf-8")
    with pytest.raises(InputError, match="There is no `optimise` in it"):
        search_of(load_scenario(tmp_path / "s.yaml"))
