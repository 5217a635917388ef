"""What keeps a unit from starting a lot that waits for it: the rules that may refuse one, in their order."""

from __future__ import annotations

from twin.engine.codes import STARVED
from twin.engine.compiled_engine import assembly, conveyors, hooks, together, transport, upkeep
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head, lot
from twin.engine.compiled_engine.tables.types import Integers
from twin.engine.program import NONE


@inner
def refused(p: Integers, s: Integers, i: int, slot: int) -> tuple[int, int]:
    """What keeps a unit from starting this lot now: a state and its cause, or none."""
    state, cause = _cannot_come(p, s, i, slot)
    if p[head.MERGES] and state == NONE:
        state, cause = assembly.others_are_missing(p, s, i, slot)
    if state == NONE:
        state, cause = _as_it_is(p, s, i, slot)
    if p[head.TOGETHER] != NONE and state == NONE:
        state, cause = together.waits_for_more(p, s, i, slot)
    return state, cause


@inner
def refused_alone(p: Integers, s: Integers, i: int, slot: int) -> tuple[int, int]:
    """What keeps a unit from starting this lot, whatever others do that start with it."""
    state, cause = _cannot_come(p, s, i, slot)
    if state == NONE:
        state, cause = _as_it_is(p, s, i, slot)
    return state, cause


@inner
def _cannot_come(p: Integers, s: Integers, i: int, slot: int) -> tuple[int, int]:
    """What keeps a lot from being brought to a unit."""
    state, cause = conveyors.not_on_the_belt(p, s, slot)
    if state != NONE:
        return state, cause
    if p[head.TRANSPORT]:
        state, cause = transport.lacks(p, s, slot, i)
    return state, cause


@inner
def _as_it_is(p: Integers, s: Integers, i: int, slot: int) -> tuple[int, int]:
    """What of the lot itself keeps a unit from starting it."""
    if p[head.UPKEEPS] and upkeep.is_kept_by_another(p, s, i, slot):
        return STARVED, NONE
    state, cause = hooks.refused(p, s, slot)
    if s[lot.now(s, slot) + lot.PARTS] and state == NONE:
        return STARVED, NONE  # it is not divided yet
    return state, cause
