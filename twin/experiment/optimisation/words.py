"""A scenario's `optimise` as a search: settings as numbers, limits in SI and in the unit of their measure."""

from __future__ import annotations

from collections.abc import Iterator

from twin.experiment.catalogue import MEASURES, describe
from twin.experiment.optimisation.asking import Constraint, Goal, Search
from twin.experiment.optimisation.space import setting_of
from twin.plant import axes, scenario
from twin.plant.checking import complain
from twin.plant.errors import Complaint, InputError, Path
from twin.plant.load import LoadedScenario
from twin.plant.sentences import did_you_mean


def search_of(study: LoadedScenario) -> Search:
    """What a scenario asks for.

    Raises:
        InputError: it does not say what to optimise, or a limit is not in the unit of its measure.
    """
    asked = study.scenario.optimise
    if asked is None:
        hint = "Add `optimise: {settings: …, goals: …}`; docs/optimisation.md has examples."
        raise InputError([study.problem(Complaint(("scenario",), "There is no `optimise` in it.", hint))])
    wrong = [*_unknown(asked), *_wrong_units(asked)]
    if wrong:
        raise InputError([study.problem(complaint) for complaint in wrong])
    return Search(
        settings=tuple(setting_of(path, axis) for path, axis in asked.settings.items()),
        goals=tuple(Goal(goal.measure, goal.aim) for goal in asked.goals),
        constraints=tuple(
            Constraint(each.measure, _amount(each.at_least), _amount(each.at_most), each.probability)
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


def _unknown(asked: scenario.Optimise) -> Iterator[Complaint]:
    """Measures that the catalogue does not know."""
    named = [(("optimise", "goals", k, "measure"), goal.measure) for k, goal in enumerate(asked.goals)]
    named += [
        (("optimise", "constraints", k, "measure"), each.measure) for k, each in enumerate(asked.constraints)
    ]
    for path, measure in named:
        try:
            describe(measure)
        except KeyError:
            hint = (
                did_you_mean(measure, [each.pattern for each in MEASURES]) or "docs/measures.md has them all."
            )
            yield complain(path, f"names `{measure}`, which is no measure", hint)


def _wrong_units(asked: scenario.Optimise) -> Iterator[Complaint]:
    """Limits that are not in the unit of their measure; those in money are not looked at."""
    for number, each in enumerate(asked.constraints):
        try:
            unit = describe(each.measure).unit
        except KeyError:
            continue
        for key, written in (("at_least", each.at_least), ("at_most", each.at_most)):
            known = None if written is None else axes.numbers_of([written])
            if known is None or unit not in _TOLD or known[1] == unit:
                continue
            if known[1] != "1" or unit not in _COUNTED:
                predicate = f"is `{written}`, and `{each.measure}` is a {_TOLD[unit][0]}"
                path: Path = ("optimise", "constraints", number, key)
                yield complain(path, predicate, f"Write for example `{_TOLD[unit][1]}`.")


_TOLD = {
    "s": ("time", "3 days"),
    "1/s": ("rate", "2/h"),
    "kg": ("mass", "500 kg"),
    "1": ("share or a number", "95 %"),
    "lots": ("number of lots", "40"),
    "pieces": ("number of pieces", "50000 pieces"),
}
_COUNTED = ("1", "lots", "pieces")
