"""What a scenario's `optimise` may not say. Called by `load.py` for every scenario.

Whether settings fit the plant is tried in `load.py`; whether measures exist shows when they are computed.
"""

from __future__ import annotations

from collections.abc import Iterator

from twin.plant import axes
from twin.plant.checking import complain
from twin.plant.errors import Complaint
from twin.plant.remainder import Refused
from twin.plant.scenario import Optimise, Scenario
from twin.plant.sweep_rules import LARGEST_DESIGN


def complaints(scenario: Scenario, refused: Refused) -> list[Complaint]:
    """What is wrong with the optimisation of a scenario, of which parts may have been refused."""
    if scenario.optimise is None:
        return []
    asked = scenario.optimise
    return [
        *_of_settings(asked),
        *_of_goals(asked),
        *_of_constraints(asked, refused),
        *_of_replications(asked),
    ]


def _of_settings(asked: Optimise) -> Iterator[Complaint]:
    if len(asked.settings) > LARGEST_DESIGN:
        predicate = f"are {len(asked.settings):,}, more than {LARGEST_DESIGN:,}"
        yield complain(("optimise", "settings"), predicate)
    for dotted, axis in asked.settings.items():
        yield from axes.complaints(axis, ("optimise", "settings", dotted))


def _of_goals(asked: Optimise) -> Iterator[Complaint]:
    seen: set[str] = set()
    for number, goal in enumerate(asked.goals):
        if goal.measure in seen:
            predicate = f"names `{goal.measure}`, which is a goal already"
            yield complain(("optimise", "goals", number, "measure"), predicate)
        seen.add(goal.measure)


def _of_constraints(asked: Optimise, refused: Refused) -> Iterator[Complaint]:
    for number, each in enumerate(asked.constraints):
        path = ("optimise", "constraints", number)
        if refused.keys(path) & {"at_least", "at_most"}:
            continue  # which limits there would be is not known
        if each.at_least is None and each.at_most is None:
            hint = "Write for example `{measure: lead_time_p95, at_most: 3 days}`."
            yield complain(path, "says neither `at_least` nor `at_most`", hint)
        elif each.at_least is not None and each.at_most is not None:
            found = axes.numbers_of([each.at_least, each.at_most])
            if found is None:
                yield complain(path, "has limits of different kinds", "Give both the same unit.")
            elif found[0][0] > found[0][1]:
                yield complain((*path, "at_most"), "lies below `at_least`, so that nothing keeps both")


def _of_replications(asked: Optimise) -> Iterator[Complaint]:
    if asked.most < asked.replications:
        predicate = f"is {asked.most:,}, and every point has {asked.replications:,} at first"
        hint = f"Write `most: {8 * asked.replications}`."
        yield complain(("optimise", "most"), predicate, hint)
