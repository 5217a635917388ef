"""Rules of people, shared units and calendars: what could never be open, never start, or wait for ever.

Pure functions from a checked plant to complaints; `checks.py` calls them. They speak only where it is
certain: a pool counts with the most people who are ever present at once, whatever others do with them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime

from twin.engine.openings import monday_before, openings
from twin.engine.rules.calendars import WEEK, is_open
from twin.engine.rules.people import assign
from twin.plant import upkeep
from twin.plant.errors import Complaint, Path
from twin.plant.quality import tests
from twin.plant.remembered import remembered
from twin.plant.schema import Calendar, Equipment, Failure, Need, Operation, People, Plant
from twin.plant.sentences import sentence
from twin.plant.skills import members, pools_of

_ALL = ("setup", "start_up", "load", "processing", "unload")
_STRETCHES = {"running": ("processing",), "calendar": _ALL}
_MOST_WEEKS = 104  # over which shifts of different cycles are compared


def complaints(plant: Plant, start: datetime) -> list[Complaint]:
    """Everything about people and calendars that no engine could carry out."""
    closed = list(_never_open(plant, start))
    if closed:
        return closed
    most = {
        name: _most_present(people, start, *(plant.calendars[p.calendar] for p in people.parts if p.calendar))
        for name, people in plant.people.items()
    }
    most |= {
        f"unit {name}": equipment.count * equipment.capacity for name, equipment in plant.equipment.items()
    }
    work = list(_work(plant))
    return [
        *_never_starts(plant, [*work, *_upkeep(plant)], most),
        *_repairs_that_wait_for_ever(plant, work, most),
    ]


Work = tuple[Path, Sequence[str], Sequence[Need]]  # path of its needs, equipment, needs


def _work(plant: Plant) -> Iterator[Work]:
    """Every piece of work that needs something."""
    for name, container in plant.containers.items():
        if container.cleaning is not None:
            yield ("containers", name, "cleaning", "needs"), container.cleaning.on, container.cleaning.needs
    for name, recipe in plant.recipes.items():
        for position, (key, operation) in enumerate(recipe.operations.items()):
            path: Path = ("recipes", name, "operations", position, key, "needs")
            for needs in _by_phase(operation):
                yield path, operation.on, needs
            if operation.in_process is not None:
                check = operation.in_process
                yield (*path[:-1], "in_process", "needs"), (), check.needs  # done, whatever the unit does
            for inside, test in tests(operation):
                yield (*path[:-1], *inside, "needs"), test.on, test.needs


def _upkeep(plant: Plant) -> Iterator[Work]:
    """What units do for themselves; a failure does not interrupt it, for who maintains a unit repairs it."""
    for name, equipment in plant.equipment.items():
        for path, own in upkeep.needs(("equipment", name), equipment):
            yield path, (name,), [need.model_copy(update={"during": "operation"}) for need in own]


def _by_phase(operation: Operation) -> list[tuple[Need, ...]]:
    """What an operation needs with each of its phases; those of a phase count as needs of processing."""
    phases = [
        tuple(need.model_copy(update={"during": "processing"}) for need in phase.needs)
        for phase in operation.phases.values()
    ]
    return [(*operation.needs, *needs) for needs in phases or [()]]


def _never_open(plant: Plant, start: datetime) -> Iterator[Complaint]:
    for name, calendar in plant.calendars.items():
        hours = openings(calendar, monday_before(start))
        if not hours.spans and not hours.always:
            path: Path = ("calendars", name, "breaks")
            hint = "Leave some of an opening between them."
            yield Complaint(path, sentence(path, "leave nothing of the openings"), hint)


@remembered(most=1_000)
def _most_present(people: People, start: datetime, *calendars: Calendar) -> int:
    """The most people of a pool who are ever present at once, closed dates aside; `calendars` are those of
    its parts that have one.
    """
    monday = monday_before(start)
    always = sum(part.count for part in people.parts if part.calendar is None)
    counts = [part.count for part in people.parts if part.calendar]
    hours = [(n, openings(each, monday)) for n, each in zip(counts, calendars, strict=True)]
    cycle = math.lcm(*(h.cycle for _, h in hours)) if hours else 0
    if cycle > _MOST_WEEKS * WEEK:
        return people.size
    begins = {0} | {
        (first + turn) % cycle for _, h in hours for first, _ in h.spans for turn in range(0, cycle, h.cycle)
    }

    def present(time: int) -> int:
        return sum(
            count
            for count, h in hours
            if is_open([a for a, _ in h.spans], [b for _, b in h.spans], h.cycle, (), (), time)
        )

    return always + max(present(time) for time in begins)


def _never_starts(plant: Plant, work: Sequence[Work], most: dict[str, int]) -> Iterator[Complaint]:
    """Work that needs, all at once, more than there is, though each of its needs could be met alone."""
    for path, _, needs in work:
        for stretch in _ALL:
            wanted = [need for need in needs if need.during in ("operation", stretch)]
            if len(wanted) < 2 or not all(_can_be_met(plant, [need], most) for need in wanted):
                continue
            if not _can_be_met(plant, wanted, most):
                message = f"could never start: all that is needed in `{stretch}` is never there at once"
                yield Complaint(path, sentence(path, message), "Have more people, or ask for fewer at once.")
                break


def _repairs_that_wait_for_ever(
    plant: Plant, work: Sequence[Work], most: dict[str, int]
) -> Iterator[Complaint]:
    """A repair needs people while the work that it interrupts keeps its own of the same."""
    for name, equipment in plant.equipment.items():
        interrupted = [needs for _, on, needs in work if name in on]
        for path, failure in _failures(name, equipment):
            found = _for_ever(plant, failure, interrupted, most)
            if found is not None:
                at, message, hint = found
                yield Complaint((*path, at), sentence((*path, at), message), hint)
        yield from _units_need_themselves(name, equipment)


def _failures(name: str, equipment: Equipment) -> Iterator[tuple[Path, Failure]]:
    """The failures of a unit and of the stations of a flow section, each with the path of its needs."""
    for index, failure in enumerate(equipment.failures):
        yield ("equipment", name, "failures", index, "needs"), failure
    stations = {} if equipment.flow is None else equipment.flow.stations
    for station, words in stations.items():
        for index, failure in enumerate(words.failures):
            yield ("equipment", name, "flow", "stations", station, "failures", index, "needs"), failure


def _for_ever(
    plant: Plant, failure: Failure, interrupted: Sequence[Sequence[Need]], most: dict[str, int]
) -> tuple[int, str, str] | None:
    """The repair's need that could wait for ever, with what to say of it."""
    kept = [
        [need for need in needs if need.keep and need.during in ("operation", stretch)]
        for needs in interrupted
        for stretch in _STRETCHES[failure.clock]
    ]
    for people in dict.fromkeys(need.people for need in failure.needs if need.people is not None):
        first = next(i for i, need in enumerate(failure.needs) if need.people == people)
        count = sum(need.count for need in failure.needs if need.people == people)
        held = max((sum(n.count for n in needs if n.people == people) for needs in kept), default=0)
        if held + count > most[people]:
            message = (
                f"could wait for ever: the repair asks for {count} `{people}` while the work that it "
                f"interrupts keeps {held}, and the plant has {most[people]}"
            )
            return first, message, f"Have at least {held + count} `{people}`, or let others repair."
    if all(_can_be_met(plant, [*needs, *failure.needs], most) for needs in kept):
        return None
    message = (
        "could wait for ever: the work that it interrupts keeps people or units that the repair asks for"
    )
    return 0, message, "Have more of them, let others repair, or let the work go on without: `keep: false`."


def _units_need_themselves(name: str, equipment: Equipment) -> Iterator[Complaint]:
    for index, failure in enumerate(equipment.failures):
        for number, need in enumerate(failure.needs):
            if need.unit == name and equipment.count == 1:
                path: Path = ("equipment", name, "failures", index, "needs", number)
                yield Complaint(
                    path, sentence(path, f"asks for `{name}`, which is down"), "Name another unit."
                )


def _can_be_met(plant: Plant, needs: Sequence[Need], most: dict[str, int]) -> bool:
    """Whether all needs can be met at once where nobody else asks; shares of attention count as nothing."""
    names = list(most)
    wanted: list[int] = []
    first = [0]
    for need in needs:
        asked = [([f"unit {need.unit}"], need.count)] if need.unit is not None else []
        asked += [(pools_of(plant, m), n) for m, n in members(plant, need) if m.attention == 1]
        for resources, count in asked:
            for _ in range(count):
                wanted += [names.index(resource) for resource in resources]
                first.append(len(wanted))
    places = len(first) - 1
    free, taken = list(most.values()), [-1] * places
    return assign(wanted, first, free, taken, [-1] * len(free), [-1] * places) == places
