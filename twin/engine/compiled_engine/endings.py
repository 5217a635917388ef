"""The end of a visit: what becomes of its lot, what is lost of it, and the row that says so.

As `simpy_engine/endings.py`. How a lot then leaves its unit is in `moves`.
"""

from __future__ import annotations

import numpy as np

from twin.engine.compiled_engine import (
    containers,
    flows,
    hooks,
    lots,
    portions,
    remarks,
    sources,
    together,
)
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import left_of, outcome
from twin.engine.compiled_engine.lists import has_finished
from twin.engine.compiled_engine.rows import new_lot_row
from twin.engine.compiled_engine.tables import head, lot, operation, service, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE, PROCESSING
from twin.engine.rules.outcomes import DONE, EXPIRED, REJECTED, REWORK, SCRAPPED

OPEN = 4  # of record.OUTCOMES
YIELD, STATUS, ATTRIBUTES = 0, 1, 2  # of what physics answers: its attributes begin with the third


@inner
def is_lost(outcome: int) -> bool:
    """Whether a lot with this outcome is lost whole."""
    return outcome in (SCRAPPED, REJECTED, EXPIRED)


@inner
def conclude(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """Decide what becomes of the lot on a unit that is done with it, and of those that are with it."""
    conclude_lot(p, q, s, f, i)
    if p[head.TOGETHER] != NONE and s[s[head.BATCHES] + i]:
        together.conclude(p, q, s, f, i)
    wants_next(p, s, s[unit.now(s, i) + unit.LOT])
    has_finished(s, i)


@inner
def wants_next(p: Integers, s: Integers, slot: int) -> None:
    """A lot that has been worked on wants its next operation."""
    if s[lot.now(s, slot) + lot.OPERATION] != NONE:
        hooks.waits(p, s, slot)


@inner
def conclude_lot(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """Decide what becomes of one lot on a unit that is done with it."""
    u = unit.now(s, i)
    b, number = lot.now(s, s[u + unit.LOT]), s[u + unit.OPERATION]
    o = operation.plan(p, number)
    s[b + lot.PLACE] = i
    s[u + unit.FINISHED] = s[head.NOW]
    if p[o + operation.CERTAIN]:
        s[u + unit.OUTCOME] = DONE
        s[b + lot.OPERATION] = p[o + operation.NEXT]
    else:
        s[u + unit.OUTCOME] = decide(p, q, s, number, s[b + lot.NUMBER], s[u + unit.VISIT])
        s[u + unit.REWORK_TO] = p[o + operation.REWORK_TO]
        hooks.outcomes(p, q, s, f, i)
        route(p, s, f, i)
    weigh(p, q, s, f, i)
    if s[u + unit.ANSWERED]:
        hand_over(p, s, f, i, s[u + unit.LOT])
    if p[o + operation.GIVE_BACK] != NONE and s[u + unit.OUTCOME] != REWORK and s[b + lot.CONTAINER] != NONE:
        containers.give_back(p, s, f, s[u + unit.LOT], p[o + operation.GIVE_BACK_DIRTY])
    if s[head.SECTIONS]:
        flows.reject(p, q, s, i)
    hooks.finishes(p, q, s, f, i)


@inner
def decide(p: Integers, q: Reals, s: Integers, number: int, lot_number: int, visit: int) -> int:
    """Outcome of a visit; its draws are addressed, so it can be asked before the visit is over."""
    o = operation.plan(p, number)
    return outcome(
        sources.value(p, q, s, p[o + operation.SCRAP_DRAW], lot_number, visit, 0),
        q[p[o + operation.SCRAP]],
        sources.value(p, q, s, p[o + operation.REWORK_DRAW], lot_number, visit, 0),
        q[p[o + operation.REWORK]],
        visit,
        p[o + operation.REWORK_LIMIT],
    )


@inner
def weigh(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """What is lost of the lot: waste of start-up and stops, then the yield of physics and recipe."""
    u = unit.now(s, i)
    b = lot.now(s, s[u + unit.LOT])
    if is_lost(s[u + unit.OUTCOME]):
        s[u + unit.SCRAPPED] = s[b + lot.QUANTITY]
        return
    good = good_fraction(p, q, s, f, i)
    s[u + unit.SCRAPPED] = s[b + lot.QUANTITY] - left_of(s[b + lot.QUANTITY], s[u + unit.WASTE], good)


@inner
def good_fraction(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> float:
    """The part that physics and recipe leave of the lot in hand, beside waste."""
    u = unit.now(s, i)
    good = f[answers_of(p, s, i) + YIELD] if s[u + unit.ANSWERED] else 1.0
    yields = p[operation.plan(p, s[u + unit.OPERATION]) + operation.YIELDS]
    if yields != NONE:
        number = s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER]
        good *= min(1.0, max(0.0, sources.value(p, q, s, yields, number, s[u + unit.VISIT], 0)))
    return good


@inner
def answers_of(p: Integers, s: Integers, i: int) -> int:
    """Where what physics said of the visit on a unit begins in the replication's reals."""
    return s[head.ANSWERS_AT] + i * (ATTRIBUTES + p[head.ATTRIBUTES])


@inner
def takes(s: Integers, f: Reals, i: int, seconds: float) -> None:
    """Physics has answered: the visit on a unit takes so many seconds at speed 1."""
    time = sources.whole(seconds / f[s[head.SPEEDS_AT] + i] * 1e9)
    s[s[head.DURATIONS] + i * s[head.STRETCHES] + PROCESSING] = time
    s[unit.now(s, i) + unit.ANSWERED] = 1


@inner
def hand_over(p: Integers, s: Integers, f: Reals, i: int, slot: int) -> None:
    """Let a lot carry what the visit gave it to later operations; what it did not give stays."""
    answers = answers_of(p, s, i) + ATTRIBUTES
    attributes = lots.attributes_of(p, s, slot)
    for k in range(p[head.ATTRIBUTES]):
        if not np.isnan(f[answers + k]):
            f[attributes + k] = f[answers + k]


@inner
def route(p: Integers, s: Integers, f: Reals, i: int) -> None:
    """Where the lot goes next; a scrapped, rejected or expired lot goes out."""
    u = unit.now(s, i)
    slot = s[u + unit.LOT]
    b = lot.now(s, slot)
    if is_lost(s[u + unit.OUTCOME]):
        s[b + lot.OPERATION] = NONE
        if s[b + lot.CONTAINER] != NONE:
            containers.give_back(p, s, f, slot, 1)
    elif s[u + unit.OUTCOME] == REWORK:
        send_back(p, s, slot, s[u + unit.OPERATION], s[u + unit.REWORK_TO])
    else:
        s[b + lot.OPERATION] = p[operation.plan(p, s[u + unit.OPERATION]) + operation.NEXT]


@inner
def send_back(p: Integers, s: Integers, slot: int, last: int, to: int) -> None:
    """Let a lot go back to `to`: each operation from there up to `last` is visited once more."""
    b = lot.now(s, slot)
    first = p[operation.plan(p, to) + operation.FIRST]
    for again in range(to, last + 1):
        s[b + lot.VISITS + again - first] += 1
    s[b + lot.OPERATION] = to


@inner
def write_row(p: Integers, q: Reals, s: Integers, f: Reals, i: int, left: int) -> None:
    """Write the row of the visit in hand; `left` is none where the horizon cuts it."""
    u = unit.now(s, i)
    b = lot.now(s, s[u + unit.LOT])
    row = new_lot_row(s)
    if p[head.ROW_ATTRIBUTES]:
        write_attributes(p, q, s, f, i)
    if p[head.IN_PORTIONS]:
        portions.write(p, s, i)
    open_yet = s[u + unit.FINISHED] == NONE
    scrapped = 0 if open_yet else s[u + unit.SCRAPPED]
    s[row] = s[b + lot.NUMBER]
    s[row + 1] = s[u + unit.OPERATION]
    s[row + 2] = s[u + unit.VISIT]
    s[row + 3] = i
    s[row + 4] = s[b + lot.ARRIVED]
    s[row + 5] = s[u + unit.STARTED]
    s[row + 6] = s[u + unit.FINISHED]
    s[row + 7] = left
    s[row + 8] = OPEN if open_yet else s[u + unit.OUTCOME]
    s[row + 9] = s[b + lot.QUANTITY]
    s[row + 10] = scrapped
    remarks.write(p, s, f, i, row, attributes_of_row(p, s))
    s[b + lot.QUANTITY] -= scrapped


@inner
def attributes_of_row(p: Integers, s: Integers) -> int:
    """Where the attributes of the last row of `lots` begin in the replication's reals."""
    return s[head.ROW_ATTRIBUTES_AT] + (s[head.LOTS_N] - 1) * p[head.ROW_ATTRIBUTES]


@inner
def no_attributes(p: Integers, s: Integers, f: Reals) -> None:
    """The last row of `lots` has no attributes."""
    first = attributes_of_row(p, s)
    for k in range(p[head.ROW_ATTRIBUTES]):
        f[first + k] = np.nan


@inner
def write_attributes(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """Write what physics and the stops say of the visit, beside the last row of `lots`."""
    u = unit.now(s, i)
    no_attributes(p, s, f)
    first = attributes_of_row(p, s)
    # Whoever has a mode that stands for upkeep has one of its own.
    if p[unit.plan(p, i) + unit.MODES_N] or (s[head.SECTIONS] and flows.can_fail(p, s, i)):
        f[first + p[head.STOPS_COLUMN]] = s[u + unit.STOPS]
    number = s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER]
    row = p[p[operation.plan(p, s[u + unit.OPERATION]) + operation.SERVICE_AT] + i]
    counts = p[service.plan(p, row) + service.START_UP_STOPS]
    if counts != NONE:
        f[first + p[head.START_UP_COLUMN]] = sources.value(p, q, s, counts, number, s[u + unit.VISIT], 0)
    if s[head.SECTIONS]:
        flows.add_start_up_stops(p, q, s, f, i, first + p[head.START_UP_COLUMN])
    if s[u + unit.ANSWERED] and s[u + unit.FINISHED] != NONE:
        answers = answers_of(p, s, i) + ATTRIBUTES
        for k in range(p[head.ATTRIBUTES]):
            f[first + k] = f[answers + k]
        f[first + p[head.STATUS_COLUMN]] = f[answers_of(p, s, i) + STATUS]
    if p[head.PACKS_COLUMN] != NONE and s[s[head.PACKS] + i] != NONE and s[u + unit.FINISHED] != NONE:
        f[first + p[head.PACKS_COLUMN]] = s[s[head.PACKS] + i]
