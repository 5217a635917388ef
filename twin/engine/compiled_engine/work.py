"""Work in hand: a visit goes through transport, set-up, start-up, loading, processing and unloading.

As `simpy_engine/work.py`. A stretch that is halted keeps the time it still needs.
"""

from __future__ import annotations

from twin.engine.codes import (
    COMPLETED,
    FAILS,
    LOADING,
    PRODUCING,
    SETTING_UP,
    STARTING_UP,
    UNLOADING,
    WAITING_TRANSPORT,
    WAITING_UNIT,
)
from twin.engine.compiled_engine import (
    containers,
    endings,
    flows,
    hooks,
    lots,
    moves,
    people,
    shared_units,
    sources,
    together,
    transport,
    upkeep,
)
from twin.engine.compiled_engine.agenda import schedule
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import exposure_after, time_to_failure
from twin.engine.compiled_engine.lists import append, is_short, remove
from twin.engine.compiled_engine.rows import set_state
from twin.engine.compiled_engine.tables import (
    head,
    lot,
    mode,
    needs,
    operation,
    phase,
    recipe,
    service,
    unit,
)
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import LOAD, NONE, PROCESSING, REPEAT, SCRAP, SETUP, START_UP, TRANSPORT
from twin.engine.rules.outcomes import SCRAPPED


@inner
def go(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """Start or go on with the phase in hand; where its people are not there, the unit waits for them."""
    u = unit.now(s, i)
    required = p[p[operation.plan(p, s[u + unit.OPERATION]) + operation.NEEDS_AT] + s[u + unit.PHASE]]
    if _lacks(p, q, s, f, i, required):
        return
    if (required != s[u + unit.HELD] or s[u + unit.USES_N]) and not _has_all(p, s, f, i, required):
        return
    _show(p, s, i)
    s[u + unit.RUNNING] = 1
    s[u + unit.PHASE_BEGAN] = s[head.NOW]
    s[u + unit.PHASE_ENDS] = s[head.NOW] + s[u + unit.REMAINING]
    s[u + unit.VERSION] += 1
    s[head.IN_HAND] += 1
    if s[u + unit.USES_N]:
        shared_units.work_for(p, s, f, i)
    hooks.runs(p, s, f, i)
    if s[head.SECTIONS] and _flows(s, i):
        flows.go(p, q, s, f, i)
        return
    schedule_end(p, s, f, i, s[u + unit.REMAINING])


@inner
def _lacks(p: Integers, q: Reals, s: Integers, f: Reals, i: int, required: int) -> bool:
    """Whether a rule keeps the unit from the stretch in hand; then show what it waits for."""
    state, cause = hooks.lacks(p, q, s, f, i)
    if state == NONE:
        return False
    people.release_beyond(p, s, f, i, required)
    u = unit.now(s, i)
    number = max(s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER], NONE)
    set_state(s, i, state, number, s[u + unit.OPERATION], cause)
    is_short(s, i)
    return True


@inner
def _flows(s: Integers, i: int) -> bool:
    """Whether the stretch in hand of a unit is to flow through its section."""
    return flows.section_of(s, i) != NONE and processes(s, i) and not s[unit.now(s, i) + unit.AT_TASK]


@inner
def processes(s: Integers, i: int) -> bool:
    """Whether the stretch in hand of a unit is processing."""
    u = unit.now(s, i)
    return PROCESSING <= s[u + unit.PHASE] < s[u + unit.UNLOAD]


@inner
def schedule_end(p: Integers, s: Integers, f: Reals, i: int, time: int) -> None:
    """Have the stretch in hand end after `time` ns, or the unit fail before."""
    u, here = unit.now(s, i), unit.plan(p, i)
    if p[here + unit.HAS_RUNNING] and processes(s, i) and not s[u + unit.AT_TASK]:
        soonest, failing = time + 1, NONE
        for m in range(p[here + unit.MODES_AT], p[here + unit.MODES_AT] + p[here + unit.MODES_N]):
            if p[mode.plan(p, m) + mode.RUNS]:
                until = time_to_failure(s[mode.now(s, m) + mode.EXPOSURE], f[s[head.RATES_AT] + m])
                if until < soonest:
                    soonest, failing = until, m
        if failing != NONE:
            schedule(s, soonest, FAILS, i, s[u + unit.VERSION], failing - p[here + unit.MODES_AT])
        if soonest < time:
            return  # at the same instant, the work is finished and then the unit fails
    number = s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER]
    schedule(s, time, COMPLETED, i, number, s[u + unit.VERSION])


@inner
def _show(p: Integers, s: Integers, i: int) -> None:
    """The state of a unit that works: of the stretch in hand; the cause of production is its phase."""
    u = unit.now(s, i)
    o = operation.plan(p, s[u + unit.OPERATION])
    number = s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER]
    cause = NONE if number >= 0 else p[o + operation.CAUSE]
    stretch = s[u + unit.PHASE]
    if stretch == TRANSPORT:
        shown = WAITING_TRANSPORT
    elif stretch == SETUP:
        shown = SETTING_UP
    elif stretch == START_UP:
        shown = STARTING_UP
    elif stretch == LOAD:
        shown = LOADING
    elif not processes(s, i):
        shown = UNLOADING
    elif number < 0:
        shown = p[o + operation.SHOWS]
    else:
        shown = PRODUCING
        if p[o + operation.PHASES_N]:
            cause = p[phase.plan(p, p[o + operation.PHASES_AT] + stretch - PROCESSING) + phase.CAUSE]
    set_state(s, i, shown, max(number, NONE), s[u + unit.OPERATION], cause)


@inner
def _has_all(p: Integers, s: Integers, f: Reals, i: int, required: int) -> bool:
    """Claim what a phase needs, and let go what it does not; or show what the unit waits for."""
    u = unit.now(s, i)
    number = max(s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER], NONE)
    wanted = people.ENOUGH
    if required != s[u + unit.HELD]:
        people.release_beyond(p, s, f, i, required)
        wanted = people.lacking(p, s, required, i, 0)
        if wanted == people.ENOUGH:
            people.hold(p, s, f, i, required, 0)
    hindrance = shared_units.hindrance(s, i) if wanted == people.ENOUGH else NONE
    if wanted != people.ENOUGH:
        people.show_waiting(p, s, i, wanted, number, s[u + unit.OPERATION])
    elif hindrance != NONE:
        cause = p[unit.plan(p, hindrance) + unit.CAUSE]
        set_state(s, i, WAITING_UNIT, number, s[u + unit.OPERATION], cause)
    else:
        return True
    is_short(s, i)
    return False


@inner
def halt(p: Integers, s: Integers, f: Reals, i: int) -> None:
    """Stop the phase in hand; it keeps the time it still needs."""
    u = unit.now(s, i)
    if s[head.SECTIONS] and flows.is_station(s, i):
        flows.halt_station(p, s, f, i)
        return
    if not s[u + unit.RUNNING]:
        return
    s[u + unit.RUNNING] = 0
    s[u + unit.VERSION] += 1
    s[u + unit.REMAINING] = s[u + unit.PHASE_ENDS] - s[head.NOW]
    if s[head.SECTIONS] and flows.is_running(s, i):
        flows.halt(p, s, f, i)
    s[head.IN_HAND] -= 1
    if s[u + unit.USES_N]:
        shared_units.stand_still(p, s, f, i, False)
    wear(p, s, f, i)
    hooks.halts(p, s, f, i)


@inner
def wear(p: Integers, s: Integers, f: Reals, i: int) -> None:
    """Count the producing time of the stretch on the running clocks; a task of the unit's own is none."""
    u, here = unit.now(s, i), unit.plan(p, i)
    if not processes(s, i) or s[u + unit.AT_TASK]:
        return
    produced = s[head.NOW] - s[u + unit.PHASE_BEGAN]
    s[u + unit.PRODUCED] += produced
    if p[here + unit.HAS_RUNNING]:
        for m in range(p[here + unit.MODES_AT], p[here + unit.MODES_AT] + p[here + unit.MODES_N]):
            if p[mode.plan(p, m) + mode.RUNS]:
                c = mode.now(s, m)
                s[c + mode.EXPOSURE] = exposure_after(s[c + mode.EXPOSURE], f[s[head.RATES_AT] + m], produced)


@inner
def completed(p: Integers, q: Reals, s: Integers, f: Reals, place: int, number: int, version: int) -> None:
    """Effect: a phase is done, or a lot has come to a storage."""
    if place >= p[head.UNITS]:
        moves.arrive(p, q, s, f, version)
        return
    u = unit.now(s, place)
    if s[u + unit.VERSION] != version or not s[u + unit.RUNNING]:
        return
    if s[head.SECTIONS] and flows.is_running(s, place) and not flows.step(p, s, f, place):
        return
    s[u + unit.RUNNING] = 0
    s[head.IN_HAND] -= 1
    if s[u + unit.USES_N]:
        shared_units.stand_still(p, s, f, place, True)
    wear(p, s, f, place)
    hooks.halts(p, s, f, place)
    if s[u + unit.PHASE] == s[u + unit.LAST]:
        finish(p, q, s, f, place)
    else:
        next_phase(s, place)
        go(p, q, s, f, place)


@inner
def duration_at(s: Integers, i: int) -> int:
    """Where the durations of the stretches of a visit on a unit begin."""
    return s[head.DURATIONS] + i * s[head.STRETCHES]


@inner
def next_phase(s: Integers, i: int) -> None:
    """Go to the next stretch that takes time; processing and the last stretch always come."""
    u, durations = unit.now(s, i), duration_at(s, i)
    stretch = s[u + unit.PHASE] + 1
    while stretch != PROCESSING and stretch != s[u + unit.LAST] and not s[durations + stretch]:
        stretch += 1
    s[u + unit.PHASE] = stretch
    s[u + unit.REMAINING] = s[durations + stretch]


@inner
def finish(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """The work is done: give back the people, and decide what becomes of the lot."""
    u = unit.now(s, i)
    if s[u + unit.HELD] != needs.NOTHING:
        people.hold(p, s, f, i, needs.NOTHING, 0)
    slot = s[u + unit.LOT]
    b = lot.now(s, slot)
    if s[b + lot.NUMBER] >= 0:
        endings.conclude(p, q, s, f, i)
        return
    s[b + lot.PLACE] = i
    if s[u + unit.AT_TASK]:
        s[head.LONGEST_TASK] = max(s[head.LONGEST_TASK], s[head.NOW] - s[u + unit.STARTED])
    number = s[u + unit.OPERATION]
    s[u + unit.LOT] = s[u + unit.OPERATION] = NONE
    s[u + unit.AT_TASK] = 0
    moves.free(p, s, i)
    job_done(p, q, s, f, i, slot, number)
    lots.forget(s, slot)


@inner
def job_done(p: Integers, q: Reals, s: Integers, f: Reals, i: int, slot: int, number: int) -> None:
    """A task of a unit, or the cleaning of a container, is done."""
    kind = p[operation.plan(p, number) + operation.CLEANS]
    if kind != NONE:
        containers.cleaned(p, s, kind)
    if upkeep.cares(p, i):
        upkeep.job_done(p, q, s, i, number)
    hooks.jobs(p, q, s, f, i, slot, number)


@inner
def after_failure(p: Integers, q: Reals, s: Integers, f: Reals, i: int, fate: int) -> None:
    """The fate of processing that a failure interrupts."""
    if fate == SCRAP:
        scrap_in_hand(p, q, s, f, i)
    elif fate == REPEAT:
        s[unit.now(s, i) + unit.ATTEMPT] += 1
        set_processing_time(p, q, s, f, i)


@inner
def scrap_in_hand(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """A failure scraps the lot in hand, which leaves the plant at once; a job is done anew."""
    u = unit.now(s, i)
    slot = s[u + unit.LOT]
    b = lot.now(s, slot)
    people.hold(p, s, f, i, needs.NOTHING, 0)
    s[u + unit.FINISHED] = s[head.NOW]
    s[u + unit.OUTCOME] = SCRAPPED
    s[u + unit.SCRAPPED] = s[b + lot.QUANTITY]
    s[u + unit.ANSWERED] = 0
    s[s[head.PACKS] + i] = NONE
    if s[b + lot.NUMBER] >= 0 and flows.section_of(s, i) != NONE:
        flows.lose_lot(p, s, f, i)
    if s[u + unit.REQUESTS]:
        s[u + unit.REQUESTS] = 0
        remove(s, head.REQUESTS, i)
    s[b + lot.PLACE] = i
    if s[b + lot.NUMBER] < 0:
        s[b + lot.READY] = s[head.NOW]
        lots.join(p, s, slot)
        s[u + unit.LOT] = s[u + unit.OPERATION] = s[u + unit.FINISHED] = NONE
        s[u + unit.AT_TASK] = 0
        moves.free(p, s, i)
        return
    moves.keep_no_place(s, i)
    endings.route(p, s, f, i)
    moves.leave_plant(p, q, s, f, i, slot)


@inner
def set_processing_time(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """Draw how long processing takes, or ask physics, which answers before the round is over."""
    u = unit.now(s, i)
    o = operation.plan(p, s[u + unit.OPERATION])
    takes = p[o + operation.TAKES]
    if takes == NONE:
        if p[o + operation.PHYSICS] != NONE and not s[u + unit.REQUESTS]:
            s[u + unit.REQUESTS] = 1
            s[u + unit.ANSWERED] = 0
            append(s, head.REQUESTS, i)
        return
    if p[o + operation.PHASES_N]:
        _set_phases(p, q, s, f, i)
        return
    time = _drawn(p, q, s, f, i, takes)
    s[duration_at(s, i) + PROCESSING] = time
    if s[u + unit.PHASE] == PROCESSING:
        s[u + unit.REMAINING] = time


@inner
def _drawn(p: Integers, q: Reals, s: Integers, f: Reals, i: int, source: int) -> int:
    """A time of processing for the visit in hand, at the speed of the unit; tasks know no speed."""
    u = unit.now(s, i)
    number = abs(s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER])
    speed = 1.0 if s[u + unit.AT_TASK] else f[s[head.SPEEDS_AT] + i]
    return sources.at_speed(p, q, s, source, number, s[u + unit.VISIT], s[u + unit.ATTEMPT], speed)


@inner
def _set_phases(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """Draw how long each phase takes; where a failure interrupted one, how long it takes anew."""
    u = unit.now(s, i)
    o = operation.plan(p, s[u + unit.OPERATION])
    durations = duration_at(s, i)
    for k in range(p[o + operation.PHASES_N]):
        stretch = PROCESSING + k
        if not s[u + unit.ATTEMPT] or stretch == s[u + unit.PHASE]:
            takes = p[phase.plan(p, p[o + operation.PHASES_AT] + k) + phase.TAKES]
            s[durations + stretch] = _drawn(p, q, s, f, i, takes)
    if processes(s, i):
        s[u + unit.REMAINING] = s[durations + s[u + unit.PHASE]]


@inner
def prepare(p: Integers, q: Reals, s: Integers, f: Reals, i: int, travel: int) -> None:
    """Draw the stretches of a visit that starts; the unit stands in the first that takes time."""
    u, here = unit.now(s, i), unit.plan(p, i)
    number = s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER]
    s[u + unit.WASTE] = s[u + unit.STOPS] = s[u + unit.ATTEMPT] = s[u + unit.ANSWERED] = 0
    s[s[head.PACKS] + i] = NONE
    if p[here + unit.HAS_RUNNING]:
        _set_rates(p, q, s, f, i, number)
    o = operation.plan(p, s[u + unit.OPERATION])
    if p[o + operation.PLAIN]:
        s[u + unit.PHASE] = s[u + unit.LAST] = PROCESSING
        s[u + unit.UNLOAD] = PROCESSING + 1
        set_processing_time(p, q, s, f, i)
        return
    durations = duration_at(s, i)
    unload = PROCESSING + max(1, p[o + operation.PHASES_N])
    s[u + unit.UNLOAD] = unload
    for stretch in range(unload + 1):
        s[durations + stretch] = 0
    s[durations + TRANSPORT] = travel
    _ready(p, q, s, i, number)
    s[u + unit.LAST] = unload if s[durations + unload] else unload - 1
    s[u + unit.PHASE] = -1
    set_processing_time(p, q, s, f, i)
    containers.prepares(p, q, s, i)
    if s[head.SECTIONS]:
        flows.prepare(p, q, s, f, i)
    if p[head.TRANSPORT]:
        s[durations + TRANSPORT] = transport.fetch(p, q, s, s[u + unit.LOT], i)
    upkeep.prepares(p, q, s, f, i)
    hooks.prepares(p, s, i)
    if p[head.TRAVEL] != NONE and p[head.TOGETHER] != NONE and s[s[head.BATCHES] + i]:
        s[durations + TRANSPORT] = together.longest_way(p, s, i)
    next_phase(s, i)


@inner
def _set_rates(p: Integers, q: Reals, s: Integers, f: Reals, i: int, number: int) -> None:
    """How fast the running clocks of a unit go for the lot in hand."""
    here = unit.plan(p, i)
    for m in range(p[here + unit.MODES_AT], p[here + unit.MODES_AT] + p[here + unit.MODES_N]):
        c = mode.plan(p, m)
        if p[c + mode.RUNS]:
            rate = q[p[c + mode.RATE]]
            differs = p[c + mode.RATE_BETWEEN_LOTS]
            if differs != NONE and number >= 0:
                rate *= sources.value(p, q, s, differs, number, s[unit.now(s, i) + unit.VISIT], 0)
            f[s[head.RATES_AT] + m] = rate


@inner
def _ready(p: Integers, q: Reals, s: Integers, i: int, number: int) -> None:
    """Draw set-up, start-up, loading and unloading of a visit."""
    u, durations = unit.now(s, i), duration_at(s, i)
    o, visit = operation.plan(p, s[u + unit.OPERATION]), s[u + unit.VISIT]
    if p[o + operation.SETUP] != NONE:
        s[durations + SETUP] = sources.nanoseconds(p, q, s, p[o + operation.SETUP], number, visit, 0)
    row = service.plan(p, p[p[o + operation.SERVICE_AT] + i])
    if p[row + service.START_UP] != NONE:
        s[durations + START_UP] = sources.nanoseconds(p, q, s, p[row + service.START_UP], number, visit, 0)
        if p[row + service.START_UP_WASTE] != NONE:
            lost = sources.value(p, q, s, p[row + service.START_UP_WASTE], number, visit, 0)
            s[u + unit.WASTE] = quantity(
                p, q, s[u + unit.OPERATION], lost, p[row + service.START_UP_IN_PIECES]
            )
    if p[row + service.LOAD] != NONE:
        s[durations + LOAD] = sources.nanoseconds(p, q, s, p[row + service.LOAD], number, visit, 0)
    if p[row + service.UNLOAD] != NONE:
        time = sources.nanoseconds(p, q, s, p[row + service.UNLOAD], number, visit, 0)
        s[durations + s[u + unit.UNLOAD]] = time


@inner
def quantity(p: Integers, q: Reals, number: int, lost: float, in_pieces: int) -> int:
    """A waste in kg or pieces, in whole mg or pieces of the lot."""
    r = recipe.plan(p, p[operation.plan(p, number) + operation.RECIPE])
    if p[r + recipe.IN_PIECES]:
        return sources.rounded(lost)
    return sources.rounded(lost * q[p[r + recipe.PIECE_MG]] if in_pieces else lost * 1e6)
