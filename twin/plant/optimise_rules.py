"""What a scenario's `optimise` may not say. Called by `load.py` for every scenario.

Whether settings fit the plant is tried in `load.py`; whether measures exist shows when they are computed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from twin.plant import axes
from twin.plant.checking import complain
from twin.plant.errors import Complaint, Path
from twin.plant.remainder import Refused
from twin.plant.scenario import Constraint, Optimise, Scenario
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
        *_of_confirmation(asked),
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
        kinds = [word for word in ("quantile", "above", "below") if getattr(each, word) is not None]
        if len(kinds) > 1:
            hint = "Write a constraint for each."
            yield complain((*path, kinds[1]), f"stands beside `{kinds[0]}`", hint)
            continue
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
        yield from _of_shares(each, path)


def _of_shares(each: Constraint, path: Path) -> Iterator[Complaint]:
    """Limits of a probability that are none."""
    if each.above is None and each.below is None:
        return
    for word in ("at_least", "at_most"):
        written = getattr(each, word)
        share = None if written is None else axes.numbers_of([written])
        if written is not None and (share is None or share[1] != "1" or not 0 < share[0][0] < 1):
            predicate = f"is `{written}`, and a probability lies between 0 and 1"
            yield complain((*path, word), predicate, "Write for example `95 %`.")


def _of_confirmation(asked: Optimise) -> Iterator[Complaint]:
    """Fresh replications that are too few to show a probability or a quantile, whatever comes out."""
    enough = [_needed(each, share) for each in asked.constraints for share in _least_shares(each)]
    if enough and asked.confirm < max(enough):
        predicate = f"is {asked.confirm:,}, too few to show what the constraints ask for, whatever comes out"
        yield complain(("optimise", "confirm"), predicate, f"Write `confirm: {max(enough)}` or more.")


def _least_shares(each: Constraint) -> Iterator[float]:
    """The share of replications that must lie on the right side of each limit."""
    limits = {
        word: found[0][0]
        for word in ("at_least", "at_most")
        if (written := getattr(each, word)) is not None and (found := axes.numbers_of([written]))
    }
    if each.quantile is not None:
        yield from ({"at_least": 1 - each.quantile, "at_most": each.quantile}[word] for word in limits)
    elif each.above is not None or each.below is not None:
        shares = (share if word == "at_least" else 1 - share for word, share in limits.items())
        yield from (share for share in shares if 0 < share < 1)


def _needed(each: Constraint, share: float) -> int:
    """Replications that show such a share where all of them lie on the right side: pⁿ ≤ 1 − probability."""
    return math.ceil(math.log(1 - each.probability) / math.log(share) - 1e-9)


def _of_replications(asked: Optimise) -> Iterator[Complaint]:
    if asked.most < asked.replications:
        predicate = f"is {asked.most:,}, and every point has {asked.replications:,} at first"
        hint = f"Write `most: {8 * asked.replications}`."
        yield complain(("optimise", "most"), predicate, hint)
