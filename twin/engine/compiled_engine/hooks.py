"""Where rules of files of their own take part in the general way of a lot, as `simpy_engine/hooks.py` has it.

Each function asks the rules in the order of the SimPy engine's `instant.RULES`. A plant without any of these
rules pays for one look at the head.
"""

from __future__ import annotations

from twin.engine.compiled_engine import (
    assembly,
    hold_times,
    in_process,
    laboratory,
    loops,
    order_desk,
    portions,
    quarantine,
    results,
    specifications,
    splitting,
    stuck,
)
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head, lot, quality, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE


@inner
def waits(p: Integers, s: Integers, slot: int) -> None:
    """A lot has come to want its operation: it was released, or its operation before is done."""
    if p[head.MERGES]:
        assembly.wait_for_others(p, s, slot)
    if p[head.QUALITY]:
        hold_times.waits(p, s, slot)
        quarantine.waits(p, s, slot)
    if p[head.LOOPS]:
        loops.waits(p, s, slot)


@inner
def arrives(p: Integers, q: Reals, s: Integers, f: Reals, slot: int) -> bool:
    """A lot waits in the storage that it was on its way to; whether a rule has sent it out or back."""
    if p[head.QUALITY]:
        return hold_times.arrives(p, q, s, f, slot) or laboratory.reject_waiting(p, q, s, f, slot)
    return False


@inner
def withdraws(p: Integers, s: Integers, slot: int) -> None:
    """A lot that wanted its operation is sent out or back, and wants it no longer."""
    if p[head.MERGES]:
        assembly.waits_no_longer(p, s, slot)
    if p[head.QUALITY]:
        hold_times.withdraws(p, s, slot)
        quarantine.goes(p, s, slot)
    s[lot.now(s, slot) + lot.PARTS] = 0  # it is not divided


@inner
def becomes_part(p: Integers, s: Integers, slot: int, child: int) -> None:
    """A lot was divided, or a part of it goes on: the part is held as the lot was."""
    if p[head.QUALITY]:
        hold_times.pass_on(p, s, slot, child)
        quarantine.pass_on(p, s, slot, child)
        results.pass_on(p, s, slot, child)
    if p[head.DESKS]:
        order_desk.pass_on(p, s, slot, child)
    if p[head.LOOPS]:
        loops.pass_on(p, s, slot, child)


@inner
def is_divided(p: Integers, s: Integers, slot: int) -> None:
    """A lot was divided, and its parts have come in its place."""
    if p[head.QUALITY]:
        hold_times.exits(p, s, slot)
        quarantine.goes(p, s, slot)
        results.is_gone(p, s, slot)
    if p[head.DESKS]:
        order_desk.has_gone(p, s, slot)
    if p[head.LOOPS]:
        loops.exits(p, s, slot)


@inner
def becomes_whole(p: Integers, s: Integers, part: int, whole: int) -> None:
    """A part merges with others into a lot."""
    if p[head.QUALITY]:
        hold_times.pass_on(p, s, part, whole)
        quarantine.pass_on(p, s, part, whole)
        results.pass_on(p, s, part, whole)
    if p[head.DESKS]:
        order_desk.pass_on(p, s, part, whole)
    if p[head.LOOPS]:
        loops.pass_on(p, s, part, whole)
    is_divided(p, s, part)


@inner
def obstacle(p: Integers, s: Integers, number: int) -> tuple[int, int]:
    """What keeps any unit from starting any lot of an operation now: a state and its cause, or none."""
    state = cause = NONE
    if p[head.LOOPS]:
        state, cause = loops.obstacle(p, s, number)
    return state, cause


@inner
def refused(p: Integers, s: Integers, slot: int) -> tuple[int, int]:
    """What keeps a unit from starting this lot now: a state and its cause, or none."""
    state = cause = NONE
    if p[head.QUALITY]:
        state, cause = quarantine.refused(p, s, slot)
        if state == NONE:
            state, cause = laboratory.refused(p, s, slot)
    if p[head.LOOPS] and state == NONE:
        state, cause = loops.refused(p, s, slot)
    return state, cause


@inner
def waits_for_results(p: Integers, s: Integers, slot: int) -> bool:
    """Whether the laboratory keeps every unit from starting a lot now."""
    return p[head.QUALITY] != 0 and laboratory.refused(p, s, slot)[0] != NONE


@inner
def claims(p: Integers, q: Reals, s: Integers, f: Reals, i: int, slot: int) -> None:
    """A unit has taken a lot."""
    if p[head.QUALITY]:
        hold_times.claims(p, s, i, slot)
        quarantine.claims(p, s, slot)
    if p[head.CHECKS]:
        in_process.claims(p, s, i)
    if p[head.DESKS]:
        order_desk.claims(p, s, slot)
    if p[head.LOOPS]:
        loops.claims(p, s, slot)


@inner
def lacks(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> tuple[int, int]:
    """What keeps a unit from the stretch in hand: a state and its cause, or none."""
    state = cause = NONE
    if p[head.CHECKS]:
        state, cause = in_process.lacks(p, q, s, i)
    if p[head.IN_PORTIONS] and state == NONE:
        state, cause = portions.lacks(p, s, i)
    return state, cause


@inner
def runs(p: Integers, s: Integers, f: Reals, i: int) -> None:
    """A stretch has begun or goes on."""
    if p[head.CHECKS]:
        in_process.runs(p, s, i)
    if p[head.IN_PORTIONS]:
        portions.runs(p, s, i)


@inner
def halts(p: Integers, s: Integers, f: Reals, i: int) -> None:
    """A stretch is done or halted."""
    if p[head.CHECKS]:
        in_process.halts(p, s, i)


@inner
def ends(p: Integers, q: Reals, s: Integers, f: Reals) -> None:
    """Nothing more can start in this round."""
    if p[head.MATERIALS]:
        stuck.look_at_deliveries(p, s)
    if p[head.CHECKS]:
        in_process.find_people(p, q, s)
    if p[head.IN_PORTIONS] and not s[head.TOUCHED_N]:
        portions.look_for_places(p, s, f)


@inner
def prepares(p: Integers, s: Integers, i: int) -> None:
    """The stretches of a visit are drawn."""
    if p[head.QUALITY]:
        quarantine.prepares(p, s, i)


@inner
def outcomes(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """The outcome of a visit is drawn; what the rules make of it."""
    if p[head.QUALITY]:
        specifications.judge(p, q, s, f, i)
        hold_times.outcomes(p, s, i)


@inner
def finishes(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """Processing is done, quantities are known, and the lot's next operation is set."""
    if p[head.PACKS_COLUMN] != NONE:
        assembly.pack(p, s, i)
    if p[head.QUALITY]:
        specifications.finishes(p, q, s, f, i)
        hold_times.finishes(p, s, i)
        quarantine.finishes(p, s, i)
        laboratory.finishes(p, q, s, f, i)
    if p[head.CHECKS]:
        in_process.over(p, s, f, i, s[unit.now(s, i) + unit.OPERATION])
    splitting.decide(p, s, i)


@inner
def jobs(p: Integers, q: Reals, s: Integers, f: Reals, i: int, slot: int, number: int) -> None:
    """A task of a unit, the cleaning of a container or a test is done."""
    if p[head.QUALITY] and p[quality.plan(p, number) + quality.INQUIRY] != NONE:
        laboratory.tested(p, q, s, f, slot, p[quality.plan(p, number) + quality.INQUIRY])


@inner
def leaves(p: Integers, s: Integers, f: Reals, i: int, slot: int, number: int) -> None:
    """A lot has left a unit after an operation; its row is written."""
    if p[head.QUALITY]:
        quarantine.leaves(p, s, i, slot, number)
    if p[head.CHECKS]:
        in_process.over(p, s, f, i, number)
    if p[head.IN_PORTIONS]:
        portions.left(p, s, i, number, slot)
    splitting.count_parts(p, s, slot)
    if p[head.DESKS]:
        order_desk.leaves(p, s, slot, number)


@inner
def exits(p: Integers, s: Integers, slot: int) -> None:
    """A lot has left the plant, whatever its outcome."""
    if p[head.QUALITY]:
        hold_times.exits(p, s, slot)
        quarantine.goes(p, s, slot)
        if p[head.HAS_PARTS]:
            results.leaves(p, s, slot)
    if p[head.DESKS]:
        order_desk.has_gone(p, s, slot)
    if p[head.LOOPS]:
        loops.exits(p, s, slot)
