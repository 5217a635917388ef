"""Short lists of numbers of an instant: units to look at, storages with a free place.

Each stands in the replication's integers, `s[s[AT]]` on, with its length in the head behind it; whether a
number is in it stands in its own row, so that none is in twice.
"""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head, operation, storage, unit
from twin.engine.compiled_engine.tables.types import Integers


@inner
def append(s: Integers, at: int, number: int) -> None:
    """Append a number to the list whose place stands in `s[at]` and whose length in `s[at + 1]`."""
    s[s[at] + s[at + 1]] = number
    s[at + 1] += 1


@inner
def take_least(s: Integers, at: int) -> int:
    """Take the least number out of a list that is not empty; the others may change places."""
    first, last = s[at], s[at] + s[at + 1] - 1
    best = first
    for i in range(first + 1, last + 1):
        if s[i] < s[best]:
            best = i
    number = s[best]
    s[best] = s[last]
    s[at + 1] -= 1
    return number


@inner
def touch(s: Integers, i: int) -> None:
    """Have a unit looked at in this round."""
    u = unit.now(s, i)
    if not s[u + unit.TOUCHED]:
        s[u + unit.TOUCHED] = 1
        append(s, head.TOUCHED, i)


@inner
def touch_units_of(p: Integers, s: Integers, number: int) -> None:
    """Have all units of an operation looked at."""
    o = operation.plan(p, number)
    first = p[o + operation.UNITS_AT]
    for k in range(first, first + p[o + operation.UNITS_N]):
        touch(s, p[k])


@inner
def take_touched(s: Integers) -> int:
    """The first unit that is to be looked at."""
    i = take_least(s, head.TOUCHED)
    s[unit.now(s, i) + unit.TOUCHED] = 0
    return i


@inner
def has_finished(s: Integers, i: int) -> None:
    """Have the finished lot of a unit moved on in this round."""
    u = unit.now(s, i)
    if not s[u + unit.JUST_FINISHED]:
        s[u + unit.JUST_FINISHED] = 1
        append(s, head.FINISHED, i)


@inner
def has_place(s: Integers, number: int) -> None:
    """Have those looked at who wait for a place in a storage."""
    g = storage.now(s, number)
    if not s[g + storage.CHANGED]:
        s[g + storage.CHANGED] = 1
        append(s, head.PLACES_LIST, number)


@inner
def is_short(s: Integers, i: int) -> None:
    """Have a unit looked at when somebody or something becomes free."""
    u = unit.now(s, i)
    if not s[u + unit.SHORT]:
        s[u + unit.SHORT] = 1
        append(s, head.SHORT, i)


@inner
def look_again(s: Integers) -> None:
    """Have every unit that lacked something try again, and those whose people wait to hand over."""
    s[head.REPAIRERS] = 1
    first = s[head.SHORT]
    for k in range(first, first + s[head.SHORT_N]):
        s[unit.now(s, s[k]) + unit.SHORT] = 0
        touch(s, s[k])
    s[head.SHORT_N] = 0
    first = s[head.OVERTIME]
    for k in range(first, first + s[head.OVERTIME_N]):
        touch(s, s[k])


@inner
def works_overtime(s: Integers, i: int) -> None:
    """Note a unit whose people wait for others to take over."""
    u = unit.now(s, i)
    if not s[u + unit.OVERTIME]:
        s[u + unit.OVERTIME] = 1
        append(s, head.OVERTIME, i)


@inner
def hands_over_no_more(s: Integers, i: int) -> None:
    """Forget a unit of which all people are on shift."""
    u = unit.now(s, i)
    if s[u + unit.OVERTIME]:
        s[u + unit.OVERTIME] = 0
        remove(s, head.OVERTIME, i)


@inner
def remove(s: Integers, at: int, number: int) -> None:
    """Take a number out of a list; the others keep their order."""
    first = s[at]
    kept = 0
    for k in range(s[at + 1]):
        if s[first + k] != number:
            s[first + kept] = s[first + k]
            kept += 1
    s[at + 1] = kept
