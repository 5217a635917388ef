"""Whether nothing can ever happen again while lots wait, which the SimPy engine then says in words.

As `simpy_engine/stuck.py` and `in_vain.py`.
"""

from __future__ import annotations

from twin.engine.compiled_engine import materials
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head, material
from twin.engine.compiled_engine.tables.types import Integers
from twin.engine.program import NONE
from twin.engine.simpy_engine.in_vain import MOST_IN_VAIN


@inner
def is_stuck(p: Integers, s: Integers, time: int) -> bool:
    """Whether lots have waited for too long while neither work, repair nor release is under way."""
    return not s[head.IN_HAND] and _wait_too_long(p, s, time) and not materials.are_awaited(p, s)


@inner
def _wait_too_long(p: Integers, s: Integers, time: int) -> bool:
    """Whether lots wait and have done so for too long, and nothing is repaired."""
    if s[head.REPAIRS_N] or not s[head.WORK_IN_PROCESS] or s[head.UNITS_DOWN]:
        return False
    patience = p[head.PATIENCE] + s[head.LONGEST_TASK]
    return time - max(s[head.LAST_START], s[head.LAST_RELEASE]) > patience


@inner
def look_at_deliveries(p: Integers, s: Integers) -> None:
    """Give up where many deliveries have set no lot going, nothing else is under way, and nothing ends it."""
    if p[head.HORIZON] != NONE:
        return
    came = coming = 0
    for number in range(p[head.MATERIALS]):
        row = material.now(s, number)
        came += s[row + material.CAME]
        coming += s[row + material.COMING]
    moved = max(s[head.LAST_START], s[head.LAST_RELEASE])
    if moved != s[head.MOVED_BEFORE]:
        s[head.MOVED_BEFORE], s[head.CAME_BEFORE] = moved, came
        return
    in_vain = came - s[head.CAME_BEFORE] > MOST_IN_VAIN and s[head.IN_HAND] == coming
    if in_vain and _wait_too_long(p, s, s[head.NOW]):
        s[head.STATUS] = head.STUCK
