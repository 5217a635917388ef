"""Who waits for which result, where lots are divided or merge: parts wait for the tests of the lot they were.

A part of `simpy_engine/laboratory.py`, of no use where no lot is divided and a test concerns one lot.
"""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head, kept, result
from twin.engine.compiled_engine.tables.types import Integers
from twin.engine.program import NONE


@inner
def wait(s: Integers, job: int, slot: int, inquiry: int) -> None:
    """Have a lot wait for a test."""
    n = s[head.RESULTS_N]
    if n == s[head.RESULTS_ROOM]:
        s[head.STATUS] = head.TOO_SMALL
        return
    row = result.now(s, n)
    s[row + result.JOB], s[row + result.LOT], s[row + result.INQUIRY] = job, slot, inquiry
    s[head.RESULTS_N] = n + 1


@inner
def take(s: Integers, job: int) -> int:
    """The first lot that waits for a test, which it does no longer; none where none does."""
    for k in range(s[head.RESULTS_N]):
        row = result.now(s, k)
        if s[row + result.JOB] == job:
            slot = s[row + result.LOT]
            _remove(s, k)
            return slot
    return NONE


@inner
def _remove(s: Integers, number: int) -> None:
    for at in range(result.now(s, number), result.now(s, s[head.RESULTS_N] - 1)):
        s[at] = s[at + result.NOW]
    s[head.RESULTS_N] -= 1


@inner
def pass_on(p: Integers, s: Integers, slot: int, other: int) -> None:
    """A part, or a merged lot, has the results of a lot that it comes from, and waits for those to come."""
    for number in range(p[head.INQUIRIES]):
        if s[kept.of_inquiry(p, s, slot, number) + kept.BAD]:
            s[kept.of_inquiry(p, s, other, number) + kept.BAD] = 1
    for k in range(s[head.RESULTS_N]):
        row = result.now(s, k)
        job, inquiry = s[row + result.JOB], s[row + result.INQUIRY]
        if s[row + result.LOT] == slot and not _waits(s, job, other):
            wait(s, job, other, inquiry)
            s[kept.of_inquiry(p, s, other, inquiry) + kept.PENDING] += 1


@inner
def _waits(s: Integers, job: int, slot: int) -> bool:
    """Whether a lot waits for a test."""
    for k in range(s[head.RESULTS_N]):
        row = result.now(s, k)
        if s[row + result.JOB] == job and s[row + result.LOT] == slot:
            return True
    return False


@inner
def is_gone(p: Integers, s: Integers, slot: int) -> None:
    """A lot is in parts, has merged or has left: it waits for no result."""
    k = 0
    while k < s[head.RESULTS_N]:
        if s[result.now(s, k) + result.LOT] == slot:
            _remove(s, k)
        else:
            k += 1
    for number in range(p[head.INQUIRIES]):
        row = kept.of_inquiry(p, s, slot, number)
        s[row + kept.PENDING] = s[row + kept.BAD] = 0


@inner
def leaves(p: Integers, s: Integers, slot: int) -> None:
    """A lot has left the plant: what was asked about it is forgotten."""
    is_gone(p, s, slot)
    for number in range(p[head.INQUIRIES]):
        s[kept.of_inquiry(p, s, slot, number) + kept.ASKED] = 0
