"""Hold times and shelf life: a lot that waits too long goes out, back, or on and is counted.

As `simpy_engine/hold_times.py`.
"""

from __future__ import annotations

from twin.engine.codes import EXPIRES
from twin.engine.compiled_engine import departures, remarks
from twin.engine.compiled_engine.agenda import schedule
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import too_late
from twin.engine.compiled_engine.tables import head, hold, kept, lot, quality, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE
from twin.engine.quality import FLAG_LATE, REWORK_LATE
from twin.engine.rules.outcomes import DONE, EXPIRED, REWORK


@inner
def waits(p: Integers, s: Integers, slot: int) -> None:
    """Start the clocks of a lot that has come to want its operation, or start them anew."""
    at = quality.plan(p, s[lot.now(s, slot) + lot.OPERATION])
    for k in range(p[at + quality.BEGINS_AT], p[at + quality.BEGINS_AT] + p[at + quality.BEGINS_N]):
        _count_from(p, s, p[k], slot, s[head.NOW])


@inner
def finishes(p: Integers, s: Integers, i: int) -> None:
    """Start the clocks of a lot whose operation is done."""
    u = unit.now(s, i)
    at = quality.plan(p, s[u + unit.OPERATION])
    if s[u + unit.OUTCOME] != DONE:
        return
    for k in range(p[at + quality.AFTER_AT], p[at + quality.AFTER_AT] + p[at + quality.AFTER_N]):
        _count_from(p, s, p[k], s[u + unit.LOT], s[head.NOW])


@inner
def _count_from(p: Integers, s: Integers, number: int, slot: int, since: int) -> None:
    row, at = kept.of_hold(p, s, slot, number), hold.plan(p, number)
    s[row + kept.LATE] = 0
    if p[at + hold.LATE] != FLAG_LATE:
        if not s[row + kept.SINCE]:
            s[head.IN_HAND] += _ends(p, number)
        lot_number = s[lot.now(s, slot) + lot.NUMBER]
        schedule(s, since + p[at + hold.LONGEST] - s[head.NOW], EXPIRES, number, lot_number, slot)
    s[row + kept.SINCE] = since + 1


@inner
def _ends(p: Integers, number: int) -> int:
    """Whether a limit ends the waiting of a lot for good; one that is sent back may be so for ever."""
    late = p[hold.plan(p, number) + hold.LATE]
    return 0 if late in (FLAG_LATE, REWORK_LATE) else 1


@inner
def _end(p: Integers, s: Integers, number: int, slot: int) -> None:
    """Stop the clock."""
    row = kept.of_hold(p, s, slot, number)
    s[row + kept.LATE] = 0
    if s[row + kept.SINCE]:
        s[row + kept.SINCE] = 0
        s[head.IN_HAND] -= _ends(p, number)


@inner
def withdraws(p: Integers, s: Integers, slot: int) -> None:
    """Stop the clocks of a lot that wants its operation no longer."""
    at = quality.plan(p, s[lot.now(s, slot) + lot.OPERATION])
    for k in range(p[at + quality.BEGINS_AT], p[at + quality.BEGINS_AT] + p[at + quality.BEGINS_N]):
        _end(p, s, p[k], slot)


@inner
def claims(p: Integers, s: Integers, i: int, slot: int) -> None:
    """Stop the clocks that the start of the operation ends, and count a lot that comes too late."""
    at = quality.plan(p, s[lot.now(s, slot) + lot.OPERATION])
    for k in range(p[at + quality.UNTIL_AT], p[at + quality.UNTIL_AT] + p[at + quality.UNTIL_N]):
        number = p[k]
        since, row = s[kept.of_hold(p, s, slot, number) + kept.SINCE] - 1, hold.plan(p, number)
        longest = p[row + hold.LONGEST]
        is_flagged = since >= 0 and p[row + hold.LATE] == FLAG_LATE
        if is_flagged and too_late(since, s[head.NOW], longest):
            remarks.note(p, s, i, p[row + hold.CAUSE], s[head.NOW] - since - longest)
        _end(p, s, number, slot)


@inner
def pass_on(p: Integers, s: Integers, slot: int, other: int) -> None:
    """Another lot goes on by the clocks of a lot: by the earliest, where it comes of several."""
    for number in range(p[head.HOLDS]):
        mine, its = kept.of_hold(p, s, slot, number), kept.of_hold(p, s, other, number)
        late = s[mine + kept.LATE]
        if s[its + kept.LATE]:
            late = s[its + kept.LATE] if not late else min(late, s[its + kept.LATE])
        since, own = s[mine + kept.SINCE], s[its + kept.SINCE]
        if since and (not own or since < own):
            _count_from(p, s, number, other, since - 1)
        s[its + kept.LATE] = late


@inner
def exits(p: Integers, s: Integers, slot: int) -> None:
    """Stop all clocks of a lot that has left the plant."""
    for number in range(p[head.HOLDS]):
        _end(p, s, number, slot)


@inner
def expires(p: Integers, q: Reals, s: Integers, f: Reals, number: int, lot_number: int, slot: int) -> None:
    """Effect: a limit passes, unless its clock was stopped or started anew."""
    b, row = lot.now(s, slot), kept.of_hold(p, s, slot, number)
    if s[b + lot.NUMBER] != lot_number or not s[row + kept.SINCE]:
        return
    at = hold.plan(p, number)
    if s[row + kept.SINCE] - 1 + p[at + hold.LONGEST] != s[head.NOW]:
        return
    _end(p, s, number, slot)
    first = p[at + hold.UNTIL] if p[at + hold.AFTER] == NONE else p[at + hold.AFTER] + 1
    if not first <= s[b + lot.OPERATION] <= p[at + hold.UNTIL]:
        return  # sent back before
    if departures.may_be_sent(p, s, slot):
        _send(p, q, s, f, number, slot, s[head.NOW])
    else:
        s[row + kept.LATE] = s[head.NOW] + 1


@inner
def _send(p: Integers, q: Reals, s: Integers, f: Reals, number: int, slot: int, passed: int) -> None:
    row = hold.plan(p, number)
    outcome = REWORK if p[row + hold.LATE] == REWORK_LATE else EXPIRED
    exceeded = s[head.NOW] - passed
    departures.send_away(p, q, s, f, slot, outcome, p[row + hold.TO], p[row + hold.CAUSE], exceeded)


@inner
def arrives(p: Integers, q: Reals, s: Integers, f: Reals, slot: int) -> bool:
    """Send a lot away whose limit passed on its way; whether it did."""
    at = quality.plan(p, s[lot.now(s, slot) + lot.OPERATION])
    for k in range(p[at + quality.HELD_AT], p[at + quality.HELD_AT] + p[at + quality.HELD_N]):
        row = kept.of_hold(p, s, slot, p[k])
        passed = s[row + kept.LATE] - 1
        if passed >= 0:
            s[row + kept.LATE] = 0
            _send(p, q, s, f, p[k], slot, passed)
            return True
    return False


@inner
def outcomes(p: Integers, s: Integers, i: int) -> None:
    """The outcome of a visit during which a limit passed that ends with a later one."""
    u = unit.now(s, i)
    number = s[u + unit.OPERATION]
    at = quality.plan(p, number)
    for k in range(p[at + quality.HELD_AT], p[at + quality.HELD_AT] + p[at + quality.HELD_N]):
        row, held = kept.of_hold(p, s, s[u + unit.LOT], p[k]), hold.plan(p, p[k])
        passed = s[row + kept.LATE] - 1
        if passed < 0 or number == p[held + hold.UNTIL]:
            continue
        s[row + kept.LATE] = 0
        if s[u + unit.OUTCOME] not in (DONE, REWORK):
            continue
        remarks.note(p, s, i, p[held + hold.CAUSE], s[head.NOW] - passed)
        if p[held + hold.LATE] == REWORK_LATE:
            s[u + unit.REWORK_TO] = p[held + hold.TO]
            s[u + unit.OUTCOME] = REWORK
        else:
            s[u + unit.OUTCOME] = EXPIRED
