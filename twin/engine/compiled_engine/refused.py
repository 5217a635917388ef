"""What keeps a unit from starting a lot that waits for it: the rules that may refuse one, in their order."""

from __future__ import annotations

from twin.engine.codes import STARVED
from twin.engine.compiled_engine import conveyors, hooks, transport, upkeep
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers
from twin.engine.program import NONE


@inner
def refused(p: Integers, s: Integers, i: int, slot: int) -> tuple[int, int]:
    """What keeps a unit from starting this lot now: a state and its cause, or none."""
    state, cause = conveyors.not_on_the_belt(p, s, slot)
    if state != NONE:
        return state, cause
    if p[head.TRANSPORT]:
        state, cause = transport.lacks(p, s, slot, i)
        if state != NONE:
            return state, cause
    if p[head.UPKEEPS] and upkeep.is_kept_by_another(p, s, i, slot):
        return STARVED, NONE
    return hooks.refused(p, s, slot)
