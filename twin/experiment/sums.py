"""What all measures are made of: for each replication whole numbers and sums, counted over one window.

A record is counted whole (`counting/`), or its rows are folded as they come (`folding/`); both give these
sums, the same to the last bit, and the measures are functions of them and of nothing else. Here the sums of
several replications are put side by side, over the names that occur in any of them. A window, prices and
planned times stand apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, get_type_hints

import numpy as np
from numpy.typing import NDArray

from twin.engine.record import STATES
from twin.experiment.arrays import Integers, Reals
from twin.experiment.names import Names

Wide = NDArray[Any]  # of Python's integers: sums that 64 bits may not hold
Kind = Literal["whole", "wide", "real"]
PERCENT = (50, 90, 95)
HOLDS = ("max_wait_before", "shelf_life")
FIXED = {"states": len(STATES), "percent": len(PERCENT), "holds": len(HOLDS)}
NONE = np.iinfo(np.int64).min  # no level, or no lead time


@dataclass(frozen=True)
class Over:
    """Axes of a field behind the replications, its kind of number, and what stands for a name that did not
    occur.
    """

    axes: str = ""
    kind: Kind = "whole"
    empty: float = 0

    def shape(self, names: Names) -> tuple[int, ...]:
        """Shape behind the replications."""
        return tuple(
            FIXED[axis] if axis in FIXED else len(getattr(names, axis)) for axis in self.axes.split()
        )


@dataclass(frozen=True)
class Sums:
    """Sums of r replications; an axis is a field or property of `names`, or one of `FIXED`.

    Times are in ns, quantities in mg or pieces, contents of tanks in mg, a tank's content times time in
    mg·ns.
    """

    replications: Integers
    names: Names

    # Good lots that left in the window, and of all lots those whose last visit counts mg or pieces.
    finished: Annotated[Integers, Over()]
    good_mg: Annotated[Integers, Over()]
    good_pieces: Annotated[Integers, Over()]
    lots_in_mg: Annotated[Integers, Over()]
    lots_in_pieces: Annotated[Integers, Over()]
    lead_time: Annotated[Wide, Over(kind="wide")]
    lead_quantiles: Annotated[Integers, Over("percent", empty=NONE)]
    sketched: Annotated[Integers, Over()]  # 1: quantiles of the lead time are from a sketch
    waiting: Annotated[Wide, Over(kind="wide")]
    last_left: Annotated[Integers, Over()]  # ns of the last lot of all that left in the window, 0: none
    # Lots with a due date, those due in the window and of them the good ones in time; good ones that left.
    dated: Annotated[Integers, Over()]
    asked: Annotated[Integers, Over()]
    on_time: Annotated[Integers, Over()]
    delivered: Annotated[Integers, Over()]
    late: Annotated[Wide, Over(kind="wide")]
    # Lots released, those of them that found no place, lots that left inside (good, scrapped, rejected or
    # expired), those of them good and never reworked, and those whose yield is known, with their yields.
    released: Annotated[Integers, Over()]
    lost: Annotated[Integers, Over()]
    left: Annotated[Integers, Over()]
    clean: Annotated[Integers, Over()]
    weighed: Annotated[Integers, Over()]
    yields: Annotated[Reals, Over(kind="real")]
    inside: Annotated[Wide, Over(kind="wide")]  # the times inside of all lots that left
    # Visits finished, and those that went back; visits that passed a hold time, also by the limit's word.
    completed: Annotated[Integers, Over()]
    back: Annotated[Integers, Over()]
    exceeded: Annotated[Integers, Over()]
    exceeded_by: Annotated[Integers, Over("holds")]

    # Visits begun and finished, with waiting and processing; time in queues; passed hold times; stops: visits
    # that know them at any time, finished ones that do, and their stops.
    begun: Annotated[Integers, Over("operations")]
    waited: Annotated[Wide, Over("operations", kind="wide")]
    ended: Annotated[Integers, Over("operations")]
    worked: Annotated[Wide, Over("operations", kind="wide")]
    queued: Annotated[Wide, Over("operations", kind="wide")]
    operation_exceeded: Annotated[Integers, Over("operations")]
    stops_known: Annotated[Integers, Over("operations")]
    stops_counted: Annotated[Integers, Over("operations")]
    stops: Annotated[Reals, Over("operations", kind="real")]
    # Visits with physics at any time, and finished ones for which a model did not hold.
    physics_known: Annotated[Integers, Over("operations")]
    deviations: Annotated[Integers, Over("operations")]
    # Visits, at any time, of which it is known whether an emulator answered, and those that one did.
    answered: Annotated[Integers, Over("operations")]
    emulated: Annotated[Integers, Over("operations")]
    attribute_known: Annotated[Integers, Over("attributes")]
    attribute_sum: Annotated[Reals, Over("attributes", kind="real")]
    failed: Annotated[Integers, Over("failed")]

    # Units: planned time of the visits finished, those of them without one, their count, their good shares.
    planned: Annotated[Wide, Over("units", kind="wide")]
    unplanned: Annotated[Integers, Over("units")]
    produced: Annotated[Integers, Over("units")]
    good: Annotated[Reals, Over("units", kind="real")]
    state_times: Annotated[Integers, Over("units states")]
    cause_times: Annotated[Integers, Over("causes")]
    bottleneck_sole: Annotated[Integers, Over("units")]
    bottleneck_shifting: Annotated[Integers, Over("units")]

    # Levels: ∫ level dt, the highest that lasts, and by how much it rose in the window.
    integrals: Annotated[Wide, Over("entities", kind="wide")]
    peaks: Annotated[Integers, Over("entities", empty=NONE)]
    rises: Annotated[Integers, Over("entities")]
    tank_content: Annotated[Reals, Over("tanks", kind="real")]
    tank_least: Annotated[Reals, Over("tanks", kind="real", empty=np.nan)]
    tank_most: Annotated[Reals, Over("tanks", kind="real", empty=np.nan)]
    tank_full: Annotated[Integers, Over("tanks")]
    tank_empty: Annotated[Integers, Over("tanks")]

    # Bought material used up; lots released and what was scrapped of them; 1 where these are pieces.
    used: Annotated[Integers, Over("materials")]
    used_in_pieces: Annotated[Integers, Over("materials")]
    recipe_released: Annotated[Integers, Over("recipes")]
    recipe_scrapped: Annotated[Integers, Over("recipes")]
    recipe_in_pieces: Annotated[Integers, Over("recipes")]

    def over(self, names: Names) -> Sums:
        """These sums over other names; what did not occur here is empty."""
        if names == self.names:
            return self
        changed = {name: self.placed(name, names) for name in SPECS}
        return Sums(self.replications, names, **changed)

    def placed(self, name: str, names: Names) -> NDArray[Any]:
        """A field over other names; what did not occur here is empty."""
        spec, values = SPECS[name], getattr(self, name)
        axis = spec.axes.partition(" ")[0]
        if not axis or axis in FIXED:
            return np.asarray(values)
        old, new = getattr(self.names, axis), getattr(names, axis)
        if old == new:
            return np.asarray(values)
        place = {key: k for k, key in enumerate(new)}
        result = np.full((values.shape[0], len(new), *values.shape[2:]), spec.empty, dtype=DTYPES[spec.kind])
        kept = [k for k, key in enumerate(old) if key in place]
        result[:, [place[old[k]] for k in kept]] = values[:, kept]
        return result

    def ever(self, field: str) -> NDArray[np.bool_]:
        """Whether a field that is `DECISIVE` is other than 0 in any replication, by name of its axis."""
        if field not in DECISIVE:
            raise KeyError(field)
        return np.asarray(getattr(self, field).any(axis=0))

    @cached_property
    def decided(self) -> bytes:
        """What is `DECISIVE` here; over the same names sums that are alike in it have the same measures."""
        return b"".join(self.ever(field).tobytes() for field in DECISIVE)

    def index(self, axis: str, name: str) -> int | None:
        """Position of a name on an axis, None where it is not there."""
        known: tuple[str, ...] = getattr(self.names, axis)
        return known.index(name) if name in known else None


DECISIVE = (
    *("lots_in_mg", "lots_in_pieces", "dated", "physics_known", "stops_known"),
    *("used_in_pieces", "recipe_in_pieces"),
)
"""Fields that say by any replication's being other than 0 which measures all of them have, or in which unit;
measures ask `Sums.ever`."""
DTYPES: dict[Kind, Any] = {"whole": np.int64, "wide": object, "real": np.float64}
SPECS: dict[str, Over] = {
    name: hint.__metadata__[0]
    for name, hint in get_type_hints(Sums, include_extras=True).items()
    if hasattr(hint, "__metadata__")
}
"""What is counted over what, by field of `Sums`."""


def empty_sums(replications: Integers, names: Names) -> dict[str, NDArray[Any]]:
    """Arrays of every field as if nothing had happened, to be filled."""
    n = len(replications)
    return {
        name: np.full((n, *spec.shape(names)), spec.empty, dtype=DTYPES[spec.kind])
        for name, spec in SPECS.items()
    }


def together(parts: Sequence[Sums]) -> Sums:
    """Sums of different replications as one, over the names of all, in the order given.

    Raises:
        ValueError: there is nothing to put together.
    """
    if not parts:
        raise ValueError("There are no sums to put together.")
    if len(parts) == 1:
        return parts[0]
    names = Names.union(dict.fromkeys(part.names for part in parts))
    columns = {}
    for name, spec in SPECS.items():
        axis = spec.axes.partition(" ")[0]
        if axis and axis not in FIXED and not _same(axis, names, parts):
            columns[name] = np.concatenate([part.placed(name, names) for part in parts])
        else:
            columns[name] = np.concatenate([getattr(part, name) for part in parts])
    return Sums(np.concatenate([part.replications for part in parts]), names, **columns)


def _same(axis: str, names: Names, parts: Sequence[Sums]) -> bool:
    """Whether an axis has these names in all parts; what follows from other names is as they are."""
    of = {"recipes": "operations", "tanks": "entities"}.get(axis, axis)
    wanted = getattr(names, of)
    return all(getattr(part.names, of) == wanted for part in parts)
