"""What of a sweep need not be computed any more: replications that lie in its own folder, and runs to compare
with that lie in the workspace.

What a sweep has done does not count towards the hours that it may still take, so a limit may be lowered or
raised between two calls. What other sweeps have is found as points are reached, and not looked for here: that
would compile every point. Called by whoever holds a sweep against its limits, and by the dry run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from twin.experiment.store import Workspace
from twin.experiment.sweeps.folder import SweepFolder, folder_for
from twin.experiment.sweeps.plan import SweepPlan


@dataclass(frozen=True)
class There:
    """What is computed: replications of points, by number, and ids of runs to compare with."""

    points: Mapping[int, int] = field(default_factory=dict)
    runs: frozenset[str] = frozenset()

    def of(self, plan: SweepPlan) -> int:
        """Replications of the plan's chosen points that are computed.

        A folder may hold more than a plan asks for, of a point that has stopped at its precision all count.
        """
        return sum(self.points.get(point.number, 0) for point in plan.chosen)


NOTHING = There()


def there_in(plan: SweepPlan, folder: SweepFolder, place: Workspace) -> There:
    """What there is of a sweep; nothing where the folder is another's, or none."""
    runs = frozenset(run.id for run in plan.beside if place.run_folder(run.id).finished())
    if not folder.belongs_to(plan.id):
        return There({}, runs)
    numbers: defaultdict[int, set[int]] = defaultdict(set)
    for each in folder.covered():
        numbers[each.point] |= set(range(each.first, each.last + 1))
    complete = folder.known()
    points = {
        point.number: plan.wanted(point)
        if point.number in complete
        else min(len(numbers[point.number]), plan.wanted(point))
        for point in plan.points
        if point.number in complete or point.number in numbers
    }
    return There(points, runs)


def there_for(plan: SweepPlan, place: Workspace, out: Path | None, *, resume: bool) -> There:
    """The same of the folder that the sweep would go to; raises InputError where it cannot go there."""
    return there_in(plan, folder_for(plan, place, out, resume=resume), place)
