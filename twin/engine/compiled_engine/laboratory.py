"""The laboratory: samples and reviews are jobs that go their own way; a lot waits for the results it needs.

As `simpy_engine/laboratory.py`.
"""

from __future__ import annotations

from twin.engine.codes import WAITING_QUALITY
from twin.engine.compiled_engine import departures, endings, lots, moves, remarks, results, sources
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import is_sampled
from twin.engine.compiled_engine.lists import touch_units_of
from twin.engine.compiled_engine.tables import head, inquiry, kept, line, lot, quality, remark, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE
from twin.engine.quality import BY_CHANCE
from twin.engine.rules.outcomes import DONE, REJECTED


@inner
def finishes(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """Reject a lot that comes from its unit to want an operation; sample one that goes on."""
    u = unit.now(s, i)
    slot = s[u + unit.LOT]
    bad = _bad(p, s, slot)
    if bad != NONE:
        remarks.note(p, s, i, p[inquiry.plan(p, bad) + inquiry.CAUSE], NONE)
        s[u + unit.OUTCOME] = REJECTED
        s[u + unit.SCRAPPED] = s[lot.now(s, slot) + lot.QUANTITY]
        endings.route(p, s, f, i)
    if s[u + unit.OUTCOME] == DONE:
        at = quality.plan(p, s[u + unit.OPERATION])
        for k in range(p[at + quality.SAMPLES_AT], p[at + quality.SAMPLES_AT] + p[at + quality.SAMPLES_N]):
            _sample(p, q, s, f, i, p[k])


@inner
def _sample(p: Integers, q: Reals, s: Integers, f: Reals, i: int, number: int) -> None:
    """Take a sample of a lot that goes on, where the plan says so."""
    u, row, at = unit.now(s, i), inquiry.plan(p, number), inquiry.now(s, number)
    b = lot.now(s, s[u + unit.LOT])
    chance = 1.0
    if p[row + inquiry.CHOSEN] == BY_CHANCE:
        draw = p[row + inquiry.FRACTION_DRAW]
        chance = sources.value(p, q, s, draw, s[b + lot.NUMBER], s[u + unit.VISIT], 0)
    seen = s[at + inquiry.FINISHED]
    s[at + inquiry.FINISHED] = seen + 1
    if not is_sampled(seen, p[row + inquiry.EVERY], chance, q[p[row + inquiry.FRACTION]]):
        return
    taken = min(p[row + inquiry.QUANTITY], s[b + lot.QUANTITY] - s[u + unit.SCRAPPED])
    s[u + unit.SCRAPPED] += taken
    s[remark.now(p, s, i) + remark.SAMPLED] += taken
    ask(p, s, f, number, s[u + unit.LOT])


@inner
def ask(p: Integers, s: Integers, f: Reals, number: int, slot: int) -> None:
    """Bring a sample of a lot to the laboratory; its draws are the lot's own."""
    b, row = lot.now(s, slot), kept.of_inquiry(p, s, slot, number)
    test = p[inquiry.plan(p, number) + inquiry.TEST]
    job = lots.new(p, s, f, -s[b + lot.NUMBER] - 2, NONE, s[b + lot.PRIORITY], test, 0)
    if job == slot:
        return  # there is no room
    j = lot.now(s, job)
    s[j + lot.VISITS] = s[row + kept.ASKED]
    s[row + kept.ASKED] += 1
    s[row + kept.PENDING] += 1
    s[kept.now(p, s, job) + kept.CONCERNS] = slot + 1
    if p[head.HAS_PARTS]:
        results.wait(s, job, slot, number)
    s[j + lot.READY] = s[j + lot.ARRIVED] = s[head.NOW]
    moves.join_line(p, s, job)


@inner
def tested(p: Integers, q: Reals, s: Integers, f: Reals, job: int, number: int) -> None:
    """A result is there; it may be the one that a lot waits for."""
    row = inquiry.plan(p, number)
    asked_about, visit = -s[lot.now(s, job) + lot.NUMBER] - 2, lots.visit(p, s, job)
    draw = sources.value(p, q, s, p[row + inquiry.FAILS_DRAW], asked_about, visit, 0)
    is_bad = draw < q[p[row + inquiry.FRACTION] + 1]
    if p[head.HAS_PARTS]:
        slot = results.take(s, job)
        while slot != NONE:
            _has_result(p, q, s, f, slot, number, is_bad)
            slot = results.take(s, job)
        return
    slot = s[kept.now(p, s, job) + kept.CONCERNS] - 1
    if s[lot.now(s, slot) + lot.NUMBER] == asked_about:  # it has not left
        _has_result(p, q, s, f, slot, number, is_bad)


@inner
def _has_result(p: Integers, q: Reals, s: Integers, f: Reals, slot: int, number: int, is_bad: bool) -> None:
    """A lot has a result; it may be the one that it waits for."""
    mine = kept.of_inquiry(p, s, slot, number)
    s[mine + kept.PENDING] -= 1
    if is_bad:
        s[mine + kept.BAD] = 1
    following = s[lot.now(s, slot) + lot.OPERATION]
    if following != NONE and p[quality.plan(p, following) + quality.NEEDED_N]:
        touch_units_of(p, s, following)
        s[line.now(s, following) + line.HELD] = 0
        if departures.may_be_sent(p, s, slot):
            reject_waiting(p, q, s, f, slot)


@inner
def _bad(p: Integers, s: Integers, slot: int) -> int:
    """The first inquiry with a bad result that the operation of a lot needs, or none."""
    number = s[lot.now(s, slot) + lot.OPERATION]
    if number != NONE:
        at = quality.plan(p, number)
        for k in range(p[at + quality.NEEDED_AT], p[at + quality.NEEDED_AT] + p[at + quality.NEEDED_N]):
            if s[kept.of_inquiry(p, s, slot, p[k]) + kept.BAD]:
                return p[k]
    return NONE


@inner
def refused(p: Integers, s: Integers, slot: int) -> tuple[int, int]:
    """A lot waits for a result that its operation needs."""
    at = quality.plan(p, s[lot.now(s, slot) + lot.OPERATION])
    for k in range(p[at + quality.NEEDED_AT], p[at + quality.NEEDED_AT] + p[at + quality.NEEDED_N]):
        if s[kept.of_inquiry(p, s, slot, p[k]) + kept.PENDING]:
            return WAITING_QUALITY, p[inquiry.plan(p, p[k]) + inquiry.CAUSE]
    return NONE, NONE


@inner
def reject_waiting(p: Integers, q: Reals, s: Integers, f: Reals, slot: int) -> bool:
    """Send a lot out that waits for an operation with a bad result; whether it did."""
    bad = _bad(p, s, slot)
    if bad != NONE:
        cause = p[inquiry.plan(p, bad) + inquiry.CAUSE]
        departures.send_away(p, q, s, f, slot, REJECTED, NONE, cause, NONE)
    return bad != NONE
