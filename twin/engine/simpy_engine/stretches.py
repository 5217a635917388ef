"""What the visits of an operation are like: of which stretches they consist, and what each needs."""

from __future__ import annotations

from twin.engine.program import NONE, Operation, Program

Required = tuple[tuple[int, int], ...]  # demands and how many of each


def is_plain(operation: Operation) -> bool:
    """Whether a visit is nothing but processing, for a time that is drawn."""
    only_processing = not (
        operation.setup or operation.start_up or operation.load or operation.unload or operation.phases
    )
    return operation.takes is not None and only_processing


def needs_nothing(operation: Operation, program: Program) -> bool:
    """Whether a unit that is free can start the operation whenever a lot waits."""
    calendars = [program.units[u].calendar for u in operation.units]
    return operation.take == NONE and not any(operation.needs) and all(c == NONE for c in calendars)


def required_by_stretch(operation: Operation) -> tuple[Required, ...]:
    """People to hold in each stretch; on the way to the unit already those of the stretch that follows."""
    whole, setup, start_up, processing, load, unload = (dict(n.people) for n in operation.needs)
    of_phases = [dict(phase.needs.people) for phase in operation.phases] or [{}]
    phases = [dict(_added(processing, needs)) for needs in of_phases]
    first = next(
        needs
        for needs, there in (
            (setup, operation.setup),
            (start_up, operation.start_up),
            (load, operation.load),
            (phases[0], True),
        )
        if there
    )
    stretches = (first, setup, start_up, load, *phases, unload)
    return tuple(_added(whole, needs) for needs in stretches)


def _added(one: dict[int, int], other: dict[int, int]) -> Required:
    if not one or not other:
        return tuple(sorted((one or other).items()))
    return tuple(sorted({p: one.get(p, 0) + other.get(p, 0) for p in one | other}.items()))
