"""Flow sections: a lot in process flows through stations in series until its last piece has left them.

As `simpy_engine/flows.py`. A section is called `number`, its row `x`; a station is a machine `i`, the k-th of
its section.
"""

from __future__ import annotations

from collections.abc import MutableSequence

import numpy as np

from twin.engine.codes import BLOCKED, COMPLETED, DOWN, FAILS, PRODUCING, STARTING_UP, STARVED
from twin.engine.compiled_engine import sources, work
from twin.engine.compiled_engine.agenda import schedule
from twin.engine.compiled_engine.compiling import expanded, inner
from twin.engine.compiled_engine.decisions import (
    advance,
    buffer_quanta,
    exposure_after,
    failure_rate,
    in_quanta,
    level_rate,
    lot_quanta,
    pieces,
    quantum,
    rate_over,
    set_rates,
    time_to_change,
    time_to_failure,
    waits_because,
    whole_rate,
)
from twin.engine.compiled_engine.rows import changing_level, mirror, put, set_state
from twin.engine.compiled_engine.tables import flow, head, lot, mode, section, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE, PROCESSING
from twin.engine.rules.calendars import NEVER
from twin.engine.rules.flows import RUNS
from twin.engine.rules.flows import STARVED as STARVES

MOST_RATE = 2.5e9  # pieces or mg per s, and
MOST_QUANTITY = (
    250_000_000_000_000_000  # of a lot: more is left to the SimPy engine, whose integers are longer
)


@inner
def section_of(s: Integers, i: int) -> int:
    """The section which a unit is, or of which it is a station; or none."""
    return s[s[head.SECTION_OF] + i] if s[head.SECTIONS] else NONE


@inner
def is_station(s: Integers, i: int) -> bool:
    """Whether a machine is a station of a section."""
    number = section_of(s, i)
    return number != NONE and s[section.now(s, number) + section.UNIT] != i


@inner
def is_running(s: Integers, i: int) -> bool:
    """Whether the section which a unit is, or of which it is a station, flows."""
    number = section_of(s, i)
    return number != NONE and s[section.now(s, number) + section.RUNNING] == 1


@expanded
def _array(s: Integers, x: int, column: int) -> MutableSequence[int]:
    first = section.array(s, x, column)
    return s[first : first + s[x + section.COUNT]]


@expanded
def _capacities(s: Integers, x: int) -> MutableSequence[int]:
    first = section.array(s, x, section.CAPACITIES)
    return s[first : first + s[x + section.COUNT] - 1]


@inner
def prepare(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """A visit begins: stations fail at the rates of its lot."""
    number = section_of(s, i)
    u = unit.now(s, i)
    if number == NONE or flow.plan(p, s[u + unit.OPERATION], number) == NONE:
        return
    x = section.now(s, number)
    s[x + section.BEGUN] = 0
    for k in range(s[x + section.COUNT]):
        here = unit.plan(p, s[x + section.FIRST] + k)
        for m in range(p[here + unit.MODES_AT], p[here + unit.MODES_AT] + p[here + unit.MODES_N]):
            c = mode.plan(p, m)
            if p[c + mode.RUNS]:
                rate = q[p[c + mode.RATE]]
                if p[c + mode.RATE_BETWEEN_LOTS] != NONE:
                    lot_number = s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER]
                    rate *= sources.value(
                        p, q, s, p[c + mode.RATE_BETWEEN_LOTS], lot_number, s[u + unit.VISIT], 0
                    )
                f[s[head.RATES_AT] + m] = rate


@inner
def reject(p: Integers, q: Reals, s: Integers, i: int) -> None:
    """Take what the stations throw out off the lot."""
    number = section_of(s, i)
    u = unit.now(s, i)
    if number == NONE or flow.plan(p, s[u + unit.OPERATION], number) == NONE:
        return
    last = s[section.now(s, number) + section.COUNT] - 1
    good = q[p[flow.plan(p, s[u + unit.OPERATION], number) + last * flow.PLAN + flow.GOOD]]
    quantity = s[lot.now(s, s[u + unit.LOT]) + lot.QUANTITY]
    s[u + unit.SCRAPPED] += sources.rounded((quantity - s[u + unit.SCRAPPED]) * (1.0 - good))


@inner
def can_fail(p: Integers, s: Integers, i: int) -> bool:
    """Whether a unit is a section with stations that can fail."""
    number = section_of(s, i)
    if number == NONE:
        return False
    x = section.now(s, number)
    for k in range(s[x + section.FIRST], s[x + section.FIRST] + s[x + section.COUNT]):
        if p[unit.plan(p, k) + unit.MODES_N]:
            return True
    return False


@inner
def add_start_up_stops(p: Integers, q: Reals, s: Integers, f: Reals, i: int, at: int) -> None:
    """Add the stops of its stations' start-ups to those of a visit in `f[at]`, which is NaN for none."""
    number = section_of(s, i)
    u = unit.now(s, i)
    if number == NONE or flow.plan(p, s[u + unit.OPERATION], number) == NONE:
        return
    row = flow.plan(p, s[u + unit.OPERATION], number)
    lot_number = s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER]
    for k in range(s[section.now(s, number) + section.COUNT]):
        counts = p[row + k * flow.PLAN + flow.START_UP_STOPS]
        if counts != NONE:
            more = sources.value(p, q, s, counts, lot_number, s[u + unit.VISIT], 0)
            f[at] = more if np.isnan(f[at]) else f[at] + more


@inner
def go(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """Start on the lot, or go on with it. The unit has been put to work."""
    x = section.now(s, section_of(s, i))
    if not s[x + section.BEGUN] and not _begin(p, q, s, f, x):
        return
    s[x + section.RUNNING] = 1
    s[x + section.SINCE] = s[head.NOW]
    settle(p, s, f, x)


@inner
def halt(p: Integers, s: Integers, f: Reals, i: int) -> None:
    """Stop the whole section; what is inside stays where it is."""
    x = section.now(s, section_of(s, i))
    catch_up(p, s, f, x)
    _rest(p, s, f, x)


@inner
def halt_station(p: Integers, s: Integers, f: Reals, i: int) -> None:
    """Stop a station."""
    catch_up(p, s, f, section.now(s, section_of(s, i)))
    s[unit.now(s, i) + unit.RUNNING] = 0


@inner
def lose_lot(p: Integers, s: Integers, f: Reals, i: int) -> None:
    """The lot is scrapped in hand, and what of it is inside goes with it."""
    x = section.now(s, section_of(s, i))
    if not s[x + section.BEGUN]:
        return
    passed = _array(s, x, section.PASSED)
    for k in range(s[x + section.COUNT] - 1):
        if passed[k] != passed[k + 1]:
            changing_level(s, f, p[s[x + section.ENTITIES] + k], 0, 0.0)
    for k in range(s[x + section.COUNT]):
        passed[k] = s[x + section.TOTAL]
    _clear(s, x)


@inner
def _clear(s: Integers, x: int) -> None:
    """The stations have no lot any more."""
    for k in range(s[x + section.COUNT]):
        v = unit.now(s, s[x + section.FIRST] + k)
        s[v + unit.LOT] = s[v + unit.OPERATION] = NONE


@inner
def step(p: Integers, s: Integers, f: Reals, i: int) -> bool:
    """Take what has fallen due; returns whether the lot has left the last station."""
    x = section.now(s, section_of(s, i))
    catch_up(p, s, f, x)
    if s[section.array(s, x, section.PASSED) + s[x + section.COUNT] - 1] < s[x + section.TOTAL]:
        settle(p, s, f, x)
        return False
    _rest(p, s, f, x)
    u = unit.now(s, i)
    for k in range(s[x + section.COUNT]):
        v = unit.now(s, s[x + section.FIRST] + k)
        s[u + unit.WASTE] += s[v + unit.WASTE]
        s[u + unit.STOPS] += s[v + unit.STOPS]
    _clear(s, x)
    return True


@inner
def catch_up(p: Integers, s: Integers, f: Reals, x: int) -> None:
    """Bring what has passed, start-ups and clocks of failures up to now."""
    elapsed = s[head.NOW] - s[x + section.SINCE]
    if not s[x + section.RUNNING] or not elapsed:
        return
    u = unit.now(s, s[x + section.UNIT])
    s[x + section.SINCE] = s[u + unit.PHASE_BEGAN] = s[head.NOW]
    rates, starting = _array(s, x, section.RATES), _array(s, x, section.STARTING)
    count = s[x + section.COUNT]
    if rates[count - 1] > 0:
        s[u + unit.PRODUCED] += elapsed  # counted here, as stops of stations are no producing time
    advance(_capacities(s, x), s[x + section.TOTAL], rates, elapsed, _array(s, x, section.PASSED))
    for k in range(count):
        i = s[x + section.FIRST] + k
        if s[unit.now(s, i) + unit.RUNNING]:
            _wear(p, s, f, x, k, elapsed)
        elif s[section.array(s, x, section.READYING) + k]:
            starting[k] -= elapsed


@inner
def _wear(p: Integers, s: Integers, f: Reals, x: int, k: int, elapsed: int) -> None:
    here = unit.plan(p, s[x + section.FIRST] + k)
    for m in range(p[here + unit.MODES_AT], p[here + unit.MODES_AT] + p[here + unit.MODES_N]):
        if p[mode.plan(p, m) + mode.RUNS]:
            c = mode.now(s, m)
            s[c + mode.EXPOSURE] = exposure_after(s[c + mode.EXPOSURE], _rate_of(s, f, x, k, m), elapsed)


@inner
def _rate_of(s: Integers, f: Reals, x: int, k: int, m: int) -> float:
    """How fast a clock of failures of a station goes now."""
    working = s[section.array(s, x, section.RATES) + k]
    nominal = s[section.array(s, x, section.NOMINAL) + k]
    return failure_rate(f[s[head.RATES_AT] + m], working, nominal)


@inner
def goes_on(p: Integers, s: Integers, f: Reals, i: int) -> None:
    """A station has stopped: the others of its section go on, where that flows."""
    if is_running(s, i):
        settle(p, s, f, section.now(s, section_of(s, i)))


@inner
def settle(p: Integers, s: Integers, f: Reals, x: int) -> None:
    """Set the rates anew, show what every station does, and schedule the next event."""
    catch_up(p, s, f, x)
    i, count, total = s[x + section.UNIT], s[x + section.COUNT], s[x + section.TOTAL]
    u = unit.now(s, i)
    s[u + unit.VERSION] += 1
    up, starting = _array(s, x, section.UP), _array(s, x, section.STARTING)
    for k in range(count):
        v = unit.now(s, s[x + section.FIRST] + k)
        up[k] = 0 if s[v + unit.DOWN] or starting[k] else 1
    rates, passed = _array(s, x, section.RATES), _array(s, x, section.PASSED)
    set_rates(_array(s, x, section.NOMINAL), up, _capacities(s, x), total, passed, rates)
    soonest = time_to_change(_capacities(s, x), total, passed, rates)
    if passed[count - 1] >= total:
        soonest = 0
    readying = _array(s, x, section.READYING)
    for k in range(count):
        v = unit.now(s, s[x + section.FIRST] + k)
        s[v + unit.VERSION] = s[u + unit.VERSION]
        s[v + unit.RUNNING] = rates[k] > 0
        readying[k] = starting[k] > 0 and not s[v + unit.DOWN]
        if readying[k] and starting[k] < soonest:
            soonest = starting[k]
    _show(s, x)
    _record_levels(p, s, f, x)
    fails = _schedule_failure(p, s, f, x, soonest)
    if soonest < NEVER and soonest <= fails:
        lot_number = s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER]
        schedule(s, soonest, COMPLETED, i, lot_number, s[u + unit.VERSION])


@inner
def _schedule_failure(p: Integers, s: Integers, f: Reals, x: int, soonest: int) -> int:
    """Schedule the first failure of a running station up to the next event; returns when it comes."""
    fails, failing, index = soonest + 1, NONE, NONE
    for k in range(s[x + section.COUNT]):
        here = unit.plan(p, s[x + section.FIRST] + k)
        for m in range(p[here + unit.MODES_AT], p[here + unit.MODES_AT] + p[here + unit.MODES_N]):
            if p[mode.plan(p, m) + mode.RUNS]:
                time = _time_to_failure(s, f, x, k, m)
                if time < fails:
                    fails, failing, index = time, s[x + section.FIRST] + k, m - p[here + unit.MODES_AT]
    if failing != NONE:
        schedule(s, fails, FAILS, failing, s[unit.now(s, s[x + section.UNIT]) + unit.VERSION], index)
    return fails


@inner
def _time_to_failure(s: Integers, f: Reals, x: int, k: int, m: int) -> int:
    c = mode.now(s, m)
    if s[section.array(s, x, section.RATES) + k]:
        return time_to_failure(s[c + mode.EXPOSURE], _rate_of(s, f, x, k, m))
    if s[c + mode.EXPOSURE] or s[c + mode.IS_DOWN] or f[s[head.RATES_AT] + m] == 0.0:
        return NEVER + 1
    return 0  # used up at the instant at which the station came to rest


@inner
def repaired(p: Integers, s: Integers, f: Reals, i: int) -> None:
    """Let a station that is up again take part."""
    x = section.now(s, section_of(s, i))
    if s[x + section.RUNNING]:
        settle(p, s, f, x)
    else:
        mirror(s, x)


@inner
def _begin(p: Integers, q: Reals, s: Integers, f: Reals, x: int) -> bool:
    """Turn the lot, rates and buffers into quanta; the section is empty and its stations start up.

    Returns whether the stations have rates that can be, and that can be counted in 64 bits.
    """
    i = s[x + section.UNIT]
    u = unit.now(s, i)
    b = lot.now(s, s[u + unit.LOT])
    s[x + section.BEGUN] = 1
    first = flow.plan(p, s[u + unit.OPERATION], section_of(s, i))
    whole = _array(s, x, section.WHOLE)
    if s[b + lot.QUANTITY] > MOST_QUANTITY:
        s[head.STATUS] = head.STUCK
        return False
    for k in range(s[x + section.COUNT]):
        rate = _per_second(p, q, s, f, i, first + k * flow.PLAN)
        if not 0.0 < rate < MOST_RATE:
            s[head.STATUS] = head.STUCK
            return False
        f[s[head.PER_SECOND_AT] + s[x + section.FIRST] + k] = rate
        whole[k] = whole_rate(rate)
    s[x + section.QUANTUM] = quantum(whole, s[b + lot.QUANTITY])
    s[x + section.TOTAL] = lot_quanta(s[b + lot.QUANTITY], s[x + section.QUANTUM])
    for k in range(s[x + section.COUNT]):
        _begin_station(p, q, s, f, x, k, first + k * flow.PLAN)
    return True


@inner
def _begin_station(p: Integers, q: Reals, s: Integers, f: Reals, x: int, k: int, row: int) -> None:
    i = s[x + section.FIRST] + k
    u, v = unit.now(s, s[x + section.UNIT]), unit.now(s, i)
    whole = s[section.array(s, x, section.WHOLE) + k]
    s[section.array(s, x, section.NOMINAL) + k] = in_quanta(whole, s[x + section.QUANTUM])
    if k < s[x + section.COUNT] - 1:
        room = q[p[row + flow.ROOM]]
        held = room * f[s[head.PER_SECOND_AT] + i] if p[row + flow.IN_SECONDS] else room
        s[section.array(s, x, section.CAPACITIES) + k] = buffer_quanta(
            held, s[x + section.QUANTUM], s[x + section.TOTAL]
        )
    f[s[head.GOOD_AT] + i] = q[p[row + flow.GOOD]]
    s[section.array(s, x, section.PASSED) + k] = 0
    s[section.array(s, x, section.STARTING) + k] = 0
    s[v + unit.WASTE] = s[v + unit.STOPS] = 0
    s[v + unit.LOT], s[v + unit.OPERATION], s[v + unit.FINISHED] = (
        s[u + unit.LOT],
        s[u + unit.OPERATION],
        NONE,
    )
    if p[row + flow.START_UP] == NONE:
        return
    lot_number, visit = s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER], s[u + unit.VISIT]
    time = sources.nanoseconds(p, q, s, p[row + flow.START_UP], lot_number, visit, 0)
    s[section.array(s, x, section.STARTING) + k] = time
    if p[row + flow.START_UP_WASTE] != NONE:
        lost = sources.value(p, q, s, p[row + flow.START_UP_WASTE], lot_number, visit, 0)
        s[v + unit.WASTE] = work.quantity(p, q, s[u + unit.OPERATION], lost, p[row + flow.START_UP_IN_PIECES])


@inner
def _per_second(p: Integers, q: Reals, s: Integers, f: Reals, i: int, row: int) -> float:
    """The rate of a station in pieces or mg of the lot per s: drawn, or given by physics."""
    u = unit.now(s, i)
    b = lot.now(s, s[u + unit.LOT])
    if p[row + flow.RATE] == NONE:
        return rate_over(s[b + lot.QUANTITY], s[work.duration_at(s, i) + PROCESSING])
    drawn = sources.value(p, q, s, p[row + flow.RATE], s[b + lot.NUMBER], s[u + unit.VISIT], 0)
    return drawn * q[p[row + flow.SCALE]] * f[s[head.SPEEDS_AT] + i]


@inner
def _rest(p: Integers, s: Integers, f: Reals, x: int) -> None:
    """Let the section stand still; its unit will say why."""
    s[x + section.RUNNING] = 0
    rates = _array(s, x, section.RATES)
    for k in range(s[x + section.COUNT]):
        rates[k] = 0
        s[unit.now(s, s[x + section.FIRST] + k) + unit.RUNNING] = 0
    _record_levels(p, s, f, x)


@inner
def _show(s: Integers, x: int) -> None:
    """The states of the stations, and of the section: what its last station does."""
    i, count = s[x + section.UNIT], s[x + section.COUNT]
    u = unit.now(s, i)
    row_lot, operation = s[u + unit.ROW_LOT], s[u + unit.OPERATION]
    for k in range(count):
        _show_station(s, x, k, row_lot, operation)
    passed = _array(s, x, section.PASSED)
    if s[section.array(s, x, section.RATES) + count - 1] == 0:
        for k in range(count - 1, -1, -1):
            v = unit.now(s, s[x + section.FIRST] + k)
            if not s[section.array(s, x, section.UP) + k]:
                is_down = s[v + unit.DOWN] != 0
                cause = s[v + unit.DOWN_CAUSE] if is_down else NONE
                set_state(s, i, DOWN if is_down else STARTING_UP, row_lot, operation, cause)
                return
            if k and passed[k - 1] > passed[k]:
                break
    set_state(s, i, PRODUCING, row_lot, operation, NONE)


@inner
def _show_station(s: Integers, x: int, k: int, row_lot: int, operation: int) -> None:
    i = s[x + section.FIRST] + k
    v = unit.now(s, i)
    if s[v + unit.DOWN]:
        put(s, i, DOWN, row_lot, operation, s[v + unit.DOWN_CAUSE])
    elif s[section.array(s, x, section.STARTING) + k]:
        put(s, i, STARTING_UP, row_lot, operation, NONE)
    else:
        doing = waits_because(
            k,
            _array(s, x, section.UP),
            s[x + section.TOTAL],
            _array(s, x, section.PASSED),
            _array(s, x, section.RATES),
        )
        shown = BLOCKED
        if doing == RUNS:
            shown = PRODUCING
        elif doing == STARVES:
            shown = STARVED
        put(s, i, shown, row_lot, operation, NONE)


@inner
def _record_levels(p: Integers, s: Integers, f: Reals, x: int) -> None:
    """Write the level of each buffer that now changes otherwise than before."""
    rates, passed = _array(s, x, section.RATES), _array(s, x, section.PASSED)
    recorded = _array(s, x, section.RECORDED)
    for k in range(s[x + section.COUNT] - 1):
        gain = rates[k] - rates[k + 1]
        if gain != recorded[k]:
            recorded[k] = gain
            good = f[s[head.GOOD_AT] + s[x + section.FIRST] + k]
            held = pieces(passed[k] - passed[k + 1], s[x + section.QUANTUM], good)
            rate = level_rate(gain, s[x + section.QUANTUM], good)
            changing_level(s, f, p[s[x + section.ENTITIES] + k], held, rate)
