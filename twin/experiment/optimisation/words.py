"""A scenario's `optimise` as a search: settings as numbers, limits in SI and in the unit of their measure."""

from __future__ import annotations

from twin.experiment.optimisation.asking import Goal, Search
from twin.experiment.optimisation.constraints import Constraint
from twin.experiment.optimisation.space import setting_of
from twin.experiment.wanted import check_goals
from twin.plant import axes
from twin.plant.errors import Complaint, InputError
from twin.plant.load import LoadedScenario


def search_of(study: LoadedScenario) -> Search:
    """What a scenario asks for.

    Raises:
        InputError: it does not say what to optimise, or a measure or the unit of a limit is wrong.
    """
    asked = study.scenario.optimise
    if asked is None:
        hint = "Add `optimise: {settings: …, goals: …}`; docs/optimisation.md has examples."
        raise InputError([study.problem(Complaint(("scenario",), "There is no `optimise` in it.", hint))])
    wrong = list(check_goals(asked))
    if wrong:
        raise InputError([study.problem(complaint) for complaint in wrong])
    return Search(
        settings=tuple(setting_of(path, axis) for path, axis in asked.settings.items()),
        goals=tuple(Goal(goal.measure, goal.aim) for goal in asked.goals),
        constraints=tuple(
            Constraint(
                each.measure,
                _amount(each.at_least),
                _amount(each.at_most),
                each.probability,
                each.quantile,
                _amount(each.above),
                _amount(each.below),
            )
            for each in asked.constraints
        ),
        trials=asked.trials,
        replications=asked.replications,
        most=asked.most,
        confirm=asked.confirm,
        level=study.scenario.run.level,
        seed=asked.seed,
    )


def _amount(written: object) -> float | None:
    """A limit in SI."""
    if written is None:
        return None
    found = axes.numbers_of([written])
    assert found is not None, "the language takes numbers and quantities only"
    return found[0][0]
