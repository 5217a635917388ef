"""What rules note of the visit in hand on a unit, for its row: as `Recorder.remark`."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.rows import NULL
from twin.engine.compiled_engine.tables import head, remark
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.record import SECOND


@inner
def note(p: Integers, s: Integers, i: int, cause: int, exceeded: int) -> None:
    """Note why the visit in hand on a unit ends as it does; none: the next row of a lot on no unit.

    `exceeded` is the time in ns by which a hold time was passed, or none.
    """
    row = remark.now(p, s, i)
    s[row + remark.CAUSE] = cause + 1
    s[row + remark.EXCEEDED] = exceeded


@inner
def write(p: Integers, s: Integers, f: Reals, i: int, row: int, attributes: int) -> None:
    """Write what was noted of a unit's visit into its row and into the attributes beside it."""
    s[row + 11] = NULL
    s[row + 12] = 0
    if not p[head.QUALITY]:
        return
    at = remark.now(p, s, i)
    s[row + 12] = s[at + remark.SAMPLED]
    s[at + remark.SAMPLED] = 0
    if not s[at + remark.CAUSE]:
        return
    s[row + 11] = s[at + remark.CAUSE] - 1
    s[at + remark.CAUSE] = 0
    if s[at + remark.EXCEEDED] != NULL:
        f[attributes + p[head.EXCEEDED_COLUMN]] = s[at + remark.EXCEEDED] / SECOND
