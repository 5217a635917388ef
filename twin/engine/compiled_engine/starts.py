"""Starts: each free unit, in file order, takes the first waiting lot that can start.

A start claims all that it needs or nothing. A unit leaves a lot to one that the recipe prefers and that is
free to take it now.
"""

from __future__ import annotations

from twin.engine.codes import BLOCKED, OFF_SHIFT, PRODUCING, STARVED, WAITING_CONTAINER
from twin.engine.compiled_engine import (
    assembly,
    containers,
    conveyors,
    dispatching,
    endings,
    hooks,
    hours,
    lots,
    materials,
    moves,
    people,
    portions,
    shared_units,
    stops,
    together,
    upkeep,
    work,
)
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.dispatching import nominal_of
from twin.engine.compiled_engine.lists import append, is_short, take_touched, touch
from twin.engine.compiled_engine.refused import refused
from twin.engine.compiled_engine.rows import set_state
from twin.engine.compiled_engine.tables import (
    container,
    head,
    line,
    lot,
    needs,
    operation,
    service,
    storage,
    unit,
)
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NO_STORAGE, NONE, PROCESSING
from twin.engine.rules.outcomes import DONE, REWORK


@inner
def start_work(p: Integers, q: Reals, s: Integers, f: Reals) -> None:
    """Start repairs and operations until none can start; those that wait for physics stand in its list."""
    while s[head.STATUS] != head.TOO_SMALL:
        if s[head.REPAIRS_N] and s[head.REPAIRERS]:
            stops.start_repairs(p, q, s)
        if not s[head.TOUCHED_N]:
            return
        i = take_touched(s)
        u = unit.now(s, i)
        if s[u + unit.LOT] != NONE:
            if not s[u + unit.RUNNING] and _waits_for_people(s, i):
                work.go(p, q, s, f, i)
            elif moves.stays(p, s, i):
                _go_on(p, q, s, f, i)
            if s[u + unit.OVERTIME]:
                people.hand_over(p, s, f, i)
        elif s[u + unit.LENT]:
            if not s[u + unit.RUNNING]:
                shared_units.show_waiting(p, s, i)
        elif s[u + unit.DOWN] or not s[u + unit.OPEN]:
            moves.show_idle(p, s, i)
        elif _try_start(p, q, s, f, i):
            _look_at_those_passed_over(s)  # it takes something else than what was left to it
            if s[head.FINISHED_N] or s[head.PLACES_N]:
                moves.move_lots(p, q, s, f)


@inner
def physics_has_answered(p: Integers, q: Reals, s: Integers, f: Reals) -> None:
    """Let the work go on that waited for nothing but physics: operation by operation, as it was asked for."""
    first, count = s[head.REQUESTS], s[head.REQUESTS_N]
    for k in range(count):
        u = unit.now(s, s[first + k])
        s[u + unit.REQUESTS] = 0
        if s[u + unit.PHASE] == PROCESSING:
            s[u + unit.REMAINING] = s[work.duration_at(s, s[first + k]) + PROCESSING]
    s[head.REQUESTS_N] = 0
    for k in range(count):
        number = s[unit.now(s, s[first + k]) + unit.OPERATION]
        if not _was_asked_before(s, first, k, number):
            for j in range(k, count):
                _go_if_it_waits(p, q, s, f, s[first + j], number)


@inner
def _was_asked_before(s: Integers, first: int, count: int, number: int) -> bool:
    """Whether physics was asked about an operation among the first requests of a list."""
    for k in range(first, first + count):  # noqa: SIM110 - a generator is none of what Numba compiles
        if s[unit.now(s, s[k]) + unit.OPERATION] == number:
            return True
    return False


@inner
def _go_if_it_waits(p: Integers, q: Reals, s: Integers, f: Reals, i: int, number: int) -> None:
    u = unit.now(s, i)
    waits = s[u + unit.PHASE] == PROCESSING and not s[u + unit.RUNNING] and not s[u + unit.DOWN]
    if waits and s[u + unit.OPERATION] == number:
        work.go(p, q, s, f, i)


@inner
def _look_at_those_passed_over(s: Integers) -> None:
    for k in range(s[head.TIRED], s[head.TIRED] + s[head.TIRED_N]):
        touch(s, s[k])
    forget_those_passed_over(s)


@inner
def forget_those_passed_over(s: Integers) -> None:
    """Units that left a lot to a preferred one wait for the next thing to happen: nothing more starts now."""
    for k in range(s[head.TIRED], s[head.TIRED] + s[head.TIRED_N]):
        s[unit.now(s, s[k]) + unit.TIRED] = 0
    s[head.TIRED_N] = 0


@inner
def _go_on(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """Start the next operation of a unit procedure with the lot that kept the unit, or show what it lacks."""
    u = unit.now(s, i)
    if s[u + unit.DOWN] or not s[u + unit.OPEN]:
        moves.show_idle(p, s, i)
        return
    slot = s[u + unit.LOT]
    b = lot.now(s, slot)
    number = s[b + lot.OPERATION]
    state, cause = _obstacle(p, s, i, number)
    if state == NONE:
        state, cause = refused(p, s, i, slot)
    short_of = _short_container(p, s, number)
    if state == NONE and short_of != NONE and s[b + lot.CONTAINER] == NONE:
        state, cause = WAITING_CONTAINER, p[container.plan(p, short_of) + container.CAUSE]
    if state == NONE and p[unit.plan(p, i) + unit.BLOCKING_BEFORE]:
        state, cause = _no_place(p, q, s, slot)
    if state == NONE:
        moves.leave_unit(p, q, s, f, i)
        _claim(p, q, s, f, i, slot)
    else:
        set_state(s, i, state, s[b + lot.NUMBER], number, cause)
        is_short(s, i)


@inner
def _waits_for_people(s: Integers, i: int) -> bool:
    u = unit.now(s, i)
    return (
        s[u + unit.FINISHED] == NONE
        and not s[u + unit.DOWN]
        and (s[u + unit.OPEN] == 1 or not s[u + unit.SUSPENDS])
        and not s[u + unit.REQUESTS]
    )


@inner
def _try_start(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> bool:
    """Start the unit's first candidate; where there is none, show why it waits.

    Returns whether it takes a lot, or has work of its own to do.
    """
    here = unit.plan(p, i)
    task = _own_task(p, s, i)
    if task != NONE:  # work of the unit's own goes before any lot
        _start_task(p, q, s, f, i, task)
        return True
    best, best_preference = NONE, 0
    state = cause = NONE
    for k in range(p[here + unit.SERVES_AT], p[here + unit.SERVES_AT] + p[here + unit.SERVES_N]):
        number = p[k]
        if not s[line.waiting(s, number)]:
            continue
        if state != NONE and s[line.now(s, number) + line.HELD]:
            continue
        slot, lacks, lacks_cause = _candidate(p, q, s, f, i, number)
        if state == NONE:
            state, cause = lacks, lacks_cause
        if slot == NONE:
            continue
        preference = p[
            service.plan(p, p[p[operation.plan(p, number) + operation.SERVICE_AT] + i]) + service.RANK
        ]
        if preference and _preferred_is_free(p, q, s, f, number, preference):
            _pass_over(s, i)
        elif best == NONE or dispatching.goes_before(p, s, i, slot, preference, best, best_preference):
            best, best_preference = slot, preference
    if upkeep.cares(p, i):
        looks_after_itself = upkeep.idles(p, s, f, i) if best == NONE else upkeep.before(p, s, f, i, best)
        if looks_after_itself:
            _start_task(p, q, s, f, i, _own_task(p, s, i))
            return True
    if best == NONE:
        _wait(s, i, state, cause)
        return False
    _begin(p, q, s, f, i, best)
    return True


@inner
def _own_task(p: Integers, s: Integers, i: int) -> int:
    """The first task that a unit has to do for itself, or none."""
    if not s[unit.now(s, i) + unit.TASKS_WAITING]:
        return NONE
    k = p[unit.plan(p, i) + unit.TASKS_AT]
    while not s[line.waiting(s, p[k])]:
        k += 1
    return p[k]


@inner
def _pass_over(s: Integers, i: int) -> None:
    u = unit.now(s, i)
    if not s[u + unit.TIRED]:
        s[u + unit.TIRED] = 1
        append(s, head.TIRED, i)


@inner
def _start_task(p: Integers, q: Reals, s: Integers, f: Reals, i: int, number: int) -> None:
    slot, state, cause = _candidate(p, q, s, f, i, number)
    if slot == NONE:
        _wait(s, i, state, cause)
    else:
        _begin(p, q, s, f, i, slot)


@inner
def _candidate(p: Integers, q: Reals, s: Integers, f: Reals, i: int, number: int) -> tuple[int, int, int]:
    """The first waiting lot of an operation that the unit can start; or none, and the state and cause."""
    o = operation.plan(p, number)
    if not p[o + operation.FREE]:
        state, cause = _obstacle(p, s, i, number)
        if state != NONE:
            return NONE, state, cause
    short_of = _short_container(p, s, number)
    slot, state, cause = _first(p, s, i, number, short_of)
    if slot == NONE:
        if short_of != NONE:
            return NONE, WAITING_CONTAINER, p[container.plan(p, short_of) + container.CAUSE]
        return NONE, state, cause
    if p[unit.plan(p, i) + unit.BLOCKING_BEFORE]:
        state, cause = _no_place(p, q, s, slot)
        if state != NONE:
            return NONE, state, cause
    return slot, NONE, NONE


@inner
def _short_container(p: Integers, s: Integers, number: int) -> int:
    """The kind of container of which a lot would need a clean one, and there is none."""
    kind = p[operation.plan(p, number) + operation.TAKE]
    return kind if kind != NONE and not s[container.now(s, kind) + container.CLEAN] else NONE


@inner
def _first(p: Integers, s: Integers, i: int, number: int, short_of: int) -> tuple[int, int, int]:
    """The first lot that can be fetched and that no rule refuses; or none, and why the first one is refused.

    Where containers are short, a lot that has one already. Where all lack results, one tells as much as all.
    """
    w = line.now(s, number)
    if short_of != NONE and not s[w + line.CARRYING]:
        return NONE, NONE, NONE  # all would have to take one
    state = cause = NONE
    all_lack_results = True
    slot = dispatching.first(p, s, i, number)
    while slot != NONE and (state == NONE or not s[w + line.HELD]):
        lacks_results = hooks.waits_for_results(p, s, slot)
        all_lack_results = all_lack_results and lacks_results
        if state != NONE and lacks_results:  # whatever else it lacks, it is not taken
            slot = dispatching.following(p, s, i, number, slot)
            continue
        b = lot.now(s, slot)
        may_come = s[b + lot.HOLDER] == NONE or moves.may_leave(p, s, s[b + lot.HOLDER])
        if may_come and (short_of == NONE or s[b + lot.CONTAINER] != NONE):
            why, whose = refused(p, s, i, slot)
            if why == NONE:
                return slot, NONE, NONE
            if state == NONE:
                state, cause = why, whose
        slot = dispatching.following(p, s, i, number, slot)
    s[w + line.HELD] = all_lack_results
    return NONE, state, cause


@inner
def _wait(s: Integers, i: int, state: int, cause: int) -> None:
    if state == NONE:
        set_state(s, i, STARVED, NONE, NONE, NONE)
        return
    set_state(s, i, state, NONE, NONE, cause)
    if state != OFF_SHIFT:
        is_short(s, i)


@inner
def _obstacle(p: Integers, s: Integers, i: int, number: int) -> tuple[int, int]:
    """What keeps the unit from starting any lot of an operation now: a state and its cause, or none."""
    nominal = nominal_of(p, i, number)
    at = p[unit.plan(p, i) + unit.CALENDAR]
    if at != NONE and not hours.fits(p, at, s[head.NOW], nominal):
        return OFF_SHIFT, p[head.CLOSING]
    required = p[p[operation.plan(p, number) + operation.NEEDS_AT]]
    if required != needs.NOTHING:
        wanted = people.lacking(p, s, required, NONE, nominal)
        if wanted != people.ENOUGH:
            return people.state_of_waiting(p, wanted), people.cause_of(p, wanted)
    if p[head.MATERIALS]:
        state, cause = materials.lacks(p, s, number)
        if state != NONE:
            return state, cause
    return hooks.obstacle(p, s, number)


@inner
def _no_place(p: Integers, q: Reals, s: Integers, slot: int) -> tuple[int, int]:
    at = _storage_after(p, q, s, slot)
    if at == NONE or moves.has_room(p, s, at):
        return NONE, NONE
    return BLOCKED, p[storage.plan(p, at) + storage.CAUSE]


@inner
def _storage_after(p: Integers, q: Reals, s: Integers, slot: int) -> int:
    """The storage that the lot will wait in after its operation; none where it needs no place."""
    b = lot.now(s, slot)
    number = s[b + lot.OPERATION]
    o = operation.plan(p, number)
    outcome = DONE
    if q[p[o + operation.SCRAP]] or q[p[o + operation.REWORK]]:
        outcome = endings.decide(p, q, s, number, s[b + lot.NUMBER], lots.visit(p, s, slot))
    following = NONE
    if outcome == DONE:
        following = p[o + operation.NEXT]
    elif outcome == REWORK:
        following = p[o + operation.REWORK_TO]
    if following == NONE:
        return NONE
    procedure = p[operation.plan(p, following) + operation.PROCEDURE]
    if procedure != NONE and procedure == p[o + operation.PROCEDURE]:
        return NONE  # the lot keeps its unit
    return p[operation.plan(p, following) + operation.STORAGE]


@inner
def _preferred_is_free(p: Integers, q: Reals, s: Integers, f: Reals, number: int, preference: int) -> bool:
    first = p[operation.plan(p, number) + operation.UNITS_AT]
    for k in range(first, first + preference):
        u = unit.now(s, p[k])
        free = s[u + unit.LOT] == NONE and s[u + unit.OPEN] == 1 and not s[u + unit.DOWN]
        free = free and not s[u + unit.LENT] and _own_task(p, s, p[k]) == NONE
        if free and _candidate(p, q, s, f, p[k], number)[0] != NONE:
            return True
    return False


@inner
def _begin(p: Integers, q: Reals, s: Integers, f: Reals, i: int, slot: int) -> None:
    """Fetch the lot and begin its operation."""
    fetch(p, q, s, f, slot)
    _claim(p, q, s, f, i, slot)


@inner
def _claim(p: Integers, q: Reals, s: Integers, f: Reals, i: int, slot: int) -> None:
    """Claim all that the lot's operation needs, and begin its first stretch."""
    u, b = unit.now(s, i), lot.now(s, slot)
    number = s[b + lot.OPERATION]
    o = operation.plan(p, number)
    s[u + unit.LOT] = slot
    s[u + unit.OPERATION] = number
    s[u + unit.VISIT] = lots.visit(p, s, slot)
    s[u + unit.STARTED] = s[head.NOW]
    s[u + unit.AT_TASK] = p[o + operation.TASK_OF] == i
    if not s[u + unit.AT_TASK] and not s[b + lot.CLEANED_AGAIN]:
        s[head.LAST_START] = s[head.NOW]
    s[u + unit.FINISHED] = NONE
    keep_place(p, q, s, i, slot)
    if p[o + operation.TAKE] != NONE and s[b + lot.CONTAINER] == NONE:
        containers.take(p, s, slot, p[o + operation.TAKE])
    required = p[p[o + operation.NEEDS_AT]]
    if required != needs.NOTHING:
        people.hold(p, s, f, i, required, nominal_of(p, i, number))
    if p[head.MATERIALS]:
        materials.take(p, q, s, i, slot)
    if p[head.MERGES]:
        slot = assembly.merge(p, q, s, f, i, slot)
    if p[head.UPKEEPS]:
        upkeep.claims(p, q, s, f, i, slot)
    hooks.claims(p, q, s, f, i, slot)
    if p[head.IN_PORTIONS]:
        portions.begin(p, s, i)
    if p[head.TOGETHER] != NONE:
        slot = together.take_mates(p, q, s, f, i, slot)
    b = lot.now(s, slot)
    travel = 0
    if p[head.TRAVEL] != NONE and s[b + lot.PLACE] != NONE:
        travel = p[p[head.TRAVEL] + s[b + lot.PLACE] * p[head.PLACES] + i]
    work.prepare(p, q, s, f, i, travel)
    if p[o + operation.PHYSICS] != NONE and s[u + unit.PHASE] == PROCESSING:
        set_state(s, i, PRODUCING, max(s[b + lot.NUMBER], NONE), number, NONE)
    else:
        work.go(p, q, s, f, i)


@inner
def keep_place(p: Integers, q: Reals, s: Integers, i: int, slot: int) -> None:
    """Reserve the lot's next place, where the unit does not start without one."""
    if p[unit.plan(p, i) + unit.BLOCKING_BEFORE]:
        at = _storage_after(p, q, s, slot)
        if at != NONE:
            s[storage.now(s, at) + storage.KEPT] += 1
            s[unit.now(s, i) + unit.RESERVED] = at


@inner
def fetch(p: Integers, q: Reals, s: Integers, f: Reals, slot: int) -> None:
    """Take the lot out of its line, and off the unit or out of the storage where it waits."""
    lots.leave(p, s, slot)
    b = lot.now(s, slot)
    s[b + lot.LOSES_PATIENCE] = 0
    at = s[b + lot.STORED]
    if at != NONE:
        s[b + lot.STORED] = NONE
        moves.change_stored(p, s, at, -1)
        if conveyors.is_belt(p, at):
            conveyors.taken(p, s, at)
        return
    at = p[operation.plan(p, s[b + lot.OPERATION]) + operation.STORAGE]
    if at not in (NONE, NO_STORAGE):
        lots.leave_queue(s, slot, at)
    if s[b + lot.HOLDER] != NONE:
        moves.leave_unit(p, q, s, f, s[b + lot.HOLDER])
