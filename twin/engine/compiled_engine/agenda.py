"""The agenda: entries that fall due, in a heap by (time, kind, file order, lot, version or mode).

Kinds of effects are numbered as in the SimPy engine. All that is due at an instant is taken out before any
of it takes place, because what falls due at the same instant goes into the next round.
"""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers
from twin.engine.rules.calendars import NEVER

WIDTH = 4
TIME, KEY, LOT, VERSION = range(WIDTH)
_KIND = 40  # bits of the file order
_WAYS = 4  # entries below each other one of the heap: fewer levels to go through, and they stand side by side


@inner
def schedule(s: Integers, delay: int, kind: int, index: int, lot: int, version: int) -> None:
    """Have an entry fall due after `delay` ns."""
    n = s[head.AGENDA_N]
    if n == s[head.AGENDA_ROOM]:
        s[head.STATUS] = head.TOO_SMALL
        return
    s[head.AGENDA_N] = n + 1
    first = s[head.AGENDA]
    time, key = s[head.NOW] + delay, (kind << _KIND) | index
    while n:
        above = (n - 1) // _WAYS
        row = first + above * WIDTH
        if not _goes_before(s, time, key, lot, version, row):
            break
        _copy(s, row, first + n * WIDTH)
        n = above
    _put(s, first + n * WIDTH, time, key, lot, version)


@inner
def next_time(s: Integers) -> int:
    """When the next entry falls due; `NEVER` where there is none."""
    return s[s[head.AGENDA] + TIME] if s[head.AGENDA_N] else NEVER


@inner
def take_due(s: Integers) -> None:
    """Move all entries of the next instant to the list of what is due, in their order."""
    first, due = s[head.AGENDA], s[head.DUE]
    time = s[first + TIME]
    n = 0
    while s[head.AGENDA_N] and s[first + TIME] == time:
        _copy(s, first, due + n * WIDTH)
        n += 1
        _take_first(s)
    s[head.DUE_N] = n


@inner
def kind_of(key: int) -> int:
    """The kind of an entry."""
    return key >> _KIND


@inner
def index_of(key: int) -> int:
    """The file order of an entry."""
    return key & ((1 << _KIND) - 1)


@inner
def _take_first(s: Integers) -> None:
    n = s[head.AGENDA_N] - 1
    s[head.AGENDA_N] = n
    first = s[head.AGENDA]
    last = first + n * WIDTH
    time, key, lot, version = s[last + TIME], s[last + KEY], s[last + LOT], s[last + VERSION]
    at = 0
    while True:
        below = _WAYS * at + 1
        if below >= n:
            break
        below = _soonest(s, first, below, min(below + _WAYS, n))
        row = first + below * WIDTH
        if _goes_before(s, time, key, lot, version, row):
            break
        _copy(s, row, first + at * WIDTH)
        at = below
    _put(s, first + at * WIDTH, time, key, lot, version)


@inner
def _soonest(s: Integers, first: int, one: int, end: int) -> int:
    """The entry that goes first of those from one on up to another.

    The times alone decide most of it, without a jump for each, which no processor could foresee.
    """
    soonest = s[first + one * WIDTH + TIME]
    for other in range(one + 1, end):
        row = first + other * WIDTH
        time = s[row + TIME]
        if time == soonest:
            before = _goes_before(s, time, s[row + KEY], s[row + LOT], s[row + VERSION], first + one * WIDTH)
            one = other if before else one
        one = other if time < soonest else one
        soonest = min(time, soonest)
    return one


@inner
def _goes_before(s: Integers, time: int, key: int, lot: int, version: int, row: int) -> bool:
    if time != s[row + TIME]:
        return time < s[row + TIME]
    if key != s[row + KEY]:
        return key < s[row + KEY]
    if lot != s[row + LOT]:
        return lot < s[row + LOT]
    return version < s[row + VERSION]


@inner
def _copy(s: Integers, source: int, to: int) -> None:
    for k in range(WIDTH):
        s[to + k] = s[source + k]


@inner
def _put(s: Integers, row: int, time: int, key: int, lot: int, version: int) -> None:
    s[row + TIME] = time
    s[row + KEY] = key
    s[row + LOT] = lot
    s[row + VERSION] = version
