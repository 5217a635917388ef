"""Operations, as quality sees them; laid out only where a plant has anything of quality."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant. Lists stand in the plant's integers.
(
    LIMITS_AT,  # its limits of attributes, the gravest first
    LIMITS_N,
    BEGINS_AT,  # hold times whose clock starts when a lot comes to want it
    BEGINS_N,
    AFTER_AT,  # hold times whose clock starts at its end
    AFTER_N,
    UNTIL_AT,  # hold times that its start ends
    UNTIL_N,
    HELD_AT,  # hold times that run while a lot waits for it or is in work at it
    HELD_N,
    SAMPLES_AT,  # inquiries for which lots that finish it are sampled
    SAMPLES_N,
    NEEDED_AT,  # inquiries whose results it needs
    NEEDED_N,
    QUARANTINE,
    INQUIRY,  # of which it is the test
) = range(16)
PLAN = 16  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of an operation begins in the plant's integers."""
    return p[head.QUALITY_PLAN] + number * PLAN
